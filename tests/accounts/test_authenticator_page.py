"""The page of a login authenticator: what Save does (screens §9)."""

import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.actions import authenticators
from accounts.models import AuditEvent, LoginAuthenticator
from tests.certificates import certificate, fingerprint, private_key, upload
from tests.pages import form_in
from tests.world import history_of, visible

LIST = "/admin/login-authenticators/"
NEW = f"{LIST}new/"
VIEW, CREATE, EDIT = (f"admin.login_authenticator.{action}" for action in ("view", "create", "edit"))
POLICY, PASSWORDS = "admin.password_policy.edit", "admin.can_manage_passwords.on"
FORM = "authenticator-form"


def add(client, **given):
    """Press Save & Activate in the window as it opens, with these entries."""
    return client.post(NEW, form_in(client.get(NEW), FORM) | {"activate": "true"} | given)


def save(client, authenticator, **given):
    """Press Save on the page as it is shown, with these entries; None leaves a box unticked."""
    address = f"{LIST}{authenticator.pk}/"
    shown = form_in(client.get(address), FORM) | given
    return client.post(address, {name: value for name, value in shown.items() if value is not None})


def named(name):
    return LoginAuthenticator.objects.get(name=name)


@pytest.fixture
def openid(world):
    values = {"issuer": "https://idp.example.com", "client_id": "cx", "client_secret": "s3cret"}
    return authenticators.create({"name": "Corporate OpenID", "type": "OIDC"} | values, actor=world.actor)


# System


@pytest.mark.screen("9 system")
@pytest.mark.rule("R-PWD-1")
def test_a_new_one_opens_with_the_documented_defaults(world):
    shown = form_in(world.client().get(NEW), FORM)
    assert {name: shown[name][0] for name in ("type", "min_length", "expires_days", "remembered", "mfa_type")} == {
        "type": "SYSTEM",
        "min_length": "6",
        "expires_days": "0",
        "remembered": "0",
        "mfa_type": "TOTP",
    }
    assert shown["allowed_attempts"] == ["5"]
    ticked = {name for name in shown if name.startswith("require_") or name == "mfa_required"}
    assert ticked == {"require_lower", "require_upper", "require_digit"}


@pytest.mark.screen("9 buttons")
def test_save_and_activate_adds_an_active_one_and_returns_to_the_list(world):
    client = world.client()
    entered = {"min_length": "12", "require_special": "on", "expires_days": "90", "remembered": "5"}
    answer = add(client, name="  Strict ", description="For the office", allowed_attempts="3", **entered)
    assert answer.url == LIST
    assert "Login authenticator activated" in visible(client.get(LIST))
    made = named("Strict")
    assert (made.type, made.status, made.is_default, made.description) == ("SYSTEM", "ACTIVE", False, "For the office")
    assert (made.min_length, made.expires_days, made.remembered, made.allowed_attempts) == (12, 90, 5, 3)
    assert (made.require_special, made.require_digit, made.mfa_required) == (True, True, False)
    assert set(history_of(made)) >= {
        ("LoginAuthenticator", "", "created"),
        ("LoginAuthenticator.name", "", "Strict"),
        ("LoginAuthenticator.minLength", "", "12"),
        ("LoginAuthenticator.requireSpecial", "", "On"),
        ("LoginAuthenticator.type", "", "SYSTEM"),
    }


@pytest.mark.screen("9 system")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Name is required."),
        ({"name": "x" * 51}, "Name can have at most 50 characters."),
        ({"name": "system DEFAULT"}, "Name is already in use."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"description": "x" * 201}, "Description can have at most 200 characters."),
        ({"type": "LDAP"}, "Choose one of the values offered."),
        ({"min_length": "5"}, "Minimum length must be between 6 and 64."),
        ({"min_length": "65"}, "Minimum length must be between 6 and 64."),
        ({"min_length": "six"}, "Minimum length must be between 6 and 64."),
        ({"min_length": "9" * 400}, "Minimum length must be between 6 and 64."),
        ({"min_length": ""}, "Minimum length is required."),
        ({"expires_days": "-1"}, "Password expires after (days) must be between 0 and 365."),
        ({"expires_days": "366"}, "Password expires after (days) must be between 0 and 365."),
        ({"remembered": "25"}, "Remembered passwords must be between 0 and 24."),
        ({"allowed_attempts": "2"}, "Allowed failed attempts must be between 3 and 10."),
        ({"allowed_attempts": "11"}, "Allowed failed attempts must be between 3 and 10."),
        ({"mfa_required": "on", "mfa_type": "SMS"}, "Choose one of the values offered."),
    ],
)
def test_what_a_rule_forbids_is_said_and_nothing_is_stored(world, given, message):
    before = LoginAuthenticator.objects.count()
    answer = add(world.client(), **{"name": "Fine"} | given)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert LoginAuthenticator.objects.count() == before


