"""Ids are in the order in which they were made: lists of SCIM and pages of a cursor go by them."""

import time

from accounts.ids import new_id


def test_ids_of_one_millisecond_are_in_order(monkeypatch):
    moments = range(1_800_000_000_000_000_000, 1_800_000_000_001_000_000, 10_000)
    coming = iter(moments)
    monkeypatch.setattr(time, "time_ns", lambda: next(coming))
    made = [new_id() for _ in moments]
    assert made == sorted(made)
    assert {(one.version, one.int >> 80) for one in made} == {(7, 1_800_000_000_000)}
