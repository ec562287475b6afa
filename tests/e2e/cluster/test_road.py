"""A lot with a road on real pods, its lake in object storage: all that vehicles send is there once, and kept up."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from parking_operator.objects import Manifest
from tests.support.broker import consume_all
from tests.support.cluster.waiting import eventually
from tests.support.lake import Tables
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, Stack
from tests.support.object_store import REGION, ObjectStore, object_store

pytestmark = [pytest.mark.pods, pytest.mark.timeout(900)]

EXAMPLE = Path(__file__).parents[3] / "examples" / "road.yaml"
TABLES = ("vehicle", "gps", "traffic", "weather", "emergency", "sessions")
SECRET, DATABASE = "lake-keys", "road"


@pytest.fixture(scope="module")
def store(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A real S3 server that pods reach."""
    with object_store(tmp_path_factory.mktemp("store"), host=stack.cluster.host) as running:
        yield running


@pytest.fixture(scope="module")
def glue(stack: Stack) -> Iterator[str]:
    """Address of a stand-in for AWS Glue that pods reach."""
    server = ThreadedMotoServer(ip_address=stack.cluster.host, port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


@pytest.fixture(scope="module")
def road(stack: Stack, store: ObjectStore, glue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLot]:
    """The road of the examples, with a lake elsewhere and an upkeep every minute."""
    manifest = yaml.safe_load(EXAMPLE.read_text())
    manifest["spec"]["road"] |= {
        "lake": {
            "trigger": "5s",
            "driver": {"coreRequest": "100m"},  # two cores in all
            "executors": {"coreRequest": "100m"},
            "warehouse": f"s3://{store.bucket}/warehouse",
            "catalogue": {"type": "Glue", "uri": glue, "namespace": DATABASE},
            "s3": {"endpoint": store.endpoint, "region": REGION, "pathStyle": True, "credentialsSecret": SECRET},
        },
        "snapshots": {"maxInlineBytes": 0, "store": f"s3://{store.bucket}/pictures"},
        "upkeep": {"schedule": "* * * * *"},
    }
    path = tmp_path_factory.mktemp("road") / "lot.yaml"
    path.write_text(yaml.safe_dump(manifest))
    keys = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET, "namespace": LOTS}}
    stack.tools.apply(json.dumps(keys | {"stringData": store.environment()}))
    lot = RunningLot(stack, manifest["metadata"]["name"])
    lot.apply(path)
    lot.wait_ready(timeout=400)
    yield lot
    stack.tools.kubectl("delete", "--namespace", LOTS, "-f", str(path), "--timeout=180s")
    stack.tools.kubectl("delete", "secret", SECRET, "--namespace", LOTS)
    stack.pods.wait_gone(f"app.kubernetes.io/instance={lot.name}")


@pytest.fixture(scope="module")
def tables(store: ObjectStore, glue: str, road: RunningLot) -> Tables:
    """The lake as SQL sees it from outside of the cluster."""
    keys = store.environment()
    access = {"aws_access_key_id": keys["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": keys["AWS_SECRET_ACCESS_KEY"]}
    client = boto3.client("glue", endpoint_url=glue, region_name=REGION, **access)

    def known() -> Mapping[str, str]:
        try:
            found = client.get_tables(DatabaseName=DATABASE)["TableList"]
        except client.exceptions.EntityNotFoundException:
            return {}
        return {table["Name"]: table["Parameters"]["metadata_location"] for table in found}

    return Tables(known, [store.duckdb_secret()])


def test_the_lot_tells_of_its_road_and_its_lake(road: RunningLot) -> None:
    told = {each["type"]: each["status"] for each in road.body()["status"]["conditions"]}
    assert (told["LakeReady"], told["RoadReady"]) == ("True", "True")


def test_all_five_topics_and_the_sessions_land_in_tables(tables: Tables) -> None:
    eventually(lambda: all(tables.count(name) > 0 for name in TABLES), timeout=240, what="an empty table")
    assert tables.count("quarantine") == 0


def test_pictures_are_where_their_records_say(store: ObjectStore, tables: Tables) -> None:
    ((uri,),) = tables.query("SELECT snapshot_uri FROM {traffic} ORDER BY arrival DESC LIMIT 1")
    picture = store.folder / urlsplit(uri).path.removeprefix("/")
    assert uri.startswith(f"s3://{store.bucket}/pictures/")
    assert picture.read_bytes().startswith(b"\xff\xd8"), "a JPEG"


def test_a_vehicle_that_arrives_is_seen_parking(tables: Tables) -> None:
    sql = "SELECT DISTINCT s.location FROM {sessions} AS s JOIN {vehicle} AS v ON v.license_plate = s.license_plate"
    bays = eventually(lambda: tables.query(sql), timeout=240, what="nobody has arrived")
    assert {bay for (bay,) in bays} <= {f"B{bay}" for bay in range(6, 21)}


def test_the_upkeep_runs_on_its_schedule(stack: Stack, road: RunningLot) -> None:
    def look() -> Manifest:
        found = stack.api.get("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", LOTS, f"{road.name}-upkeep")
        assert found, "no ScheduledSparkApplication"
        assert found.get("status", {}).get("pastSuccessfulRunNames"), f"no run has succeeded: {found.get('status')}"
        return found

    eventually(look, timeout=300)


def test_a_driver_that_is_killed_loses_and_doubles_nothing(stack: Stack, road: RunningLot, tables: Tables) -> None:
    driver = road.labels("lake", "spark-role=driver")
    killed = stack.pods.kill(driver)
    stack.pods.wait_ready(driver, 1, other_than=killed, timeout=300)
    road.edit(road={"source": "External"})
    stack.pods.wait_gone(road.labels("road"))
    asked = road.read().spec.road
    assert asked
    for topic, name in asked.topics.names().items():
        sent = sorted(json.loads(record.value() or b"")["id"] for record in consume_all(stack.bootstrap_servers, name))
        table = topic.name.lower()

        def stored(table: str = table) -> list[str]:
            return [row[0] for row in tables.query(f"SELECT id FROM {{{table}}} ORDER BY id")]

        eventually(lambda sent=sent, stored=stored: stored() == sent, timeout=120, what=f"{table} is not what was sent")
