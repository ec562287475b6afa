"""What each program may do, and that it may do nothing else: requests decided by the policies of the template."""

from itertools import product

import pytest

from tests.aws import template
from tests.aws.policies import Principal
from tests.aws.rights import DATABASES, FOLDERS, OBJECT_LETTERS, OBJECTS, TABLE_LETTERS, TABLES

RESOURCES = template.render()["Resources"]
BUCKET = f"arn:aws:s3:::{template.BUCKET}"
BUCKET_POLICY = RESOURCES["BucketPolicy"]["Properties"]["PolicyDocument"]


def _principal(name: str) -> Principal:
    told = RESOURCES[name]["Properties"]
    documents = (
        [told["PolicyDocument"]] if "PolicyDocument" in told else [p["PolicyDocument"] for p in told["Policies"]]
    )
    return Principal.of(documents, BUCKET_POLICY)


PROGRAMS = {name: _principal(name) for name, each in RESOURCES.items() if each["Type"].startswith("AWS::IAM::")}


def test_everybody_is_spoken_of() -> None:
    assert PROGRAMS.keys() == OBJECTS.keys() == TABLES.keys()


def _may(program: Principal, action: str, folder: str, tls: str = "true") -> bool:
    if action == "s3:ListBucket":
        return program.may(action, BUCKET, context={"s3:prefix": f"{folder}/", "aws:SecureTransport": tls})
    return program.may(action, f"{BUCKET}/{folder}/a/1", context={"aws:SecureTransport": tls})


@pytest.mark.parametrize(("program", "folder"), product(OBJECTS, FOLDERS))
def test_objects(program: str, folder: str) -> None:
    allowed = "".join(letter for letter, action in OBJECT_LETTERS.items() if _may(PROGRAMS[program], action, folder))
    assert allowed == OBJECTS[program][FOLDERS.index(folder)]


@pytest.mark.parametrize("program", OBJECTS)
def test_a_folder_whose_name_only_begins_alike_is_another(program: str) -> None:
    assert not any(
        _may(PROGRAMS[program], action, f"{folder}-2") for action, folder in product(OBJECT_LETTERS.values(), FOLDERS)
    )


@pytest.mark.parametrize("program", OBJECTS)
def test_nothing_goes_without_tls(program: str) -> None:
    requests = list(product(OBJECT_LETTERS.values(), FOLDERS))
    assert any(_may(PROGRAMS[program], *request) for request in requests)
    assert not any(_may(PROGRAMS[program], *request, tls="false") for request in requests)


@pytest.mark.parametrize("program", OBJECTS)
@pytest.mark.parametrize(
    "action",
    [
        "s3:DeleteObjectVersion",  # with it noncurrent versions would be no safety net
        "s3:PutObjectAcl",
        "s3:DeleteBucket",
        "s3:PutBucketPolicy",
        "s3:PutLifecycleConfiguration",
        "s3:PutBucketVersioning",
        "s3:PutBucketPublicAccessBlock",
        "iam:PassRole",
        "iam:PutRolePolicy",
        "sts:AssumeRole",
        "glue:DeleteTable",
        "glue:DeleteDatabase",
        "athena:UpdateWorkGroup",  # nor may an analyst lift the limit of a query
    ],
)
def test_nobody_may(program: str, action: str) -> None:
    keys = (f"{BUCKET}/{folder}/a" for folder in FOLDERS)
    arns = (BUCKET, *keys, *_table(template.DATABASE), "arn:aws:iam::123456789012:role/LakeRole", _workgroup())
    assert not any(PROGRAMS[program].may(action, arn) for arn in arns)


def _database(name: str) -> tuple[str, str]:
    glue = f"arn:aws:glue:{template.REGION}:{template.ACCOUNT}"
    return f"{glue}:catalog", f"{glue}:database/{name}"


def _table(database: str) -> tuple[str, str, str]:
    """Glue asks for the table, its database and the catalogue."""
    return (*_database(database), f"arn:aws:glue:{template.REGION}:{template.ACCOUNT}:table/{database}/vehicle")


def _workgroup(name: str = template.STACK) -> str:
    return f"arn:aws:athena:{template.REGION}:{template.ACCOUNT}:workgroup/{name}"


@pytest.mark.parametrize(("program", "database"), product(TABLES, DATABASES))
def test_tables(program: str, database: str) -> None:
    who = PROGRAMS[program]
    reads = "D" if who.may("glue:GetDatabase", *_database(database)) else ""
    tables = "".join(letter for letter, action in TABLE_LETTERS.items() if who.may(action, *_table(database)))
    assert reads + tables == TABLES[program][DATABASES.index(database)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_analysts_alone_query_and_in_their_workgroup_alone(program: str) -> None:
    queries = [
        PROGRAMS[program].may("athena:StartQueryExecution", _workgroup(name)) for name in (template.STACK, "primary")
    ]
    assert queries == [program == "AnalystPolicy", False]


ACCOUNTS = {"LakeRole": "central-lake", "UpkeepRole": "central-upkeep", "RoadRole": "central-road"}


def _assumes(role: str, subject: str, audience: str = "sts.amazonaws.com") -> bool:
    trust = Principal.of([RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]])
    token = {f"{template.ISSUER}:sub": f"system:serviceaccount:{subject}", f"{template.ISSUER}:aud": audience}
    return trust.may("sts:AssumeRoleWithWebIdentity", role, context=token)


@pytest.mark.parametrize(("role", "account"), product(ACCOUNTS, (*ACCOUNTS.values(), "central-gateway", "default")))
def test_a_role_is_one_accounts_of_one_namespace(role: str, account: str) -> None:
    assert _assumes(role, f"lots:{account}") is (account == ACCOUNTS[role])
    assert not _assumes(role, f"elsewhere:{account}")
    assert not _assumes(role, f"lots:{account}", audience="https://kubernetes.default.svc")


@pytest.mark.parametrize("role", ACCOUNTS)
def test_the_issuer_is_the_one_that_is_trusted(role: str) -> None:
    trust = RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]
    assert f'"Federated": "{template.PARAMETERS["OidcProviderArn"]}"' in trust


@pytest.mark.parametrize(
    ("role", "key", "good", "bad"),
    [
        ("CrawlerRole", "aws:SourceAccount", template.ACCOUNT, "999999999999"),
        (
            "RedshiftRole",
            "sts:ExternalId",
            f"arn:aws:redshift:{template.REGION}:{template.ACCOUNT}:dbuser:reports/jane",
            f"arn:aws:redshift:{template.REGION}:999999999999:dbuser:reports/jane",
        ),
    ],
)
def test_a_service_gets_a_role_on_behalf_of_this_account_alone(role: str, key: str, good: str, bad: str) -> None:
    trust = Principal.of([RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]])
    contexts: list[dict[str, str]] = [{key: good}, {key: bad}, {}]
    assert [trust.may("sts:AssumeRole", role, context=context) for context in contexts] == [True, False, False]


def test_services_are_called_by_their_names() -> None:
    trusted = {
        role: RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
        for role in ("CrawlerRole", "RedshiftRole")
    }
    assert trusted == {
        "CrawlerRole": {"Service": "glue.amazonaws.com"},
        "RedshiftRole": {"Service": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]},
    }
