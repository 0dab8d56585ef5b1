"""Identifiers and the folded form of names: decided once, for every table."""

import os
import secrets
import time
import uuid

VERSION_AND_VARIANT = 7 << 76 | 2 << 62
RANDOM = (1 << 62) - 1
MILLISECOND = 1_000_000  # in nanoseconds


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562 §5.7): ordered by time, so that a table's newest rows share index pages
    and ordering by id is the order of creation, to a quarter of a microsecond (§6.2, method 3): a creation takes less than a
    millisecond.

    Of the machine's time and not of `cxadmin.clock`: a clock that is stopped or moved back would put what is made later
    before what was there, and ids say nothing else about time.
    """
    milliseconds, rest = divmod(time.time_ns(), MILLISECOND)
    fraction = (rest << 12) // MILLISECOND
    random = int.from_bytes(os.urandom(8)) & RANDOM
    return uuid.UUID(int=(milliseconds & (1 << 48) - 1) << 80 | VERSION_AND_VARIANT | fraction << 64 | random)


def new_number() -> int:
    """An eight- to ten-digit number for the integer ids of the classic API.

    Drawn at random, because a counter per tenant would make parallel creates wait for each other; a rare
    collision hits the unique constraint and is drawn again.
    """
    return 10_000_000 + secrets.randbelow(2_000_000_000)


def fold(text: str) -> str:
    """The form in which names are compared when case does not matter, alike on every database."""
    return text.casefold()


def as_uuid(value: object) -> uuid.UUID | None:
    """The UUID written in a text that came from outside, or None."""
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
