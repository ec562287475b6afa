"""The same rules, one event at a time over plain dictionaries: shared by the loop and the bytewax job."""

import json
from hashlib import blake2b

PRICE, BLOCK = 10_000, 600

Place = tuple[int, int]
"""Offset of an event, and when the broker took it (unix ms)."""


def fold(state: dict | None, event: dict, place: Place, timeout: int) -> tuple[dict | None, list[dict]]:
    """Fold one event into one car's open session (None: none); gives what is open now and what to report.

    Versions follow the offset of the newest event, as those of the platform do.
    """
    out, time, (offset, arrival) = [], event["timestamp_unix"], place
    if state and (time - state["end_time"] > timeout or arrival - state["last_arrival"] > timeout * 1000):
        out.append(report(state, "TIMEOUT", 2 * state["newest"] + 1))
        state = None
    if state is None:
        plate, bay = event["license_plate"], event["location"]
        named = f"bench\x1f{plate}\x1f{bay}\x1f{time}\x1f{arrival}"
        session_id = blake2b(named.encode(), digest_size=10).hexdigest()
        state = {
            "license_plate": plate,
            "location": bay,
            "session_id": session_id,
            "start_time": time,
            "end_time": time,
        }
    state = {**state, "end_time": max(state["end_time"], time), "last_arrival": arrival, "newest": offset + 1}
    if event["status_code"] == "EXITING":
        out.append(report(state, "CLOSED", 2 * state["newest"]))
        return None, out
    out.append(report(state, "ACTIVE", 2 * state["newest"]))
    return state, out


def report(state: dict, status: str, version: int) -> dict:
    """Make the record of a session."""
    duration = state["end_time"] - state["start_time"]
    record = {name: value for name, value in state.items() if name != "newest"}
    cost = -(-duration // BLOCK) * PRICE
    return {
        **record,
        "duration": duration,
        "cost": cost,
        "status": status,
        "version": version,
        "last_updated": time_of(state),
    }


def time_of(state: dict) -> int:
    """Second in which the newest event arrived."""
    return state["last_arrival"] // 1000


def encode(record: dict) -> bytes:
    """Write a record as JSON."""
    return json.dumps(record).encode()
