"""Why an exchange ended as it did, in plain words: the rule that decided, who sent what, what to change and where.

One table leads from what an answer says to the explanation. The patterns are the sentences of the doors themselves, and
tests provoke every one of them, so that an explanation cannot outlive its sentence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cxadmin.lab.models import Exchange
from scim.attributes import NICE, USERS

Place = Literal[
    "",
    "role",
    "roles",
    "new-role",
    "security",
    "settings",
    "tokens",
    "application",
    "applications",
    "employees",
    "groups",
    "fault",
    "clock",
]
Tone = Literal["red", "amber", "blue", "green"]

ROW_A = "R-ACC-1"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One explanation.

    Attributes:
        sources: spec rules and RFC sections.
        place: the screen where it is put right; the view makes an address of it.
    """

    tone: Tone
    cause: str
    fix: str
    sources: tuple[str, ...]
    place: Place = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: it explains answers of this status whose message matches; named groups of the pattern, and
    `account`, `credential`, `path` and `method`, may stand in its texts."""

    status: int
    pattern: str
    cause: str | Promise
    fix: str | Promise
    sources: tuple[str, ...]
    place: Place = ""
    when: Callable[[Exchange], bool] = lambda exchange: True


def _sent(kind: str) -> Callable[[Exchange], bool]:
    """Whether the credential in the header was of this kind."""
    return lambda exchange: kind in dict(exchange.request_headers).get("Authorization", "")


def _has_no_credential(exchange: Exchange) -> bool:
    return "Authorization" not in dict(exchange.request_headers)


def _at(*prefixes: str) -> Callable[[Exchange], bool]:
    return lambda exchange: exchange.path.startswith(prefixes)


RULES = (
    # Which credential opens which address
    Rule(
        401,
        r"A credential is needed|An access token is needed",
        gettext_lazy("The request carried no Authorization header, so nobody could be recognised."),
        gettext_lazy(
            "Enter the token, or the access key, in the identity provider. SCIM tokens go to /oauth/scim/v2, access keys as "
            "Basic credentials to /basic-auth/scim/v2, access tokens to /scim/v2 and to the REST API."
        ),
        (ROW_A, "R-ACC-8", "RFC 7644 §2"),
    ),
    Rule(
        401,
        r"SCIM tokens are accepted under /oauth/scim/v2 only",
        gettext_lazy("A SCIM token was sent to %(path)s, but SCIM tokens open /oauth/scim/v2 only."),
        gettext_lazy(
            "Change the base URL in the identity provider to the one that ends in /oauth/scim/v2; the token is fine."
        ),
        ("R-ACC-3", ROW_A),
        "tokens",
    ),
    Rule(
        401,
        r"Access keys are accepted as Basic credentials under /basic-auth/scim/v2 only",
        gettext_lazy("An access key was sent as Basic credentials to %(path)s, but it opens /basic-auth/scim/v2 only."),
        gettext_lazy(
            "Change the base URL to the one that ends in /basic-auth/scim/v2, or exchange the key for an access token at "
            "/auth/token and send that to /scim/v2."
        ),
        ("R-ACC-3", ROW_A),
    ),
    Rule(
        401,
        r"Access tokens are accepted under /scim/v2 only",
        gettext_lazy("An OAuth access token was sent to %(path)s, but access tokens open /scim/v2 only."),
        gettext_lazy("Change the base URL to the one that ends in /scim/v2, or send a SCIM token here."),
        ("R-ACC-3", ROW_A),
    ),
    Rule(
        401,
        r"The access token is not valid",
        gettext_lazy("A SCIM token was sent to the REST API. SCIM tokens open /oauth/scim/v2 and nothing else."),
        gettext_lazy(
            "Get an access token for an access key at /auth/token, or call /oauth/scim/v2 with the SCIM token."
        ),
        ("R-ACC-3", ROW_A),
        "tokens",
        _sent("cxs_"),
    ),
    Rule(
        401,
        r"The access token is not valid",
        gettext_lazy("The access token was not signed by this instance, or its session is gone."),
        gettext_lazy(
            "Get a new token at /auth/token. Tokens of another instance, or of one whose data was deleted, do not work here."
        ),
        (ROW_A, "RFC 6750 §3.1"),
    ),
    Rule(
        401,
        r"access token has expired",
        gettext_lazy("The access token is past its lifetime (ACCESS_TOKEN_TTL)."),
        gettext_lazy(
            "The client should exchange its refresh token at /auth/token and repeat the request; Okta does so by itself."
        ),
        (ROW_A, "RFC 6749 §6"),
    ),
    Rule(
        401,
        r"session of this token has ended",
        gettext_lazy(
            "The sign-in behind the access token has ended: by logout, by deactivation, or because a code was used twice."
        ),
        gettext_lazy("Authenticate again in the identity provider."),
        ("R-EMP-13", "RFC 6750 §3.1"),
    ),
    # SCIM tokens and access keys
    Rule(
        401,
        r"The SCIM token is unknown",
        gettext_lazy(
            "No SCIM token of any tenant matches the one that was sent. It was mistyped, or it was generated and never "
            "saved: a token that is left without Save is gone."
        ),
        gettext_lazy(
            "Generate a new token in Account Settings, copy it, press Save, and enter it in the identity provider."
        ),
        ("R-TOK-3", ROW_A),
        "tokens",
    ),
    Rule(
        401,
        r"The SCIM token works only after Save",
        gettext_lazy("The SCIM token of %(account)s was generated, but Account Settings were not saved."),
        gettext_lazy(
            "Press Save in Account Settings while the token is listed there; if the page was left, generate a new one."
        ),
        ("R-TOK-3",),
        "tokens",
    ),
    Rule(
        401,
        r"The SCIM token was deleted",
        gettext_lazy("The SCIM token of %(account)s was deleted in Account Settings."),
        gettext_lazy("Generate and save a new token, and enter it in the identity provider."),
        ("R-TOK-4",),
        "tokens",
    ),
    Rule(
        401,
        r"The SCIM token has expired",
        gettext_lazy("The SCIM token of %(account)s is past its lifetime (SCIM_TOKEN_TTL_DAYS)."),
        gettext_lazy("Generate and save a new token, and enter it in the identity provider."),
        ("R-TOK-6",),
        "tokens",
    ),
    Rule(
        401,
        r"Access Key ID or the Secret Access Key is wrong",
        gettext_lazy(
            "No access key matches this ID and secret: mistyped, deleted, or added and never saved. A key that is left "
            "without Save is gone."
        ),
        gettext_lazy(
            "Add a new access key on the employee's Security tab, copy ID and secret, press Save, and enter both in the client."
        ),
        ("R-KEY-4", ROW_A),
        "employees",
    ),
    Rule(
        401,
        r"The access key works only after Save",
        gettext_lazy("The access key was added, but the profile of %(account)s was not saved."),
        gettext_lazy("Press Save on the employee's Security tab; if the page was left, add a new key."),
        ("R-KEY-4",),
        "security",
    ),
    Rule(
        401,
        r"The access key is switched off",
        gettext_lazy("The access key of %(account)s is switched off (STATE)."),
        gettext_lazy(
            "Switch it on again on the employee's Security tab and press Save, or use another key of the employee."
        ),
        ("R-KEY-4", "R-KEY-7"),
        "security",
    ),
    Rule(
        401,
        r"The Basic credential is not base64",
        gettext_lazy("The Authorization header says Basic, but what follows is not base64 of ID:secret."),
        gettext_lazy("Enter Access Key ID and Secret Access Key as user name and password; the client encodes them."),
        (ROW_A, "RFC 7617 §2"),
    ),
    Rule(
        401,
        r"The account (?P<name>\S+) is inactive",
        gettext_lazy(
            "The employee %(name)s, who holds the credential, is deactivated. All keys and tokens of an inactive employee stop."
        ),
        gettext_lazy("Reactivate the employee, or give the identity provider a credential of another one."),
        ("R-KEY-3", "R-TOK-7", "R-EMP-13"),
        "security",
    ),
    Rule(
        401,
        r"The account (?P<name>\S+) is locked for inactivity",
        gettext_lazy(
            "The employee %(name)s is locked, because the account was not used for longer than Account Settings allow."
        ),
        gettext_lazy("Unlock the employee under Locked Employees."),
        ("R-LOCK-5",),
        "employees",
    ),
    Rule(
        401,
        r"The account (?P<name>\S+) has not (?:activated the account|been invited) yet",
        gettext_lazy(
            "The employee %(name)s, who holds the credential, is not Active yet. Credentials work from activation on."
        ),
        gettext_lazy("Invite the employee, open the link in the mail and set a password."),
        ("R-KEY-3", "R-TOK-7"),
        "security",
    ),
    Rule(
        401,
        r"[Tt]he application (?:(?P<name>.+) )?is not enabled",
        gettext_lazy(
            "The application behind the access token is not enabled any more; with it all of its tokens stopped."
        ),
        gettext_lazy("Enable the application under Applications; then authenticate again in the identity provider."),
        ("R-APP-8",),
        "application",
    ),
    # Rights
    Rule(
        403,
        r"The account (?P<name>\S+) needs the permission SCIM\b",
        gettext_lazy(
            "%(name)s signed in for the application, and the roles of this account lack the permission SCIM. For tokens of a "
            "sign-in this permission alone counts."
        ),
        gettext_lazy(
            "Open the role, tab Permissions, category Admin, General Permissions, switch SCIM On and press Save. It counts at once."
        ),
        ("R-ACC-4", "R-ACC-1 a", "RFC 7644 §3.12"),
        "role",
    ),
    Rule(
        403,
        r"The account (?P<name>\S+) needs the permission (?P<permission>[\w. ]+)\.",
        gettext_lazy(
            "%(name)s, who holds the credential, has no role with the permission %(permission)s, which %(method)s needs."
        ),
        gettext_lazy(
            "Open the role, tab Permissions, category Admin, and give it %(permission)s, or switch SCIM On, which includes all. "
            "Press Save. It counts at once."
        ),
        ("R-ACC-4", "R-ACC-1 b", "RFC 7644 §3.12"),
        "role",
    ),
    Rule(
        403,
        r"Your roles lack the permission (?P<permission>[\w.]+)|needs (?P<code>[\w.]+)\.",
        gettext_lazy("The roles of %(account)s lack the permission that this operation of the REST API needs."),
        gettext_lazy("Give the role the permission named in the answer and press Save. It counts at once."),
        ("R-PERM-6",),
        "role",
    ),
    Rule(
        403,
        r"own|itself|yourself",
        gettext_lazy("The request would deactivate the account whose credential it was sent with."),
        gettext_lazy("Leave this person out of the provisioning scope, or let another employee hold the credential."),
        ("R-ACC-6",),
        "security",
    ),
    # Provisioning
    Rule(
        400,
        r"No active role named Agent exists and no other default role is set",
        gettext_lazy(
            "A new employee needs a role. The request names none that counts, no default role is set, and the tenant has no "
            "Active role named Agent. Nobody was created."
        ),
        gettext_lazy(
            "Create a role named Agent with Save & Activate, or choose a default role under SCIM in Account Settings; then "
            "assign the person again."
        ),
        ("R-SCIM-4",),
        "new-role",
    ),
    Rule(
        400,
        r"No active (?P<thing>[\w ]+) named (?P<name>.+?)\.",
        gettext_lazy("The request names the %(thing)s %(name)s, and the tenant has no Active one of that name or id."),
        gettext_lazy("Create or activate it, or correct the mapping in the identity provider."),
        ("spec §9.3", "RFC 7644 §3.12 invalidValue"),
        "roles",
    ),
    Rule(
        400,
        r"role",
        gettext_lazy("The role that the employee would have is not Active."),
        gettext_lazy("Activate the role, or give the employee another one."),
        ("R-SCIM-11", "R-SCIM-4"),
        "roles",
        lambda exchange: exchange.door == "scim" and said(exchange).scim_type == "invalidValue",
    ),
    Rule(
        409,
        r"",
        gettext_lazy(
            "Somebody has the name already: user names are unique in a tenant, inactive employees included; so are groups."
        ),
        gettext_lazy(
            "Let the identity provider look the person up by userName and update the one it finds; or change the user name of "
            "the other."
        ),
        ("R-SCIM-10", "RFC 7644 §3.3"),
        "employees",
        _at("/scim", "/oauth/scim", "/basic-auth/scim"),
    ),
)

OAUTH = (
    Rule(
        400,
        r"The application is not enabled",
        gettext_lazy("The application that asks for tokens is disabled, so codes and refresh tokens are refused."),
        gettext_lazy("Enable the application under Applications; then authenticate again in the identity provider."),
        ("R-APP-8", "RFC 6749 §5.2 invalid_client"),
        "application",
    ),
    Rule(
        400,
        r"The client secret is (?:wrong|missing)",
        gettext_lazy("The application is known, but the client secret is wrong or missing."),
        gettext_lazy("Enter the client secret again; if it is lost, make a new one under Applications."),
        ("R-APP-5", "R-APP-10", "RFC 6749 §5.2 invalid_client"),
        "application",
    ),
    Rule(
        400,
        r"The client is unknown|client_id is missing",
        gettext_lazy("No application has this client ID."),
        gettext_lazy("Enter the client ID from the registration file; it opens in the Developer Portal."),
        ("R-APP-5", "RFC 6749 §5.2 invalid_client"),
        "applications",
    ),
    Rule(
        400,
        r"authorization code has expired",
        gettext_lazy("More time passed between sign-in and exchange than a code lives (AUTH_CODE_TTL)."),
        gettext_lazy("Authenticate again; if the client is slow, raise AUTH_CODE_TTL."),
        ("RFC 6749 §4.1.2",),
    ),
    Rule(
        400,
        r"authorization code has been used already",
        gettext_lazy("A code counts once. This one came a second time, and the tokens it gave were revoked."),
        gettext_lazy("Authenticate again. If it happens every time, the client sends the request twice."),
        ("RFC 6749 §4.1.2",),
    ),
    Rule(
        400,
        r"authorization code is not valid for this client|redirect_uri is not the one",
        gettext_lazy("The code was given to another application, or for another redirect address."),
        gettext_lazy("Send client_id and redirect_uri exactly as in the authorization request."),
        ("RFC 6749 §4.1.3",),
        "application",
    ),
    Rule(
        400,
        r"grant_type must be",
        gettext_lazy("The grant type is not offered; client_credentials in particular is not."),
        gettext_lazy("Use authorization_code for a sign-in, or password with an access key; then refresh_token."),
        ("spec §8.1", "RFC 6749 §5.2 unsupported_grant_type"),
    ),
    Rule(
        400,
        r"Back-end applications",
        gettext_lazy("The application was registered as Back-end. Such applications exchange access keys only."),
        gettext_lazy("Copy it to a new form under Applications and register it as User, Confidential."),
        ("R-APP-3",),
        "application",
    ),
    Rule(
        400,
        r"Access Key ID or the Secret Access Key is wrong",
        gettext_lazy("No access key matches this ID and secret: mistyped, deleted, or added and never saved."),
        gettext_lazy("Add a new access key on the employee's Security tab, copy ID and secret, and press Save."),
        ("R-KEY-4", "RFC 6749 §5.2 invalid_grant"),
        "employees",
    ),
    Rule(
        400,
        r"The account (?P<name>\S+) is inactive",
        gettext_lazy("The employee %(name)s, who holds the access key, is deactivated."),
        gettext_lazy("Reactivate the employee, or use the key of another one."),
        ("R-KEY-3",),
        "security",
    ),
    Rule(
        400,
        r"The access key is switched off",
        gettext_lazy("The access key of %(account)s is switched off (STATE)."),
        gettext_lazy("Switch it on again on the employee's Security tab and press Save."),
        ("R-KEY-4",),
        "security",
    ),
    Rule(
        400,
        r"[Rr]efresh token",
        gettext_lazy("The refresh token is not good any more: past its lifetime, or its session has ended."),
        gettext_lazy("Authenticate again; for connections that stay idle for longer raise REFRESH_TOKEN_TTL."),
        ("spec §8.1", "RFC 6749 §5.2 invalid_grant"),
    ),
)

# By scimType, where no sentence told more.
KINDS: Mapping[str, tuple[str | Promise, str | Promise, tuple[str, ...]]] = {
    "invalidSyntax": (
        gettext_lazy("The body is not the JSON that the operation needs."),
        gettext_lazy(
            "Look at the request body; the answer names what is wrong with it. Tolerances can be on in Account Settings."
        ),
        ("spec §9.4", "spec §9.5", "RFC 7644 §3.12"),
    ),
    "invalidValue": (
        gettext_lazy("A required value is missing, or a value cannot be stored."),
        gettext_lazy("Correct the attribute mapping in the identity provider; the answer names the attribute."),
        ("spec §9.3", "RFC 7644 §3.12"),
    ),
    "invalidFilter": (
        gettext_lazy("The filter cannot be read, or names something that cannot be filtered."),
        gettext_lazy("Compare the filter with the attribute table in docs/scim.md; texts stand in double quotes."),
        ("spec §9.1", "RFC 7644 §3.4.2.2"),
    ),
    "invalidPath": (
        gettext_lazy("The path of a PATCH operation cannot be read, or names no attribute."),
        gettext_lazy("Correct the mapping in the identity provider; /Schemas lists the attributes."),
        ("spec §9.3", "RFC 7644 §3.5.2"),
    ),
    "noTarget": (
        gettext_lazy("The filter in the path of a PATCH operation matches no value."),
        gettext_lazy("Use add instead of replace, or a filter that names an existing value."),
        ("spec §9.4", "RFC 7644 §3.5.2.3"),
    ),
    "mutability": (
        gettext_lazy("The request changes or removes what cannot be changed."),
        gettext_lazy("Take the attribute out of the mapping in the identity provider."),
        ("R-SCIM-15", "RFC 7644 §3.12"),
    ),
}
STATUSES: Mapping[int, tuple[str | Promise, str | Promise, tuple[str, ...]]] = {
    401: (
        gettext_lazy("The credential was not accepted."),
        gettext_lazy("The answer says why; check the credential in the identity provider."),
        (ROW_A,),
    ),
    403: (
        gettext_lazy("The credential is good, but a rule or a missing permission forbids the request."),
        gettext_lazy("The answer says which."),
        ("R-ACC-4",),
    ),
    404: (
        gettext_lazy(
            "There is nothing at this address for this credential: an unknown id, one of another tenant, or one that was deleted."
        ),
        gettext_lazy("Let the client look the resource up again. After a SCIM DELETE it is found no more."),
        ("spec §9.4", "R-SCIM-12"),
    ),
    405: (
        gettext_lazy("The address exists, the method does not."),
        gettext_lazy("The Allow header of the answer lists the methods. In the profile documented there is no DELETE."),
        ("spec §9.1",),
    ),
    409: (
        gettext_lazy("The request contradicts the present state."),
        gettext_lazy("Read the record again and repeat the change."),
        ("RFC 9110 §15.5.10",),
    ),
    412: (
        gettext_lazy("The resource changed since the client read it (If-Match)."),
        gettext_lazy("Read it again and repeat the change with the new ETag."),
        ("RFC 7644 §3.14",),
    ),
    413: (
        gettext_lazy("The body is larger than the limit."),
        gettext_lazy("Send fewer operations in one request; ServiceProviderConfig names the limits."),
        ("RFC 7644 §3.7.4",),
    ),
    429: (
        gettext_lazy("The client sent too much in a short time, or a fault rule says so."),
        gettext_lazy("Wait as long as Retry-After says."),
        ("RFC 6585 §4",),
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says went wrong."""

    detail: str = ""
    scim_type: str = ""


