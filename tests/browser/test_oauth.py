"""Signing in to an application in a real browser: its policy has to let the form end at the application's callback."""

from urllib.parse import urlencode

import pytest

from tests.browser.walkthrough import PATIENCE
from tests.oauth.okta import callback

REGISTER = """
from accounts import edits
from accounts.actors import system
from accounts.models import Application, BusinessUnit, Employee
unit = BusinessUnit.objects.get(tenant_name="demo")
application = Application(name="{name}", description="-", type="confidential", status="ENABLED", redirect_uris="{redirect}",
    post_logout_redirect_uris="{redirect}", tracking_number="{name}", requester_name="-", requester_email="-")
edits.create(application, "Application", system(unit.pk), {{}})
print(application.client_id)
"""


@pytest.fixture
def application(server):
    """An application that listens on loopback, and the address of its authorization request."""
    with callback() as listening:
        name = f"Browser {listening.server.server_port}"
        client_id = server.run(REGISTER.format(name=name, redirect=listening.url))
        asked = {"client_id": client_id, "redirect_uri": listening.url, "response_type": "code", "state": "s 1"}
        listening.client_id = client_id
        listening.address = f"/auth/authorize?scope=openid&{urlencode(asked)}"
        yield listening


@pytest.fixture
def window(server, browser):
    context = browser.new_context(base_url=server.url)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_person_signs_in_to_an_application(window, application):
    window.goto(application.address)
    window.get_by_label("Username").fill("admin@demo.example")
    window.get_by_role("button", name="NEXT").click()
    window.get_by_label("Password").fill("Rehearsal-1")
    window.get_by_role("button", name="Sign In").click()
    window.wait_for_url(f"{application.url}?**")
    assert window.get_by_text("connected").is_visible()
    assert application.arrived[-1]["state"] == "s 1"
    assert "code" in application.arrived[-1]

    window.goto(application.address)  # the session is good: no page in between
    window.wait_for_url(f"{application.url}?**")

    logout = {"client_id": application.client_id, "post_logout_redirect_uri": application.url, "state": "bye"}
    window.goto(f"/auth/authorize/logout?{urlencode(logout)}")
    window.get_by_role("button", name="Yes").click()
    window.wait_for_url(f"{application.url}?state=bye")


def test_an_error_page_says_what_to_do(window, application):
    window.goto(application.address.replace("oauth%2Fcallback", "other"))
    assert window.get_by_role("heading", name="Sign-in request refused").is_visible()
