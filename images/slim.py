"""Takes out of an environment what no running program needs: ``python slim.py FOLDER``.

Run while an image is built, by itself: it uses nothing of the project.
"""

import csv
import shutil
import sys
from pathlib import Path

_IN_ENVIRONMENT = (".lock", ".gitignore", "CACHEDIR.TAG", "bin/activate*", "bin/deactivate*", "bin/*.bat")
_IN_PACKAGES = (
    # Tests, and what C and Cython programs are compiled against.
    *("*/tests", "*/*/tests", "*/*/*/tests", "numpy/_core/include", "pyarrow/include", "pyarrow/src"),
    *("pyarrow/*.pxi", "pyarrow/*.pyx", "pyarrow/*.pxd", "pyarrow/includes", "**/*.pyi", "numpy/f2py"),
    # Arrow's remote procedures, and what only its own tests call.
    *("pyarrow/*flight*", "pyarrow/*_cpp_tests*"),
    # Kubernetes' client once more, for those who await it.
    "kubernetes/aio",
    # Spark's examples, and copies of its Python packed for schedulers that ship them.
    *("pyspark/examples", "pyspark/data", "pyspark/python/lib", "pyspark/bin/*.cmd"),
    # When and from where a package was installed: different in each build.
    *("*.dist-info/uv_cache.json", "*.dist-info/direct_url.json"),
)


def slim(environment: Path) -> None:
    """Remove what matches; a pattern that matches nothing is for another program's environment."""
    patterns = (*_IN_ENVIRONMENT, *(f"lib/python3.*/site-packages/{pattern}" for pattern in _IN_PACKAGES))
    for path in [path for pattern in patterns for path in environment.glob(pattern)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # its folder may be gone already
    for record in environment.glob("lib/python3.*/site-packages/*.dist-info/RECORD"):
        _correct(record)


def _correct(record: Path) -> None:
    """Let a package's list of its files name those that are left."""
    packages = record.parents[1]
    with record.open(newline="") as file:
        left = [row for row in csv.reader(file) if (packages / row[0]).exists()]
    with record.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(left)


if __name__ == "__main__":
    slim(Path(sys.argv[1]))
