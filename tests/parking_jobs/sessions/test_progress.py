import pytest

from parking_jobs.sessions.progress import Batch, Progress, read_batch

REPORT = {
    "batchId": 7,
    "numInputRows": 500,
    "durationMs": {"triggerExecution": 250},
    "sources": [
        {
            "endOffset": {"raw-data": {"0": 100, "1": 50}},
            "latestOffset": {"raw-data": {"0": 130, "1": 50, "2": 5}},
        }
    ],
    "observedMetrics": {"shards": {"quarantined": 3, "written": 41, "open": [{"shard": 1, "open_sessions": 20}]}},
}


def test_a_report_is_read() -> None:
    batch = read_batch(REPORT)
    assert batch == Batch(7, 500, 0.25, 35, 3, 41, {1: 20})
    assert batch.rows_per_second == 2_000


def test_a_report_of_an_idle_batch_is_read() -> None:
    source = {"endOffset": None, "latestOffset": None}
    batch = read_batch({"batchId": 0, "numInputRows": 0, "durationMs": {}, "sources": [source], "observedMetrics": {}})
    assert batch == Batch(0, 0, 0.0, 0, 0, 0, {})


def test_open_sessions_are_summed_over_shards_and_counters_over_batches() -> None:
    progress = Progress(clock=lambda: 10.0)
    progress.take(Batch(1, 10, 0.1, 0, 1, 5, {0: 3, 1: 4}))
    progress.take(Batch(2, 20, 0.1, 7, 0, 5, {1: 6}))
    lines = progress.metrics().decode().splitlines()
    assert "parking_sessions_open_sessions 9.0" in lines
    assert "parking_sessions_rows_total 30.0" in lines
    assert "parking_sessions_quarantined_total 1.0" in lines
    assert "parking_sessions_lag_records 7.0" in lines


def test_ready_after_the_first_batch_and_not_when_stalled() -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    assert progress.state()["reason"] == "Starting"
    progress.take(Batch(0, 0, 0.1, 0, 0, 0, {}))
    now[0] = 59.0
    assert progress.state()["ready"] is True
    now[0] = 61.0
    assert progress.state() == {"ready": False, "reason": "Stalled", "message": "last batch committed 61 s ago"}


def test_log_lines_keep_their_distance_and_lose_no_batch(caplog: pytest.LogCaptureFixture) -> None:
    now = [100.0]
    progress = Progress(clock=lambda: now[0], log_seconds=5)
    with caplog.at_level("INFO"):
        for number in range(1, 13):
            progress.take(Batch(number, 10, 0.01, 0, 0, 5, {0: 3}))
            now[0] += 1
    assert [record.getMessage().split(" seconds")[0] for record in caplog.records] == [
        "batch=1 rows=10 rows_per_s=1000",
        "batch=6 rows=50 rows_per_s=1000",
        "batch=11 rows=50 rows_per_s=1000",
    ]


def test_the_time_of_each_part_of_the_loop_is_counted() -> None:
    progress = Progress()
    with progress.phase("fold"):
        pass
    with pytest.raises(ZeroDivisionError), progress.phase("fold"):
        raise ZeroDivisionError
    assert 'parking_sessions_phase_seconds_total{phase="fold"}' in progress.metrics().decode()
