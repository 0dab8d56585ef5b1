"""Unavailable codes: a fixed catalogue (screens §7); which team has which is kept with the team and has no effect."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts.actions import teams
from accounts.api import finding, paging, reading
from accounts.api.classic import conventions
from accounts.api.operations import Call, delete, get, patch, post, put
from accounts.errors import Refused
from accounts.ids import fold
from accounts.models import Team
from accounts.team_settings import CODES_KEPT_AS, UNAVAILABLE_CODES, Code

VIEW, EDIT = "admin.teams.view", "admin.teams.edit"


def _code(given: Any) -> Code:
    number = reading.as_number(given)
    found = next((code for code in UNAVAILABLE_CODES if code.number == number), None)
    if found is None:
        raise Http404
    return found


def described(code: Code) -> dict[str, Any]:
    """A code of the catalogue."""
    return {"id": code.number, "name": code.name, "isACW": False, "isActive": True, "agentTimeout": code.timeout}


def listed(call: Call) -> dict[str, Any]:
    """The catalogue, page by page."""
    words = fold(reading.text(call, "searchString"))
    found = [code for code in UNAVAILABLE_CODES if words in fold(code.name)]
    if reading.boolean(call, "isActive") is False:
        found = []
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    fields = paging.fields(call)
    return {
        "_links": paging.links(call, skip, top, len(found)),
        "businessUnitId": call.unit.number,
        "totalRecords": len(found),
        "unavailableCodes": [paging.chosen(described(code), fields) for code in found[skip : skip + top]],
    }


def read(call: Call, code_id: str) -> dict[str, Any]:
    """One code."""
    return {"unavailableCode": described(_code(code_id)) | {"notes": ""}}


def refuse(call: Call, code_id: str = "") -> Response:
    """Creating and changing codes: the catalogue is fixed.

    Raises:
        Http404: there is no such code.
        Refused: otherwise.
    """
    if code_id:
        _code(code_id)
    raise Refused(_("The unavailable codes are fixed here."), "CODES_FIXED")


def history(call: Call, code_id: str) -> dict[str, Any]:
    """The changes of a code: there are none."""
    _code(code_id)
    return {
        "auditHistoryEntries": [],
        "businessUnitId": call.unit.number,
        "createdBy": "System",
        "modifiedBy": "System",
        "totalRecords": 0,
    }


def _has(team: Team) -> set[int]:
    return set(team.acd_settings.get(CODES_KEPT_AS, []))


def _save(call: Call, team: Team, codes: Iterable[int]) -> None:
    settings = dict(team.acd_settings) | {CODES_KEPT_AS: sorted(codes)}
    teams.update(team, {"acd_settings": settings}, actor=call.actor)


def _teams(call: Call, words: str = "") -> list[Team]:
    found = Team.objects.filter(business_unit_id=call.actor.business_unit_id)
    if words:
        found = found.filter(name_key__contains=fold(words))
    return list(found.order_by("name_key", "pk"))


def _teams_page(call: Call, chosen: Callable[[Team], bool]) -> dict[str, Any]:
    found = [team for team in _teams(call, reading.text(call, "searchString")) if chosen(team)]
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    fields = paging.fields(call)
    shown = [{"id": team.number, "name": team.name, "uuid": str(team.pk)} for team in found[skip : skip + top]]
    return {
        "businessUnitId": call.unit.number,
        "teams": [paging.chosen(team, fields) for team in shown],
        "totalRecords": len(found),
    }


def teams_with(call: Call, code_id: str) -> dict[str, Any]:
    """The teams that have a code."""
    code = _code(code_id)
    return _teams_page(call, lambda team: code.number in _has(team))


def teams_without(call: Call, code_id: str) -> dict[str, Any]:
    """The teams that do not have a code."""
    code = _code(code_id)
    return _teams_page(call, lambda team: code.number not in _has(team))


def assign(call: Call, code_id: str) -> dict[str, Any]:
    """Give a code to teams, to all with `addAll`."""
    changed, unknown = _change(call, code_id, "addAll", lambda has, number: has | {number})
    return {"assignedTeams": changed, "invalidTeams": unknown}


def unassign(call: Call, code_id: str) -> dict[str, Any]:
    """Take a code from teams, from all with `removeAll`."""
    changed, unknown = _change(call, code_id, "removeAll", lambda has, number: has - {number})
    return {"unassignedTeams": changed, "invalidTeams": unknown}


def _change(
    call: Call, code_id: str, everywhere: str, change: Callable[[set[int], int], set[int]]
) -> tuple[list[dict[str, int]], list[dict[str, int]]]:
    code, unknown, changed = _code(code_id), [], []
    if reading.boolean(call, everywhere, default=False):
        chosen = _teams(call)
    else:
        chosen = []
        for item in conventions.items(call, "teams"):
            given = item.get("id", item.get("teamId")) if isinstance(item, Mapping) else None
            try:
                chosen.append(finding.numbered_or_404(call, Team, str(given)))
            except Http404:
                unknown.append({"teamId": reading.as_number(given) or 0})
    for team in chosen:
        _save(call, team, change(_has(team), code.number))
        changed.append({"teamId": team.number})
    return changed, unknown


def set_teams(call: Call, code_id: str) -> dict[str, Any]:
    """The teams that have a code from now on, and no others."""
    code = _code(code_id)
    given = conventions.items(call, "teams")
    wanted = {
        finding.team(call, "teamId", str(item.get("teamId") if isinstance(item, Mapping) else None)).pk
        for item in given
    }
    for team in _teams(call):
        has = _has(team)
        after = has | {code.number} if team.pk in wanted else has - {code.number}
        if after != has:
            _save(call, team, after)
    return {"error": "", "error_Description": ""}


def _outstate(code: Code) -> dict[str, Any]:
    return {
        "outstateId": code.number,
        "outstateName": code.name,
        "isActive": True,
        "isAcw": False,
        "agentTimeoutMins": str(code.timeout),
    }


def of_team(call: Call, team_id: str) -> dict[str, Any] | Response:
    """The codes of a team; 204 when it has none."""
    team = finding.numbered_or_404(call, Team, team_id)
    found = [_outstate(code) for code in UNAVAILABLE_CODES if code.number in _has(team)]
    if not found:
        return conventions.nothing()
    return {
        "teamId": team.number,
        "teamName": team.name,
        "teamUuid": str(team.pk),
        "divisionNo": 1,
        "unavailableCodes": found,
    }


def _outstates(call: Call, member: str) -> list[Any]:
    return [
        item.get("outstateId", item.get("outStateId")) if isinstance(item, Mapping) else None
        for item in conventions.items(call, member)
    ]


def add_to_team(call: Call, team_id: str) -> dict[str, Any]:
    """Give codes to a team."""
    return {"resultSet": _change_team(call, team_id, lambda has, number: has | {number}, as_text=True)}


def remove_from_team(call: Call, team_id: str) -> dict[str, Any]:
    """Take codes from a team."""
    return _change_team(call, team_id, lambda has, number: has - {number}, as_text=False)


def _change_team(
    call: Call, team_id: str, change: Callable[[set[int], int], set[int]], *, as_text: bool
) -> dict[str, Any]:
    team = finding.numbered_or_404(call, Team, team_id)
    has, results = _has(team), []
    for given in _outstates(call, "codes"):
        try:
            number, error = _code(given).number, ""
            has = change(has, number)
        except Http404:
            number, error = reading.as_number(given) or 0, _("There is no such code.")
        results.append({"outstateId": number, "success": not error, "error": error})
    _save(call, team, has)
    failed = sum(not result["success"] for result in results)
    if not as_text:
        return {"errorCount": failed, "codeResults": results}
    spelt = [r | {"outstateId": str(r["outstateId"]), "success": str(r["success"]).lower()} for r in results]
    return {"errorCount": str(failed), "codeResults": spelt}


def set_of_team(call: Call, team_id: str) -> Response:
    """The codes that a team has from now on, and no others."""
    team = finding.numbered_or_404(call, Team, team_id)
    _save(call, team, {_code(given).number for given in _outstates(call, "unavailableCodes")})
    return conventions.done()


CODES = (
    get("/unavailable-codes", listed, VIEW),
    post("/unavailable-codes", refuse, EDIT),
    get("/unavailable-codes/{code_id}", read, VIEW),
    put("/unavailable-codes/{code_id}", refuse, EDIT),
    get("/unavailable-codes/{code_id}/audit-history", history, VIEW),
    patch("/unavailable-codes/{code_id}/status", refuse, EDIT),
    get("/unavailable-codes/{code_id}/teams", teams_with, VIEW),
    post("/unavailable-codes/{code_id}/teams", assign, EDIT),
    put("/unavailable-codes/{code_id}/teams", set_teams, EDIT),
    delete("/unavailable-codes/{code_id}/teams", unassign, EDIT),
    get("/unavailable-codes/{code_id}/teams/unassigned", teams_without, VIEW),
)
OF_TEAMS = (
    get("/teams/{team_id}/unavailable-codes", of_team, VIEW),
    post("/teams/{team_id}/unavailable-codes", add_to_team, EDIT),
    put("/teams/{team_id}/unavailable-codes", set_of_team, EDIT),
    delete("/teams/{team_id}/unavailable-codes", remove_from_team, EDIT),
)
