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
from parking_local.lots import brokers_of, read_manifest
from parking_local.options import Options
from parking_local.ports import free_port
from parking_local.processes import Supervisor
from tests.support.broker import free_ports

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
        ports = {"kafka_port": free_ports(3), "port": free_port()}
        options = Options(manifest=self.manifest, data=data.root, engine=engine, brokers=brokers_of(self.lot), **ports)
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


ROAD = LOT + "  road: {brokers: 3}\n"


class ThreeBrokers(Editor):
    """A lot on three brokers, none of which is real."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, ROAD)
        self.programs: dict[str, tuple[str, ...]] = {}
        self.errors: dict[str, str] = {}
        self.counts = [0, 3, 2, 3, 3, 3]
        commands = [["java", "1"], ["java", "2"], ["java", "3"]]
        monkeypatch.setattr(module.broker, "cluster_commands", lambda _settings: commands)
        monkeypatch.setattr(module.broker, "count_brokers", lambda _servers: self.counts.pop(0))
        monkeypatch.setattr(Supervisor, "ensure", lambda _, program: self.programs.update({program.name: program.argv}))
        monkeypatch.setattr(Supervisor, "error", lambda _, name: self.errors.get(name, ""))

    def start(self) -> None:
        self._keeper._start_brokers()


def test_a_lot_on_three_brokers_starts_and_waits_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three = ThreeBrokers(tmp_path, monkeypatch)
    three.start()
    assert three.programs == {"broker": ("java", "1"), "broker-2": ("java", "2"), "broker-3": ("java", "3")}
    assert three.counts == []
    site = three._keeper._site
    assert site.max_replication == 3
    assert site.bootstrap_servers.count(",") == 2


def test_one_broker_that_fails_at_the_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three = ThreeBrokers(tmp_path, monkeypatch)
    three.errors = {"broker-2": "ended with code 1"}
    with pytest.raises(ParkingError, match=r"the broker-2 ended with code 1; log: .*broker-2\.log"):
        three.start()
