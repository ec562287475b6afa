"""Edits of the manifest while a lot is up: what takes effect, and what is told instead."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from parking.errors import ParkingError
from parking.lot import Engine, ParkingLot
from parking_local import keeper as module
from parking_local.keeper import Keeper
from parking_local.lot_folder import LotFolder
from parking_local.lots import read_manifest
from parking_local.options import Options
from parking_local.processes import Supervisor

LOT = "apiVersion: parking.dev/v1alpha1\nkind: ParkingLot\nmetadata: {name: a}\nspec:\n  layout: {rows: {A: 2}}\n"
ON_SPARK = LOT + "  sessions: {engine: Spark}\n"
EMBEDDED = LOT + "  sessions: {engine: Embedded}\n"


class Editor:
    """A lot that is up, and somebody who edits its manifest."""

    def __init__(self, folder: Path, text: str, engine: Engine | None = None) -> None:
        self.manifest, self.screen = folder / "lot.yaml", io.StringIO()
        self.manifest.write_text(text)
        self.lot = read_manifest(self.manifest, engine=engine)
        data = LotFolder(folder / "data")
        options = Options(manifest=self.manifest, data=data.root, engine=engine)
        self._keeper = Keeper(options, data, Supervisor(data), Console(file=self.screen, width=200))
        self._keeper._introduce(self.lot)

    def write(self, text: str) -> ParkingLot | None:
        self.manifest.write_text(text)
        return self._keeper._edited(self.lot)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    """Engines whose jars were asked for."""
    engines: list[Engine] = []
    monkeypatch.setattr(module.downloads, "fetch", lambda lot, _console, **_: engines.append(lot.spec.sessions.engine))
    return engines


def test_an_edit_to_spark_fetches_what_spark_needs(tmp_path: Path, fetched: list[Engine]) -> None:
    edited = Editor(tmp_path, EMBEDDED).write(ON_SPARK)
    assert edited
    assert edited.spec.sessions.engine == "Spark"
    assert fetched == ["Spark"]


def test_without_pyspark_an_edit_to_spark_is_not_used_and_says_why(
    tmp_path: Path, fetched: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.checks.importlib.util, "find_spec", lambda _name: None)
    editor = Editor(tmp_path, EMBEDDED)
    assert editor.write(ON_SPARK) is None
    assert "a stays as it was: pyspark is not installed" in editor.screen.getvalue()
    assert fetched == []


def test_a_download_that_fails_leaves_the_lot_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ParkingError("nobody answers")

    monkeypatch.setattr(module.downloads, "fetch", fail)
    editor = Editor(tmp_path, EMBEDDED)
    assert editor.write(ON_SPARK) is None
    assert "a stays as it was: nobody answers" in editor.screen.getvalue()


@pytest.mark.usefixtures("fetched")
def test_an_engine_asked_for_holds_for_edits_too(tmp_path: Path) -> None:
    editor = Editor(tmp_path, EMBEDDED, engine="Embedded")
    edited = editor.write(ON_SPARK)
    assert edited
    assert edited.spec.sessions.engine == "Embedded"
    assert "2 bays, 1 cameras, engine Embedded" in editor.screen.getvalue()
