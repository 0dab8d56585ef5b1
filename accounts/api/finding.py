"""The records that a body names: by id, by number or by name, inside the caller's tenant."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import access
from accounts.api import reading
from accounts.api.operations import Call
from accounts.ids import as_uuid, fold
from accounts.models import Employee, Group, LoginAuthenticator, Role, Team

M = TypeVar("M", bound=Model)


def _of_tenant(call: Call, model: type[M]) -> QuerySet[M]:
    return model._default_manager.filter(business_unit_id=call.actor.business_unit_id)


def user(call: Call, user_id: Any, *permissions: str) -> Employee:
    """The employee with this UUID.

    Raises:
        Http404: there is none here.
        Forbidden: a permission is missing.
    """
    found = as_uuid(user_id)
    if found is None:
        raise Http404
    return access.employee(call.actor, found, *permissions)


def agent(call: Call, agent_id: Any, *permissions: str) -> Employee:
    """The employee with this agent ID or UUID (apis.md §3.2); raises as `user`."""
    number = reading.as_number(agent_id)
    if number is None:
        return user(call, agent_id, *permissions)
    found = _of_tenant(call, Employee).filter(agent_id=number).values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    return access.employee(call.actor, found, *permissions)


def employee(call: Call, name: str, given: Any) -> Employee:
    """The employee that a body names by agent ID or UUID.

    Raises:
        ValidationError: there is none here.
    """
    try:
        return agent(call, given)
    except Http404 as error:
        raise reading.wrong(name, _("There is no employee %(given)s.") % {"given": str(given)[:80]}) from error


def role(call: Call, name: str, given: str) -> Role:
    """The role with this name or UUID.

    Raises:
        ValidationError: there is none here.
    """
    role_id = as_uuid(given)
    visible = _of_tenant(call, Role).filter(internal=False)
    found = visible.filter(pk=role_id) if role_id is not None else visible.filter(name_key=fold(given))
    return _one(found, name, _("There is no role %(given)s.") % {"given": given[:80]})


def _numbered(call: Call, model: type[M], given: Any) -> QuerySet[M]:
    number, record_id = reading.as_number(given), as_uuid(given)
    records = _of_tenant(call, model)
    if number is not None:
        return records.filter(number=number)
    return records.filter(pk=record_id) if record_id is not None else records.none()


def numbered(call: Call, model: type[M], name: str, given: Any) -> M:
    """The record with this number or UUID.

    Raises:
        ValidationError: there is none here.
    """
    return _one(
        _numbered(call, model, given),
        name,
        _("There is nothing with the id %(given)s here.") % {"given": str(given)[:80]},
    )


def numbered_or_404(call: Call, model: type[M], given: str) -> M:
    """As `numbered`, for the address of a request.

    Raises:
        Http404: there is none here.
    """
    found = _numbered(call, model, given).first()
    if found is None:
        raise Http404
    return found


def team(call: Call, name: str, given: str) -> Team:
    """The team with this UUID or number; raises as `numbered`."""
    return numbered(call, Team, name, given)


def authenticator(call: Call, name: str, given: str) -> LoginAuthenticator:
    """The login authenticator with this UUID; raises as `numbered`."""
    found = _of_tenant(call, LoginAuthenticator).filter(pk__in=[as_uuid(given)])
    return _one(found, name, _("There is no login authenticator %(given)s.") % {"given": given[:80]})


def many(call: Call, model: type[Role] | type[Group], name: str, given: Iterable[str]) -> list[Any]:
    """The records with these UUIDs, in any order.

    Raises:
        ValidationError: one of them is not here.
    """
    wanted = {as_uuid(value): value for value in given}
    found = list(_of_tenant(call, model).filter(pk__in=[key for key in wanted if key]))
    missing = wanted.keys() - {record.pk for record in found}
    if missing:
        raise reading.wrong(
            name, _("There is nothing with the id %(given)s here.") % {"given": wanted[missing.pop()][:80]}
        )
    return found


def _one(found: QuerySet[M], name: str, message: str) -> M:
    record = found.first()
    if record is None:
        raise reading.wrong(name, message)
    return record
