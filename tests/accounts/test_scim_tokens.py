"""SCIM tokens on Account Settings, and what they open (screens §12.6, R-TOK)."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine

from accounts.actions import scim_tokens
from accounts.models import AuditEvent, Employee, RolePermission, ScimToken
from cxadmin import clock
from tests.pages import form_in
from tests.world import VIEW_ROLES, history_of, visible

PAGE = "/admin/account-settings/"
RIGHTS = [f"admin.employees.{action}" for action in ("view", "create", "edit")]
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}", "HX-Target": "token-drafts"}


@pytest.fixture
def robot(world):
    """An employee whose role may provision."""
    role = world.draft("Provisioning", *RIGHTS, activate=True)
    return world.employee("Robo Bot", primary_role=role)


def generate(client, employee, *, headers=None, **given):
    """Press Generate with this employee chosen; the rest is as the page shows it."""
    shown = form_in(client.get(PAGE), "settings-form") | given
    chosen = str(getattr(employee, "pk", employee))
    return client.post(PAGE, shown | {"token_user": chosen, "generate": "true"}, headers=headers)


def token_in(response) -> str:
    return re.findall(r"cxs_[A-Za-z0-9_-]{43}", response.content.decode())[-1]


def made(client, employee) -> str:
    """A token that was generated and saved."""
    page = generate(client, employee)
    assert client.post(PAGE, form_in(page, "settings-form")).status_code == 302
    return token_in(page)


def scim(client, token, method="get", path="/oauth/scim/v2/Users", body=None):
    headers = {"Authorization": f"Bearer {token}"}
    if body is None:
        return getattr(client, method)(path, headers=headers)
    return getattr(client, method)(path, body, content_type="application/scim+json", headers=headers)


USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "new@acme.example",
    "name": {"givenName": "New", "familyName": "Person"},
    "emails": [{"value": "new@acme.example"}],
}


# Generating and saving


@pytest.mark.screen("12.6 tokens")
@pytest.mark.rule("R-TOK-2", "R-TOK-3", "R-TOK-5")
def test_a_token_is_shown_once_and_works_only_after_save(world, robot, client):
    admin = world.client()
    page = generate(admin, robot)
    token = token_in(page)
    assert re.fullmatch(r"cxs_[A-Za-z0-9_-]{43}", token)
    assert "New token for Robo Bot" in visible(page)
    refused = scim(client, token)
    assert refused.status_code == 401
    assert "works only after Save" in refused.json()["detail"]
    assert admin.post(PAGE, form_in(page, "settings-form")).status_code == 302
    assert scim(client, token).status_code == 200
    assert token not in admin.get(PAGE).content.decode()
    assert f"Robo Bot …{token[-4:]}" in visible(admin.get(PAGE))


@pytest.mark.rule("R-TOK-2")
def test_only_a_hash_of_it_is_stored(world, robot):
    token = made(world.client(), robot)
    stored = ScimToken.objects.get(last4=token[-4:])
    assert token not in str(vars(stored))
    assert len(stored.token_hash) == 64


def test_with_scripts_generate_answers_only_the_new_row(world, robot):
    answer = generate(world.client(), robot, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert form_in_fragment(answer) == [token_in(answer)]


def form_in_fragment(answer) -> list[str]:
    return re.findall(r'name="scim_token" value="([^"]+)"', answer.content.decode())


@pytest.mark.screen("12.6 tokens")
def test_leaving_without_save_drops_it(world, robot, client):
    admin = world.client()
    token = token_in(generate(admin, robot))
    assert token not in admin.get(PAGE).content.decode()
    admin.post(PAGE, form_in(admin.get(PAGE), "settings-form"))
    assert scim(client, token).status_code == 401
    assert "No SCIM tokens" in visible(admin.get(PAGE))


def test_a_refused_save_keeps_the_token_on_the_page(world, robot, client):
    admin = world.client()
    page = generate(admin, robot)
    token = token_in(page)
    page = admin.post(PAGE, form_in(page, "settings-form") | {"custom_host_name": "nonsense"})
    assert page.status_code == 422
    assert token_in(page) == token
    assert scim(client, token).status_code == 401
    assert admin.post(PAGE, form_in(page, "settings-form") | {"custom_host_name": ""}).status_code == 302
    assert scim(client, token).status_code == 200


def test_entries_elsewhere_on_the_page_survive_generate(world, robot):
    page = generate(world.client(), robot, idle_timeout_minutes="44")
    assert form_in(page, "settings-form")["idle_timeout_minutes"] == ["44"]
    assert "Account settings saved" not in visible(page)


def test_several_tokens_are_saved_together(world, robot, client):
    admin = world.client()
    page = generate(admin, robot)
    shown = form_in(page, "settings-form")
    page = admin.post(PAGE, shown | {"token_user": str(world.alice.pk), "generate": "true"})
    tokens = form_in(page, "settings-form")["scim_token"]
    assert len(set(tokens)) == 2
    admin.post(PAGE, form_in(page, "settings-form"))
    assert [scim(client, token).status_code for token in tokens] == [200, 200]


def test_saving_the_same_page_twice_makes_one_token(world, robot):
    admin = world.client()
    shown = form_in(generate(admin, robot), "settings-form")
    assert admin.post(PAGE, shown).status_code == 302
    assert admin.post(PAGE, shown).status_code == 302
    assert ScimToken.objects.filter(saved_at__isnull=False).count() == 1
    assert [entry for entry in history_of(world.acme) if entry[0] == "ScimToken"] == [
        ("ScimToken", "", f"Robo Bot …{shown['scim_token'][0][-4:]} created")
    ]


def test_a_saved_token_cannot_be_shown_again_by_sending_it_back(world, robot):
    admin = world.client()
    token = made(admin, robot)
    page = generate(admin, robot, scim_token=token)
    assert token not in form_in(page, "settings-form")["scim_token"]


# Bad choices


@pytest.mark.parametrize("chosen", ["", "nobody", "\x00", str(uuid.UUID(int=7))])
def test_generate_needs_an_active_employee(world, chosen):
    answer = generate(world.client(), chosen)
    assert answer.status_code == 422
    assert "Choose an active employee." in visible(answer)
    assert not ScimToken.objects.exists()


@pytest.mark.parametrize("status", ["UNREGISTERED", "PENDING", "DELETED"])
def test_whoever_is_not_active_gets_none(world, robot, status):
    Employee.objects.filter(pk=robot.pk).update(status=status)
    assert "Choose an active employee." in visible(generate(world.client(), robot))


def test_another_tenants_employee_is_as_unknown_as_anybody(world):
    assert "Choose an active employee." in visible(generate(world.client(), world.charlie))
    assert not ScimToken.objects.exists()


def test_the_drop_down_finds_active_employees_of_the_tenant(world):
    world.employee("Dana Doe", status="PENDING")
    world.employee("Robin Doe")
    client = world.client()
    labels = [found["label"] for found in client.get(f"{PAGE}scim-tokens/users/").json()]
    assert labels == [
        "Acme Administrator (admin@acme.example)",
        "Alice Archer (alice@acme.example)",
        "Bob Brown (bob@acme.example)",
        "Robin Doe (robin@acme.example)",
    ]
    assert [e["label"] for e in client.get(f"{PAGE}scim-tokens/users/?q=ROBIN d").json()] == [labels[-1]]
    assert client.get(f"{PAGE}scim-tokens/users/?q=charlie").json() == []
    assert client.get(f"{PAGE}scim-tokens/users/?q=%00").status_code == 200


@pytest.mark.screen("12.6 tokens")
def test_five_tokens_per_employee_unsaved_ones_of_the_page_included(world, robot):
    admin = world.client()
    for _ in range(4):
        made(admin, robot)
    page = generate(admin, robot)
    assert page.status_code == 200
    answer = admin.post(PAGE, form_in(page, "settings-form") | {"token_user": str(robot.pk), "generate": "true"})
    assert answer.status_code == 422
    assert "This employee already has 5 SCIM tokens." in visible(answer)
    assert len(form_in(answer, "settings-form")["scim_token"]) == 1


def test_the_limit_holds_for_two_pages_saved_one_after_the_other(world, robot, client):
    admin = world.client()
    for _ in range(4):
        made(admin, robot)
    one, two = generate(admin, robot), generate(admin, robot)
    assert admin.post(PAGE, form_in(one, "settings-form")).status_code == 302
    answer = admin.post(PAGE, form_in(two, "settings-form") | {"idle_timeout_minutes": "50"})
    assert answer.status_code == 422
    assert "This employee already has 5 SCIM tokens." in visible(answer)
    assert scim(client, token_in(two)).status_code == 401
    world.acme.settings.refresh_from_db()
    assert world.acme.settings.idle_timeout_minutes == 20


def test_the_limit_is_a_setting(world, robot, settings):
    settings.SCIM_TOKEN_LIMIT = 1
    admin = world.client()
    made(admin, robot)
    assert "This employee already has 1 SCIM token." in visible(generate(admin, robot))


# Rights


@pytest.mark.rule("R-TOK-8")
def test_making_and_deleting_need_edit(world, robot):
    made(world.client(), robot)
    token = ScimToken.objects.get()
    client = world.bob_may("admin.admin_account_settings.view")
    assert client.post(PAGE, {"token_user": str(robot.pk), "generate": "true"}).status_code == 403
    assert client.post(f"{PAGE}scim-tokens/{token.pk}/delete/").status_code == 403
    assert client.get(f"{PAGE}scim-tokens/users/").status_code == 403
    assert ScimToken.objects.filter(deleted_at__isnull=True).count() == 1


@pytest.mark.screen("12.6 tokens")
def test_it_warns_if_the_employee_lacks_the_rights_for_scim(world, robot, client):
    warning = "Requests with this token will be refused until Bob Brown may create and edit employees."
    admin = world.client()
    page = generate(admin, world.bob)
    assert warning in visible(page)
    token = token_in(page)
    admin.post(PAGE, form_in(page, "settings-form"))
    assert scim(client, token).status_code == 403
    RolePermission.objects.bulk_create(RolePermission(role=world.role, code=code) for code in RIGHTS)
    assert scim(client, token).status_code == 200
    assert warning not in visible(generate(admin, world.bob))
    assert "will be refused" not in visible(generate(admin, robot))


def test_the_permission_scim_is_enough(world):
    world.bob_may("admin.scim.on")
    assert "will be refused" not in visible(generate(world.client(), world.bob))


@pytest.mark.rule("R-TOK-4")
@pytest.mark.parametrize("path", ["/scim/v2/Users", "/basic-auth/scim/v2/Users"])
def test_elsewhere_it_is_refused_with_a_hint(world, robot, client, path):
    answer = scim(client, made(world.client(), robot), path=path)
    assert answer.status_code == 401
    assert "SCIM tokens are accepted under /oauth/scim/v2 only." in answer.json()["detail"]


@pytest.mark.rule("R-TOK-1", "R-AUD-3", "R-AUD-4")
def test_what_it_does_is_credited_to_its_employee(world, robot, client):
    world.draft("Agent", activate=True)
    token = made(world.client(), robot)
    answer = scim(client, token, "post", body=USER)
    assert answer.status_code == 201
    created = Employee.objects.get(username="new@acme.example")
    event = AuditEvent.objects.filter(entity_id=created.pk).latest("at")
    assert (event.triggered_by_name, event.channel, event.credential) == (
        "Robo Bot",
        "SCIM",
        f"SCIM token …{token[-4:]}",
    )


# Life


def row(world) -> str:
    return visible(world.client().get(PAGE)).split("State Actions")[1]


@pytest.mark.screen("12.6 tokens")
def test_the_table_tells_who_when_and_how_it_stands(world, robot, client):
    token = made(world.client(), robot)
    today = clock.now().strftime("%Y-%m-%d")
    assert f"Robo Bot …{token[-4:]} {today} Alice Archer never never Active" in row(world)
    scim(client, token)
    assert f"Alice Archer never {today}" in row(world)


def test_the_newest_comes_first(world, robot):
    admin = world.client()
    first, second = made(admin, robot), made(admin, robot)
    page = row(world)
    assert page.index(second[-4:]) < page.index(first[-4:])


@pytest.mark.rule("R-TOK-7")
@pytest.mark.parametrize(
    ("status", "reason", "works"),
    [
        ("BLOCKED", "FAILED_LOGINS", True),
        ("BLOCKED", "INACTIVITY", False),
        ("DELETED", None, False),
        ("PENDING", None, False),
    ],
)
def test_it_is_suspended_while_its_employee_may_not_use_it(world, robot, client, status, reason, works):
    token = made(world.client(), robot)
    Employee.objects.filter(pk=robot.pk).update(status=status, lock_reason=reason)
    assert scim(client, token).status_code == (200 if works else 401)
    assert ("Active" if works else "Suspended") in row(world)
    Employee.objects.filter(pk=robot.pk).update(status="ACTIVE", lock_reason=None)
    assert scim(client, token).status_code == 200
    assert "Suspended" not in row(world)


@pytest.mark.rule("R-TOK-6")
def test_it_expires_only_if_the_instance_says_so(world, robot, client, settings):
    admin = world.client()
    lasting = made(admin, robot)
    settings.SCIM_TOKEN_TTL_DAYS = 2
    short = made(admin, robot)
    with time_machine.travel(clock.now() + timedelta(days=2, seconds=1)):
        assert scim(client, lasting).status_code == 200
        answer = scim(client, short)
        assert (answer.status_code, answer.json()["detail"]) == (401, "The SCIM token has expired.")
        shown = row(world)
        assert shown.index("Expired") < shown.index("Active")


@pytest.mark.screen("12.6 tokens")
def test_delete_asks_and_ends_it_at_once(world, robot, client):
    admin = world.client()
    token = made(admin, robot)
    url = f"{PAGE}scim-tokens/{ScimToken.objects.get().pk}/delete/"
    dialog = visible(admin.get(url))
    assert "Delete this SCIM token? Provisioning with it stops at once." in dialog
    assert f"Robo Bot …{token[-4:]}" in dialog
    assert scim(client, token).status_code == 200
    assert admin.post(url).url == PAGE
    assert (scim(client, token).status_code, scim(client, token).json()["detail"]) == (
        401,
        "The SCIM token was deleted.",
    )
    page = visible(admin.get(PAGE))
    assert "SCIM token deleted" in page
    assert "No SCIM tokens" in page
    assert admin.post(url).status_code == 404
    label = f"Robo Bot …{token[-4:]}"
    assert ("ScimToken", label, f"{label} deleted") in history_of(world.acme)
    assert f"ScimToken {label} {label} deleted Alice Archer UI" in visible(admin.get(f"{PAGE}history/"))


def test_with_scripts_delete_answers_the_table_and_the_page_keeps_its_entries(world, robot):
    admin = world.client()
    made(admin, robot)
    url = f"{PAGE}scim-tokens/{ScimToken.objects.get().pk}/delete/"
    answer = admin.post(url, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (200, "#scim-tokens", "outerHTML")
    assert "No SCIM tokens" in visible(answer)
    assert "SCIM token deleted" in answer["HX-Trigger"]


def test_a_token_that_was_not_saved_cannot_be_deleted(world, robot):
    draft, _ = scim_tokens.generate(robot, actor=world.actor)
    assert world.client().get(f"{PAGE}scim-tokens/{draft.pk}/delete/").status_code == 404


def test_tenants_do_not_see_each_others_tokens(world, robot, client):
    theirs, secret = scim_tokens.generate(world.charlie, actor=world.strange_actor)
    admin = world.client()
    page = admin.post(PAGE, form_in(admin.get(PAGE), "settings-form") | {"scim_token": secret})
    assert page.status_code == 302
    assert scim(client, secret).status_code == 401
    scim_tokens.save([theirs.pk], actor=world.strange_actor)
    assert "Charlie" not in visible(admin.get(PAGE))
    assert scim(client, secret).status_code == 200


def test_a_reader_sees_the_tokens_without_buttons(world, robot):
    made(world.client(), robot)
    page = visible(world.bob_may("admin.admin_account_settings.view", VIEW_ROLES).get(PAGE))
    assert "Robo Bot …" in page
    assert "Generate" not in page
