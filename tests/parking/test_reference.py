from pathlib import Path

from parking.reference import manifest_reference

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "manifest.md"


def test_the_page_in_the_guide_is_the_models() -> None:
    assert PAGE.read_text(encoding="utf-8") == manifest_reference(), "run `make schemas` and commit the page"


def test_every_field_says_what_it_means() -> None:
    rows = [line for line in manifest_reference().splitlines() if line.startswith("| `spec.")]
    assert len(rows) > 30
    assert [row for row in rows if row.endswith("|  |")] == []
