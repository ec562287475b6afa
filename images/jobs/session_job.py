"""What Spark's driver runs: the session job, from the packages beside Spark."""

import sys

from parking_jobs.sessions.__main__ import main

sys.exit(main(sys.argv[1:]))
