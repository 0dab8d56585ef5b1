"""What all tests share: quick settings, and a small world with two tenants."""

import math
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from accounts import registration_files
from tests.world import World, build_world

ROUNDS = registration_files.ROUNDS


FOLDER = tempfile.TemporaryDirectory(prefix="cxadmin-tests-")


def pytest_addoption(parser):
    parser.addoption(
        "--schemathesis-requests", type=int, default=400, help="how many requests test_schemathesis.py sends, about"
    )
    parser.addoption(
        "--hostile-requests", type=int, default=2_000, help="how many hostile requests test_hostile.py sends"
    )


def pytest_configure(config):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    registration_files.ROUNDS = 1_000
    settings.JOURNAL_ENTRIES = 0  # only tests that ask for the fixture `journal` record
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there


def pytest_collection_modifyitems(items):
    for item in items:
        if "db" in getattr(item, "fixturenames", ()) and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db(databases="__all__"))  # the journal has its own on SQLite


@pytest.fixture
def world(db) -> World:
    """Alice administers Acme, Bob has a role of your choice there; Charlie administers another tenant."""
    return build_world()


@pytest.fixture(scope="session", autouse=True)
def news_of_this_process():
    """What the lab keeps in memory is known to no other process of tests, and nothing looks for changes of other machines."""
    from cxadmin.lab import news

    news.FILE, news.POLLED_EVERY = str(Path(FOLDER.name) / "lab.mark"), math.inf
    yield
    FOLDER.cleanup()


@pytest.fixture(autouse=True)
def nothing_of_the_lab_is_left():
    """The database forgets the fault rules and clocks of a test by itself, the process does not."""
    from cxadmin import clock
    from cxadmin.lab import clocks, faults, news

    yield
    faults.armed.rules = ()
    clock.moved.clear()
    clock.leave()
    faults.armed.mark = clocks.known.mark = news.mark()
