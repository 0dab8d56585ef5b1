"""A real Chromium against a real `cxadmin up` with a data folder of its own."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.walkthrough import PATIENCE, Labels, Walk, sign_in
from tests.live import Server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
REDOC_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
NONE_FOUND = "No Chromium found: `playwright install chromium` brings one, or set CHROMIUM to the path of yours."


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("instance"))
    running.start()
    yield running
    running.stop()


# Of the package and not of the session: while Playwright's event loop runs, Django's ORM refuses to work in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        path = path or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.fail(NONE_FOUND, pytrace=False)
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def signed_in(server, browser) -> dict:
    """The cookies of the administrator of `demo`, so that not every test has to sign in."""
    context = browser.new_context(base_url=server.url)
    sign_in(context.new_page())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def instance(tmp_path_factory) -> Iterator[Server]:
    """A server of the module's own, for tests that change what the seed made."""
    running = Server(tmp_path_factory.mktemp("walk"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def walk(instance, browser, request) -> Iterator[Walk]:
    """A walk-through of the specification: the administrator of `demo` in a browser that asks for the language of the test's
    module, and programs beside it."""
    say: Labels = request.module.say
    context = browser.new_context(base_url=instance.url, viewport={"width": 1440, "height": 900}, locale=say.language)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    credentials = instance.credentials()
    sign_in(page, credentials["console"]["username"], credentials["console"]["password"], say)
    yield Walk(instance, page, credentials, say.language)
    context.close()


@pytest.fixture
def open_page(server, browser) -> Iterator[Callable[..., Page]]:
    """Opens browser windows that note what browsers complain about; complaints fail the test.

    `open_page(storage_state=…, color_scheme=…, java_script_enabled=…, viewport=…)`: what Playwright's contexts take.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(**options: object) -> Page:
        context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: foreign(request.url) and complaints.append(f"foreign: {request.url}"))
        return page

    def foreign(url: str) -> bool:
        return not url.startswith((server.url, "data:", "blob:", "about:"))

    yield opened
    for context in contexts:
        context.close()
    # A browser logs every answer of 400 and above; those are the point of many a test. Redoc always asks for its maker's
    # logo, which the policy of the page lets nobody fetch.
    assert [
        text for text in complaints if not text.startswith("Failed to load resource") and REDOC_LOGO not in text
    ] == []


@pytest.fixture
def admin(open_page, signed_in) -> Page:
    """A window of the administrator of `demo`."""
    return open_page(storage_state=signed_in)


@pytest.fixture
def visitor(open_page) -> Page:
    """A window of nobody."""
    return open_page()


@pytest.fixture(scope="session")
def invite(server) -> Callable[[str], str]:
    """Hires somebody in `demo` and answers the path of the activation link."""

    def invited(first_name: str) -> str:
        return json.loads(server.run(INVITE.format(first_name=first_name)))["path"]

    return invited


INVITE = """
import json, re
from accounts import queries
from accounts.actions import employees
from accounts.actors import system
from accounts.models import BusinessUnit, OutboxMail, Role
unit = BusinessUnit.objects.get(tenant_name="demo")
address = "{first_name}@demo.example".lower()
employees.create({{
    "username": address, "email": address, "first_name": "{first_name}", "last_name": "Tester",
    "primary_role": Role.objects.get(business_unit=unit, name="Agent"), "team": queries.default_team(unit.pk),
    "time_zone": unit.time_zone, "login_authenticator": queries.default_authenticator(unit.pk), "status": "UNREGISTERED",
}}, actor=system(unit.pk), invite=True)
mail = OutboxMail.objects.get(to=address)
print(json.dumps({{"path": re.search(r"/activate/[^/]+/", mail.text)[0]}}))
"""
