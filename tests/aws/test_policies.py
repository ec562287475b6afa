"""No policy of the template is too broad, and the judge who says so is not asleep."""

import json
from typing import Any

import pytest

from tests.aws import template
from tests.aws.policies import Principal, permission_faults, statements, trust_faults

RESOURCES = template.render()["Resources"]
ROLES = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::IAM::Role"}
BUCKET = f"arn:aws:s3:::{template.BUCKET}"
ISSUER = template.ISSUER
PROVIDER = template.PARAMETERS["OidcProviderArn"]


def permissions(role: str) -> list[dict[str, Any]]:
    return [policy["PolicyDocument"] for policy in ROLES[role]["Policies"]]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_too_broad(role: str) -> None:
    assert ROLES[role].keys() <= {"Description", "AssumeRolePolicyDocument", "Policies"}  # no policy from elsewhere
    assert [fault for document in permissions(role) for fault in permission_faults(document)] == []
    assert trust_faults(ROLES[role]["AssumeRolePolicyDocument"]) == []


def test_no_policy_is_too_broad() -> None:
    policies = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::IAM::ManagedPolicy"]
    assert len(policies) == 1
    assert permission_faults(policies[0]["PolicyDocument"]) == []


def test_the_buckets_policy_lets_nobody_in() -> None:
    assert {each["Effect"] for each in statements(RESOURCES["BucketPolicy"]["Properties"]["PolicyDocument"])} == {
        "Deny"
    }


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Statement": {"Effect": "Allow", "Action": action, "Resource": resource, **more}}


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (allow("s3:*", f"{BUCKET}/warehouse/*"), "action s3:* has a wildcard"),
        (allow("*", f"{BUCKET}/warehouse/*"), "action * has a wildcard"),
        (allow(["s3:GetObject", "s3:Delete*"], f"{BUCKET}/raw/*"), "action s3:Delete* has a wildcard"),
        (allow("s3:GetObject", "*"), "resource * is everything"),
        (allow(["athena:ListWorkGroups", "athena:StartQueryExecution"], "*"), "resource * is everything"),
        (allow("s3:DeleteObject", f"{BUCKET}/*"), f"resource {BUCKET}/* is more than a folder"),
        (allow("s3:PutObject", f"{BUCKET}*"), f"resource {BUCKET}* is more than a folder"),
        (allow("s3:PutObject", f"{BUCKET}/snap*"), f"resource {BUCKET}/snap* is more than a folder"),
        (allow("s3:PutObject", "arn:aws:s3:::*/snapshots/*"), "resource arn:aws:s3:::*/snapshots/* is more"),
        (allow("glue:GetTable", "arn:aws:glue:eu-west-1:1:table/*"), "is more than a folder"),
        (allow("s3:ListBucket", BUCKET), "without s3:prefix"),
        ({"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": BUCKET}}, "NotAction allows all but"),
        ({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": BUCKET}}, "NotResource allows all"),
    ],
)
def test_a_policy_that_is_too_broad_is_found(document: dict[str, Any], fault: str) -> None:
    (found,) = permission_faults(document)
    assert fault in found
    assert permission_faults(json.dumps(document)) == [found]


def web_identity(operator: str = "StringEquals", provider: str = PROVIDER, **claims: str) -> dict[str, Any]:
    told = {f"{ISSUER}:{claim}": value for claim, value in claims.items()}
    return trusting({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", {operator: told})


def trusting(principal: Any, action: str = "sts:AssumeRole", condition: Any = None) -> dict[str, Any]:
    more = {} if condition is None else {"Condition": condition}
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}]}


AUDIENCE, LAKE = "sts.amazonaws.com", "system:serviceaccount:lots:central-lake"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (trusting("*"), "anybody"),
        (trusting({"AWS": "*"}), "anybody"),
        (trusting({"AWS": ["arn:aws:iam::1:root", "*"]}), "anybody"),
        (trusting({"AWS": "arn:aws:iam::999999999999:root"}), "another identity"),
        (trusting({"Service": "glue.amazonaws.com"}), "any account"),
        (
            trusting({"Service": "glue.amazonaws.com"}, condition={"Bool": {"aws:SecureTransport": "true"}}),
            "any account",
        ),
        (web_identity(aud=AUDIENCE), "no sub"),
        (web_identity(sub=LAKE), "no aud"),
        (web_identity(aud="kubernetes", sub=LAKE), "no aud"),
        (web_identity(aud=AUDIENCE, sub="system:serviceaccount:lots:*"), "no sub"),
        (web_identity("StringLike", aud=AUDIENCE, sub=LAKE), "no aud"),
        (web_identity(provider=f"{PROVIDER}0", aud=AUDIENCE, sub=LAKE), "no sub"),  # conditions on another's tokens
        (trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity"), "no sub"),
    ],
)
def test_a_trust_that_is_too_broad_is_found(document: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in trust_faults(document))


def test_what_is_narrow_is_left_alone() -> None:
    assert trust_faults(web_identity(aud=AUDIENCE, sub=LAKE)) == []
    assert permission_faults(allow("s3:PutObject", f"{BUCKET}/snapshots/*")) == []
    assert permission_faults(allow("athena:ListWorkGroups", "*")) == []


@pytest.mark.parametrize(
    ("action", "resource", "context", "expected"),
    [
        ("s3:GetObject", f"{BUCKET}/a/1", {}, True),
        ("S3:getobject", f"{BUCKET}/a/1", {}, True),
        ("s3:GetObject", f"{BUCKET}/A/1", {}, False),
        ("s3:GetObject", f"{BUCKET}/a/secret/1", {}, False),
        ("s3:PutObject", f"{BUCKET}/a/1", {}, False),
        ("s3:ListBucket", BUCKET, {"s3:prefix": "a/b/"}, True),
        ("s3:ListBucket", BUCKET, {"s3:prefix": "b/"}, False),
        ("s3:ListBucket", BUCKET, {}, False),
        ("s3:GetObject", f"{BUCKET}/a/1", {"aws:SecureTransport": "false"}, False),
    ],
)
def test_requests_are_decided_as_iam_does(action: str, resource: str, context: dict[str, str], expected: bool) -> None:
    policy = [
        *statements(allow("s3:GetObject", f"{BUCKET}/a/*")),
        *statements(allow(["s3:ListBucket"], [BUCKET], Condition={"StringLike": {"s3:prefix": ["a/*", "c/"]}})),
        {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/a/secret/?"},
    ]
    bucket = RESOURCES["BucketPolicy"]["Properties"]["PolicyDocument"]
    assert Principal.of([{"Statement": policy}], bucket).may(action, resource, context=context) is expected


def test_a_condition_that_we_do_not_know_is_refused() -> None:
    odd = allow("s3:GetObject", BUCKET, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    with pytest.raises(KeyError, match="IpAddress"):
        Principal.of([odd]).may("s3:GetObject", BUCKET)
