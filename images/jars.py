"""Downloads a set of pinned jars: ``python jars.py jars.toml SET FOLDER``.

Run while an image is built, by itself: it uses nothing of the project but its list of jars.
"""

import hashlib
import os
import sys
import tomllib
import urllib.request
from pathlib import Path

_REPOSITORY = os.environ.get("PARKING_MAVEN_URL") or "https://repo.maven.apache.org/maven2"


def fetch(coordinate: str, sha256: str, folder: Path) -> None:
    """Bring one jar ``organisation:name:version``; exits when it is not the one that is pinned."""
    organisation, name, version = coordinate.split(":")
    file = f"{name}-{version}.jar"
    url = f"{_REPOSITORY.rstrip('/')}/{organisation.replace('.', '/')}/{name}/{version}/{file}"
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - the repository is the builder's choice
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{url} is not the jar that is pinned: sha256 is not {sha256}")
    (folder / file).write_bytes(content)


if __name__ == "__main__":
    pins, chosen, target = sys.argv[1:]
    Path(target).mkdir(parents=True, exist_ok=True)
    for jar, pin in tomllib.loads(Path(pins).read_text())[chosen].items():
        fetch(jar, pin, Path(target))
