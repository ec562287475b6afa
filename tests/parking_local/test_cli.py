"""The command line: what each command prints and with which code it ends."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from parking_local import __main__ as cli
from parking_local.lot_folder import LotFolder, write_whole
from tests.support.gateway import fake_gateway, session

LOT = (
    "apiVersion: parking.dev/v1alpha1\nkind: ParkingLot\nmetadata: {name: central}\n"
    "spec:\n  layout: {rows: {A: 10}}\n  cameras: {count: 2}\n"
)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cli.console, "width", 120)
    return tmp_path / "home" / "parking"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "lot.yaml").write_text(LOT)
    return tmp_path / "lot.yaml"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Run":
    return Run(monkeypatch, capsys)


class Run:
    """Runs ``parking`` as from the shell; gives code, stdout and stderr."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *argv: object) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["parking", *map(str, argv)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *self._capsys.readouterr()


def make_up(home: Path, status: dict[str, object] | None = None) -> LotFolder:
    """A folder as a running ``parking up`` (this very process) has it."""
    folder = LotFolder(home / "central")
    folder.claim()
    write_whole(folder.lot, "{}")
    if status:
        write_whole(folder.status, json.dumps(status))
    return folder


def status_document(url: str = "http://localhost:5000", *, ready: bool = True) -> dict[str, object]:
    kinds = ["TopicsReady", "SessionJobReady", "CamerasReady", "GatewayReady", "Ready"]
    condition = {
        "status": str(ready),
        "reason": "Ready" if ready else "Progressing",
        "message": "told",
        "lastTransitionTime": "2030-01-01T00:00:00Z",
        "observedGeneration": 1,
    }
    return {
        "observedGeneration": 1,
        "conditions": [{"type": kind, **condition} for kind in kinds],
        "cameras": {"replicas": 2, "selector": "x"},
        "gateway": {"url": url},
    }


def test_validate(run: Run, manifest: Path) -> None:
    assert run("validate", manifest) == (0, "ParkingLot central is valid\n", "")
    manifest.write_text(LOT.replace("count: 2", "count: 99").replace("A: 10", "A: 0"))
    code, out, err = run("validate", manifest)
    assert (code, out) == (2, "")
    assert err.startswith("parking: ParkingLot central is not valid:\n  spec.layout.rows.A: 0 is not allowed")


def test_render(run: Run, manifest: Path) -> None:
    code, out, _ = run("render", manifest)
    assert code == 0
    assert [m["kind"] for m in yaml.safe_load_all(out)][:3] == ["KafkaTopic"] * 3


def test_another_engine(run: Run, manifest: Path) -> None:
    _, spark, _ = run("render", manifest)
    _, embedded, _ = run("render", manifest, "--engine", "Embedded")
    assert ("kind: SparkApplication" in spark, "kind: SparkApplication" in embedded) == (True, False)
    manifest.write_text(LOT + "  sessions: {processes: 7}\n")
    assert run("validate", manifest)[0] == 0
    assert "spec.sessions.processes: 7" in run("validate", manifest, "--engine", "Embedded")[2]
    assert run("validate", manifest, "--engine", "Flink")[0] == 2


def test_import_config(run: Run, tmp_path: Path, manifest: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"num_cameras": 5, "kafka_topic": "raw-data", "zoom": 2}))
    code, out, err = run("import-config", config, "--rows", "2", "--bays", "3")
    assert (code, err) == (0, f"{config}: not used: zoom\n")
    manifest.write_text(out)
    assert run("validate", manifest)[0] == 0
    assert yaml.safe_load(out)["spec"]["layout"] == {"rows": {"A": 3, "B": 3}}
    config.write_text("{")
    assert run("import-config", config)[0] == 2


def test_without_a_lot_commands_say_so(run: Run) -> None:
    for command in ("status", "down", "logs", "sessions", "reset"):
        assert run(command) == (2, "", "parking: no lot has been up yet on this machine\n")


def test_status_of_a_lot_that_is_down(run: Run, home: Path) -> None:
    write_whole(home / "central" / "lot.json", "{}")
    write_whole(home / "central" / "status.json", json.dumps(status_document()))
    code, out, _ = run("status")
    assert code == 1
    assert out.startswith("central is down; data in ")


@pytest.mark.parametrize("ready", [True, False])
def test_status_of_a_lot_that_is_up(run: Run, home: Path, ready: bool) -> None:
    make_up(home, status_document(ready=ready))
    code, out, _ = run("status")
    assert code == (0 if ready else 1)
    assert out.count("told") == 4
    assert "http://localhost:5000" in out


def test_logs_of_one_and_of_all(run: Run, home: Path) -> None:
    folder = make_up(home)
    for name in ("gateway", "sessions"):
        write_whole(folder.log(name), f"first of {name}\nlast of {name}\n")
    assert run("logs", "gateway", "-n", "1") == (0, "last of gateway\n", "")
    assert "sessions     last of sessions" in run("logs")[1]
    assert run("logs", "nobody")[2] == "parking: no log of nobody; there are: gateway, sessions\n"


def test_reset_asks_and_refuses_while_up(run: Run, home: Path) -> None:
    lock = LotFolder(home / "central").claim()
    write_whole(home / "central" / "lot.json", "{}")
    assert "first `parking down`" in run("reset", "--yes")[2]
    lock.release()
    (home / "central" / "up.json").unlink()
    assert run("reset", "--yes")[0] == 0
    assert not (home / "central").exists()


def test_reset_removes_nothing_that_is_no_lot(run: Run, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    assert run("reset", "--yes", "--data", tmp_path / "precious")[0] == 2
    assert (tmp_path / "precious").exists()


def test_sessions(run: Run, home: Path) -> None:
    with fake_gateway() as gateway:
        gateway.active = [session("51F-1")]
        make_up(home, status_document(gateway.url))
        code, out, _ = run("sessions")
        assert code == 0
        assert "51F-1" in out
        assert "51F-1" in run("sessions", "--url", gateway.url)[1]


def test_up_tells_everything_that_is_in_the_way(
    run: Run, manifest: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parking_local.checks.problems", lambda **_: ["port 1 is taken", "no Java"])
    assert run("up", manifest) == (2, "", "parking: port 1 is taken\nno Java\n")


def test_up_twice_is_refused(run: Run, manifest: Path, home: Path) -> None:
    lock = LotFolder(home / "central").claim()
    assert "central is already up" in run("up", manifest)[2]
    lock.release()


def test_down_of_a_lot_that_was_not_up(run: Run, home: Path) -> None:
    write_whole(home / "central" / "lot.json", "{}")
    assert run("down") == (0, "central was not up\n", "")


def test_wrong_options_end_with_code_2(run: Run, manifest: Path) -> None:
    assert run("up", manifest, "--port", "0")[0] == 2
    assert run("nonsense")[0] == 2
