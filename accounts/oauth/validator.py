"""Our answers to the toolkit's questions: which client, which code, whose key, which tokens (spec §8.1, R-APP)."""

import base64
import binascii
import re
import uuid
from typing import Any, TypeAlias
from urllib.parse import unquote_plus

from django.conf import settings
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import FatalClientError
from oauthlib.oauth2.rfc6749 import errors

from accounts import credentials, queries
from accounts.actions import oauth_sessions
from accounts.crypto import keyed_hash, matches
from accounts.ids import as_uuid
from accounts.models import Application, AuthorizationCode, Employee, OAuthSession
from accounts.oauth import tokens
from cxadmin import clock

CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
LONGEST_NONCE = 500
SCOPE = "openid"

Secrets: TypeAlias = list[tuple[str, str]]
"""Client ID and secret as a request presents them; more than one reading if its encoding is in doubt."""


class UnusableApplication(FatalClientError):
    """The application exists but cannot sign anybody in (R-APP-8); a page says why, nobody is redirected."""

    error = "invalid_client"


class BackEndApplication(FatalClientError):
    """Back-end applications have no sign-in (R-APP-3)."""

    error = "unauthorized_client"


class NoApplication:
    """Stands for the client where none has to be named: access keys, and refreshes of applications without duty."""

    client_id = ""


