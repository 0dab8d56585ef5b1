"""A login authenticator: System with password policy and MFA, SAML 2.0, OpenID Connect (screens §9)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from accounts import certificates, rules
from accounts.actions import authenticators
from accounts.actions.authenticators import NUMBERS, PASSWORD_POLICY, TEXTS, Type
from accounts.certificates import Certificate
from accounts.console.forms import RecordForm, text
from accounts.models import LoginAuthenticator

ADDRESS: dict[str, Any] = {"spellcheck": "false", "autocapitalize": "none", "inputmode": "url"}


def _number(field: str) -> forms.IntegerField:
    """A whole number of the policy; what cannot be one gets the rule's own sentence."""
    label, low, high = NUMBERS[field]

    def message() -> str:
        return rules.number_in(field, label, None, low, high)[0].message

    return forms.IntegerField(
        label=label,
        widget=forms.NumberInput({"min": low, "max": high, "inputmode": "numeric"}),
        error_messages={"invalid": lazy(message, str)()},
        localize=False,
    )


def _box(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


class AuthenticatorForm(RecordForm):
    """What an authenticator has; a new one has the fields of every type, and those of the chosen one count.

    Args:
        authenticator: which one is edited; None creates one.
        may_set_policy: whether the password policy is the actor's to change.
        may_manage_passwords: whether a new one may be of the type System.
    """

    name = text(TEXTS["name"], autocomplete="off")
    description = text(TEXTS["description"])
    type = forms.ChoiceField(
        label=gettext_lazy("Authentication Type"),
        choices=Type.choices,
        help_text=gettext_lazy("Cannot be changed later."),
    )
    min_length = _number("min_length")
    require_lower = _box(gettext_lazy("Require a lower-case letter"))
    require_upper = _box(gettext_lazy("Require an upper-case letter"))
    require_digit = _box(gettext_lazy("Require a digit"))
    require_special = _box(gettext_lazy("Require a special character"))
    expires_days = _number("expires_days")
    remembered = _number("remembered")
    allowed_attempts = _number("allowed_attempts")
    mfa_required = _box(
        gettext_lazy("Require Multi-Factor Authentication"),
        gettext_lazy("Employees without an MFA secret cannot sign in until they get one on their tab Security."),
    )
    mfa_type = forms.ChoiceField(
        label=gettext_lazy("MFA Type"),
        choices=LoginAuthenticator.MfaType.choices,
        widget=forms.RadioSelect,
    )
    endpoint_url = text(TEXTS["endpoint_url"], **ADDRESS)
    certificate = forms.FileField(
        label=authenticators.CERTIFICATE_LABEL,
        allow_empty_file=True,
        help_text=gettext_lazy("A PEM or DER file of at most 16 KB."),
        widget=forms.FileInput({"accept": ".pem,.crt,.cer,.der"}),
    )
    # A file that was fine while something else was wrong: browsers do not keep the choice of a file.
    kept_certificate = forms.CharField(required=False, widget=forms.HiddenInput)
    issuer = text(TEXTS["issuer"], **ADDRESS)
    client_id = text(TEXTS["client_id"], autocomplete="off", spellcheck="false")
    client_secret = forms.CharField(
        label=TEXTS["client_secret"].label,  # type: ignore[arg-type]
        widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=True),
    )

    def __init__(
        self,
        *args: Any,
        authenticator: LoginAuthenticator | None = None,
        may_set_policy: bool,
        may_manage_passwords: bool,
        **kwargs: Any,
    ) -> None:
        self.authenticator = authenticator
        super().__init__(*args, initial=_initial(authenticator, may_manage_passwords), **kwargs)
        if not may_manage_passwords:
            self.fields["type"].choices = [c for c in Type.choices if c[0] != Type.SYSTEM]  # type: ignore[attr-defined]
        if not may_set_policy:
            for name in PASSWORD_POLICY:
                self.fields[name].disabled = True
        if authenticator is not None:
            for name in {"type", *_foreign(authenticator.type)}:
                del self.fields[name]
        for name, note in (
            ("certificate", gettext_lazy("A new file replaces the certificate.")),
            ("client_secret", gettext_lazy("A secret is stored. A new one replaces it.")),
        ):
            if authenticator is not None and name in self.fields:
                self.fields[name].required, self.fields[name].help_text = False, note

    def close_all(self) -> None:
        """For those who may only look."""
        for field in self.fields.values():
            field.disabled = True

    @property
    def kind(self) -> str:
        """The authentication type as stored, or as chosen."""
        if self.authenticator is not None:
            return self.authenticator.type
        chosen = self["type"].value()
        return chosen if chosen in authenticators.FIELDS else Type.SYSTEM

    def disregarded(self) -> Iterable[str]:
        """The fields of the types that are not chosen, and of MFA where it is off."""
        yield from _foreign(self.kind)
        if not self.cleaned_data.get("mfa_required"):
            yield "mfa_type"
        if self.cleaned_data.get("kept_certificate"):
            yield "certificate"

    def clean_certificate(self) -> bytes:
        """The content of the file, cut one byte above what is allowed."""
        given = self.cleaned_data.get("certificate")
        return given.read(certificates.LARGEST + 1) if given else b""

    def values(self) -> dict[str, Any]:
        """For the action; what could not be read is left out, and so are a file and a secret that stay as they are."""
        found = self.cleaned_data
        names = ("name", "description", *authenticators.FIELDS[self.kind])
        given = {name: found[name] for name in names if name in found}
        if "certificate" in self.fields and not given.get("certificate"):
            given["certificate"] = found.get("kept_certificate", "").encode()
        for name in ("certificate", "client_secret"):
            if name in given and not given[name]:
                del given[name]
        return given if self.authenticator else given | {"type": self.kind}

    @property
    def new_certificate(self) -> Certificate | None:
        """The certificate that the next Save stores, if the file chosen last is one."""
        if not self.is_bound or "certificate" not in self.fields or not hasattr(self, "cleaned_data"):
            return None
        return certificates.read(self.values().get("certificate", b""))

    @property
    def stored_certificate(self) -> Certificate | None:
        """The certificate in use."""
        stored = self.authenticator.certificate if self.authenticator else ""
        return certificates.read(stored.encode()) if stored else None


def _foreign(kind: str) -> set[str]:
    """The fields of the other types."""
    own = set(authenticators.FIELDS[kind])
    others = {name for names in authenticators.FIELDS.values() for name in names} - own
    return others | ({"kept_certificate"} if kind != Type.SAML2 else set())


def _initial(authenticator: LoginAuthenticator | None, may_manage_passwords: bool) -> dict[str, Any]:
    source = authenticator or LoginAuthenticator(type=Type.SYSTEM if may_manage_passwords else Type.SAML2)
    names = {name for names in authenticators.FIELDS.values() for name in names} - {"certificate", "client_secret"}
    found = {name: getattr(source, name) for name in ("name", "description", "type", *names)}
    return found | {"version": source.version if authenticator else None}
