"""Tables registered in Glue and written to S3, as far as moto plays AWS; nothing here ran on AWS itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from parking_jobs.lake.tables import ALL
from tests.support.lake import document, environment
from tests.support.object_store import REGION

pytestmark = [pytest.mark.spark, pytest.mark.timeout(300)]

BUCKET, DATABASE = "parking-lake", "parking_lake"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}
REGISTER = """
import json, sys
from pathlib import Path
from parking.road_documents import LakeDocument
from parking_jobs.lake.spark import make_tables, open_session, qualified
from parking_jobs.lake.tables import QUARANTINE

document = LakeDocument.read(Path(sys.argv[1]))
spark = open_session(document, "register", {})
make_tables(spark, document)
make_tables(spark, document)
name = qualified(document, QUARANTINE)
row = "('gps_data', 'NOT_JSON', '', 'told', NULL, X'00', 0, 7, TIMESTAMP '2026-01-31 12:00:00')"
spark.sql(f"INSERT INTO {name} VALUES {row}")
print("TOLD" + json.dumps([list(found) for found in spark.sql(f"SELECT topic, kafka_offset FROM {name}").collect()]))
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Address of a stand-in for AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def test_every_table_is_registered_with_its_columns_and_its_place(aws: str, tmp_path: Path) -> None:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": REGION}
    where = {"LocationConstraint": REGION}
    boto3.client("s3", endpoint_url=aws, **keys).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    lake = document(
        "kafka:9092",
        tmp_path,
        warehouse=f"s3://{BUCKET}/warehouse",
        catalogue={"type": "Glue", "uri": aws, "namespace": DATABASE},
        s3Endpoint=aws,
        s3Region=REGION,
        s3PathStyle=True,
    )
    config = tmp_path / "lake.json"
    config.write_text(json.dumps(lake.document()))
    argv = [sys.executable, "-c", REGISTER, str(config)]
    env = environment(objects=True, extra=KEYS)
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    assert 'TOLD[["gps_data", 7]]' in done.stdout

    glue = boto3.client("glue", endpoint_url=aws, **keys)
    tables = {table["Name"]: table for table in glue.get_tables(DatabaseName=DATABASE)["TableList"]}
    assert set(tables) == {table.name for table in ALL}
    for table in ALL:
        told = tables[table.name]
        assert told["Parameters"]["table_type"] == "ICEBERG"
        assert told["Parameters"]["metadata_location"].startswith(
            f"s3://{BUCKET}/warehouse/{DATABASE}.db/{table.name}/"
        )
        assert [column["Name"] for column in told["StorageDescriptor"]["Columns"]] == list(table.names)