def test_all_messages_come_at_once_and_the_entries_stay(world):
    answer = add(world.client(), name="", min_length="2", allowed_attempts="x", expires_days="400")
    text = visible(answer)
    for message in ("Name is required.", "Minimum length must", "Allowed failed attempts must", "Password expires"):
        assert text.count(message) >= 2
    shown = form_in(answer, FORM)
    assert (shown["min_length"], shown["allowed_attempts"], shown["expires_days"]) == (["2"], ["x"], ["400"])


def test_what_belongs_to_another_type_does_not_count(world):
    garbage = {"endpoint_url": "nonsense", "issuer": "x" * 3000, "certificate": upload(b"no"), "client_id": "left over"}
    assert add(world.client(), name="Fine", **garbage).status_code == 302
    assert (named("Fine").endpoint_url, named("Fine").client_id, named("Fine").certificate) == ("", "", "")


def test_save_changes_what_was_changed_and_stays(world):
    client, default = world.client(), world.authenticator
    answer = save(client, default, min_length="10", require_digit=None)
    assert answer.url == f"{LIST}{default.pk}/"
    assert "Login authenticator saved" in visible(client.get(answer.url))
    assert (world.authenticator.min_length, world.authenticator.require_digit) == (10, False)
    assert history_of(default)[-2:] == [
        ("LoginAuthenticator.minLength", "6", "10"),
        ("LoginAuthenticator.requireDigit", "On", "Off"),
    ]


def test_saving_without_a_change_leaves_no_trace(world):
    before = AuditEvent.objects.count()
    assert save(world.client(), world.authenticator).status_code == 302
    assert AuditEvent.objects.count() == before


@pytest.mark.screen("9 buttons")
def test_an_inactive_one_can_be_saved_or_saved_and_activated(world):
    client, made = world.client(), authenticators.create({"name": "Strict"}, actor=world.actor)
    authenticators.deactivate(made, actor=world.actor)
    assert "Cancel Save Save & Activate" in visible(client.get(f"{LIST}{made.pk}/"))
    save(client, made, description="Back soon")
    assert (named("Strict").status, named("Strict").description) == ("INACTIVE", "Back soon")
    assert save(client, made, activate="true").url == LIST
    assert named("Strict").status == "ACTIVE"
    assert "Save & Activate" not in visible(client.get(f"{LIST}{made.pk}/"))


@pytest.mark.rule("R-LA-4")
def test_the_type_is_fixed_once_it_is_created(world, openid):
    page = world.client().get(f"{LIST}{openid.pk}/")
    assert "Authentication Type OpenID Connect" in visible(page)
    assert 'name="type"' not in page.content.decode()
    save(world.client(), openid, type="SYSTEM")
    assert named(openid.name).type == "OIDC"


def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(world):
    client, default = world.client(), world.authenticator
    shown = form_in(client.get(f"{LIST}{default.pk}/"), FORM)
    authenticators.update(default, {"min_length": 8}, actor=world.actor)
    answer = client.post(f"{LIST}{default.pk}/", shown | {"min_length": "30"})
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert world.authenticator.min_length == 8


def test_leaving_a_field_checks_it_by_the_same_rules_and_stores_nothing(world):
    client = world.client()
    answer = client.post(f"{NEW}?check=name", {"type": "SYSTEM", "name": "system default"})
    assert (answer.status_code, visible(answer)) == (200, "Name is already in use.")
    assert visible(client.post(f"{NEW}?check=min_length", {"type": "SYSTEM", "name": "x", "min_length": "7"})) == ""
    assert not LoginAuthenticator.objects.filter(name="x").exists()


