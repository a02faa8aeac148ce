"""Identifiers that tell nothing: random, never sequential, made by the application before the insert."""

import secrets
from uuid import UUID


def new_id() -> UUID:
    """A random UUID (version 4, RFC 9562)."""
    return UUID(bytes=secrets.token_bytes(16), version=4)


def new_object_key() -> str:
    """A random key for an object store; names no document."""
    return secrets.token_hex(20)


#: The id of nothing: what is looked up for an absent thing, so that the same statements run.
NOBODY = UUID(int=0)
