"""What each program may do: the whole of it. What is not in these tables is refused."""

from tests.aws import template

FOLDERS = ("warehouse", "raw", "snapshots", "athena-results", "elsewhere")
# Letters are requests for an object of the folder: r(ead), w(rite), d(elete), and l(ist) the folder.
OBJECT_LETTERS = {"r": "s3:GetObject", "w": "s3:PutObject", "d": "s3:DeleteObject", "l": "s3:ListBucket"}
OBJECTS = {
    "LakeRole": ("rwdl", "", "", "", ""),
    "UpkeepRole": ("rwdl", "", "", "", ""),
    "RoadRole": ("", "", "w", "", ""),
    "CrawlerRole": ("", "rl", "", "", ""),
    "RedshiftRole": ("rl", "", "", "", ""),
    "AnalystPolicy": ("rl", "rl", "", "rwl", ""),
}

DATABASES = (template.DATABASE, f"{template.DATABASE}_raw", "somebody_elses")
# Letters are requests for a table of the database: g(et), c(reate), u(pdate), and D to read the database itself.
TABLE_LETTERS = {"g": "glue:GetTable", "c": "glue:CreateTable", "u": "glue:UpdateTable"}
TABLES = {
    "LakeRole": ("Dgcu", "", ""),
    "UpkeepRole": ("Dgu", "", ""),
    "RoadRole": ("", "", ""),
    "CrawlerRole": ("", "Dgcu", ""),
    "RedshiftRole": ("Dg", "", ""),
    "AnalystPolicy": ("Dg", "Dg", ""),
}
