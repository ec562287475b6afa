"""Lists what an image holds, as CycloneDX JSON: run inside of the image, it needs nothing but Python.

Python packages are those that Python finds, Debian packages those in dpkg's database, jars those of Spark. Nothing is
said of when it was made, so the same image always gives the same list.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

_DEBIAN = Path("/var/lib/dpkg")
_JARS = (Path("/opt/spark/jars"), Path("/opt/kafka/libs"))


def bill_of_materials(reference: str) -> dict[str, Any]:
    """Give the document for the image that this runs in."""
    found = [*_python_packages(), *_debian_packages(), *_jars()]
    name, _, version = reference.rpartition(":")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": name, "version": version, "bom-ref": reference}},
        "components": sorted(found, key=lambda component: str(component["bom-ref"])),
    }


def _component(name: str, version: str, purl: str, **more: Any) -> dict[str, Any]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, **more}


def _python_packages() -> Iterator[dict[str, Any]]:
    for found in distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        licences = found.metadata.get_all("License-Expression") or ()
        more = {"licenses": [{"expression": licence} for licence in licences]} if licences else {}
        yield _component(name, found.version, f"pkg:pypi/{name}@{quote(found.version)}", **more)


def _debian_packages() -> Iterator[dict[str, Any]]:
    """List dpkg's own database, and beside it packages of which the image holds a part only."""
    for file in (_DEBIAN / "status", *sorted(_DEBIAN.glob("status.d/*"))):
        for paragraph in file.read_text().split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Architecture): (.+)$", paragraph, re.MULTILINE))
            if fields:
                where = f"{fields['Package']}@{quote(fields['Version'])}?arch={fields['Architecture']}"
                yield _component(fields["Package"], fields["Version"], f"pkg:deb/debian/{where}")


def _jars() -> Iterator[dict[str, Any]]:
    for jar in (jar for folder in _JARS for jar in sorted(folder.glob("*.jar"))):
        name, version = re.fullmatch(r"(.+)-(\d+\..*)", jar.stem).groups()  # type: ignore[union-attr]
        group = _maven_group(jar, name)
        purl = f"pkg:maven/{group}/{name}@{version}" if group else f"pkg:generic/{name}@{version}"
        hashes = [{"alg": "SHA-256", "content": hashlib.sha256(jar.read_bytes()).hexdigest()}]
        yield _component(name, version, purl, hashes=hashes, **({"group": group} if group else {}))


def _maven_group(jar: Path, name: str) -> str | None:
    """Tell whose jar it is, if it says so itself."""
    with zipfile.ZipFile(jar) as content:
        for entry in content.namelist():
            if told := re.fullmatch(rf"META-INF/maven/([^/]+)/{re.escape(name)}/pom.properties", entry):
                return told[1]
    return None


if __name__ == "__main__":
    print(json.dumps(bill_of_materials(sys.argv[1]), indent=1))
