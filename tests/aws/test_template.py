"""The template in itself: what cfn-lint says, what is kept and how long, and that its outputs are a lot's manifest."""

import re
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint

from parking.fields import NAME_PATTERN
from parking.lot import API_VERSION, KIND
from parking.manifest import load_lot
from parking.road_spec import Catalogue
from tests.aws import template

TEXT = template.PATH.read_text()
RESOURCES = template.load()["Resources"]


def findings(text: str) -> list[str]:
    # Errors and warnings; what is informational would take every file of a region's prices.
    return [f"{each.rule.id} {each.message}" for each in lint(text, config=ManualArgs(regions=[template.REGION]))]


def test_cfn_lint_finds_nothing() -> None:
    assert findings(TEXT) == []


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("BlockPublicAcls: true", "BlockPublicAcl: true", "E3002"),
        ("!GetAtt CrawlerRole.Arn", "!GetAtt CrawlRole.Arn", "E1010"),
        ("SSEAlgorithm: AES256", "SSEAlgorithm: AES", "E3030"),
        ("    UpdateReplacePolicy: Retain\n", "", "W3011"),
        ("glue:BatchGetPartition", "glue:BatchGetPartion", "W3037"),
    ],
)
def test_cfn_lint_finds_what_is_broken(right: str, wrong: str, rule: str) -> None:
    assert right in TEXT
    assert rule in {found.split()[0] for found in findings(TEXT.replace(right, wrong))}


def test_what_cannot_be_made_again_outlives_the_stack() -> None:
    kept = {name for name, resource in RESOURCES.items() if resource.get("DeletionPolicy") == "Retain"}
    assert kept == {"Bucket", "BucketPolicy", "Database"}


def test_nobody_gets_keys() -> None:
    types = {resource["Type"] for resource in RESOURCES.values()}
    assert not types & {"AWS::IAM::AccessKey", "AWS::IAM::User", "AWS::SecretsManager::Secret"}
    assert not re.search(r"\bA(KIA|SIA)[A-Z0-9]{16}\b", TEXT)


def lifecycle(**parameters: str) -> list[dict[str, Any]]:
    return template.render(**parameters)["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]


def rules_for(key: str) -> list[dict[str, Any]]:
    return [rule for rule in lifecycle() if rule["Status"] == "Enabled" and key.startswith(rule["Prefix"])]


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("snapshots/2026/a.jpeg", [90]),
        ("raw/export.json", [90]),
        ("athena-results/1.csv", [14]),
        # A table's files are upkeep's business. By age alone today's table would lose its oldest rows.
        ("warehouse/central.db/vehicle/data/1.parquet", []),
        ("warehouse/central.db/vehicle/metadata/1.metadata.json", []),
    ],
)
def test_objects_are_deleted_when_nobody_else_does(key: str, days: list[int]) -> None:
    assert [rule["ExpirationInDays"] for rule in rules_for(key) if "ExpirationInDays" in rule] == days


def test_remains_go_everywhere() -> None:
    (uploads,) = (rule for rule in rules_for("warehouse/x") if "AbortIncompleteMultipartUpload" in rule)
    (versions,) = (rule for rule in rules_for("warehouse/x") if "NoncurrentVersionExpiration" in rule)
    assert uploads["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert versions["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert versions["ExpiredObjectDeleteMarker"] is True


def test_parameters_say_how_long() -> None:
    told = lifecycle(SnapshotInfrequentDays="40", SnapshotDays="80", RawDays="5", ResultDays="2", NoncurrentDays="3")
    by_id = {rule["Id"]: rule for rule in told}
    assert by_id["snapshots"]["Transitions"] == [{"StorageClass": "STANDARD_IA", "TransitionInDays": "40"}]
    assert [by_id[name]["ExpirationInDays"] for name in ("snapshots", "raw", "results")] == ["80", "5", "2"]
    assert by_id["noncurrent"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": "3"}


@pytest.mark.parametrize(("schedule", "expected"), [("", None), ("cron(30 2 * * ? *)", "cron(30 2 * * ? *)")])
def test_the_crawler_waits_until_it_is_asked(schedule: str, expected: str | None) -> None:
    crawler = template.render(CrawlerSchedule=schedule)["Resources"]["RawCrawler"]["Properties"]
    assert crawler.get("Schedule", {}).get("ScheduleExpression") == expected
    assert crawler["Targets"] == {"S3Targets": [{"Path": f"s3://{template.BUCKET}/raw/"}]}


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("BucketName", ["parking-lake-1"], ["Parking", "a.b.c", "-lake", "ab", "s3://lake"]),
        ("OidcProviderArn", [template.PARAMETERS["OidcProviderArn"]], [template.ISSUER, "https://oidc.eks/id/1", '"']),
        ("CrawlerSchedule", ["", "cron(0 3 * * ? *)"], ["0 3 * * *", "rate(1 day)"]),
        ("Namespace", ["lots"], ["Lots", "lots*", "*", "lots:x"]),
    ],
)
def test_parameters_are_checked_before_anything_is_made(parameter: str, good: list[str], bad: list[str]) -> None:
    pattern = template.load()["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in (*good, *bad) if re.fullmatch(pattern, value)] == good


def test_names_are_those_that_a_manifest_takes() -> None:
    asked = template.load()["Parameters"]
    (database,) = (each.pattern for each in Catalogue.model_fields["namespace"].metadata if hasattr(each, "pattern"))
    assert asked["Lot"]["AllowedPattern"] == NAME_PATTERN
    assert asked["DatabaseName"]["AllowedPattern"] == database


def test_outputs_are_a_lots_manifest() -> None:
    road: dict[str, Any] = {"lake": {"catalogue": {"type": "Glue"}}}
    for output in template.render()["Outputs"].values():
        if path := re.match(r"spec\.road\.(\S+?)(,|$)", output["Description"]):
            *parents, field = path[1].split(".")
            block = road
            for parent in parents:
                block = block.setdefault(parent, {})
            block[field] = output["Value"]
    spec = {"layout": {"rows": {"A": 8}}, "road": road}
    lot = load_lot({"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": "central"}, "spec": spec})
    assert lot.spec.road is not None
    told = lot.spec.road
    assert (told.lake.warehouse, told.lake.catalogue.namespace) == (f"s3://{template.BUCKET}/warehouse", "central")
    assert (told.snapshots.store, told.lake.s3.region) == (f"s3://{template.BUCKET}/snapshots", template.REGION)
    roles = (told.lake.aws_role, told.upkeep.aws_role, told.snapshots.aws_role)
    assert roles == tuple(f"arn:aws:iam::{template.ACCOUNT}:role/{name}Role" for name in ("Lake", "Upkeep", "Road"))