# Permissions


@pytest.mark.screen("9 permissions")
def test_without_edit_the_page_can_be_read_only(world):
    client = world.bob_may(VIEW, POLICY, PASSWORDS)
    page = client.get(f"{LIST}{world.authenticator.pk}/")
    assert "Save" not in visible(page)
    assert form_in(page, FORM).keys() <= {"csrfmiddlewaretoken", "version"}
    assert save(client, world.authenticator, min_length="20").status_code == 403
    assert world.authenticator.min_length == 6


@pytest.mark.screen("9 permissions")
def test_a_system_one_takes_can_manage_passwords_too(world, openid):
    client = world.bob_may(VIEW, EDIT, CREATE, POLICY)
    assert "Save" not in visible(client.get(f"{LIST}{world.authenticator.pk}/"))
    assert save(client, world.authenticator, name="Mine").status_code == 403
    assert save(client, openid, client_id="other").status_code == 302
    assert add(client, name="Fine", type="SYSTEM").status_code == 422
    assert form_in(client.get(NEW), FORM)["type"] == ["SAML2"]
    assert not LoginAuthenticator.objects.filter(name="Fine").exists()


@pytest.mark.screen("9 system", "9 permissions")
def test_the_password_policy_takes_its_own_permission(world):
    client = world.bob_may(VIEW, EDIT, CREATE, PASSWORDS)
    page = client.get(f"{LIST}{world.authenticator.pk}/")
    assert "To change this you need the permission Password Policy: Edit." in visible(page)
    assert save(client, world.authenticator, min_length="20", name="Renamed").status_code == 302
    assert (world.authenticator.name, world.authenticator.min_length) == ("Renamed", 6)
    assert add(client, name="Second", min_length="20", allowed_attempts="9").status_code == 302
    assert (named("Second").min_length, named("Second").allowed_attempts) == (6, 5)


# SAML 2.0


@pytest.mark.screen("9 SAML 2.0")
def test_the_addresses_for_the_identity_provider_are_made_here(world, settings):
    page = visible(world.client().get(NEW))
    assert f"Entity ID {settings.PUBLIC_URL}/{world.acme.pk}" in page
    assert f"Assertion URL {settings.PUBLIC_URL}/auth/authorize?tenantId={world.acme.pk}" in page


@pytest.mark.screen("9 SAML 2.0")
@pytest.mark.rule("R-LA-3")
@pytest.mark.parametrize("form", [Encoding.PEM, Encoding.DER])
def test_several_saml_ones_are_added_with_a_certificate(world, form):
    client = world.client()
    for name in ("First", "Second"):
        entered = {"endpoint_url": f"https://{name.lower()}.example.com/saml"}
        answer = add(client, name=name, type="SAML2", certificate=upload(certificate(name, form=form)), **entered)
        assert answer.url == LIST
    page = visible(client.get(f"{LIST}{named('First').pk}/"))
    stored = named("First").certificate
    assert stored.startswith("-----BEGIN CERTIFICATE-----")
    assert f"Subject CN=First Fingerprint {fingerprint(stored.encode())} Valid until" in page
    assert "Minimum length" not in page
    assert ("LoginAuthenticator.certificate", "", fingerprint(stored.encode())) in history_of(named("First"))
    assert "BEGIN CERTIFICATE" not in str(history_of(named("First")))


@pytest.mark.screen("9 SAML 2.0")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Certificate is required."),
        (b"nonsense", "Upload a valid certificate."),
        (b"\x00\xff" * 500, "Upload a valid certificate."),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "Upload a valid certificate."),
        (private_key(), "Upload a valid certificate."),
        (certificate() + b"#" * 16 * 1024, "Upload a valid certificate."),
        (b"x" * 3_000_000, "Upload a valid certificate."),
    ],
)
def test_a_file_that_is_no_certificate_is_refused(world, data, message):
    entered = {"endpoint_url": "https://idp.example.com", "certificate": upload(data)}
    answer = add(world.client(), name="Fine", type="SAML2", **entered)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert not LoginAuthenticator.objects.filter(name="Fine").exists()