class Validator(OAuth2Validator):
    """The toolkit's validator on our models: sessions instead of stored tokens, keyed hashes instead of password hashes."""

    # The application

    def _load_application(self, client_id: str, request: Request) -> Application | None:
        """The application of this client ID, once per request."""
        if isinstance(request.client, Application) and request.client.client_id == client_id:
            return request.client
        request.client = application = queries.application_by_client_id(client_id)
        return application

    def validate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Before the sign-in pages. What is wrong with the application is said on a page, whatever redirect is named."""
        application = self._load_application(client_id, request)
        if application is None:
            return False
        if application.type == Application.Type.BACKEND:
            raise BackEndApplication(description="Back-end applications have no sign-in page.", request=request)
        if not application.is_enabled:
            raise UnusableApplication(description="The application is not enabled.", request=request)
        return True

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Equal to a registered one, character by character (R-APP-6)."""
        return redirect_uri in request.client.redirects

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str | None:
        redirects: list[str] = request.client.redirects
        return redirects[0] if len(redirects) == 1 else None

    # The authorization request

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        if response_type != "code":
            raise errors.UnsupportedResponseTypeError(description="response_type must be code.", request=request)
        return True

    def validate_scopes(self, client_id: str, scopes: list[str], client: Any, request: Request, *args: Any) -> bool:
        """`openid` must be among them; others are kept and mean nothing (R-APP-9). Token requests need not repeat it."""
        return SCOPE in scopes and len(" ".join(scopes)) <= 500

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return [SCOPE] if request.grant_type else []

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Not when asking for a code, where nobody knows yet whether the secret will come; when exchanging it, for a
        public application without its secret (R-APP-4). A challenge that is sent must be S256.

        Raises:
            InvalidRequestError: another method, or no challenge at all of a known form.
        """
        if request.grant_type:
            return not request.client_authenticated
        if request.nonce and len(request.nonce) > LONGEST_NONCE:
            raise errors.InvalidRequestError(description="nonce is too long.", request=request)
        if request.code_challenge is None and request.code_challenge_method is None:
            return False
        if request.code_challenge_method != "S256":
            raise errors.InvalidRequestError(description="code_challenge_method must be S256.", request=request)
        if not CHALLENGE.fullmatch(request.code_challenge or ""):
            raise errors.InvalidRequestError(
                description="code_challenge must have 43 to 128 characters out of A-Z a-z 0-9 - . _ ~", request=request
            )
        return False

    def save_authorization_code(self, client_id: str, code: dict[str, str], request: Request, *args: Any) -> None:
        now = clock.now()
        AuthorizationCode.objects.create(
            code_hash=keyed_hash(code["code"]),
            application=request.client,
            employee=request.user,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            nonce=request.nonce or "",
            code_challenge=request.code_challenge or "",
            signed_in_at=request.signed_in_at,
            expires_at=now + settings.AUTH_CODE_TTL,
        )

    # Client authentication at the token endpoint

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whoever presents a secret is checked; whoever names an application that keeps one must present it (R-APP-4).

        A refresh may name none: the token says whose it is.
        """
        request.client_authenticated = False
        client_id = request.client_id
        if not client_id and request.grant_type == "refresh_token":
            session = _session_of(request)
            client_id = session.application.client_id if session and session.application else ""
        if _presented(request):
            return True
        application = self._load_application(client_id or "", request)
        return application is not None and application.type != Application.Type.PUBLIC

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Check the secret: one fast keyed hash, because client secrets are 256 random bits that nobody can guess from a
        stolen table (`crypto.keyed_hash`); a password hash would only make the token endpoint slow."""
        application, is_right = None, False
        for client_id, secret in _presented(request):
            application = self._load_application(client_id, request)
            if application is not None and matches(secret, application.secret_hash):
                is_right = True
                break
        if not _presented(request):
            raise _invalid_client(request, "The client secret is missing.")
        if application is None:
            raise _invalid_client(request, "The client is unknown.")
        if not is_right:
            raise _invalid_client(request, "The client secret is wrong.")
        if request.client_id and request.client_id != application.client_id:
            raise _invalid_client(request, "The request names two different clients.")
        if not application.is_enabled:
            raise _invalid_client(request, "The application is not enabled.")
        request.client_authenticated = True
        return True

    def authenticate_client_id(self, client_id: str | None, request: Request, *args: Any, **kwargs: Any) -> bool:
        """A public application without its secret, or no application at all where none is needed."""
        application = request.client
        if application is None:
            if client_id or request.grant_type == "authorization_code":
                raise _invalid_client(request, "The client is unknown." if client_id else "client_id is missing.")
            request.client = NoApplication()
            return True
        if not application.is_enabled:
            raise _invalid_client(request, "The application is not enabled.")
        return True

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Back-end applications exchange access keys only (R-APP-3)."""
        return not (
            isinstance(client, Application)
            and client.type == Application.Type.BACKEND
            and grant_type == "authorization_code"
        )

    def is_origin_allowed(self, client_id: str, origin: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Browsers are answered in one place (`oauth.cors`), not here."""
        return False

    # Exchanging a code

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A code counts once, in time, for the client that asked for it. Presented again it revokes what it gave
        (RFC 6749 §4.1.2); the row is locked until the exchange is done, so of two at the same time one comes again.

        Raises:
            InvalidGrantError: says what is wrong.
        """
        rows = AuthorizationCode.objects.select_related("employee__business_unit", "employee__primary_role")
        found = rows.select_for_update(of=("self",)).filter(code_hash=keyed_hash(code)).first()
        if found is None or found.application_id != client.pk:
            raise _invalid_grant(request, "The authorization code is not valid for this client.")
        clock.enter(found.employee.business_unit_id)
        if found.used_at is not None:
            if found.session_id:
                oauth_sessions.end(found.session_id)
            raise _invalid_grant(request, "The authorization code has been used already.")
        if found.expires_at <= clock.now():
            raise _invalid_grant(request, "The authorization code has expired.")
        employee = found.employee
        if employee.status != Employee.Status.ACTIVE:
            raise _invalid_grant(request, "The account may not sign in any more.")
        if request.code_verifier and not found.code_challenge:
            raise _invalid_grant(request, "code_verifier was sent, but no code_challenge before it.")
        request.found_code = found
        request.user, request.scopes = employee, found.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return request.found_code.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return "S256"

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        if redirect_uri != request.found_code.redirect_uri:
            raise _invalid_grant(request, "redirect_uri is not the one of the authorization request.")
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        AuthorizationCode.objects.filter(pk=request.found_code.pk).update(used_at=clock.now(), session=request.session)

    # Access keys

    def validate_user(
        self, username: str, password: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """The `password` grant: an access key, never a person's password.

        Raises:
            InvalidGrantError: says what is wrong with the key, to who knows its secret.
        """
        holder = credentials.access_key(username, password)
        if holder is None:
            raise _invalid_grant(request, "The Access Key ID or the Secret Access Key is wrong.")
        if holder.trouble:
            raise _invalid_grant(request, holder.trouble)
        if isinstance(client, Application) and not client.is_for(holder.business_unit_id):
            raise _invalid_grant(request, "The application is for another tenant.")
        request.access_key_id = holder.credential_id
        people = Employee.objects.select_related("business_unit", "primary_role")
        request.user = people.get(pk=holder.employee_id)
        return True

    # Refreshing

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """In time, of a living session, for the client it was given to.

        Raises:
            InvalidGrantError: says what is wrong.
        """
        session = _session_of(request)
        if session is None:
            raise _invalid_grant(request, request.refresh_trouble)
        if isinstance(client, Application) and session.application_id and session.application_id != client.pk:
            raise _invalid_grant(request, "The refresh token was given to another client.")
        request.session, request.user = session, session.employee
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> str:
        return str(request.session.scope)

    # The answer

    def save_bearer_token(self, token: dict[str, object], request: Request, *args: Any, **kwargs: Any) -> None:
        """Begin or prolong the session and put its signed tokens where the toolkit has put random ones."""
        given: dict[str, Any] = {}
        if request.grant_type == "refresh_token":
            oauth_sessions.prolong(request.session)
        else:
            request.session = oauth_sessions.begin(
                request.user,
                application=request.client if isinstance(request.client, Application) else None,
                access_key_id=getattr(request, "access_key_id", None),
                scope=" ".join(request.scopes),
                address=str(request.headers.get("REMOTE_ADDR", ""))[:45],
            )
        if request.grant_type == "authorization_code":
            found = request.found_code
            given = {"nonce": found.nonce, "signed_in_at": found.signed_in_at}
        token.clear()
        token.update(tokens.issue(request.session, **given).answer())


def _session_of(request: Request) -> OAuthSession | None:
    """The session of the refresh token in a request, read once; `refresh_trouble` says why there is none."""
    if not hasattr(request, "refresh_trouble"):
        found = tokens.session_of_refresh_token(request.refresh_token or "")
        request.refresh_trouble = found if isinstance(found, str) else ""
        request.refresh_session = None if isinstance(found, str) else found
    session: OAuthSession | None = request.refresh_session
    return session


def _presented(request: Request) -> Secrets:
    """Every reading of the client ID and secret a request presents, in the header or in the body (R-APP-5).

    RFC 6749 §2.3.1 has both parts URL-encoded before Basic, and many clients do not: both readings are tried.

    Raises:
        InvalidClientError: two different secrets, or a header that is no Basic credential.
    """
    header: str = request.headers.get("HTTP_AUTHORIZATION", "") or ""
    in_body: Secrets = [(request.client_id or "", request.client_secret)] if request.client_secret else []
    scheme, _, content = header.partition(" ")
    if scheme.lower() != "basic":
        return in_body
    try:
        client_id, _, secret = base64.b64decode(content.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _invalid_client(request, "The Basic credential is not base64 of client_id:client_secret.") from error
    readings = [(client_id, secret), (unquote_plus(client_id), unquote_plus(secret))]
    if in_body and in_body[0] not in readings:
        raise _invalid_client(request, "The request authenticates the client twice, in different ways.")
    return readings


def _invalid_client(request: Request, description: str) -> errors.InvalidClientError:
    return errors.InvalidClientError(description=description, request=request)


def _invalid_grant(request: Request, description: str) -> errors.InvalidGrantError:
    return errors.InvalidGrantError(description=description, request=request)


def employee_of(subject: object) -> uuid.UUID | None:
    """The employee a token's `sub` names."""
    text = str(subject)
    return as_uuid(text.removeprefix(tokens.SUBJECT)) if text.startswith(tokens.SUBJECT) else None
