"""My Profile: who one is, one's access keys, and how long toasts stay (screens §13)."""

import base64
import re

import pytest

from accounts.models import AccessKey, Employee, LoginAuthenticator
from tests.pages import form_in
from tests.world import history_of, visible

KEYS = [f"admin.my_access_key.{action}" for action in ("view", "create", "edit", "delete")]
EMPLOYEES = [f"admin.employees.{action}" for action in ("view", "create", "edit")]
FORM = "access-keys-form"


@pytest.mark.screen("13 general")
def test_it_shows_who_one_is(world):
    page = visible(world.client(world.bob).get("/me/"))
    assert "Bob Brown Bob's role – Default Team" in page
    for fact in (
        "Username bob@acme.example",
        "Email bob@acme.example",
        f"User ID {world.bob.pk}",
    ):
        assert fact in page


@pytest.mark.screen("13 general")
def test_tenant_and_business_unit_need_can_view_client_info(world):
    assert "Tenant ID" not in visible(world.bob_may().get("/me/"))
    page = visible(world.bob_may("admin.can_view_client_info.on").get("/me/"))
    assert f"Tenant ID {world.acme.pk}" in page
    assert "Business unit ID 1000001" in page


@pytest.mark.screen("13 general")
def test_the_password_can_be_changed_where_one_is_kept_here(world):
    assert "Change Password" in visible(world.client(world.bob).get("/me/"))
    LoginAuthenticator.objects.filter(pk=world.authenticator.pk).update(is_default=False, type="SAML2")
    assert "Change Password" not in visible(world.client(world.bob).get("/me/"))


@pytest.mark.screen("13 general")
def test_nothing_on_general_can_be_edited(world):
    general = world.client().get("/me/").content.decode().split('id="general"')[1].split("</section>")[0]
    assert "<input" not in general


# Access Keys


def add(client, **given):
    shown = form_in(client.get("/me/"), FORM) | given
    return client.post("/me/", shown | {"add_access_key": "true"})


def opens(client, key_id, secret):
    credential = base64.b64encode(f"{key_id}:{secret}".encode()).decode()
    return client.get("/basic-auth/scim/v2/Users", headers={"Authorization": f"Basic {credential}"}).status_code


def pair_in(page) -> tuple[str, str]:
    form = form_in(page, FORM)
    key = AccessKey.objects.get(pk=form["access_key"][-1])
    return key.access_key_id, form[f"access_key_secret_{key.pk}"][0]


@pytest.mark.screen("13 access keys")
@pytest.mark.rule("R-KEY-9")
def test_the_tab_needs_my_access_key_view_and_not_access_key_view(world):
    assert "Access Keys" not in visible(world.bob_may("admin.access_key.view").get("/me/"))
    page = visible(world.bob_may(KEYS[0]).get("/me/"))
    assert "Access Keys" in page
    assert "No access keys" in page
    assert "Add access key" not in page


def test_without_the_permissions_nothing_can_be_sent_either(world):
    assert world.bob_may().post("/me/", {}).status_code == 403
    assert world.bob_may(KEYS[0]).post("/me/", {"add_access_key": "true"}).status_code == 403
    assert not AccessKey.objects.exists()


@pytest.mark.screen("13 access keys", "13 audit")
@pytest.mark.rule("R-KEY-2", "R-KEY-3")
def test_a_key_of_ones_own_works_after_save_and_its_secret_is_gone_then(world, client):
    bob = world.bob_may(*KEYS, *EMPLOYEES)
    page = add(bob)
    assert page.status_code == 200
    key_id, secret = pair_in(page)
    assert opens(client, key_id, secret) == 401
    assert bob.post("/me/", form_in(page, FORM)).url == "/me/?tab=access-keys-tab"
    page = bob.get("/me/?tab=access-keys-tab")
    assert "Access keys saved" in visible(page)
    assert key_id in page.content.decode()
    assert secret not in page.content.decode()
    assert opens(client, key_id, secret) == 200
    assert ("User.accessKey", "", f"{key_id} created") in history_of(world.bob)


