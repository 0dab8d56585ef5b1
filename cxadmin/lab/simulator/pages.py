"""The pages of the simulator: the runs, a new one, and one with its progress and report."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import workers
from accounts.console import dialogs, forms, lists, local
from accounts.console.answers import page_or_fragment, redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.models import BusinessUnit
from accounts.requests import PageRequest
from cxadmin.lab.access import operators_only
from cxadmin.lab.exchanges import tenants
from cxadmin.lab.models import Exchange, Simulation
from cxadmin.lab.simulator import jobs
from cxadmin.lab.simulator.forms import CLIENTS, STEPS, SimulationForm
from cxadmin.lab.simulator.plan import BadPlan

Status = Simulation.Status
TONES = {
    Status.WAITING: "grey",
    Status.PLAYING: "blue",
    Status.COMPLETE: "green",
    Status.STOPPED: "grey",
    Status.FAILED: "red",
}
OUTCOMES = {
    "created": pgettext_lazy("simulation outcome", "created"),
    "updated": pgettext_lazy("simulation outcome", "updated"),
    "unchanged": pgettext_lazy("simulation outcome", "unchanged"),
    "as expected": pgettext_lazy("simulation outcome", "as expected"),
    "users": pgettext_lazy("simulation outcome", "users"),
    "groups": pgettext_lazy("simulation outcome", "groups"),
}
STATUS: Filter[Simulation] = Filter(
    "status",
    gettext_lazy("Status"),
    (("", pgettext_lazy("filter", "All")), *((status.value, status.label) for status in Status)),
    lambda rows, chosen: rows.filter(status=chosen[0]) if any(chosen) else rows,
)
SPEC: ListSpec[Simulation] = ListSpec(
    fragment="lab/_simulation_table.html",
    columns=(
        Column("started", gettext_lazy("Started"), ("submitted_at",), "narrow"),
        Column("client", gettext_lazy("Identity provider")),
        Column("tenant", gettext_lazy("Tenant"), ("tenant_name",)),
        Column("people", gettext_lazy("People"), css="number"),
        Column("refused", pgettext_lazy("simulation", "Refused"), css="number"),
        Column("by", gettext_lazy("Started by"), ("submitted_by",), "extra"),
        Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    ),
    counted=lambda n: ngettext("%(n)d simulation", "%(n)d simulations", n) % {"n": n},
    empty=gettext_lazy("No simulations yet"),
    filters=(STATUS,),
    newest_first=True,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A simulation as the pages print it."""

    simulation: Simulation

    @property
    def client(self) -> str | Promise:
        plan = self.simulation.plan
        return dict(CLIENTS)[f"{plan['provider']}/{plan['style']}"]

    @property
    def tone(self) -> str:
        return TONES[Status(self.simulation.status)]

    @property
    def report(self) -> dict[str, Any]:
        return self.simulation.report or {}

    @property
    def refused(self) -> int:
        return int(self.report.get("refused", 0))

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Every step of the plan, those included that have not begun."""
        played = {step["step"]: step for step in self.report.get("steps", ())}
        return [self._step(name, played.get(name)) for name in self.simulation.plan["steps"]]

    def _step(self, name: str, played: dict[str, Any] | None) -> dict[str, Any]:
        found: dict[str, Any] = played or {"step": name, "total": 0, "done": 0, "refusals": []}
        outcomes = [
            f"{local.number(number)} {OUTCOMES.get(word, word)}" for word, number in found.get("outcomes", {}).items()
        ]
        return found | {"label": STEPS[name], "said": ", ".join(outcomes), "has_begun": played is not None}


@require_safe
@operators_only
def simulation_list(request: PageRequest) -> HttpResponse:
    """The runs, newest first."""
    return lists.show(
        request,
        "lab/simulation_list.html",
        SPEC,
        Simulation.objects.defer("sealed_secrets"),
        is_moving=Simulation.objects.filter(status__in=Simulation.OPEN).exists(),
        has_worker=workers.alive().exists(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def simulation_new(request: PageRequest) -> HttpResponse:
    """Choose what shall be played."""
    names = tenants()
    form = SimulationForm(
        forms.posted(request),
        tenants=[(str(pk), name) for pk, name in names.items()],
        initial={"tenant": str(request.actor.business_unit_id)},
    )
    if request.method == "POST" and form.is_valid():
        unit = BusinessUnit.objects.filter(pk=form.cleaned_data["tenant"]).first()
        if unit is None:
            raise Http404
        try:
            made = jobs.submit(
                unit, form.values, form.cleaned_data["credential"] or None, form.secrets, request.actor.username
            )
        except BadPlan as error:
            form.add_bad_plan(error)
        else:
            return redirect(request, reverse("lab:simulation-detail", args=[made.pk]))
    return render(request, "lab/simulation_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@operators_only
def simulation_detail(request: PageRequest, simulation_id: uuid.UUID) -> HttpResponse:
    """One run: how far it is, and in the end its report."""
    simulation = one(simulation_id)
    report = simulation.report or {}
    context = {
        "shown": Shown(simulation),
        "simulation": simulation,
        "report": report,
        "has_worker": workers.alive().exists() if simulation.is_open else True,
        "first": _exchange(report.get("first_request_id")),
        "last": _exchange(report.get("last_request_id")),
    }
    return page_or_fragment(request, "lab/simulation.html", "lab/_simulation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def simulation_stop(request: PageRequest, simulation_id: uuid.UUID) -> HttpResponse:
    """Stop a run."""
    simulation = one(simulation_id)
    dialog = Dialog(
        pgettext("simulation", "Stop this simulation?"),
        _(
            "What was created stays. The same simulation goes on from there: people who are there are found and updated."
        ),
        pgettext("simulation", "Stop"),
        back=reverse("lab:simulation-detail", args=[simulation.pk]),
    )
    return dialogs.confirm(request, dialog, lambda: jobs.stop(simulation), done=_("The simulation stops."))


def one(simulation_id: uuid.UUID) -> Simulation:
    """A simulation that is still kept.

    Raises:
        Http404: it is not.
    """
    found = Simulation.objects.filter(pk=simulation_id).defer("sealed_secrets").first()
    if found is None:
        raise Http404
    return found


def _exchange(request_id: str | None) -> int | None:
    """The number of a request in the journal, while it is kept."""
    if not request_id:
        return None
    return Exchange.objects.filter(request_id=request_id).values_list("pk", flat=True).first()