def test_text_in_place_of_a_file_is_no_certificate(world):
    given = {"name": "Fine", "type": "SAML2", "endpoint_url": "https://idp.example.com", "certificate": "text"}
    answer = world.client().post(NEW, given)
    assert (answer.status_code, "Certificate is required." in visible(answer)) == (422, True)
    answer = world.client().post(NEW, given | {"kept_certificate": "text"})
    assert (answer.status_code, "Upload a valid certificate." in visible(answer)) == (422, True)


@pytest.mark.parametrize(
    "url", ["", "idp", "http://idp.example.com", "https://", "javascript:alert(1)", "https://x:0/"]
)
def test_the_endpoint_is_an_absolute_https_address(world, url):
    answer = add(world.client(), name="Fine", type="SAML2", endpoint_url=url, certificate=upload(certificate()))
    message = "Enter an absolute https address (http is allowed for localhost)." if url else "Endpoint URL is required."
    assert (answer.status_code, message in visible(answer)) == (422, True)


def test_a_good_file_is_kept_while_something_else_is_wrong(world):
    client, data = world.client(), certificate()
    answer = add(client, name="", type="SAML2", endpoint_url="https://idp.example.com", certificate=upload(data))
    assert "This certificate will be saved:" in visible(answer)
    again = form_in(answer, FORM) | {"name": "Fine", "activate": "true"}
    assert client.post(NEW, again).status_code == 302
    assert fingerprint(named("Fine").certificate.encode()) == fingerprint(data)


def test_a_new_file_replaces_the_certificate_and_no_file_keeps_it(world):
    client, old, new = world.client(), certificate("Old"), certificate("New", days=-30)
    add(client, name="Fine", type="SAML2", endpoint_url="https://idp.example.com", certificate=upload(old))
    save(client, named("Fine"), endpoint_url="https://other.example.com")
    assert fingerprint(named("Fine").certificate.encode()) == fingerprint(old)
    assert save(client, named("Fine"), certificate=upload(new)).status_code == 302
    assert ("LoginAuthenticator.certificate", fingerprint(old), fingerprint(new)) in history_of(named("Fine"))
    assert "Expired" in visible(client.get(f"{LIST}{named('Fine').pk}/"))
    assert save(client, named("Fine"), certificate=upload(b"nonsense")).status_code == 422
    assert fingerprint(named("Fine").certificate.encode()) == fingerprint(new)


# OpenID Connect


@pytest.mark.screen("9 OpenID Connect")
def test_an_openid_one_is_added_and_its_secret_never_shown_again(world):
    client = world.client()
    entered = {"issuer": "https://idp.example.com", "client_id": "cx", "client_secret": "top s3cret"}
    assert add(client, name="Fine", type="OIDC", **entered).url == LIST
    assert (named("Fine").client_id, named("Fine").client_secret) == ("cx", "top s3cret")
    page = client.get(f"{LIST}{named('Fine').pk}/")
    assert "top s3cret" not in page.content.decode()
    assert "A secret is stored. A new one replaces it." in visible(page)
    assert ("LoginAuthenticator.clientSecret", "", "••••") in history_of(named("Fine"))
    assert "top s3cret" not in str(history_of(named("Fine")))


def test_everything_of_an_openid_one_is_required(world):
    text = visible(add(world.client(), name="Fine", type="OIDC"))
    for label in ("Issuer", "Client ID", "Client Secret"):
        assert f"{label} is required." in text


def test_an_empty_secret_keeps_the_stored_one(world, openid):
    client = world.client()
    save(client, openid, client_id="other")
    assert (named(openid.name).client_id, named(openid.name).client_secret) == ("other", "s3cret")
    save(client, openid, client_secret="new one")
    assert named(openid.name).client_secret == "new one"
    assert ("LoginAuthenticator.clientSecret", "••••", "••••") in history_of(openid)


@pytest.mark.screen("9 audit")
def test_the_history_is_a_tab_of_the_page(world, openid):
    client = world.client()
    save(client, openid, client_id="other")
    history = client.get(f"{LIST}{openid.pk}/history/")
    assert re.search(r"LoginAuthenticator.clientId cx other Alice Archer UI", visible(history))
    assert world.client(world.charlie).get(f"{LIST}{openid.pk}/history/").status_code == 404
