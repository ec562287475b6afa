"""Downloads jars with Apache Ivy, which ships inside pyspark and knows checksums, mirrors and its own cache.

Knows nothing of pins or where jars are kept in the end: see jars.py.
"""

import importlib.util
import os
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from parking.errors import ParkingError
from parking_local.toolchain.java import java_home
from parking_local.toolchain.truststore import write_trust_store

# POMs are not read: every jar is named, so they would only cost requests. Ivy never looks into ~/.m2/repository,
# where POMs without their jars make it fail.
_SETTINGS = """<ivysettings>
  <settings defaultResolver="maven"/>
  <timeout-constraints>
    <timeout-constraint name="patient" connectionTimeout="20000" readTimeout="60000"/>
  </timeout-constraints>
  <caches defaultCacheDir={cache}/>
  <resolvers>
    <ibiblio name="maven" m2compatible="true" usepoms="false" useMavenMetadata="false"
             timeoutConstraint="patient"{root}/>
  </resolvers>
</ivysettings>
"""
_MODULE = """<ivy-module version="2.0">
  <info organisation="parking" module="jars"/>
  <configurations><conf name="jars"/></configurations>
  <dependencies defaultconf="jars->default">
{dependencies}
  </dependencies>
</ivy-module>
"""


def download(coordinates: Iterable[str], folder: Path, *, work: Path, notify: Callable[[str], None]) -> None:
    """Put the jars ``organisation:name:version`` into ``folder``; raises ParkingError.

    ``work`` keeps Ivy's cache: finished jars survive there, so a second call goes on where the first one ended.
    ``notify`` hears the name of each jar as it arrives.
    """
    work.mkdir(parents=True, exist_ok=True)
    mirror = repository()
    root = f" root={quoteattr(mirror)}" if mirror else ""
    (work / "settings.xml").write_text(_SETTINGS.format(cache=quoteattr(str(work / "cache")), root=root))
    (work / "ivy.xml").write_text(_module(coordinates))
    java = [str(java_home() / "bin" / "java"), "-XX:TieredStopAtLevel=1", *_network_options(work)]
    command = [*java, "-jar", str(ivy_jar())]
    command += ["-ivy", str(work / "ivy.xml"), "-settings", str(work / "settings.xml")]
    command += ["-retrieve", str(folder / "[artifact]-[revision].[ext]")]
    with (work / "ivy.log").open("w+") as log:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as ivy:
            assert ivy.stdout is not None
            for line in ivy.stdout:
                log.write(line)
                if arrived := re.search(r"\[SUCCESSFUL \] .*;(.+?)!(.+?)\.jar", line):
                    notify(f"{arrived[2]} {arrived[1]}")
        if ivy.returncode:
            log.seek(0)
            raise ParkingError(_failure(log.read(), Path(log.name)))


def repository() -> str | None:
    """Give the Maven repository of PARKING_MAVEN_URL or ~/.m2/settings.xml; None is Ivy's own choice, Maven Central."""
    url = os.environ.get("PARKING_MAVEN_URL") or _mirror(Path.home() / ".m2" / "settings.xml")
    return url.rstrip("/") + "/" if url else None


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


def ivy_jar() -> Path:
    """Find Ivy: PARKING_IVY_JAR, pyspark's, or the system's; raises ParkingError."""
    candidates = [Path(os.environ["PARKING_IVY_JAR"])] if "PARKING_IVY_JAR" in os.environ else []
    if (pyspark := importlib.util.find_spec("pyspark")) and pyspark.origin:
        candidates += (Path(pyspark.origin).parent / "jars").glob("ivy-*.jar")
    candidates.append(Path("/usr/share/java/ivy.jar"))
    found = next((jar for jar in candidates if jar.is_file()), None)
    if found is None:
        raise ParkingError("Apache Ivy not found: `pip install pyspark`, or name its jar in PARKING_IVY_JAR")
    return found


def _module(coordinates: Iterable[str]) -> str:
    """Give an Ivy module that depends on exactly these jars."""
    lines = []
    for coordinate in coordinates:
        organisation, name, version = map(quoteattr, coordinate.split(":"))
        lines.append(f'<dependency org={organisation} name={name} rev={version} transitive="false"/>')
    return _MODULE.format(dependencies="\n".join(lines))


def _network_options(work: Path) -> Iterator[str]:
    """Tell Java what every other program learns from the environment: authorities and proxy."""
    if write_trust_store(work / "trusted.jks"):
        yield f"-Djavax.net.ssl.trustStore={work / 'trusted.jks'}"
    for scheme in ("http", "https"):
        proxy = urllib.parse.urlsplit(urllib.request.getproxies().get(scheme, ""))
        if proxy.hostname:
            yield from (f"-D{scheme}.proxyHost={proxy.hostname}", f"-D{scheme}.proxyPort={proxy.port or 80}")


def _failure(output: str, log: Path) -> str:
    reasons = [line.strip() for line in output.splitlines() if re.search(r"error at url|not found$|FAILED", line)]
    first = reasons[-1].removeprefix(":: ") if reasons else "see the log"
    return (
        f"download from {repository() or 'Maven Central'} failed: {first}\n"
        f"  what arrived is kept: run the same command again to go on. For another repository set PARKING_MAVEN_URL\n"
        f"  or a mirror in ~/.m2/settings.xml. Ivy's log: {log}"
    )
