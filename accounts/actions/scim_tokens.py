"""SCIM tokens: generating, saving and deleting them (R-TOK)."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import ngettext

from accounts import audit
from accounts.actors import Actor
from accounts.crypto import keyed_hash, new_scim_token
from accounts.errors import Refused
from accounts.models import Employee, ScimToken
from cxadmin import clock


def generate(employee: Employee, *, actor: Actor, unsaved: int = 0, token: str = "") -> tuple[ScimToken, str]:
    """A new token for this employee that works only once it is saved; answers the record and the token, shown this once.

    Args:
        unsaved: how many tokens of this employee the same page has generated already.
        token: a fixed value for a seed; drawn at random otherwise.

    Raises:
        Refused: the employee has as many tokens as allowed.
    """
    now = clock.now()
    ScimToken.objects.filter(
        business_unit_id=actor.business_unit_id, saved_at__isnull=True, created_at__lt=clock.ago(days=1)
    ).delete()
    refuse_above_limit(employee, unsaved + 1)
    token = token or new_scim_token()
    lifetime = settings.SCIM_TOKEN_TTL_DAYS
    record = ScimToken.objects.create(
        business_unit_id=actor.business_unit_id,
        employee=employee,
        token_hash=keyed_hash(token),
        last4=token[-4:],
        created_at=now,
        created_by=actor.name,
        expires_at=now + timedelta(days=lifetime) if lifetime else None,
    )
    return record, token


def refuse_above_limit(employee: Employee, more: int) -> None:
    """Refuse if the saved tokens and this many more exceed SCIM_TOKEN_LIMIT.

    Raises:
        Refused: screens §12.6.
    """
    limit = settings.SCIM_TOKEN_LIMIT
    if employee.scim_tokens.filter(saved_at__isnull=False, deleted_at__isnull=True).count() + more > limit:
        said = ngettext(
            "This employee already has %(n)d SCIM token.", "This employee already has %(n)d SCIM tokens.", limit
        )
        raise Refused(said % {"n": limit}, "SCIM_TOKEN_LIMIT")


def drafts(tokens: Collection[str], *, actor: Actor) -> list[tuple[ScimToken, str]]:
    """The records of unsaved tokens, oldest first, each with its token; whoever has seen the token may save it.

    What is saved already, unknown or another tenant's is left out.
    """
    by_hash = {keyed_hash(token): token for token in tokens}
    found = ScimToken.objects.filter(
        business_unit_id=actor.business_unit_id, token_hash__in=by_hash, saved_at__isnull=True
    ).select_related("employee")
    return [(record, by_hash[record.token_hash]) for record in found.order_by("created_at", "pk")]


def save(unsaved: Collection[uuid.UUID], *, actor: Actor) -> None:
    """What Save does on Account Settings: the tokens generated since the page was opened start to work (R-TOK-3).

    Raises:
        Refused: more tokens for one employee than allowed.
    """
    if not unsaved:
        return
    with transaction.atomic():
        waiting = ScimToken.objects.filter(
            business_unit_id=actor.business_unit_id, pk__in=unsaved, saved_at__isnull=True
        )
        # The employees are locked, so that Saves side by side count each other's tokens.
        holders = Employee.objects.filter(pk__in=waiting.values("employee_id")).order_by("pk")
        people = {employee.pk: employee for employee in holders.select_for_update()}
        for token in waiting.select_for_update():
            token.employee = people[token.employee_id]
            refuse_above_limit(token.employee, 1)
            token.saved_at = clock.now()
            token.save(update_fields=["saved_at"])
            _record(token, actor, "created")


def delete(token: ScimToken, *, actor: Actor) -> None:
    """End a token at once; twice is the same as once."""
    with transaction.atomic():
        ended = ScimToken.objects.filter(pk=token.pk, deleted_at__isnull=True).update(deleted_at=clock.now())
        if ended:
            _record(token, actor, "deleted")


def may_provision(held: Collection[str]) -> bool:
    """Whether requests with a token of somebody with these permissions will be accepted (R-ACC-1 c)."""
    return "admin.scim.on" in held or {"admin.employees.create", "admin.employees.edit"} <= set(held)


def _record(token: ScimToken, actor: Actor, what: str) -> None:
    """The history of Account Settings tells of tokens, for they are made and deleted there."""
    label = f"{token.employee.full_name} …{token.last4}"
    entry = ("ScimToken", "", f"{label} created") if what == "created" else ("ScimToken", label, f"{label} deleted")
    audit.record(actor, "ScimToken", actor.business_unit_id, label, [entry])
