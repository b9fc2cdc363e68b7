"""What DynamoDB documents of requests: keys, items, expressions, transactions, batches, queries."""

from __future__ import annotations

from typing import Final

from local.aws_contract import dynamodb_checks as checks
from local.aws_contract.expressions import parsed
from local.aws_contract.rules import Check, Rule

SERVICE: Final = "dynamodb"
QUOTAS: Final = "DynamoDB developer guide, Quotas (ServiceQuotas.html)"

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
BY_KEY = ("GetItem", "BatchGetItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
PUTS = ("PutItem", "TransactWriteItems")
UPDATES = ("UpdateItem", "TransactWriteItems")
QUERIES = ("Query", "Scan")
ALL = ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactWriteItems", "UpdateItem")


def _names(text: str, kind: str) -> frozenset[str]:
    return parsed(text, kind).names


def _tokens(text: str, kind: str) -> frozenset[str]:
    return parsed(text, kind).values


def _rule(operations: tuple[str, ...], field: str, limit: str, source: str, check: Check) -> Rule:
    return Rule(SERVICE, operations, field, limit, source, "ValidationException", check)


_NAMES_PAGE = "DynamoDB developer guide, Expression attribute names (Expressions.ExpressionAttributeNames.html)"
_VALUES_PAGE = "DynamoDB developer guide, Expression attribute values (Expressions.ExpressionAttributeValues.html)"
_UPDATE_PAGE = "DynamoDB developer guide, Update expressions (Expressions.UpdateExpressions.html)"
_FUNCTIONS_PAGE = (
    "DynamoDB developer guide, Condition and filter expressions, operators, and functions"
    " (Expressions.OperatorsAndFunctions.html)"
)
_QUERY_PAGE = "DynamoDB API reference, Query (API_Query.html)"
_TRANSACTION_PAGE = "DynamoDB API reference, TransactWriteItems (API_TransactWriteItems.html)"

RULES: Final = (
    _rule(
        BY_KEY,
        "Key",
        "the key of the table alone: strings of 1 to 2,048 and 1 to 1,024 bytes",
        f"{QUOTAS}, Partition keys and sort keys",
        checks.each(checks.wrong_key),
    ),
    _rule(
        PUTS,
        "Item, its key",
        "the key of the table: strings of 1 to 2,048 and 1 to 1,024 bytes",
        f"{QUOTAS}, Partition keys and sort keys",
        checks.each(checks.wrong_item_key),
    ),
    _rule(
        WRITES,
        "attributes that are keys of an index",
        "where they are there: strings of 1 to 2,048 (partition) and 1 to 1,024 (sort) bytes",
        f"{QUOTAS}, Partition keys and sort keys; Attribute values",
        checks.each(checks.wrong_index_keys),
    ),
    _rule(
        WRITES,
        "Item",
        "at most 400 KB, names of attributes included",
        f"{QUOTAS}, Items",
        checks.each(checks.wrong_item_size),
    ),
    _rule(
        WRITES,
        "Item, ExpressionAttributeValues",
        "one type each; numbers of at most 38 digits; no empty set and none with duplicates; at most 32 levels",
        f"{QUOTAS}, Data types; Attributes",
        checks.each(checks.wrong_values),
    ),
    _rule(
        ALL,
        "expressions",
        "1 byte to 4 KB each",
        f"{QUOTAS}, Expression parameters, Lengths",
        checks.each(checks.wrong_length),
    ),
    _rule(
        ALL,
        "ExpressionAttributeNames",
        "just the placeholders that the expressions use",
        _NAMES_PAGE,
        checks.each(checks.placeholders(checks.NAMES, _names)),
    ),
    _rule(
        ALL,
        "ExpressionAttributeValues",
        "just the placeholders that the expressions use",
        _VALUES_PAGE,
        checks.each(checks.placeholders(checks.VALUES, _tokens)),
    ),
    _rule(
        ALL,
        "ExpressionAttributeNames, ExpressionAttributeValues",
        "not empty where given",
        _VALUES_PAGE,
        checks.each(checks.wrong_empty_maps),
    ),
    _rule(
        ALL,
        "placeholders",
        "# or : and then letters, digits and underscores; at most 255 bytes",
        f"{_NAMES_PAGE}; {QUOTAS}, Expression parameters, Lengths",
        checks.each(checks.wrong_placeholder_forms),
    ),
    _rule(
        ALL,
        "placeholders and what they are for",
        "at most 2 MB together",
        f"{QUOTAS}, Expression parameters, Lengths",
        checks.each(checks.wrong_substitutions),
    ),
    _rule(
        UPDATES,
        "UpdateExpression",
        "at most 300 operators and functions",
        f"{QUOTAS}, Operators and operands",
        checks.each(checks.wrong_operators),
    ),
    _rule(ALL, "IN", "at most 100 operands", f"{QUOTAS}, Operators and operands", checks.each(checks.wrong_operands)),
    _rule(
        ALL,
        "names in expressions",
        "letters, digits and underscores, a letter first, and no reserved word; any other needs a placeholder",
        f"{_NAMES_PAGE}, Reserved words; ReservedWords.html",
        checks.each(checks.wrong_reserved),
    ),
    _rule(
        ALL,
        "functions in expressions",
        "those that the kind of expression has",
        _FUNCTIONS_PAGE,
        checks.each(checks.wrong_functions),
    ),
    _rule(
        UPDATES,
        "UpdateExpression",
        "each of SET, REMOVE, ADD, DELETE at most once",
        _UPDATE_PAGE,
        checks.each(checks.wrong_clauses),
    ),
    _rule(
        UPDATES,
        "UpdateExpression",
        "no attribute twice, and none of the key",
        _UPDATE_PAGE,
        checks.each(checks.wrong_paths),
    ),
    _rule(
        UPDATES,
        "ADD, DELETE",
        "ADD of a number or a set, DELETE of a set",
        _UPDATE_PAGE,
        checks.each(checks.wrong_added),
    ),
    _rule(("TransactWriteItems",), "TransactItems", "one action an entry", _TRANSACTION_PAGE, checks.wrong_actions),
    _rule(
        ("TransactWriteItems",),
        "TransactItems",
        "no two actions on one item",
        _TRANSACTION_PAGE,
        checks.wrong_same_item,
    ),
    _rule(
        ("TransactWriteItems",),
        "TransactItems",
        "at most 4 MB",
        f"{QUOTAS}, DynamoDB transactions",
        checks.wrong_transaction_size,
    ),
    _rule(
        ("BatchGetItem",),
        "RequestItems",
        "at most 100 keys over all tables, none twice",
        "DynamoDB API reference, BatchGetItem (API_BatchGetItem.html)",
        checks.wrong_batch,
    ),
    _rule(
        ("Query",),
        "KeyConditionExpression",
        "the partition key equals a value, and at most one condition on the sort key; values are not empty",
        f"{_QUERY_PAGE}, KeyConditionExpression",
        checks.wrong_key_condition,
    ),
    _rule(
        ("Query",),
        "FilterExpression",
        "no attribute of the key",
        f"{_QUERY_PAGE}, FilterExpression",
        checks.wrong_filter,
    ),
    _rule(
        QUERIES,
        "ConsistentRead",
        "not of a global secondary index",
        f"{_QUERY_PAGE}, ConsistentRead",
        checks.wrong_consistency,
    ),
    _rule(QUERIES, "IndexName", "an index of the table", f"{_QUERY_PAGE}, IndexName", checks.wrong_index),
    _rule(
        QUERIES,
        "ExclusiveStartKey",
        "the key of the table, and that of the index",
        f"{_QUERY_PAGE}, ExclusiveStartKey",
        checks.wrong_start,
    ),
    _rule(
        ("PutItem", "DeleteItem"),
        "ReturnValues",
        "NONE or ALL_OLD",
        "DynamoDB API reference, PutItem (API_PutItem.html)",
        checks.wrong_returned,
    ),
)
