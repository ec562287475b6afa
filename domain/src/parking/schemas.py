"""JSON Schemas of what travels between programs, for everyone who does not use this package.

``python -m parking.schemas --write domain/schemas`` writes them, ``--check`` tells whether the files still fit.
"""

import argparse
import json
from pathlib import Path

from parking.event import CameraEvent
from parking.lot import ParkingLot
from parking.road import RECORDS
from parking.session import Session

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """Give file name and text of every schema; equal models give equal bytes."""
    bodies = {
        "parking-lot": ParkingLot.model_json_schema(by_alias=True),
        "camera-event": CameraEvent.model_json_schema(),
        "session": Session.model_json_schema(),
        **{f"road-{topic.name.lower()}": model.model_json_schema() for topic, model in RECORDS.items()},
    }
    return {
        f"{name}.schema.json": json.dumps({"$schema": DIALECT, **body}, indent=2, sort_keys=True) + "\n"
        for name, body in bodies.items()
    }


def write(folder: Path, wanted: dict[str, str]) -> None:
    """Bring a folder's files up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def drifted(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Name the files that are missing in a folder, differ from the models, or belong to no model."""
    found = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    return sorted(
        name for name in wanted.keys() | found.keys() if name not in wanted or found.get(name) != wanted[name].encode()
    )


def run(program: str, wanted: dict[str, str]) -> None:
    """Write or check generated files, as the command line says; ends with 1 when a check finds a difference."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    verb = parser.add_mutually_exclusive_group(required=True)
    verb.add_argument("--write", type=Path, metavar="DIR", help="write the files into this folder")
    verb.add_argument("--check", type=Path, metavar="DIR", help="exit with 1 if this folder's files have drifted")
    options = parser.parse_args()
    if options.write:
        write(options.write, wanted)
    elif names := drifted(options.check, wanted):
        parser.exit(1, f"{', '.join(names)} in {options.check} differ from the models; run --write and commit them\n")


if __name__ == "__main__":
    run("parking.schemas", schemas())
