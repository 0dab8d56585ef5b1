"""The integration checklist for scripts (`/_lab/tenants/<name>/checklist`)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.api.described.shapes import FLAG, TEXT, TEXT_OR_NULL, WHOLE, record, several, words
from accounts.models import BusinessUnit
from cxadmin.lab.checklist import facts, procedures
from cxadmin.lab.checklist.procedures import Step
from cxadmin.lab.control import answer, controls, tenant
from cxadmin.lab.described import describe

STEP = record(
    step=TEXT,
    label=TEXT,
    state=words("done", "missing", "waiting", "trouble", "note"),
    said=TEXT,
    url=TEXT_OR_NULL,
    request={"type": ["integer", "null"]},
)
PROCEDURE = record(procedure=TEXT, label=TEXT, base_url=TEXT, ready=FLAG, open=WHOLE, steps=several(STEP))


@controls("GET")
@describe(tag="Tenants", answer=record(tenant=TEXT, procedures=several(PROCEDURE)))
def checklist(request: HttpRequest, name: str) -> HttpResponse:
    """Where a tenant stands with every documented procedure."""
    return answer(document(tenant(name)))


def document(unit: BusinessUnit) -> dict[str, Any]:
    """The checklist as the API and the command print it."""
    found = [
        {
            "procedure": one.key,
            "label": str(one.label),
            "base_url": f"{settings.PUBLIC_URL}{one.base}",
            "ready": one.is_ready,
            "open": one.open,
            "steps": [_step(step) for step in one.steps],
        }
        for one in procedures.of(facts.of(unit))
    ]
    return {"tenant": unit.tenant_name, "procedures": found}


def _step(step: Step) -> dict[str, Any]:
    return {
        "step": step.key,
        "label": str(step.label),
        "state": step.state,
        "said": step.said,
        "url": f"{settings.PUBLIC_URL}{step.url}" if step.url else None,
        "request": step.exchange.pk if step.exchange is not None else None,
    }
