"""The section SCIM Tokens of Account Settings (screens §12.6)."""

import uuid
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries, rules
from accounts.actions import scim_tokens
from accounts.console import choices, dialogs
from accounts.console.dialogs import Dialog
from accounts.errors import Refused
from accounts.models import Employee, ScimToken
from accounts.requests import PageRequest

EDIT = "admin.admin_account_settings.edit"
TOKEN, USER = "scim_token", "token_user"  # names of form fields


@dataclass(frozen=True, slots=True)
class Draft:
    """A token that is not saved: shown this once. `is_powerless`: its employee lacks the rights for SCIM."""

    record: ScimToken
    token: str
    is_powerless: bool


class Drafts:
    """The tokens that were generated on the page and not saved yet.

    The page carries each token itself and sends it back: so it survives a refused Save, and nobody can save a token that
    was not shown to them.
    """

    def __init__(self, request: PageRequest) -> None:
        self.request = request
        found = scim_tokens.drafts(request.POST.getlist(TOKEN), actor=request.actor)
        self.found = [self._draft(record, token) for record, token in found]
        self.problem = ""

    @staticmethod
    def _draft(record: ScimToken, token: str) -> Draft:
        held = queries.effective_permissions(record.employee)
        return Draft(record, token, not scim_tokens.may_provision(held))

    @property
    def ids(self) -> list[uuid.UUID]:
        return [draft.record.pk for draft in self.found]

    @property
    def status(self) -> int:
        return 422 if self.problem else 200

    def generate(self) -> None:
        """What Generate does: one more token for the chosen employee, or a sentence why not."""
        employee = self._chosen()
        if employee is None:
            self.problem = rules.inactive_choice(USER, pgettext("thing", "employee")).message
            return
        unsaved = sum(draft.record.employee_id == employee.pk for draft in self.found)
        try:
            made = scim_tokens.generate(employee, actor=self.request.actor, unsaved=unsaved)
        except Refused as error:
            self.problem = error.message
        else:
            self.found.append(self._draft(*made))

    def _chosen(self) -> Employee | None:
        try:
            chosen = uuid.UUID(self.request.POST.get(USER, ""))
        except ValueError:
            return None
        return queries.active_employees(self.request.actor.business_unit_id).filter(pk=chosen).first()

    def answer(self) -> HttpResponse:
        """The list of drafts for htmx."""
        return render(self.request, "accounts/_scim_token_drafts.html", {"drafts": self}, status=self.status)


@require_safe
def users(request: PageRequest) -> HttpResponse:
    """Who can get a token, for the searchable drop-down: Active employees."""
    request.actor.require(EDIT)
    return choices.employees(request, queries.active_employees(request.actor.business_unit_id))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: PageRequest, token_id: uuid.UUID) -> HttpResponse:
    """End a token at once, without leaving the page and what is entered there."""
    token = access.scim_token(request.actor, token_id, EDIT)
    dialog = Dialog(
        _("Delete SCIM token"),
        _("Delete this SCIM token? Provisioning with it stops at once."),
        pgettext("button", "Delete"),
        back=reverse("accounts:account-settings"),
        takes_away=True,
        more=(f"{token.employee.full_name} …{token.last4}",),
    )
    return dialogs.confirm(
        request,
        dialog,
        lambda: scim_tokens.delete(token, actor=request.actor),
        done=_("SCIM token deleted"),
        fragment=lambda: _table(request),
    )


def _table(request: PageRequest) -> HttpResponse:
    context = {"tokens": queries.saved_scim_tokens(request.actor.business_unit_id), "may_edit": True}
    return dialogs.instead(render(request, "accounts/_scim_token_table.html", context), "#scim-tokens")
