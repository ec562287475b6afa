"""Objects as plain data: comparing and writing them."""

import pytest
import yaml

from parking_operator.objects import Ref, covers, digest, ref_of, to_yaml


@pytest.mark.parametrize(
    ("actual", "wanted", "result"),
    [
        ({"a": 1, "added": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "missing": 2}, False),
        ({"a": 2}, {"a": 1}, False),
        ({"l": [{"a": 1, "added": 2}]}, {"l": [{"a": 1}]}, True),
        ({"l": [1, 2]}, {"l": [1]}, False),
        ({"l": "text"}, {"l": ["text"]}, False),
        ("text", {"a": 1}, False),
    ],
)
def test_covers(actual: object, wanted: object, result: bool) -> None:
    assert covers(actual, wanted) is result


def test_digest_ignores_the_order_of_keys_only() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_a_ref_names_an_object_for_people() -> None:
    ref = ref_of({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "door", "namespace": "n"}})
    assert ref == Ref("v1", "Service", "n", "door")
    assert str(ref) == "Service door"


def test_yaml_repeats_equal_parts_and_keeps_lines() -> None:
    shared = {"x": 1}
    text = to_yaml([{"a": shared, "b": shared, "text": "one\ntwo\n"}])
    assert text == "---\na:\n  x: 1\nb:\n  x: 1\ntext: |\n  one\n  two\n"
    assert list(yaml.safe_load_all(text)) == [{"a": shared, "b": shared, "text": "one\ntwo\n"}]
