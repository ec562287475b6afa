"""The stack on moto, an AWS in memory: what it makes of the template, seen through the services' own clients.

moto's CloudFormation makes the bucket, the roles and the policy. It knows none of the types below, and of the bucket
nothing but its name and encryption. What it lacks is made by calls of the services with the same properties, which are
called alike there; lifecycle rules are not, so that they are judged in the template alone (test_template.py).

Nor is moto much of a judge of rights: it takes any token for any role, has no SimulatePrincipalPolicy, and denies what
a statement names when its condition is not met, be it an Allow. So rights are judged in test_rights.py, and moto is
asked for a second opinion on what has no conditions: objects.
"""

import ast
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from tests.aws import template
from tests.aws.rights import FOLDERS, OBJECTS

NOT_BY_MOTO = ("AWS::S3::BucketPolicy", "AWS::Glue::Database", "AWS::Glue::Crawler", "AWS::Athena::WorkGroup")
RENDERED = template.render()
RESOURCES = RENDERED["Resources"]
PARAMETERS = [{"ParameterKey": key, "ParameterValue": value} for key, value in template.PARAMETERS.items()]


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def client(service: str) -> Any:
    return boto3.client(service, region_name=template.REGION)


def properties(name: str) -> dict[str, Any]:
    return RESOURCES[name]["Properties"]


def for_moto() -> dict[str, Any]:
    """Give the template without resources of the types that moto does not know, and outputs that speak of them."""
    told = template.load()
    unknown = {name for name, resource in told["Resources"].items() if resource["Type"] in NOT_BY_MOTO}
    return {
        **told,
        "Resources": {name: each for name, each in told["Resources"].items() if name not in unknown},
        "Outputs": {name: each for name, each in told["Outputs"].items() if each["Value"].get("Ref") not in unknown},
    }


@pytest.fixture(scope="module")
def stack() -> dict[str, str]:
    """Make the stack; gives the physical name of each resource that moto made."""
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName=template.STACK,
        TemplateBody=json.dumps(for_moto()),
        Parameters=PARAMETERS,
        Capabilities=["CAPABILITY_IAM"],
    )
    (told,) = cloudformation.describe_stacks(StackName=template.STACK)["Stacks"]
    assert told["StackStatus"] == "CREATE_COMPLETE"
    made = cloudformation.describe_stack_resources(StackName=template.STACK)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in made}


@pytest.mark.parametrize("unknown", NOT_BY_MOTO)
def test_moto_still_does_not_know(unknown: str) -> None:
    resources = {name: each for name, each in RESOURCES.items() if each["Type"] == unknown}
    assert resources
    with pytest.warns(UserWarning, match=f"{unknown} but it's not supported"):
        client("cloudformation").create_stack(
            StackName=unknown.replace("::", "-"), TemplateBody=json.dumps({"Resources": resources})
        )


def test_all_else_is_made(stack: dict[str, str]) -> None:
    assert stack.keys() == {name for name, each in RESOURCES.items() if each["Type"] not in NOT_BY_MOTO}


def test_outputs_are_what_we_render(stack: dict[str, str]) -> None:
    (told,) = client("cloudformation").describe_stacks(StackName=template.STACK)["Stacks"]
    made = {each["OutputKey"]: each["OutputValue"] for each in told["Outputs"]}
    assert made["LakeRoleArn"] == f"arn:aws:iam::{template.ACCOUNT}:role/{stack['LakeRole']}"
    assert made["AnalystPolicyArn"].startswith(f"arn:aws:iam::{template.ACCOUNT}:policy/")
    addresses = {name: value for name, value in made.items() if not name.endswith("Arn")}
    assert addresses.keys() == {"Warehouse", "Region", "SnapshotStore", "RawZone"}
    assert addresses == {name: RENDERED["Outputs"][name]["Value"] for name in addresses}


def test_the_bucket_is_encrypted(stack: dict[str, str]) -> None:
    assert stack["Bucket"] == template.BUCKET
    told = client("s3").get_bucket_encryption(Bucket=template.BUCKET)["ServerSideEncryptionConfiguration"]
    assert [rule["ApplyServerSideEncryptionByDefault"] for rule in told["Rules"]] == [{"SSEAlgorithm": "AES256"}]


def test_the_bucket_is_closed(stack: dict[str, str]) -> None:
    s3, told, bucket = client("s3"), properties("Bucket"), {"Bucket": stack["Bucket"]}
    s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=told["PublicAccessBlockConfiguration"])
    s3.put_bucket_ownership_controls(**bucket, OwnershipControls=told["OwnershipControls"])
    s3.put_bucket_versioning(**bucket, VersioningConfiguration=told["VersioningConfiguration"])

    blocks = s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]
    assert blocks == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    owner = s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"]
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"