@pytest.mark.rule("R-KEY-3", "R-KEY-7")
def test_switching_off_and_deleting_take_effect_on_save(world, client):
    bob = world.bob_may(*KEYS, *EMPLOYEES)
    page = add(bob)
    key_id, secret = pair_in(page)
    bob.post("/me/", form_in(page, FORM))
    shown = form_in(bob.get("/me/"), FORM)
    del shown["access_key_on"]
    bob.post("/me/", shown)
    assert opens(client, key_id, secret) == 401
    bob.post("/me/", form_in(bob.get("/me/"), FORM) | {"access_key_delete": shown["access_key"]})
    assert not AccessKey.objects.exists()


@pytest.mark.rule("R-KEY-6")
def test_more_than_five_are_refused(world):
    bob = world.bob_may(*KEYS)
    page = add(bob)
    for _ in range(5):
        page = bob.post("/me/", form_in(page, FORM) | {"add_access_key": "true"})
    assert "already has 5 access keys." in visible(page)
    assert len(form_in(page, FORM)["access_key"]) == 5


def test_others_keys_are_out_of_reach(world):
    alice = world.client()
    alice.post("/me/", form_in(add(alice), FORM))
    key = AccessKey.objects.get()
    bob = world.bob_may(*KEYS)
    bob.post("/me/", {"access_key": str(key.pk), "access_key_delete": str(key.pk), "access_key_was_on": str(key.pk)})
    key.refresh_from_db()
    assert key.is_active


# Accessibility


@pytest.mark.screen("13 accessibility", "13 audit")
@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({"toast_seconds": "3"}, 3),
        ({"toast_seconds": "30"}, 30),
        ({"toast_seconds": "10", "until_closed": "on"}, 0),
        ({"toast_seconds": "", "until_closed": "on"}, 0),
        ({"toast_seconds": "soon", "until_closed": "on"}, 0),
    ],
)
def test_toasts_stay_as_long_as_one_chooses(world, given, seconds):
    client = world.client()
    assert 'data-toast-seconds="5"' in client.get("/me/").content.decode()
    assert client.post("/me/accessibility/", given).url == "/me/?tab=accessibility"
    page = client.get("/me/?tab=accessibility")
    assert "Preferences saved" in visible(page)
    assert f'data-toast-seconds="{seconds}"' in page.content.decode()
    assert ("User.toastSeconds", "5", str(seconds)) in history_of(world.alice)
    assert 'data-toast-seconds="5"' in world.client(world.bob).get("/me/").content.decode()


@pytest.mark.screen("13 accessibility")
@pytest.mark.parametrize("given", ["2", "31", "0", "-5", "", "soon", "4.5", "9" * 5000])
def test_another_duration_is_refused(world, given):
    answer = world.client().post("/me/accessibility/", {"toast_seconds": given})
    assert answer.status_code == 422
    assert "Duration of messages must be between 3 and 30." in visible(answer)
    assert re.search(r'tab-panel[^"]* is-open" id="accessibility"', answer.content.decode())
    assert Employee.objects.get(pk=world.alice.pk).toast_seconds == 5


def test_choosing_the_same_again_leaves_no_trace_and_the_record_keeps_its_version(world):
    before = history_of(world.alice), Employee.objects.get(pk=world.alice.pk).version
    world.client().post("/me/accessibility/", {"toast_seconds": "5"})
    assert (history_of(world.alice), Employee.objects.get(pk=world.alice.pk).version) == before
    world.client().post("/me/accessibility/", {"toast_seconds": "6"})
    assert Employee.objects.get(pk=world.alice.pk).version == before[1]


def test_leaving_the_field_checks_it(world):
    answer = world.client().post("/me/accessibility/?check=toast_seconds", {"toast_seconds": "99"})
    assert visible(answer) == "Duration of messages must be between 3 and 30."
