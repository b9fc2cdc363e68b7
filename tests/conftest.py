"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Powertools reads these when it is imported; Lambda has them set by then.
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Reglament")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "tests")

settings.register_profile("ci", deadline=None, print_blob=True)
settings.load_profile("ci")
