"""Property tests run on busy machines too: no deadline for a single example."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
