"""The integration checklist for scripts (`/_lab/tenants/<name>/checklist`)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.api.described.shapes import FLAG, NUMBER, TEXT, TEXT_OR_NULL, WHOLE, WHOLE_OR_NULL, record, several, words
from accounts.models import BusinessUnit
from cxadmin.lab import control_requests
from cxadmin.lab.checklist import facts, procedures, trial
from cxadmin.lab.checklist.procedures import BASES, Step
from cxadmin.lab.checklist.trial import NothingToTry
from cxadmin.lab.control import Problem, answer, controls, members, only, tenant
from cxadmin.lab.described import describe

STEP = record(
    step=TEXT,
    label=TEXT,
    state=words("done", "missing", "waiting", "trouble", "note"),
    said=TEXT,
    url=TEXT_OR_NULL,
    request=WHOLE_OR_NULL,
)
PROCEDURE = record(procedure=TEXT, label=TEXT, base_url=TEXT, ready=FLAG, open=WHOLE, steps=several(STEP))


TRIAL = record(
    procedure=TEXT,
    sent=TEXT,
    is_good=FLAG,
    status=WHOLE,
    milliseconds=NUMBER,
    said=TEXT,
    diagnosis=control_requests.DIAGNOSES,
    request=WHOLE_OR_NULL,
)
MEMBERS = ("procedure", "secret", "key_id")


@controls("GET", "POST")
@describe(
    "GET",
    tag="Tenants",
    summary="Where a tenant stands with every documented procedure",
    answer=record(tenant=TEXT, procedures=several(PROCEDURE)),
)
@describe(
    "POST",
    tag="Tenants",
    summary="Test the connection of a procedure, as its identity provider would",
    body=record(procedure=words(*BASES), secret=TEXT, key_id=TEXT) | {"required": ["procedure"]},
    answer=TRIAL,
    refuses=(400, 409),
)
def checklist(request: HttpRequest, name: str) -> HttpResponse:
    """GET: where a tenant stands with every documented procedure. POST: a connection test of one of them."""
    unit = tenant(name)
    if request.method == "GET":
        return answer(document(unit, settings.PUBLIC_URL))
    return answer(tried(unit, members(request), settings.PUBLIC_URL))


def tried(unit: BusinessUnit, given: Mapping[str, Any], base: str) -> dict[str, Any]:
    """How a connection test went.

    Args:
        given: the `procedure`, and the `secret` and `key_id` to test with; without a secret the procedure `oauth` takes a
            fresh token of the latest sign-in.
        base: the address of the instance.

    Raises:
        Problem: a member is unknown or wrong, or there is nothing to test with; nothing was sent.
    """
    only(MEMBERS, given)
    if not all(isinstance(value, str) and len(value) <= trial.LONGEST for value in given.values()):
        raise Problem(400, f"The members must be texts of at most {trial.LONGEST:,} characters.")
    procedure = given.get("procedure", "")
    if procedure not in BASES:
        raise Problem(400, f"procedure must be one of {', '.join(BASES)}.")
    try:
        authorization = trial.header(procedure, unit, given.get("secret", "").strip(), given.get("key_id", "").strip())
    except NothingToTry as nothing:
        raise Problem(409, str(nothing)) from nothing
    done = trial.send(procedure, authorization, unit.pk, base)
    return {
        "procedure": procedure,
        "sent": done.request,
        "is_good": done.is_good,
        "status": done.status,
        "milliseconds": round(done.milliseconds, 1),
        "said": " ".join(filter(None, (done.verdict, done.said))),
        "diagnosis": control_requests.explained(done.found),
        "request": done.exchange.pk if done.exchange is not None else None,
    }


def document(unit: BusinessUnit, base: str) -> dict[str, Any]:
    """The checklist as the API and the command print it; `base` is the address of the instance."""
    found = [
        {
            "procedure": one.key,
            "label": str(one.label),
            "base_url": f"{base}{one.base}",
            "ready": one.is_ready,
            "open": one.open,
            "steps": [_step(step, base) for step in one.steps],
        }
        for one in procedures.of(facts.of(unit))
    ]
    return {"tenant": unit.tenant_name, "procedures": found}


def _step(step: Step, base: str) -> dict[str, Any]:
    return {
        "step": step.key,
        "label": str(step.label),
        "state": step.state,
        "said": step.said,
        "url": f"{base}{step.url}" if step.url else None,
        "request": step.exchange.pk if step.exchange is not None else None,
    }
