"""What the Dockerfiles have in common, which is what makes images share layers and build anywhere."""

import re

import pytest

from images.build import NAMES, ROOT
from parking_operator.render.pods import _USER
from parking_operator.render.spark_application import MAIN_FILE

DOCKERFILES = {name: (ROOT / "images" / name / "Dockerfile").read_text() for name in NAMES}


def _stages(text: str) -> dict[str, str]:
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    return {match[1]: stage for stage in stages if (match := re.match(r"\S+ AS (\w+)\n", stage))}


@pytest.mark.parametrize("name", NAMES)
def test_the_tools_are_one_layer_for_all(name: str) -> None:
    # Up to a comment, which may say what comes next.
    assert _stages(DOCKERFILES[name])["uv"] == _stages(DOCKERFILES["api"])["uv"]


@pytest.mark.parametrize("name", NAMES)
def test_the_user_is_one_layer_for_all_and_the_one_that_pods_run_as(name: str) -> None:
    final = DOCKERFILES[name].rpartition("FROM ${BASE}\n")[2]
    assert final.startswith(f"RUN groupadd --gid {_USER} parking && useradd --uid {_USER} --gid {_USER} ")
    assert final.partition("COPY")[0] == DOCKERFILES["api"].rpartition("FROM ${BASE}\n")[2].partition("COPY")[0]
    assert f"\nUSER {_USER}:{_USER}\n" in final


@pytest.mark.parametrize("name", NAMES)
def test_every_builder_understands_it(name: str) -> None:
    text = DOCKERFILES[name]
    assert "syntax=" not in text
    assert set(re.findall(r"--mount=(\S+)", text)) == {"type=secret,id=ca"}
    assert "<<" not in text


def test_spark_finds_its_main_file() -> None:
    folder, _, file = MAIN_FILE.removeprefix("local://").rpartition("/")
    copied = re.search(rf"^COPY (.+) {re.escape(folder)}/$", DOCKERFILES["jobs"], re.MULTILINE)
    assert copied
    assert f"images/jobs/{file}" in copied[1].split()
