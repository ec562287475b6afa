"""What Spark's driver runs for the lake: its job or its upkeep, from the packages beside Spark."""

import sys

from parking_jobs.lake.__main__ import main

sys.exit(main(sys.argv[1:]))
