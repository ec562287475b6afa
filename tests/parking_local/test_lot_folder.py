"""The folder of a lot: claimed by one process, found by its name or because it is the only one."""

import subprocess
import sys
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local.lot_folder import LotFolder, find_folder, write_whole

CLAIM = (
    "import sys, time; from pathlib import Path; from parking_local.lot_folder import LotFolder\n"
    "lock = LotFolder(Path(sys.argv[1])).claim(); print('mine', flush=True); time.sleep(60)"
)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "parking"


def make(home: Path, *names: str) -> None:
    for name in names:
        write_whole(home / name / "lot.json", "{}")


def test_one_process_has_a_folder_until_it_ends_even_by_kill(tmp_path: Path) -> None:
    folder = LotFolder(tmp_path / "central")
    with subprocess.Popen([sys.executable, "-c", CLAIM, str(folder.root)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        assert folder.running_up()
        with pytest.raises(ParkingError, match=rf"central is already up \(process {holder.pid}\)"):
            folder.claim()
        holder.kill()
    assert folder.running_up() is None
    folder.claim().release()


def test_the_only_lot_is_meant(home: Path) -> None:
    with pytest.raises(ParkingError, match="no lot has been up yet"):
        find_folder(None, None)
    make(home, "central")
    assert find_folder(None, None).root == home / "central"
    make(home, "harbour")
    with pytest.raises(ParkingError, match=r"which lot.*central, harbour"):
        find_folder(None, None)


def test_of_several_the_one_that_is_up_is_meant(home: Path) -> None:
    make(home, "central", "harbour")
    with LotFolder(home / "harbour").claim():
        assert find_folder(None, None).root == home / "harbour"


def test_a_lot_or_a_folder_can_be_named(home: Path, tmp_path: Path) -> None:
    assert find_folder("central", None).root == home / "central"
    assert find_folder(None, tmp_path / "x").root == tmp_path / "x"


def test_checkpoints_of_different_brokers_do_not_mix(tmp_path: Path) -> None:
    folder = LotFolder(tmp_path)
    assert len({folder.storage(None), folder.storage("a:9092"), folder.storage("a:9092,b:9092")}) == 3


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "file", "one")
    write_whole(tmp_path / "deep" / "file", "two")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]
