"""What is asked of kind, where it stands in for a cluster of our own. It needs Docker, so a recorder plays its part."""

from pathlib import Path

import pytest

from tests.support.images import Image
from tests.support.node import kind
from tests.support.node.place import Place

RECORDER = """#!/bin/sh
echo "$(basename "$0") $*" >> "{folder}/asked"
[ "$1 $2" = "get clusters" ] && cat "{folder}/clusters"
[ "$1 $2" = "network inspect" ] && printf 'fc00:f853:ccd:e793::1\\n172.18.0.1\\n'
[ "$1 $2" = "create cluster" ] && cat > "{folder}/config" && echo parking-tests > "{folder}/clusters"
exit 0
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record what kind and docker are asked; there is no cluster yet."""
    (tmp_path / "clusters").touch()
    for name in ("kind", "docker"):
        (tmp_path / name).write_text(RECORDER.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_a_cluster_is_made_once_and_given_the_images_each_time(folder: Path) -> None:
    assert kind.is_usable()
    images = {"api": Image("localhost/parking/api:1", folder / "api.tar")}
    for _ in range(2):
        cluster = kind.up(Place(folder / "place"), images)
    assert (cluster.address, cluster.host) == ("127.0.0.1", "172.18.0.1")
    asked = (folder / "asked").read_text().splitlines()
    assert [line for line in asked if "create" in line] == [
        f"kind create cluster --name parking-tests --kubeconfig {cluster.kubeconfig} --config -"
    ]
    assert asked.count(f"kind load image-archive --name parking-tests {folder / 'api.tar'}") == 2
    assert '"hostPort": 30092' in (folder / "config").read_text()


def test_without_kind_it_is_not_used(folder: Path) -> None:
    (folder / "kind").unlink()
    assert not kind.is_usable()
