from parking.lot import API_VERSION, KIND
from parking.manifest import load_lot
from parking.topics import topics_of


def test_topics_as_a_lot_wants_them() -> None:
    lot = load_lot(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": "central"},
            "spec": {
                "layout": {"rows": {"A": 1}},
                "kafka": {"partitions": 3, "replicas": 2, "retention": "1h"},
                "topics": {"raw": "seen"},
            },
        }
    )
    processed, quarantine, raw = topics_of(lot)
    assert [(topic.name, topic.partitions, topic.replicas) for topic in (processed, quarantine, raw)] == [
        ("processed-data", 3, 2),
        ("quarantine", 1, 2),
        ("seen", 3, 2),
    ]
    assert raw.config == {
        "cleanup.policy": "delete",
        "retention.ms": "3600000",
        "message.timestamp.type": "LogAppendTime",
    }
    assert processed.config["cleanup.policy"] == "compact,delete"
    assert int(quarantine.config["retention.ms"]) > 3_600_000
