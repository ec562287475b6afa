"""Takes out of Spark's jars what a streaming job on Kubernetes has no use for: ``python slim_spark.py JARS``.

Run while an image is built, by itself: it uses nothing of the project.
"""

import platform
import shutil
import sys
import zipfile
from pathlib import Path

_PARTS = (
    # Hive: its metastore with a database of its own, its server, and Spark's side of them. ORC uses its storage API.
    *("spark-hive*", "hive-[!s]*", "hive-se*", "hive-sh*", "datanucleus-*", "derby*", "HikariCP-*", "commons-dbcp-*"),
    *("javax.jdo-*", "jdo-api-*", "jta-*", "transaction-api-*", "jpam-*", "libfb303-*", "libthrift-*"),
    # Machine learning and graphs.
    *("spark-mllib*", "spark-graphx*", "breeze*", "spire*", "cats-kernel*", "algebra_*", "arpack*", "blas-*"),
    *("lapack-*", "JLargeArrays-*", "JTransforms-*"),
    # Remote clients and another scheduler.
    *("spark-connect*", "connect-repl", "spark-yarn*"),
    # Other systems' libraries, where they are jars of their own.
    *("netty-*-osx-*", "netty-*-windows-*"),
)
_ROCKSDB = {"x86_64": "librocksdbjni-linux64.so", "aarch64": "librocksdbjni-linux-aarch64.so"}


def slim(jars: Path) -> None:
    """Remove these parts; exits when one is not there, for then Spark is not what this was written for."""
    for pattern in _PARTS:
        found = sorted(jars.glob(pattern))
        if not found:
            sys.exit(f"no {pattern} in {jars}: look through {__file__}")
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for jar in jars.glob("rocksdbjni-*.jar"):
        _keep_native(jar, _ROCKSDB[platform.machine()])


def _keep_native(jar: Path, library: str) -> None:
    """Leave one system's library of fourteen, which are 170 of its 180 MB."""
    slimmer = jar.with_suffix(".slim")
    with zipfile.ZipFile(jar) as old, zipfile.ZipFile(slimmer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if not entry.filename.startswith("librocksdbjni-") or entry.filename == library:
                new.writestr(entry, old.read(entry))
    slimmer.replace(jar)


if __name__ == "__main__":
    slim(Path(sys.argv[1]))
