"""`template.yaml` as its tests read it: intrinsic functions in their long form, nothing resolved."""

from __future__ import annotations

from typing import Any

import cfnlint.decode
import pytest

from tests.support.template import TEMPLATE


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    decoded, problems = cfnlint.decode.decode(str(TEMPLATE))
    assert not problems
    found: dict[str, Any] = decoded
    return found


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"]
    return found
