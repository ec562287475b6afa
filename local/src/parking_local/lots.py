"""Manifests on this machine: reading them, fitting them to it, and refusing edits that data would not survive."""

from pathlib import Path

import yaml

from parking.errors import InvalidInputError, ParkingError, Problem
from parking.lot import Engine, ParkingLot
from parking.manifest import load_lot
from parking_operator.site import Images, Site

_IMAGES = Images(jobs="parking/jobs:latest", api="parking/api:latest", simulators="parking/simulators:latest")


def read_manifest(path: Path, *, engine: Engine | None = None) -> ParkingLot:
    """Read a lot from a YAML file, with another ``engine`` if one is given; raises ParkingError."""
    return parse_manifest(_read(path), path, engine=engine)


def parse_manifest(text: str, path: Path, *, engine: Engine | None = None) -> ParkingLot:
    """Read a lot from the text of a file; raises ParkingError with every problem."""
    try:
        manifest = yaml.safe_load(text)
        return load_lot(_with_engine(manifest, engine) if engine else manifest)
    except yaml.MarkedYAMLError as error:
        place = f":{error.problem_mark.line + 1}:{error.problem_mark.column + 1}" if error.problem_mark else ""
        raise ParkingError(f"{path}{place}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ParkingError(f"{path}: not YAML: {error}") from error


def _with_engine(manifest: object, engine: Engine) -> object:
    """Put an engine into a manifest before it is judged; what is no manifest is left for the judge."""
    match manifest:
        case {"spec": {"sessions": {**sessions}, **spec}, **rest}:
            return {**rest, "spec": {**spec, "sessions": {**sessions, "engine": engine}}}
        case {"spec": {**spec}, **rest} if "sessions" not in spec:
            return {**rest, "spec": {**spec, "sessions": {"engine": engine}}}
    return manifest


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ParkingError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ParkingError(f"{path} is not UTF-8 text") from error


def localised(lot: ParkingLot) -> ParkingLot:
    """Leave out which cluster the lot belongs to elsewhere: here its topics live on this machine's broker."""
    kafka = lot.spec.kafka.model_copy(update={"cluster": None, "bootstrap_servers": None})
    checkpoint = lot.spec.sessions.checkpoint.model_copy(update={"location": None, "claim_name": None})
    sessions = lot.spec.sessions.model_copy(update={"checkpoint": checkpoint})
    return lot.model_copy(update={"spec": lot.spec.model_copy(update={"kafka": kafka, "sessions": sessions})})


def brokers_of(lot: ParkingLot) -> int:
    """Say how many brokers this machine starts for a lot."""
    return lot.spec.road.brokers if lot.spec.road else 1


def refuse_impossible_edit(old: ParkingLot, new: ParkingLot) -> None:
    """Raise InvalidInputError for an edit that the lot's data would not survive."""
    problems = []
    if new.name != old.name:
        problems.append(Problem("metadata.name", new.name, f"this is {old.name}; another lot has its own `parking up`"))
    if new.spec.sessions.shards != old.spec.sessions.shards:
        allowed = f"never changes: {old.spec.sessions.shards} (or `parking reset`, which forgets the lot's data)"
        problems.append(Problem("spec.sessions.shards", new.spec.sessions.shards, allowed))
    if brokers_of(new) != brokers_of(old):
        # The log of one controller cannot become that of three.
        allowed = f"never changes: {brokers_of(old)} (or `parking reset`, which forgets the lot's data)"
        problems.append(Problem("spec.road.brokers", brokers_of(new), allowed))
    if new.spec.kafka.partitions < old.spec.kafka.partitions:
        allowed = f"never shrinks: {old.spec.kafka.partitions} or more (or `parking reset`)"
        problems.append(Problem("spec.kafka.partitions", new.spec.kafka.partitions, allowed))
    if problems:
        raise InvalidInputError(f"edit of ParkingLot {old.name}", problems)


def machine_site(*, bootstrap_servers: str, storage: Path, gateway_port: int, brokers: int = 1) -> Site:
    """This machine as a site."""
    return Site(
        bootstrap_servers=bootstrap_servers,
        images=_IMAGES,
        storage_root=str(storage),
        max_replication=brokers,
        max_gateway_replicas=1,
        gateway_port=gateway_port,
        gateway_url=f"http://localhost:{gateway_port}",
    )


def example_site() -> Site:
    """Give a cluster's site, to show what a lot would consist of there."""
    return Site(bootstrap_servers="kafka:9092", images=_IMAGES)
