"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Powertools reads these when it is imported; Lambda has them set by then.
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Reglament")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "tests")

settings.register_profile("ci", deadline=None, print_blob=True)
# `make test-long`: as many examples for every property that sets no number of its own.
settings.register_profile("long", settings.get_profile("ci"), max_examples=100_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
