import csv
import io
from zoneinfo import ZoneInfo

from parking_api import csv_file
from tests.support.live_gateway import ended, session

START = 1_795_341_600  # 2026-11-22 10:00 in UTC


def read(*texts: str) -> list[dict[str, str]]:
    whole = "".join(texts)
    assert whole.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(whole[1:], newline="")))


def test_a_line_a_session_with_its_times_in_the_lots_zone():
    gone = ended(session("51A-1", "A2", start=START))
    (row,) = read(csv_file.header(), csv_file.lines([gone], ZoneInfo("Asia/Ho_Chi_Minh")))
    assert row["license_plate"] == "51A-1"
    assert (row["start_time"], row["duration"], row["cost"]) == (str(START), "700", "20000")
    assert row["start_local"].endswith("+07:00")
    assert int(row["start_local"][11:13]) == (START // 3_600 + 7) % 24


def test_nothing_is_a_formula_and_separators_are_quoted():
    nasty = ended(session('=HYPERLINK("x"),1', "@A,1", start=START))
    (row,) = read(csv_file.header(), csv_file.lines([nasty], ZoneInfo("UTC")))
    assert (row["license_plate"], row["location"]) == ('\'=HYPERLINK("x"),1', "'@A,1")
