"""An application's page (screens §14.3)."""

import pytest

from accounts.models import Application
from tests.world import CALLBACK, history_of, visible

VIEW, EDIT = "admin.applications.view", "admin.applications.edit"


def url(application):
    return f"/admin/applications/{application.pk}/"


def fresh(application):
    return Application.objects.get(pk=application.pk)


def save(client, application, **given):
    """Press Save; what is not given stays as the page shows it."""
    shown = {
        "name": application.name,
        "description": application.description,
        "contacts": "\n".join(application.contacts),
        "scopes": application.scopes,
        "redirects": application.redirect_uris,
        "origins": application.allowed_origins,
        "logouts": application.post_logout_redirect_uris,
        "version": application.version,
    }
    return client.post(url(application), shown | given)


@pytest.mark.screen("14.3 page")
@pytest.mark.rule("R-APP-9")
def test_it_shows_all_fields(world):
    application = world.application()
    page = world.client().get(url(application))
    text = visible(page)
    assert f"Client ID {application.pk}" in text
    for fact in (
        "Application type User, Confidential",
        "Tenancy Single Tenant",
        "Authentication method client_secret_post",
        "FedRAMP No",
        f"Tracking number {application.tracking_number}",
        "Requested by Ann Partner (ann@partner.example)",
        "Last used never",
        "– Alice Archer",
    ):
        assert fact in text
    for value in (CALLBACK, "tech@partner.example", "Okta integration with CXone over SCIM"):
        assert value in page.content.decode()


@pytest.mark.screen("14.3 page")
def test_what_can_be_edited_is_saved_with_its_history(world):
    application = world.application()
    client = world.client()
    answer = save(
        client,
        application,
        name="Okta two",
        description="Other",
        contacts="a@b.example, c@d.example",
        scopes=["PatronAPI"],
        redirects="https://a.example/1\nhttps://a.example/2",
        origins="https://a.example",
        logouts="https://a.example/bye",
    )
    assert answer.url == url(application)
    assert "Application saved" in visible(client.get(answer.url))
    found = fresh(application)
    assert (found.name, found.description, found.contacts) == ("Okta two", "Other", ["a@b.example", "c@d.example"])
    assert (found.scopes, found.redirects) == (["PatronAPI"], ["https://a.example/1", "https://a.example/2"])
    assert (found.origins, found.logouts) == (["https://a.example"], ["https://a.example/bye"])
    entries = dict.fromkeys(attribute for attribute, previous, _ in history_of(application) if previous)
    assert set(entries) == {
        f"Application.{field}" for field in ("name", "description", "contacts", "scopes", "redirects")
    }
    assert ("Application.origins", "", "https://a.example") in history_of(application)


def test_saving_without_a_change_writes_nothing(world):
    application = world.application()
    assert save(world.client(), application).status_code == 302
    assert fresh(application).version == application.version


@pytest.mark.screen("14.3 page")
@pytest.mark.rule("R-APP-2")
def test_what_is_fixed_cannot_be_smuggled_in(world):
    application = world.application()
    save(
        world.client(),
        application,
        type="public",
        tenancy="all",
        auth_method="client_secret_basic",
        status="DISABLED",
        is_fedramp="true",
        secret_hash="x",
        business_unit=str(world.strange.pk),
    )
    found = fresh(application)
    assert (found.type, found.tenancy, found.auth_method) == ("confidential", "single", "client_secret_post")
    assert (found.status, found.is_fedramp, found.business_unit_id) == ("ENABLED", False, world.acme.pk)
    assert found.secret_hash == application.secret_hash


@pytest.mark.rule("R-APP-6")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Application name is required."),
        ({"name": "other"}, "Application name is already in use."),
        ({"description": "x" * 501}, "Description can have at most 500 characters."),
        ({"contacts": ""}, "Technical contacts is required."),
        ({"contacts": "nobody"}, "Enter an address in the form name@example.com."),
        ({"scopes": []}, "Scopes is required."),
        ({"redirects": ""}, "Redirect URL is required."),
        ({"redirects": "http://a.example"}, "Enter an absolute https address (http is allowed for localhost)."),
        ({"redirects": "https://x/${appName}"}, "Replace ${appName} with the name of your application."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(world, given, message):
    application = world.application()
    world.application(name="Other")
    answer = save(world.client(), application, **given)
    assert answer.status_code == 422
    assert message in visible(answer)
    assert "<h1>Okta CXone Integration</h1>" in answer.content.decode()
    assert fresh(application).version == application.version


def test_a_back_end_application_has_no_redirects_to_edit(world):
    application = world.application(type="backend", redirects=[])
    client = world.client()
    assert 'name="redirects"' not in client.get(url(application)).content.decode()
    assert save(client, application, name="Robot", redirects="https://a.example").status_code == 302
    assert (fresh(application).name, fresh(application).redirects) == ("Robot", [])


def test_of_two_edits_of_one_state_the_second_is_refused(world):
    application = world.application()
    save(world.client(), application, description="First")
    answer = save(world.client(), application, description="Second")
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert fresh(application).description == "First"


def test_without_edit_it_is_read_only(world):
    application = world.application()
    client = world.bob_may(VIEW)
    page = client.get(url(application))
    assert "disabled" in page.content.decode()
    assert "Save" not in visible(page)
    assert save(client, application, name="Mine").status_code == 403
    assert fresh(application).name == "Okta CXone Integration"


def test_a_field_is_checked_on_leaving_it(world):
    application = world.application()
    answer = world.client().post(f"{url(application)}?check=redirects", {"redirects": "x", "name": "New"})
    assert "Enter an absolute https address" in visible(answer)
    assert fresh(application).name == "Okta CXone Integration"


def test_the_history_tab_shows_who_registered_it(world):
    application = world.application()
    page = visible(world.client().get(f"{url(application)}history/"))
    assert "Alice Archer UI" in page
    assert "Application.name – Okta CXone Integration" in page


def test_a_name_is_no_markup(world):
    application = world.application(name="<img src=x onerror=alert(1)>", description="<b>bold</b>")
    for page in (url(application), "/admin/applications/", f"{url(application)}disable/"):
        html = world.client().get(page).content.decode()
        assert "<img src=x" not in html
        assert "<b>bold" not in html
