"""Downloads jars with jgo, a Maven client in Python, which knows Maven's layout and where Maven Central is.

Knows nothing of pins or where jars are kept in the end: see jars.py. Proxies are those of the environment.
"""

import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from parking.errors import ParkingError

if TYPE_CHECKING:
    from jgo.maven import Artifact, MavenContext

_TIMEOUT = 60
_AT_ONCE = 8
_ATTEMPTS = 3


def download(coordinates: Iterable[str], folder: Path) -> Generator[tuple[str, Path], None, None]:
    """Yield each jar ``organisation:name:version`` with its file below ``folder`` as it arrives; raises ParkingError.

    A fourth part is the classifier of a jar that is not its project's main one. No jar is resolved transitively: every
    one that is needed is named.
    """
    from jgo.maven import MavenContext

    mirror = repository()
    maven = MavenContext(
        repo_cache=folder, remote_repos={"mirror": mirror.rstrip("/")} if mirror else None, timeout=_TIMEOUT
    )
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="download")
    with _trust_of_the_system():
        try:
            coming = {pool.submit(_fetch, maven, coordinate): coordinate for coordinate in coordinates}
            yield from _arrivals(coming, pool)
        finally:
            pool.shutdown(cancel_futures=True)


def _arrivals(coming: Mapping[Future[Path], str], pool: ThreadPoolExecutor) -> Iterator[tuple[str, Path]]:
    """Yield what arrives; after a failure nothing more is begun, but what is on its way is awaited and kept."""
    failure: BaseException | None = None
    for done in as_completed(coming):
        if done.cancelled():
            continue
        if error := done.exception():
            failure = failure or error
            pool.shutdown(wait=False, cancel_futures=True)
        else:
            yield coming[done], done.result()
    if failure:
        raise failure


def repository() -> str | None:
    """Give the Maven repository of PARKING_MAVEN_URL or ~/.m2/settings.xml; None is jgo's own choice, Maven Central."""
    return os.environ.get("PARKING_MAVEN_URL") or _mirror(Path.home() / ".m2" / "settings.xml")


def _mirror(settings: Path) -> str | None:
    """Find the mirror of Maven Central in a Maven settings file."""
    try:
        tree = ET.fromstring(settings.read_text())  # noqa: S314 - the user's own file
    except (OSError, ET.ParseError):
        return None
    for mirror in tree.iterfind("{*}mirrors/{*}mirror"):
        of = (mirror.findtext("{*}mirrorOf") or "").split(",")
        if {"*", "central", "external:*"} & {part.strip() for part in of}:
            return mirror.findtext("{*}url")
    return None


@contextmanager
def _trust_of_the_system() -> Iterator[None]:
    """Trust the authorities that pip trusts, those of the system and of SSL_CERT_FILE: jgo knows a list of its own."""
    import truststore

    truststore.inject_into_ssl()
    try:
        yield
    finally:
        truststore.extract_from_ssl()


def _fetch(maven: "MavenContext", coordinate: str) -> Path:
    organisation, name, version, *classifier = coordinate.split(":")
    artifact = maven.project(organisation, name).at_version(version).artifact(*classifier)
    try:
        return _resolved(artifact)
    except (OSError, RuntimeError) as error:  # what jgo raises: nobody answers, or the repository does not have it
        raise ParkingError(
            f"download of {name} {version} from {repository() or 'Maven Central'} failed: {error}\n"
            "  what arrived is kept: run the same command again to go on. For another repository set\n"
            "  PARKING_MAVEN_URL or a mirror in ~/.m2/settings.xml."
        ) from error


def _resolved(artifact: "Artifact") -> Path:
    """Download a jar; a connection that breaks is no reason to give up at once."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(OSError):
            return artifact.resolve()
        if artifact.cached_path:
            artifact.cached_path.unlink(missing_ok=True)  # jgo would take the part that arrived for the whole
    return artifact.resolve()