def test_the_buckets_policy_is_taken(stack: dict[str, str]) -> None:
    s3, policy = client("s3"), properties("BucketPolicy")["PolicyDocument"]
    s3.put_bucket_policy(Bucket=stack["Bucket"], Policy=json.dumps(policy))
    made = json.loads(s3.get_bucket_policy(Bucket=stack["Bucket"])["Policy"])
    s3.delete_bucket_policy(Bucket=stack["Bucket"])  # moto would deny every request, whatever the condition says
    (statement,) = made["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    arn = f"arn:aws:s3:::{template.BUCKET}"
    assert statement["Resource"] == [arn, f"{arn}/*"]


def test_a_deleted_object_can_be_brought_back(stack: dict[str, str]) -> None:
    s3, place = client("s3"), {"Bucket": stack["Bucket"], "Key": "warehouse/central.db/vehicle/data/1.parquet"}
    s3.put_bucket_versioning(
        Bucket=stack["Bucket"], VersioningConfiguration=properties("Bucket")["VersioningConfiguration"]
    )
    version = s3.put_object(**place, Body=b"rows")["VersionId"]
    s3.delete_object(**place)
    assert s3.get_object(**place, VersionId=version)["Body"].read() == b"rows"


ROLES = [name for name, each in RESOURCES.items() if each["Type"] == "AWS::IAM::Role"]


def _inline(iam: Any, role: str, policy: str) -> Any:
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    return ast.literal_eval(
        document
    )  # moto's CloudFormation stores a dict, which its IAM then sends as Python writes it


@pytest.mark.parametrize("name", ROLES)
def test_roles_are_what_we_judge(stack: dict[str, str], name: str) -> None:
    # CloudFormation's functions are resolved twice, by moto and by template.py: what test_rights.py judges is deployed.
    iam, judged = client("iam"), properties(name)
    trust = judged["AssumeRolePolicyDocument"]
    role = iam.get_role(RoleName=stack[name])["Role"]
    assert role["AssumeRolePolicyDocument"] == (json.loads(trust) if isinstance(trust, str) else trust)
    names = iam.list_role_policies(RoleName=stack[name])["PolicyNames"]
    made = {each: _inline(iam, stack[name], each) for each in names}
    assert made == {each["PolicyName"]: each["PolicyDocument"] for each in judged["Policies"]}
    assert iam.list_attached_role_policies(RoleName=stack[name])["AttachedPolicies"] == []


def test_the_analysts_policy_is_what_we_judge(stack: dict[str, str]) -> None:
    iam, arn = client("iam"), stack["AnalystPolicy"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    made = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert made == properties("AnalystPolicy")["PolicyDocument"]


def _as_role(name: str) -> Any:
    """Give an S3 client with the temporary credentials that a pod gets for its token."""
    iam, role = (
        client("iam"),
        f"{name}-of-the-api",
    )  # not the stack's: moto cannot read back what CloudFormation put there
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=properties(name)["AssumeRolePolicyDocument"])["Role"][
        "Arn"
    ]
    for each in properties(name)["Policies"]:
        document = json.dumps(each["PolicyDocument"])
        iam.put_role_policy(RoleName=role, PolicyName=each["PolicyName"], PolicyDocument=document)
    given = client("sts").assume_role_with_web_identity(RoleArn=arn, RoleSessionName=name, WebIdentityToken="a.b.c")
    credentials = given["Credentials"]
    return boto3.client(
        "s3",
        region_name=template.REGION,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


@set_initial_no_auth_action_count(0)
def _answer(request: Callable[..., Any], **told: Any) -> str:
    try:
        request(**told)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


@pytest.mark.parametrize("name", ["LakeRole", "UpkeepRole", "RoadRole"])
def test_moto_decides_about_objects_as_we_do(stack: dict[str, str], name: str) -> None:
    s3 = _as_role(name)
    for folder, letters in zip(FOLDERS, OBJECTS[name], strict=True):
        place = {"Bucket": stack["Bucket"], "Key": f"{folder}/a/1"}
        client("s3").put_object(**place, Body=b"there")
        answers = {
            "r": _answer(s3.get_object, **place),
            "w": _answer(s3.put_object, **place, Body=b"changed"),
            "d": _answer(s3.delete_object, **place),
        }
        assert answers == {letter: "done" if letter in letters else "AccessDenied" for letter in "rwd"}, folder


def test_glue_takes_the_databases_and_the_crawler() -> None:
    glue = client("glue")
    for name in ("Database", "RawDatabase"):
        glue.create_database(**properties(name))
    glue.create_crawler(**properties("RawCrawler"))

    lake, raw = (glue.get_database(Name=name)["Database"] for name in (template.DATABASE, f"{template.DATABASE}_raw"))
    assert lake["LocationUri"] == f"s3://{template.BUCKET}/warehouse/{template.DATABASE}.db"
    assert "LocationUri" not in raw
    crawler = glue.get_crawler(Name=f"{template.STACK}-raw")["Crawler"]
    assert (crawler["State"], crawler["DatabaseName"]) == ("READY", raw["Name"])
    assert crawler["SchemaChangePolicy"] == {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    assert "Schedule" not in crawler


def test_athena_takes_the_workgroup() -> None:
    athena, told = client("athena"), properties("WorkGroup")
    athena.create_work_group(
        Name=told["Name"], Description=told["Description"], Configuration=told["WorkGroupConfiguration"]
    )

    made = athena.get_work_group(WorkGroup=template.STACK)["WorkGroup"]["Configuration"]
    assert made["EnforceWorkGroupConfiguration"]
    assert made["PublishCloudWatchMetricsEnabled"]
    assert made["BytesScannedCutoffPerQuery"] == 10 * 2**30
    assert made["EngineVersion"]["SelectedEngineVersion"] == "Athena engine version 3"
    assert made["ResultConfiguration"]["OutputLocation"] == f"s3://{template.BUCKET}/athena-results/"
    assert made["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}


def test_a_property_that_a_service_does_not_know_is_refused() -> None:
    told = {**properties("WorkGroup")["WorkGroupConfiguration"], "EnforceConfiguration": True}
    with pytest.raises(ParamValidationError, match="EnforceConfiguration"):
        client("athena").create_work_group(Name="other", Configuration=told)
