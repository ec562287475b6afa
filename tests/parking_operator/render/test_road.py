"""What a lot with a road consists of, where its lake is, and whose bays are whose."""

import json
from typing import Any

import pytest

from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render import render
from parking_operator.render.labels import LAKE, ROAD, UPKEEP, component_of
from parking_operator.site import Site
from tests.support.worlds import CLAIMING, SITE, make_lot

ROLE = "arn:aws:iam::123456789012:role/parking-"
GLUE = {"catalogue": {"type": "Glue"}, "warehouse": "s3://lake/w"}


def parts(lot: ParkingLot, site: Site = SITE) -> dict[tuple[str, str], Manifest]:
    return {(m["kind"], m["metadata"]["name"]): m for m in render(lot, site)}


def document(lot: ParkingLot, name: str, site: Site = SITE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(parts(lot, site)["ConfigMap", name]["data"]["document.json"])
    return found


@pytest.mark.parametrize(
    ("spec", "components"),
    [
        ({}, set()),
        ({"road": {}}, {LAKE, UPKEEP, ROAD}),
        ({"road": {"source": "External"}}, {LAKE, UPKEEP}),
        ({"road": {}, "suspend": True}, set()),
    ],
)
def test_what_there_is_of_a_road(spec: dict[str, Any], components: set[str]) -> None:
    assert {component_of(m) for m in render(make_lot(**spec), SITE)} & {LAKE, UPKEEP, ROAD} == components


@pytest.mark.parametrize(("bays", "kept"), [(None, 5), (3, 3), (20, 20)])
def test_no_bay_has_both_a_simulated_camera_and_arrivals(bays: int | None, kept: int) -> None:
    lot = make_lot(cameras={"count": 3, "camerasPerPod": 9}, road={"bays": bays})
    arrivals = document(lot, "central-road")["bays"]
    watched = [bay for camera in document(lot, "central-cameras-1")["cameras"] for bay in camera["bays"]]
    assert [one["bay"] for one in arrivals] == list(lot.bays[-kept:])
    assert sorted([*watched, *(one["bay"] for one in arrivals)]) == sorted(lot.bays)
    assert {one["cameraId"] for one in arrivals} <= {"cam-01", "cam-02", "cam-03"}


def test_nobody_finds_simulated_cars_among_real_ones() -> None:
    lot = make_lot(cameras={"source": "External"}, road={})
    assert document(lot, "central-road")["bays"] == []


@pytest.mark.parametrize(
    ("lake", "site", "claims"),
    [({}, SITE, 1), ({}, CLAIMING, 1), ({"warehouse": "s3://lake/w"}, SITE, 1), (GLUE, SITE, 0)],
)
def test_a_catalogue_in_a_file_is_on_a_claim_in_a_cluster(lake: dict[str, Any], site: Site, claims: int) -> None:
    lot = make_lot(road={"lake": lake}, sessions={"engine": "Embedded"})
    found = parts(lot, site)
    assert len([name for kind, name in found if kind == "PersistentVolumeClaim"]) == claims
    template = found["SparkApplication", "central-lake"]["spec"]["executor"]["template"]["spec"]
    mounted = [mount["mountPath"] for mount in template["containers"][0]["volumeMounts"]]
    assert ("/var/lib/parking/lake" in mounted) == bool(claims)


def test_each_program_has_a_role_of_its_own_and_no_key() -> None:
    road = {
        "lake": {**GLUE, "awsRole": f"{ROLE}lake"},
        "upkeep": {"awsRole": f"{ROLE}upkeep"},
        "snapshots": {"store": "s3://lake/snapshots", "awsRole": f"{ROLE}road"},
    }
    found = parts(make_lot(road=road))
    for component in ("lake", "upkeep", "road"):
        account = found["ServiceAccount", f"central-{component}"]
        assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == f"{ROLE}{component}"
    assert "eks" not in json.dumps(found["ServiceAccount", "central-gateway"])
    assert "AWS_SECRET" not in json.dumps(list(found.values()))


def test_a_secret_with_keys_reaches_whom_it_has_to() -> None:
    s3 = {"credentialsSecret": "minio", "endpoint": "http://minio:9000"}
    road = {"lake": {"warehouse": "s3://lake/w", "s3": s3}, "snapshots": {"store": "s3://lake/snapshots"}}
    found = parts(make_lot(road=road))
    wanted = [{"secretRef": {"name": "minio"}}]
    spark = found["SparkApplication", "central-lake"]["spec"]
    for process in ("driver", "executor"):
        assert spark[process]["template"]["spec"]["containers"][0]["envFrom"] == wanted
    vehicles = found["Deployment", "central-road"]["spec"]["template"]["spec"]["containers"][0]
    assert vehicles["envFrom"] == wanted
    assert "envFrom" not in found["Deployment", "central-gateway"]["spec"]["template"]["spec"]["containers"][0]