def said(exchange: Exchange) -> Said:
    """The message of an answer, whatever dialect it is in."""
    document = document_of(exchange.answer_body)
    if not isinstance(document, dict):
        return Said(dict(exchange.answer_headers).get("icStatusDescription", ""))
    names = ("detail", "error_description", "errorDescription", "details", "errorMessage", "message")
    detail = next((document[name] for name in names if isinstance(document.get(name), str)), "")
    return Said(detail, str(document.get("scimType", "")))


def document_of(body: str) -> Any:
    """The JSON in a body; None if it is none, or was cut."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def diagnose(exchange: Exchange) -> list[Diagnosis]:
    """What there is to say about an exchange, the most important first."""
    if exchange.fault_id is not None:
        found = [_of_fault_rule(exchange)]
    else:
        found = [_refusal(exchange)] if exchange.status >= 400 else list(_notes(exchange))
    return found if exchange.clock_at is None else [*found, _of_clock(exchange.clock_at)]


def _of_clock(shown: datetime) -> Diagnosis:
    return Diagnosis(
        "blue",
        _("The tenant's clock was moved: it showed %(time)s UTC.") % {"time": f"{shown:%Y-%m-%d %H:%M:%S}"},
        _("What has expired, or has not, goes by that clock. Reset it to have the machine's time again."),
        ("docs/lab.md",),
        "clock",
    )


def _of_fault_rule(exchange: Exchange) -> Diagnosis:
    return Diagnosis(
        "amber",
        _("A fault rule of yours answered, number %(id)d: %(fault)s.")
        % {"id": exchange.fault_id, "fault": exchange.fault},
        _("Nothing is wrong with the client or the emulator. Disarm the rule once you have seen enough of it."),
        ("docs/lab.md",),
        "fault",
    )


def _refusal(exchange: Exchange) -> Diagnosis:
    told = said(exchange)
    for rule in OAUTH + RULES if exchange.door == "oauth" else RULES:
        found = re.search(rule.pattern, told.detail) if rule.status == exchange.status else None
        if found and rule.when(exchange):
            names = _names(exchange) | {name: value or "" for name, value in found.groupdict().items()}
            return Diagnosis("red", str(rule.cause) % names, str(rule.fix) % names, rule.sources, rule.place)
    if exchange.door == "other":
        return Diagnosis(
            "red",
            _("%(path)s is not an address of the product.") % {"path": exchange.path},
            _(
                "Correct the base URL: it ends in /scim/v2, /oauth/scim/v2 or /basic-auth/scim/v2, without anything behind."
            ),
            ("spec §8.2",),
        )
    general = KINDS.get(told.scim_type) or STATUSES.get(exchange.status)
    if general is not None:
        cause, fix, sources = general
        return Diagnosis("red", str(cause), str(fix), sources)
    if exchange.status >= 500:
        return Diagnosis(
            "red",
            _("The emulator failed, or a fault rule made it fail."),
            _("If no fault rule is armed, the server's log has the reason under this request ID."),
            ("spec §9.4",),
        )
    return Diagnosis("red", _("The request was refused."), _("The answer says why."), ())


def _names(exchange: Exchange) -> dict[str, str]:
    return {
        "account": exchange.username or _("an unknown account"),
        "credential": exchange.credential,
        "path": exchange.path,
        "method": exchange.method,
    }


def _notes(exchange: Exchange) -> Iterator[Diagnosis]:
    """What went well and may surprise all the same."""
    if exchange.door != "scim":
        return
    if "/Groups" in exchange.path:
        yield Diagnosis(
            "blue",
            _("Groups over SCIM are an addition of the emulator: the emulated product documents none."),
            _("Nothing has to be done. No rights come from groups; do not rely on them in production."),
            ("spec §9.1",),
            "groups",
        )
    document = document_of(exchange.request_body)
    if exchange.method in ("POST", "PUT", "PATCH") and isinstance(document, dict) and "/Users" in exchange.path:
        yield from _about_attributes(exchange, document)
    if exchange.method == "GET" and "userName" in exchange.query:
        yield from _about_look_up(exchange)


def _about_look_up(exchange: Exchange) -> Iterator[Diagnosis]:
    answer = document_of(exchange.answer_body)
    total = answer.get("totalResults") if isinstance(answer, dict) else None
    if total:
        yield Diagnosis(
            "blue",
            _("The person exists: the identity provider will update this employee rather than create one."),
            _("Nothing has to be done. With its first write the employee becomes managed by the identity provider."),
            ("R-SCIM-2", "R-SCIM-8", "WT-JA N5"),
            "employees",
        )


def _about_attributes(exchange: Exchange, document: dict[str, Any]) -> Iterator[Diagnosis]:
    enabled = set(exchange.context.get("fields", ()))
    sent = {name.lower() for name in _attributes(document)}
    ignored, kept = [], []
    for urn, attribute in USERS:
        for leaf in (attribute, *attribute.subs):
            name = attribute.name if leaf is attribute else f"{attribute.name}.{leaf.name}"
            if name.lower() not in sent:
                continue
            if leaf.option is not None and leaf.option not in enabled:
                ignored.append(name)
            elif leaf is attribute and leaf.column is None and leaf.option is None and not leaf.subs and urn != NICE:
                kept.append(name)
    if ignored:
        yield Diagnosis(
            "amber",
            _(
                "Ignored, because these fields are not enabled for provisioning: %(names)s. The stored values stayed as they were."
            )
            % {"names": ", ".join(ignored)},
            _("Enable them in Account Settings under Configure SCIM Provisioned Fields, press Save, and push again."),
            ("R-SCIM-3",),
            "settings",
        )
    if kept:
        yield Diagnosis(
            "blue",
            _("Kept here, unknown to the emulated product: %(names)s.") % {"names": ", ".join(kept)},
            _("Nothing has to be done; the original ignores these attributes."),
            ("spec §9.1",),
        )


def _attributes(document: dict[str, Any]) -> Iterator[str]:
    """The attributes a body writes, as `displayName` or `name.middleName`."""
    operations = next((value for name, value in document.items() if name.lower() == "operations"), None)
    if isinstance(operations, list):
        for operation in operations:
            if isinstance(operation, dict):
                members = {name.lower(): value for name, value in operation.items()}
                if isinstance(members.get("path"), str):
                    yield _bare(members["path"])
                elif isinstance(members.get("value"), dict):
                    yield from _members(members["value"])
        return
    yield from _members(document)


def _members(document: dict[str, Any]) -> Iterator[str]:
    for name, value in document.items():
        bare = _bare(name)
        if name.startswith("urn:") and isinstance(value, dict):
            yield from _members(value)
            continue
        yield bare
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from (f"{bare}.{sub}" for sub in inner)


def _bare(path: str) -> str:
    """A path without the URN in front and the filters inside."""
    return (
        re.sub(r"\[[^\]]*\]", "", path.rsplit(":", 1)[-1])
        if path.startswith("urn:")
        else re.sub(r"\[[^\]]*\]", "", path)
    )
