"""`/auth/authorize` (spec §8.1, R-APP)."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import Application, AuthorizationCode, Employee
from cxadmin import clock
from tests.oauth.conftest import CALLBACK, PKCE, VERIFIER, answer_of, claims_of, register
from tests.world import PASSWORD, hire, visible


def test_signing_in_leads_to_the_callback_with_a_code_and_the_same_state(world, app):
    answer = app.browser.get(app.address())
    assert answer.status_code == 200
    assert "Username" in visible(answer)
    second = app.browser.post(app.address(), {"username": world.bob.username})
    assert "bob@acme.example Password" in visible(second)
    done = app.browser.post(app.address(), {"username": world.bob.username, "password": PASSWORD})
    assert done.url.startswith("/auth/authorize?")
    answer = answer_of(app.browser.get(done.url))
    assert set(answer) == {"from", "code", "state"}
    assert answer["state"] == "st/a te+1"


def test_okta_appends_its_parameters_to_an_address_that_has_a_scope_already(world, app):
    app.browser.force_login(world.bob)
    doubled = app.address(scope=None).replace("?", "?scope=openid&") + "&scope=openid%20profile"
    assert "code" in answer_of(app.browser.get(doubled))
    assert AuthorizationCode.objects.get().scope == "openid profile"


def test_an_unencoded_redirect_and_state_are_understood(world, app):
    plain = register(world.acme, "SDK", redirect_uris="https://app.example/cb")
    plain.browser.force_login(world.bob)
    answer = plain.browser.get(
        f"/auth/authorize?client_id={plain.id}&redirect_uri=https://app.example/cb&response_type=code&scope=openid"
        "&state=aaxx-11&display=page"
    )
    assert answer.url.startswith("https://app.example/cb?code=")
    assert answer.url.endswith("&state=aaxx-11")


def test_a_form_may_ask_too(world, app):
    asked = app.browser.post(
        "/auth/authorize",
        {"client_id": app.id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "x"},
    )
    app.browser.force_login(world.bob)
    assert answer_of(app.browser.get(asked.url))["state"] == "x"


def test_a_live_session_skips_the_pages(world, app):
    app.browser.force_login(world.bob)
    assert "code" in answer_of(app.browser.get(app.address()))


def test_prompt_login_shows_them_all_the_same_once(world, app):
    app.browser.force_login(world.bob)
    done = app.sign_in(world.bob, prompt="login")
    assert "code" in answer_of(app.browser.get(done.url))


def test_prompt_none_shows_no_page(world, app):
    answer = answer_of(app.browser.get(app.address(prompt="none")))
    assert (answer["error"], answer["state"]) == ("login_required", "st/a te+1")
    app.browser.force_login(world.bob)
    assert "code" in answer_of(app.browser.get(app.address(prompt="none")))


def test_prompt_none_says_so_when_the_password_has_to_be_changed(world, app):
    Employee.objects.filter(pk=world.bob.pk).update(must_change_password=True)
    app.sign_in(world.bob)
    assert answer_of(app.browser.get(app.address(prompt="none")))["error"] == "interaction_required"


def test_a_session_older_than_max_age_signs_in_again(world, app, later):
    app.sign_in(world.bob)
    assert "code" in answer_of(app.browser.get(app.address(max_age="60")))
    later(seconds=61)
    assert app.browser.get(app.address(max_age="60")).status_code == 200
    done = app.browser.post(app.address(max_age="0"), {"username": world.bob.username, "password": PASSWORD})
    assert "code" in answer_of(app.browser.get(done.url))


def test_login_hint_fills_in_the_username(world, app):
    assert 'value="bob@acme.example"' in app.browser.get(app.address(login_hint="bob@acme.example")).content.decode()


def test_a_hint_of_somebody_else_asks_for_a_new_sign_in(world, app):
    hint = app.tokens(world.bob)["id_token"]
    assert "code" in answer_of(app.browser.get(app.address(id_token_hint=hint)))
    app.browser.force_login(world.alice)
    assert app.browser.get(app.address(id_token_hint=hint)).status_code == 200
    assert answer_of(app.browser.get(app.address(id_token_hint=hint, prompt="none")))["error"] == "login_required"


def test_tenant_id_fixes_the_tenant(world, app):
    hire(world.strange, "Bob Brown", world.charlie.primary_role, username="bob@acme.example")
    both = app.browser.post(app.address(), {"username": "bob@acme.example"})
    assert "Tenant" in visible(both)
    one = app.browser.post(app.address(tenantId=str(world.acme.pk)), {"username": "bob@acme.example"})
    assert "Tenant" not in visible(one)
    app.browser.force_login(world.bob)
    assert app.browser.get(app.address(tenantId=str(world.strange.pk))).status_code == 200


def test_the_page_speaks_the_language_the_application_asks_for(world, app):
    assert '<html lang="de"' in app.browser.get(app.address(ui_locales="xx de-DE en")).content.decode()


def test_nonce_and_sign_in_time_are_in_the_id_token(world, app, later):
    app.sign_in(world.bob)
    signed_in = int(clock.now().timestamp())
    later(seconds=30)
    code = answer_of(app.browser.get(app.address(nonce="n-1")))["code"]
    claims = claims_of(app.exchange(code).json()["id_token"])
    assert (claims["nonce"], claims["auth_time"], claims["iat"]) == ("n-1", signed_in, signed_in + 30)


# What goes wrong with the application: a page, never a redirect.


@pytest.mark.rule("R-APP-6")
@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/callback",
        "https://app.example/callback",
        "https://app.example/callback?from=cxadmin&x=1",
        "https://app.example/callback?from=cxadmin#x",
        "https://app.example/callback/../callback?from=cxadmin",
        "https://APP.example/callback?from=cxadmin",
        "https://app.example:443/callback?from=cxadmin",
        "http://127.0.0.1:9998/cb",
        "//app.example/callback",
        "javascript:alert(1)",
        "",
    ],
)
def test_only_a_registered_redirect_is_redirected_to(world, app, redirect):
    app.browser.force_login(world.bob)
    for address in (app.address(redirect_uri=redirect), app.address(redirect_uri=redirect, prompt="none", scope="x")):
        answer = app.browser.get(address)
        assert answer.status_code == 400
        assert "Location" not in answer
        assert "The redirect URL of this request is not registered for the application." in visible(answer)


@pytest.mark.parametrize("client_id", ["", "nobody", "0b697ebb-4ea2-4052-b12b-d3cf12a53eca", "x\x00y", "é" * 300])
def test_an_unknown_application_is_said_on_a_page(world, app, client_id):
    answer = app.browser.get(app.address(client_id=client_id))
    assert answer.status_code == 400
    assert "Location" not in answer
    assert "Sign-in request refused" in visible(answer)


@pytest.mark.rule("R-APP-3")
def test_a_back_end_application_signs_nobody_in(world):
    backend = register(world.acme, "Nightly job", type="backend")
    backend.browser.force_login(world.bob)
    answer = backend.browser.get(backend.address())
    assert answer.status_code == 400
    assert "This application cannot sign in users (unauthorized_client)." in visible(answer)


@pytest.mark.rule("R-APP-8")
@pytest.mark.parametrize("status", ["SUBMITTED", "DISABLED", "SCHEDULED", "REJECTED"])
def test_an_application_that_is_not_enabled_signs_nobody_in(world, app, status):
    Application.objects.update(status=status)
    answer = app.browser.get(app.address())
    assert answer.status_code == 400
    assert "This application is not enabled." in visible(answer)


@pytest.mark.parametrize("repeated", ["client_id", "redirect_uri", "response_type"])
def test_nothing_but_the_scope_may_be_repeated(app, repeated):
    assert app.browser.get(f"{app.address()}&{repeated}=other").status_code == 400


# What goes wrong with the request: told to the application.


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"tenantId": "0b697ebb-4ea2-4052-b12b-d3cf12a53eca"}, "invalid_request"),
        ({"tenantId": "acme"}, "invalid_request"),
        ({"code_challenge": PKCE["code_challenge"]}, "invalid_request"),
        ({"code_challenge": PKCE["code_challenge"], "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_application(world, app, changed, error):
    app.browser.force_login(world.bob)
    answer = answer_of(app.browser.get(app.address(**changed)))
    assert (answer["error"], answer["state"]) == (error, "st/a te+1")
    assert "code" not in answer
    assert not AuthorizationCode.objects.exists()


@pytest.mark.rule("R-APP-7")
def test_an_application_of_one_tenant_is_not_for_another(world, app):
    app.browser.force_login(world.charlie)
    assert answer_of(app.browser.get(app.address()))["error"] == "access_denied"
    Application.objects.update(tenancy="all")
    assert "code" in answer_of(app.browser.get(app.address()))


@pytest.mark.parametrize(
    "junk", ["client", "user", "scopes", "session", "grant_type", "signed_in_at", "claims", "request"]
)
def test_parameters_it_does_not_know_change_nothing(world, app, junk):
    app.browser.force_login(world.bob)
    assert "code" in answer_of(app.browser.get(app.address(**{junk: "1"})))


# The sign-in pages.


def test_the_form_is_protected_against_other_sites(world, app):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(app.address(), {"username": world.bob.username, "password": PASSWORD})
    assert answer.status_code == 403


def test_the_pages_may_not_be_framed_and_their_forms_end_at_the_callback(world, app):
    for answer in (app.browser.get(app.address()), app.browser.post(app.address(), {"username": world.bob.username})):
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert "form-action 'self' https://app.example;" in policy + ";"
        assert "no-store" in answer["Cache-Control"]


def test_the_policy_of_other_pages_stays_narrow(world, app):
    foreign = urlencode({"next": app.address(redirect_uri="https://evil.example/")})
    for page in ("/login/", f"/login/?{foreign}"):
        assert "form-action 'self';" in app.browser.get(page)["Content-Security-Policy"] + ";"
    ours = urlencode({"next": app.address()})
    assert "https://app.example" in app.browser.get(f"/login/?{ours}")["Content-Security-Policy"]


def test_a_wrong_password_stays_on_the_page_and_the_fifth_locks(world, app):
    for _ in range(5):
        answer = app.browser.post(app.address(), {"username": world.bob.username, "password": "wrong"})
        assert answer.status_code == 422
    assert "This account is locked." in visible(answer)
    assert app.browser.post(app.address(), {"username": world.bob.username, "password": PASSWORD}).status_code == 422


def test_mfa_is_asked_for(world, app):
    from tests.world import MFA_SECRET

    world.change_authenticator(mfa_required=True)
    employee = world.employee(mfa_secret=MFA_SECRET)
    body = {"username": employee.username, "password": PASSWORD}
    assert app.browser.post(app.address(), body | {"mfa_token": "000000"}).status_code == 422
    done = app.browser.post(app.address(), body | {"mfa_token": world.totp()})
    assert "code" in answer_of(app.browser.get(done.url))


def test_a_password_that_must_be_changed_comes_first(world, app):
    Employee.objects.filter(pk=world.bob.pk).update(must_change_password=True)
    done = app.sign_in(world.bob)
    assert done.url.startswith("/me/password/?next=")
    page = app.browser.get(done.url)
    assert "https://app.example" in page["Content-Security-Policy"]
    assert app.browser.get(app.address()).url.startswith("/me/password/?next=")
    changed = app.browser.post(
        done.url,
        {"current_password": PASSWORD, "new_password": "Another-Horse-8", "confirm_password": "Another-Horse-8"},
    )
    assert "code" in answer_of(app.browser.get(changed.url))


def test_an_external_authenticator_is_played_by_the_emulator(world, app):
    employee = world.employee(login_authenticator=world.external_authenticator())
    sent = app.browser.post(app.address(), {"username": employee.username})
    assert sent.url.startswith("/login/identity-provider/?")
    page = app.browser.get(sent.url)
    assert "Continue as" in visible(page)
    assert "https://app.example" in page["Content-Security-Policy"]
    failed = app.browser.post(sent.url, {"answer": "fail"})
    assert "Username or password is incorrect." in visible(failed)
    vouched = app.browser.post(sent.url, {"answer": "continue"})
    assert "code" in answer_of(app.browser.get(vouched.url))


def test_the_banner_of_the_tenant_is_shown(world, app):
    settings = world.acme.settings
    type(settings).objects.filter(pk=settings.pk).update(banner_on=True, banner_html="<b>Authorised use only</b>")
    assert "Authorised use only" in visible(app.browser.get(app.address(tenantId=str(world.acme.pk))))


def test_the_company_domain_leads_back_to_the_application(world, app):
    settings = world.acme.settings
    type(settings).objects.filter(pk=settings.pk).update(custom_host_name="acme.corp")
    page = app.browser.get(app.address()).content.decode()
    link = page.split('href="/login/domain/')[1].split('"')[0].replace("&amp;", "&")
    step_one = app.browser.post(f"/login/domain/{link}", {"domain": "acme.corp"})
    done = app.browser.post(step_one.url, {"username": world.bob.username, "password": PASSWORD})
    assert "code" in answer_of(app.browser.get(done.url))


def test_an_idle_session_signs_in_again_and_goes_on(world, app, later):
    app.sign_in(world.bob)
    later(minutes=21)
    assert app.browser.get(app.address()).status_code == 200
    assert answer_of(app.browser.get(app.address(prompt="none")))["error"] == "login_required"


def test_a_code_is_kept_as_a_hash(world, app):
    code = app.code(world.bob, **PKCE)
    stored = AuthorizationCode.objects.get()
    assert code not in str(vars(stored))
    assert VERIFIER not in str(vars(stored))


def test_it_works_behind_a_proxy_that_ends_tls(world, app, settings):
    settings.PUBLIC_URL = "https://tunnel.example"
    settings.CSRF_TRUSTED_ORIGINS = [settings.PUBLIC_URL]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    strict = Client(enforce_csrf_checks=True, headers={"Host": "tunnel.example", "X-Forwarded-Proto": "https"})
    page = strict.get(app.address()).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    body = {"username": world.bob.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    referer = {"Referer": f"https://tunnel.example{app.address()}", "Origin": "https://tunnel.example"}
    done = strict.post(app.address(), body, headers=referer)
    assert done.status_code == 302
    code = answer_of(strict.get(done.url))["code"]
    assert claims_of(app.exchange(code).json()["id_token"])["iss"] == "https://tunnel.example"
    assert strict.get("/.well-known/openid-configuration").json()["issuer"] == "https://tunnel.example"
