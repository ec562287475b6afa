"""Hypothesis looks further in CI, where nobody waits for it."""

import os

from hypothesis import settings

settings.register_profile("ci", max_examples=600, deadline=None)
settings.register_profile("local", max_examples=60, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")
