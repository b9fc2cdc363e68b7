"""The stores that are to behave alike."""

from __future__ import annotations

from adapters.dynamodb import DynamoTable
from adapters.memory import MemoryStore

Store = DynamoTable | MemoryStore
