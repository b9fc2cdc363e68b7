"""What is wrong with a request of DynamoDB: keys, items, expressions, transactions, batches, queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from local.aws_contract import items
from local.aws_contract.expressions import parsed, unknown_functions, wrong_attributes
from local.aws_contract.rules import Check, Request, size_of

EXPRESSION_LIMIT: Final = 4 * 1024
SUBSTITUTION_LIMIT: Final = 2 * 1024 * 1024
OPERATOR_LIMIT: Final = 300
OPERANDS_OF_IN_LIMIT: Final = 100
PLACEHOLDER_LIMIT: Final = 255
TRANSACTION_LIMIT: Final = 4 * 1024 * 1024
BATCH_LIMIT: Final = 100
KINDS: Final[Mapping[str, str]] = {
    "ConditionExpression": "condition",
    "FilterExpression": "condition",
    "KeyConditionExpression": "key",
    "ProjectionExpression": "projection",
    "UpdateExpression": "update",
}
"""Parameters that are expressions, and of which kind."""
NAMES, VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"

Part = Mapping[str, Any]
"""What is asked of one table at one place of a request: a whole request, an action of a transaction, a table of a batch."""


def parts(request: Request) -> list[Part]:
    """Return the parts of a request that have keys, items and expressions of their own."""
    if request.operation == "TransactWriteItems":
        return [part for action in request.params.get("TransactItems", ()) for part in action.values()]
    if request.operation == "BatchGetItem":
        return list(request.params.get("RequestItems", {}).values())
    return [request.params]


def each(check: Callable[[Part], Iterator[str]]) -> Check:
    return lambda request: (wrong for part in parts(request) for wrong in check(part))


def _expressions(part: Part) -> Iterator[tuple[str, str, str]]:
    """Return parameter, kind and text of each expression of a part."""
    for name, kind in KINDS.items():
        if isinstance(text := part.get(name), str):
            yield name, kind, text


# Keys and items ---------------------------------------------------------------------------------------------


def wrong_key(part: Part) -> Iterator[str]:
    for key in [part["Key"]] if "Key" in part else part.get("Keys", ()):
        yield from items.wrong_key(key)


def wrong_item_key(part: Part) -> Iterator[str]:
    if "Item" in part:
        item = part["Item"]
        yield from (f"no {name}" for name in items.TABLE_KEYS if name not in item)
        yield from items.wrong_key_values(item, items.TABLE_KEYS)


def wrong_index_keys(part: Part) -> Iterator[str]:
    yield from items.wrong_key_values(part.get("Item", {}), items.INDEX_KEYS)
    for _, target, value in _targets(part):
        name = part.get(NAMES, {}).get(target, target)
        if name in items.INDEX_KEYS and value in part.get(VALUES, {}):
            for wrong in items.wrong_key_value(part[VALUES][value], items.INDEX_KEYS[name]):
                yield f"{name}: {wrong}"


def wrong_item_size(part: Part) -> Iterator[str]:
    size = items.item_size(part.get("Item", {}))
    if "UpdateExpression" in part:
        size = sum(map(items.value_size, part.get(VALUES, {}).values()))
    if size > items.ITEM_LIMIT:
        yield f"{size:,} bytes"


def wrong_values(part: Part) -> Iterator[str]:
    for name in ("Item", VALUES):
        yield from items.wrong_values(part.get(name, {}))


# Expressions ------------------------------------------------------------------------------------------------


def wrong_length(part: Part) -> Iterator[str]:
    for name, _, text in _expressions(part):
        if not text.strip():
            yield f"{name} is empty"
        elif size_of(text) > EXPRESSION_LIMIT:
            yield f"{name} of {size_of(text):,} bytes"


def placeholders(field: str, used: Callable[[str, str], frozenset[str]]) -> Callable[[Part], Iterator[str]]:
    def check(part: Part) -> Iterator[str]:
        named = frozenset().union(*(used(text, kind) for _, kind, text in _expressions(part)))
        given = part.get(field, {}).keys()
        if unused := sorted(given - named):
            yield f"unused in expressions: {', '.join(unused)}"
        if undefined := sorted(named - given):
            yield f"not defined: {', '.join(undefined)}"

    return check


def wrong_empty_maps(part: Part) -> Iterator[str]:
    for field in (NAMES, VALUES):
        if field in part and not part[field]:
            yield f"{field} is empty"


def wrong_placeholder_forms(part: Part) -> Iterator[str]:
    for field, mark in ((NAMES, "#"), (VALUES, ":")):
        for name in part.get(field, {}):
            if not re.fullmatch(rf"{mark}[A-Za-z0-9_]+", name) or len(name) > PLACEHOLDER_LIMIT:
                yield name[:PLACEHOLDER_LIMIT]


def wrong_substitutions(part: Part) -> Iterator[str]:
    size = sum(size_of(token) + size_of(name) for token, name in part.get(NAMES, {}).items())
    size += items.item_size(part.get(VALUES, {}))
    if size > SUBSTITUTION_LIMIT:
        yield f"{size:,} bytes"


def wrong_operators(part: Part) -> Iterator[str]:
    for name, kind, text in _expressions(part):
        if kind == "update" and parsed(text, kind).operators > OPERATOR_LIMIT:
            yield f"{name} with {parsed(text, kind).operators}"


def wrong_operands(part: Part) -> Iterator[str]:
    for name, kind, text in _expressions(part):
        if parsed(text, kind).operands_of_in > OPERANDS_OF_IN_LIMIT:
            yield f"{name} with {parsed(text, kind).operands_of_in}"


def wrong_reserved(part: Part) -> Iterator[str]:
    for name, kind, text in _expressions(part):
        yield from (f"{name}: {wrong}" for wrong in wrong_attributes(parsed(text, kind)))


def wrong_functions(part: Part) -> Iterator[str]:
    for name, kind, text in _expressions(part):
        yield from (f"{name}: {wrong}" for wrong in unknown_functions(parsed(text, kind), kind))


# Updates ----------------------------------------------------------------------------------------------------


def _targets(part: Part) -> tuple[tuple[str, str, str], ...]:
    text = part.get("UpdateExpression")
    return parsed(text, "update").targets if isinstance(text, str) else ()


def wrong_clauses(part: Part) -> Iterator[str]:
    text = part.get("UpdateExpression")
    clauses = parsed(text, "update").clauses if isinstance(text, str) else ()
    yield from (f"two clauses {clause}" for clause in sorted(set(clauses)) if clauses.count(clause) > 1)


def wrong_paths(part: Part) -> Iterator[str]:
    names = [part.get(NAMES, {}).get(target, target) for _, target, _ in _targets(part)]
    yield from (f"{name} twice" for name in sorted(set(names)) if names.count(name) > 1)
    yield from (f"{name}, which is part of the key" for name in names if name in items.TABLE_KEYS)


def wrong_added(part: Part) -> Iterator[str]:
    for clause, target, value in _targets(part):
        given = part.get(VALUES, {}).get(value, {})
        if clause == "ADD" and not given.keys() <= items.SETS | {"N"}:
            yield f"{target} of type {', '.join(given)}"
        if clause == "DELETE" and not given.keys() <= items.SETS:
            yield f"{target} of type {', '.join(given)}"


# Transactions and batches -----------------------------------------------------------------------------------


def wrong_actions(request: Request) -> Iterator[str]:
    for place, action in enumerate(request.params.get("TransactItems", ()), 1):
        if len(action) != 1:
            yield f"{len(action)} actions in entry {place}"


def wrong_same_item(request: Request) -> Iterator[str]:
    seen: set[tuple[Any, ...]] = set()
    for part in parts(request):
        key = (part.get("TableName"), *_flat(part.get("Key") or part.get("Item") or {}))
        if key in seen:
            yield "two actions on one item"
        seen.add(key)


def _flat(attributes: items.Item) -> tuple[Any, ...]:
    return tuple(str(attributes.get(name)) for name in items.TABLE_KEYS)


def wrong_transaction_size(request: Request) -> Iterator[str]:
    size = sum(items.item_size(part.get("Item") or part.get(VALUES) or {}) for part in parts(request))
    if size > TRANSACTION_LIMIT:
        yield f"{size:,} bytes"


def wrong_batch(request: Request) -> Iterator[str]:
    keys = [
        (table, *_flat(key)) for table, part in request.params["RequestItems"].items() for key in part.get("Keys", ())
    ]
    if len(keys) > BATCH_LIMIT:
        yield f"{len(keys)} keys"
    if len(set(keys)) < len(keys):
        yield "the same key twice"


# Queries ----------------------------------------------------------------------------------------------------

_CONDITION = re.compile(
    r"\s*(?P<pk>[#\w]+)\s*=\s*(?P<value>:\w+)"
    r"(?:\s+AND\s+(?:begins_with\s*\(\s*(?P<prefixed>[#\w]+)\s*,\s*:\w+\s*\)"
    r"|(?P<sk>[#\w]+)\s*(?:=|<=|>=|<|>)\s*:\w+"
    r"|(?P<between>[#\w]+)\s+BETWEEN\s+(?P<low>:\w+)\s+AND\s+(?P<high>:\w+)))?\s*",
    re.IGNORECASE,
)


def _keys_of(part: Part) -> Mapping[str, int]:
    return items.INDEXES.get(part.get("IndexName", ""), items.TABLE_KEYS)


def wrong_key_condition(request: Request) -> Iterator[str]:
    part = request.params
    text, keys = part.get("KeyConditionExpression", ""), _keys_of(part)
    partition, sort = keys
    found = _CONDITION.fullmatch(text)
    if found is None:
        yield f"{text!r}"
        return
    named = [
        part.get(NAMES, {}).get(name, name)
        for name in (found["pk"], found["prefixed"] or found["sk"] or found["between"])
    ]
    if named[0] != partition or named[1] not in {None, sort}:
        yield f"on {', '.join(filter(None, named))}, where the key is {partition}, {sort}"
    values = part.get(VALUES, {})
    if found["between"] and values.get(found["low"], {}).get("S", "") > values.get(found["high"], {}).get("S", ""):
        yield "the upper bound of BETWEEN is below the lower"
    for token in parsed(text, "key").values:
        limit = keys[partition] if token == found["value"] else keys[sort]
        yield from (f"{token}: {wrong}" for wrong in items.wrong_key_value(values.get(token, {}), limit))


def wrong_filter(request: Request) -> Iterator[str]:
    part = request.params
    text = part.get("FilterExpression")
    if request.operation == "Query" and isinstance(text, str):
        made_of = parsed(text, "condition")
        named = {part.get(NAMES, {}).get(name, name) for name in (*made_of.attributes, *made_of.names)}
        yield from (f"{name} is a key" for name in sorted(named & set(_keys_of(part))))


def wrong_consistency(request: Request) -> Iterator[str]:
    if request.params.get("ConsistentRead") and "IndexName" in request.params:
        yield f"a consistent read of the index {request.params['IndexName']}"


def wrong_index(request: Request) -> Iterator[str]:
    if (name := request.params.get("IndexName")) is not None and name not in items.INDEXES:
        yield f"no index {name}"


def wrong_start(request: Request) -> Iterator[str]:
    if (key := request.params.get("ExclusiveStartKey")) is not None:
        wanted = {**items.TABLE_KEYS, **_keys_of(request.params)}
        if set(key) != set(wanted):
            yield f"attributes {', '.join(sorted(key))}"
        yield from items.wrong_key_values(key, wanted)


def wrong_returned(request: Request) -> Iterator[str]:
    if (wanted := request.params.get("ReturnValues", "NONE")) not in {"NONE", "ALL_OLD"}:
        yield wanted
