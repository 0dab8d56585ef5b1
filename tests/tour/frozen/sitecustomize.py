"""Stops the product's clock in every process whose PYTHONPATH begins here, so that pictures look alike whenever they are taken."""

from datetime import UTC, datetime

from cxadmin import clock

clock.machine = lambda: datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
