"""`template.yaml` as the tests of the store need it."""

from __future__ import annotations

import json
from typing import Any

from cfnlint.decode import cfn_yaml

from tests.support.repository import ROOT

TEMPLATE = ROOT / "template.yaml"
TABLE_SETTINGS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode", "StreamSpecification")


def table_definition() -> dict[str, Any]:
    """Return the table as template.yaml defines it, as CreateTable takes it."""
    resources = cfn_yaml.load(str(TEMPLATE))["Resources"]
    properties = next(item for item in resources.values() if item["Type"] == "AWS::DynamoDB::Table")["Properties"]
    definition = {name: properties[name] for name in TABLE_SETTINGS if name in properties}
    definition["StreamSpecification"] = {"StreamEnabled": True, **definition["StreamSpecification"]}
    return json.loads(json.dumps(definition))  # type: ignore[no-any-return]  # plain values instead of cfn-lint's nodes
