"""What is in the images, and what is not."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from images import sbom
from images.build import NAMES, build, version
from images.builders import find_builder
from images.tools import ask
from tests.images.conftest import Inside
from tests.support.images import Image, settings

pytestmark = [pytest.mark.images, pytest.mark.timeout(1_800)]

MODULES = {
    "operator": "parking_operator",
    "jobs": "parking_jobs.sessions",
    "api": "parking_api",
    "simulators": "parking_simulators",
}
LIBRARIES = {"kopf": {"operator"}, "fastapi": {"api"}, "pyspark": {"jobs"}, "pyarrow": {"jobs"}}
WRITABLE = """
import os
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in {open}]
    for path in (os.path.join(folder, name) for name in [*folders, *files]):
        if os.access(path, os.W_OK) and not os.path.islink(path):
            print(path)
"""
# Volumes, what the kernel gives, and what Debian leaves to everybody, which a read-only file system closes.
OPEN = {"/proc", "/sys", "/dev", "/tmp", "/run/lock", "/var/tmp", "/var/lib/kafka"}
COMPILED = """
import importlib.util, os, sys, {module}
for name, module in sorted(sys.modules.items()):
    file = getattr(module, "__file__", None) or ""
    if file.endswith(".py") and not os.path.exists(importlib.util.cache_from_source(file)):
        print(name)
"""


@pytest.mark.parametrize("name", NAMES)
def test_an_image_runs_its_program_as_the_user_of_the_pods(
    name: str, inside: Inside, config: Callable[[str], dict[str, Any]]
) -> None:
    assert config(name)["User"] == "10001:10001"
    assert "usage:" in inside(name, "python", "-m", MODULES[name], "--help")
    # Hadoop, for one, wants everybody to have a name.
    assert (
        inside(name, "python", "-c", "import os, pwd; print(os.getuid(), pwd.getpwuid(os.getuid()).pw_name)")
        == "10001 parking"
    )


@pytest.mark.parametrize("name", [*NAMES, "broker", "spark-operator"])
def test_nothing_in_an_image_can_be_changed_by_its_program(name: str, inside: Inside) -> None:
    assert inside(name, "python", "-c", WRITABLE.format(open=OPEN)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_programs_start_without_compiling_anything(name: str, inside: Inside) -> None:
    assert inside(name, "python", "-c", COMPILED.format(module=MODULES[name] + ".__main__")) == ""


@pytest.mark.parametrize("name", NAMES)
def test_an_image_has_the_libraries_of_its_own_program_only(name: str, inside: Inside) -> None:
    asked = f"import importlib.util as i; print(*(n for n in {list(LIBRARIES)} if i.find_spec(n)))"
    assert set(inside(name, "python", "-c", asked).split()) == {lib for lib, of in LIBRARIES.items() if name in of}


def test_the_gateway_has_its_dashboard_and_nothing_that_built_it(inside: Inside) -> None:
    listed = "from parking_api.routes.page import DASHBOARD as d; print(*(p.relative_to(d) for p in d.rglob('*.*')))"
    files = inside("api", "python", "-c", listed).split()
    assert "index.html" in files
    assert {Path(name).suffix for name in files if name.startswith("assets/")} >= {".js", ".css"}
    assert inside("api", "sh", "-c", "command -v node; command -v npm; true") == ""


@pytest.mark.parametrize("name", NAMES)
def test_an_image_says_what_it_is(name: str, config: Callable[[str], dict[str, Any]]) -> None:
    labels = config(name)["Labels"]
    assert labels["org.opencontainers.image.title"] == f"parking/{name}"
    assert labels["org.opencontainers.image.version"] == version()
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.description"]


def test_the_list_of_contents_names_what_is_installed(inside: Inside, built: Mapping[str, Image]) -> None:
    program = Path(sbom.__file__).read_text()
    listed = json.loads(inside("jobs", "python", "-c", program, built["jobs"].reference))
    versions = {component["purl"].partition("@")[0]: component["version"] for component in listed["components"]}
    asked = "import importlib.metadata as m; print(m.version('pyspark'), m.version('pydantic'))"
    spark, pydantic = inside("jobs", "python", "-c", asked).split()
    assert versions["pkg:pypi/pyspark"] == spark
    assert versions["pkg:pypi/pydantic"] == pydantic
    assert versions["pkg:pypi/parking-jobs"] == version()
    assert versions["pkg:deb/debian/libc6"] == inside(
        "jobs", "dpkg-query", "--show", "--showformat=${Version}", "libc6"
    )
    assert {"pkg:deb/debian/openjdk-17-jre-headless", "pkg:deb/debian/tini"} <= set(versions)
    jars = [
        component for component in listed["components"] if component["purl"].startswith(("pkg:maven", "pkg:generic"))
    ]
    assert len(jars) == int(inside("jobs", "sh", "-c", "ls /opt/spark/jars/*.jar | wc -l"))
    assert [jar["version"] for jar in jars if jar["name"] == "spark-sql-kafka-0-10_2.13"] == [spark]
    assert len({component["bom-ref"] for component in listed["components"]}) == len(listed["components"])


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_contents_is_valid(name: str, inside: Inside, built: Mapping[str, Image]) -> None:
    listed = inside(name, "python", "-c", Path(sbom.__file__).read_text(), built[name].reference)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(listed) is None


def test_the_same_sources_give_the_same_image(built: Mapping[str, Image]) -> None:
    builder, again = find_builder("buildah"), replace(settings(), tag="again", fresh=True)
    build(builder, again, "simulators")
    try:
        assert built["simulators"].reference.endswith(":" + builder.identity(again.reference("simulators"))[:12])
    finally:
        ask("buildah", "rmi", again.reference("simulators"))
