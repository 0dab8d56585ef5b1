"""The pages of the tenants' clocks: what each shows, and one to be moved."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.console import dialogs, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.forms import ConsoleForm, posted, submit
from accounts.console.lists import Column, ListSpec
from accounts.models import BusinessUnit
from accounts.requests import LAST_USED, PageRequest
from cxadmin import clock
from cxadmin.lab import clocks
from cxadmin.lab.access import operators_only

SHIFTS = (
    ("1h", gettext_lazy("1 hour on")),
    ("1d", gettext_lazy("1 day on")),
    ("7d", gettext_lazy("7 days on")),
    ("90d", gettext_lazy("90 days on")),
)

SPEC: ListSpec[BusinessUnit] = ListSpec(
    fragment="lab/_clock_table.html",
    columns=(
        Column("tenant", gettext_lazy("Tenant"), ("tenant_name",)),
        Column("now", pgettext_lazy("clock", "Its time (UTC)")),
        Column("state", gettext_lazy("Status"), css="narrow"),
    ),
    counted=lambda n: ngettext("%(n)d tenant", "%(n)d tenants", n) % {"n": n},
    empty=gettext_lazy("No tenants yet"),
    search=lambda rows, words: rows.filter(tenant_name__icontains=words),
)


class ClockForm(ConsoleForm):
    """How a clock shall be changed."""

    at = forms.CharField(
        label=gettext_lazy("Set to (UTC)"),
        required=False,
        widget=forms.TextInput({"type": "datetime-local", "step": "1"}),
    )
    shift = forms.CharField(
        label=gettext_lazy("Shift by"), required=False, help_text=gettext_lazy("As 90s, 15m, 72h, 7d or -1d")
    )
    rate = forms.FloatField(
        label=gettext_lazy("Speed"),
        help_text=gettext_lazy("0: it stands; 1: as the machine's; 60: a minute a second"),
        widget=forms.NumberInput({"min": 0, "max": clocks.FASTEST, "step": "any"}),
    )

    def values(self) -> dict[str, object]:
        """For `clocks.change`: what is filled in."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


@require_safe
@operators_only
def clock_list(request: PageRequest) -> HttpResponse:
    """What the clock of each tenant shows."""
    return lists.show(request, "lab/clock_list.html", SPEC, BusinessUnit.objects.all())


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def detail(request: PageRequest, unit_id: uuid.UUID) -> HttpResponse:
    """One clock: set, shifted, stopped or sped up."""
    unit = one(unit_id)
    moved = clocks.of(unit)
    form = ClockForm(posted(request), initial={"rate": f"{moved.rate:g}" if moved else 1})
    if request.method == "POST":
        saved = submit(form, lambda: clocks.change(unit, form.values()))
        if saved is not None:
            _keep_signed_in(request, saved)
            messages.success(request, _("Clock changed"))
            return redirect(request, reverse("lab:clock-detail", args=[unit.pk]))
    context = {"unit": unit, "form": form, "clock": clocks.written(unit), "now": clocks.time_of(unit), "shifts": SHIFTS}
    return render(request, "lab/clock.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def reset(request: PageRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Let a clock follow the machine's again."""
    unit = one(unit_id)

    def act() -> None:
        _keep_signed_in(request, clocks.reset(unit))

    dialog = Dialog(
        pgettext("button", "Reset clock"),
        _("Let the clock of %(tenant)s show the machine's time again? What was made meanwhile keeps its times.")
        % {"tenant": unit.tenant_name},
        pgettext("button", "Reset clock"),
        back=reverse("lab:clock-detail", args=[unit.pk]),
    )
    return dialogs.confirm(request, dialog, act, done=_("Clock reset"))


def one(unit_id: uuid.UUID) -> BusinessUnit:
    """A tenant by its ID.

    Raises:
        Http404: there is none.
    """
    unit = BusinessUnit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise Http404
    return unit


def _keep_signed_in(request: PageRequest, unit: BusinessUnit) -> None:
    """Who moves the own clock has just used the session, whatever the clock shows now."""
    if unit.pk == request.actor.business_unit_id:
        moved = clocks.of(unit)
        now = moved.at(clock.machine()) if moved else clock.machine()
        request.session[LAST_USED] = now.timestamp()
