"""Simulations for scripts (`/_lab/simulations`)."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.api.described.shapes import FREE, NUMBER, TEXT, TIME, UUID, WHOLE, record, several, words
from cxadmin.lab.control import Problem, answer, controls, members, tenant
from cxadmin.lab.described import describe
from cxadmin.lab.models import Simulation
from cxadmin.lab.simulator import jobs, plan, targets
from cxadmin.lab.simulator.plan import BadPlan

LISTED = 100
TAG = "Simulations"
SIMULATION = {
    "id": UUID,
    "tenant": TEXT,
    "status": TEXT,
    "credential": TEXT,
    "plan": FREE,
    "submitted_by": TEXT,
    "submitted_at": TIME,
    "finished_at": {"type": ["string", "null"], "format": "date-time"},
}
ASKED = record(
    tenant=TEXT,
    credential=words(*targets.CREDENTIALS),
    **dict.fromkeys(targets.SECRETS, TEXT),
    provider=words(*plan.PROVIDERS),
    style=TEXT,
    steps=several(TEXT),
    domain=TEXT,
    rate=NUMBER,
    **dict.fromkeys(plan.NUMBERS, WHOLE),
)
WITH_REPORT = record(**SIMULATION, report={"type": ["object", "null"]})


@controls("GET", "POST")
@describe(tag=TAG, summary="The latest simulations", answer=record(simulations=several(record(**SIMULATION))))
@describe("POST", tag=TAG, summary="Start a simulation", body=ASKED, answer=WITH_REPORT, status=202, refuses=(400, 404))
def simulation_list(request: HttpRequest) -> HttpResponse:
    """The latest simulations, newest first; or a new one, which a worker plays."""
    if request.method == "GET":
        return answer(latest())
    body = members(request)
    name, credential = body.pop("tenant", "demo"), body.pop("credential", None)
    secrets = {key: body.pop(key) for key in targets.SECRETS if key in body}
    for key, value in {"tenant": name, "credential": credential or "", **secrets}.items():
        if not isinstance(value, str) or len(value) > 2000 or "\x00" in value:
            raise Problem(400, f"{key} must be a text.")
    try:
        simulation = jobs.submit(tenant(name), body, credential, secrets, by="control API")
    except BadPlan as error:
        raise Problem(400, f"{error.field}: {error}") from error
    return answer(document(simulation), status=202)


@controls("GET")
@describe(tag=TAG, answer=WITH_REPORT)
def simulation_detail(request: HttpRequest, simulation_id: uuid.UUID) -> HttpResponse:
    """One simulation with its report so far."""
    return answer(document(one(simulation_id)))


@controls("POST")
@describe("POST", tag=TAG, summary="End a simulation soon", answer=WITH_REPORT, status=202)
def simulation_stop(request: HttpRequest, simulation_id: uuid.UUID) -> HttpResponse:
    """End a simulation soon; one that has ended stays as it is."""
    return answer(stopped(simulation_id), status=202)


def latest() -> dict[str, Any]:
    """The latest simulations, without their reports."""
    found = Simulation.objects.order_by("-submitted_at")[:LISTED]
    return {"simulations": [document(simulation, whole=False) for simulation in found]}


def stopped(simulation_id: uuid.UUID) -> dict[str, Any]:
    """A simulation once its end was asked for."""
    jobs.stop(one(simulation_id))
    return document(one(simulation_id))


def document(simulation: Simulation, *, whole: bool = True) -> dict[str, Any]:
    """A simulation as JSON; its secrets are no part of it."""
    found = {
        "id": str(simulation.pk),
        "tenant": simulation.tenant_name,
        "status": simulation.status.lower(),
        "credential": simulation.credential,
        "plan": simulation.plan,
        "submitted_by": simulation.submitted_by,
        "submitted_at": simulation.submitted_at.isoformat(),
        "finished_at": simulation.finished_at.isoformat() if simulation.finished_at else None,
    }
    return found | {"report": simulation.report} if whole else found


def one(simulation_id: uuid.UUID) -> Simulation:
    """A simulation.

    Raises:
        Problem: there is none of this ID.
    """
    found = Simulation.objects.filter(pk=simulation_id).first()
    if found is None:
        raise Problem(404, f"There is no simulation {simulation_id} (any more).")
    return found
