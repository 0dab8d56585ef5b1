"""The page of the checklist, with its connection tests."""

from dataclasses import dataclass
from typing import Any

from django import forms as fields
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.console.forms import ConsoleForm
from accounts.models import BusinessUnit
from accounts.requests import PageRequest
from cxadmin.lab.access import operators_only
from cxadmin.lab.checklist import facts, procedures, trial
from cxadmin.lab.checklist.procedures import STATES, TONES, Procedure, Step
from cxadmin.lab.checklist.trial import NothingToTry, Trial
from cxadmin.lab.exchanges import tenants


def _secret(label: Any) -> fields.CharField:
    widget = fields.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"})
    return fields.CharField(label=label, required=False, max_length=trial.LONGEST, widget=widget)


class TokenTrial(ConsoleForm):
    """A SCIM token."""

    secret = _secret(gettext_lazy("SCIM token"))


class OAuthTrial(ConsoleForm):
    """An access token, or none for a fresh one of the latest sign-in."""

    secret = _secret(gettext_lazy("Access token"))


class KeyTrial(ConsoleForm):
    """An access key."""

    key_id = fields.CharField(
        label=gettext_lazy("Access key ID"),
        required=False,
        max_length=200,
        widget=fields.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = _secret(gettext_lazy("Secret Access Key"))


TRIALS: dict[str, type[ConsoleForm]] = {"oauth": OAuthTrial, "token": TokenTrial, "key": KeyTrial}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as the page prints it."""

    step: Step

    @property
    def state(self) -> Any:
        return STATES[self.step.state]

    @property
    def tone(self) -> str:
        return TONES[self.step.state]


@dataclass(frozen=True, slots=True)
class Card:
    """A procedure with its test."""

    procedure: Procedure
    form: ConsoleForm
    trial: Trial | None

    @property
    def steps(self) -> list[ShownStep]:
        return [ShownStep(step) for step in self.procedure.steps]


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def checklist(request: PageRequest) -> HttpResponse:
    """Where a tenant stands with every procedure; by POST, a connection test of one of them."""
    names = tenants()
    asked = request.GET.get("tenant") or request.business_unit.tenant_name
    unit = BusinessUnit.objects.select_related("settings").filter(tenant_name=asked).first()
    if unit is None:
        raise Http404
    tested = request.POST.get("procedure", "") if request.method == "POST" else ""
    if request.method == "POST" and tested not in TRIALS:
        raise Http404
    form = TRIALS[tested](request.POST, prefix=tested) if tested else None
    done = _tried(tested, form, unit) if form is not None else None
    cards = [
        Card(
            one,
            form if one.key == tested and form is not None else TRIALS[one.key](prefix=one.key),
            done if one.key == tested else None,
        )
        for one in procedures.of(facts.of(unit))
    ]
    context = {
        "cards": cards,
        "unit": unit,
        "tenants": names.values(),
        "is_own": unit.pk == request.actor.business_unit_id,
    }
    failed = form is not None and bool(form.errors)
    return render(request, "lab/checklist.html", context, status=422 if failed else 200)


def _tried(procedure: str, form: ConsoleForm, unit: BusinessUnit) -> Trial | None:
    if not form.is_valid():
        return None
    entered: dict[str, str] = form.cleaned_data
    try:
        authorization = trial.header(procedure, unit, entered["secret"].strip(), entered.get("key_id", "").strip())
    except NothingToTry as nothing:
        form.add_error("secret", str(nothing))
        return None
    return trial.send(procedure, authorization, unit.pk, settings.PUBLIC_URL)
