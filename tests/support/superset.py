"""A real Superset in an environment of its own, and what a user of it does."""

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from parking_local.folders import cache_folder
from parking_local.ports import HOST, free_port
from tests.support.uv import uv

_FILES = Path(__file__).parents[1] / "superset"
_PINS = _FILES / "requirements.txt"
USER, PASSWORD = "admin", "secret"


def python() -> Path:
    """Give the interpreter of Superset's environment, which is made when it is not there or its pins have changed."""
    pins = hashlib.sha256(_PINS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = cache_folder()
    place = cache / f"superset-{pins}"
    if not (place / "complete").exists():
        for older in cache.glob("superset-*"):
            shutil.rmtree(older)
        subprocess.run([str(uv()), "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
        install = [str(uv()), "pip", "install", "--quiet", "--python", str(place / "bin" / "python"), "-r", str(_PINS)]
        subprocess.run(install, check=True)
        (place / "complete").touch()
    return place / "bin" / "python"


@contextmanager
def superset(folder: Path) -> Iterator["Superset"]:
    """Yield a Superset that answers, with its data in ``folder``; ended also when the test fails."""
    config, log, port = folder / "superset_config.py", folder / "superset.log", free_port()
    config.write_text(
        f"SECRET_KEY = {secrets.token_hex()!r}\n"
        f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{folder}/superset.db'\n"
        "TALISMAN_ENABLED = False\n"  # no https here
    )
    env = {**os.environ, "SUPERSET_CONFIG_PATH": str(config), "SUPERSET_HOME": str(folder), "SCARF_ANALYTICS": "false"}
    with log.open("wb") as output:
        argv = [str(python()), str(_FILES / "serve.py"), str(port), USER, PASSWORD]
        process = subprocess.Popen(argv, stdout=output, stderr=output, env=env, start_new_session=True)
    try:
        served = Superset(f"http://{HOST}:{port}", log)
        served.wait_ready(process)
        yield served
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass(frozen=True, slots=True)
class Superset:
    """A running Superset."""

    url: str
    log: Path

    def wait_ready(self, process: subprocess.Popen[bytes], timeout: float = 240) -> None:
        """Wait until it answers: its tables are made first, one migration after the other."""
        deadline = time.monotonic() + timeout
        while True:
            assert process.poll() is None, self.log.read_text()[-3_000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3_000:]
            try:
                if httpx.get(f"{self.url}/health", timeout=5).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.2)

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """Give a client with the rights of an administrator."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            who = {"username": USER, "password": PASSWORD, "provider": "db"}
            told = client.post("/api/v1/security/login", json=who).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {told['access_token']}"
            token = client.get("/api/v1/security/csrf_token/").raise_for_status().json()["result"]
            client.headers.update({"X-CSRFToken": token, "Referer": self.url})
            yield client


def import_bundle(client: httpx.Client, bundle: bytes) -> None:
    """Import a bundle as the button above the list of dashboards does; only the dashboard itself is overwritten."""
    _send(client, "dashboard/import", "formData", bundle, overwrite="true")


def update_from(client: httpx.Client, bundle: bytes) -> None:
    """Import a bundle so that everything that it names is overwritten."""
    _send(client, "assets/import", "bundle", bundle)


def _send(client: httpx.Client, path: str, field: str, bundle: bytes, **options: str) -> None:
    files = {field: ("bundle.zip", bundle, "application/zip")}
    answer = client.post(f"/api/v1/{path}/", files=files, data={"passwords": "{}", **options})
    assert answer.status_code == httpx.codes.OK, answer.text


def listed(client: httpx.Client, what: str) -> list[dict[str, Any]]:
    """List all charts, datasets, dashboards or databases."""
    answer = client.get(f"/api/v1/{what}/", params={"q": "(page_size:100)"}).raise_for_status().json()
    found: list[dict[str, Any]] = answer["result"]
    assert len(found) == answer["count"], f"more {what} than a page holds"
    return found


def data_of(client: httpx.Client, chart: int) -> list[dict[str, Any]]:
    """Ask a chart for its data."""
    answer = client.get(f"/api/v1/chart/{chart}/data/")
    assert answer.status_code == httpx.codes.OK, answer.text
    (result,) = answer.json()["result"]
    assert not result["error"], result["error"]
    rows: list[dict[str, Any]] = result["data"]
    return rows
