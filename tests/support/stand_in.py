"""A program as the supervisor sees one: answers probes, ends on SIGTERM, or misbehaves as asked.

``python stand_in.py [PROGRAM] [--probe-port N] [--config FILE] [--exit CODE] [--deaf] [--family] [--unready REASON]``
"""

import argparse
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

from parking.probe import Probe


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", help="which of several it stands for; it does the same for all")
    parser.add_argument("--probe-port", type=int)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--exit", type=int, help="end at once with this code")
    parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
    parser.add_argument(
        "--family", action="store_true", help="start a child of its own, deaf, in a process group of its own"
    )
    parser.add_argument("--unready", help="never be ready, for this reason")
    asked = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, signal.SIG_IGN if asked.deaf else lambda *_: stop.set())
    if asked.exit is not None:
        print("RuntimeError: asked to end", file=sys.stderr)
        return asked.exit
    if asked.family:
        subprocess.Popen([sys.executable, __file__, "--deaf"], process_group=0)
    if asked.probe_port:
        state = {"ready": not asked.unready, "reason": asked.unready}
        Probe(asked.probe_port, state=lambda: state, metrics=lambda: b"")
    if asked.config:
        print("document", json.dumps(json.loads(asked.config.read_text())), flush=True)
    print("started", flush=True)
    stop.wait()
    print("ended in order", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
