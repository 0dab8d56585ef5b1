"""Live telephony: there is none, so every operation answers as for an agent without contacts and messages
(docs/differences.md). Whom it is about must exist all the same. Only the state that an agent was given is kept."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts.actions import contact_centre
from accounts.api import finding, paging, problems, reading
from accounts.api.classic import agents, conventions
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, Handler, Operation, delete, get, post, put
from accounts.errors import Refused
from accounts.models import AgentState, Employee, Team
from accounts.team_settings import UNAVAILABLE_CODES

VIEW, EDIT = "admin.employees.view", "admin.employees.edit"
VIEW_TEAMS = "admin.teams.view"
LOGGED_OUT = {"agentStateId": 0, "agentStateName": "LoggedOut"}
AVAILABLE = {"agentStateId": 1, "agentStateName": "Available"}
UNAVAILABLE = {"agentStateId": 2, "agentStateName": "Unavailable"}


def _agent(call: Call, agent_id: str) -> Employee:
    """The agent; one's own telephony takes no permission."""
    employee = finding.agent(call, agent_id)
    if not call.actor.is_self(employee.pk):
        call.actor.require(VIEW)
    return employee


def _empty_list(*members: str, **more: Any) -> Handler:
    """An answer with empty lists, for all agents or for one."""

    def answer(call: Call, agent_id: str = "") -> dict[str, Any]:
        if agent_id:
            _agent(call, agent_id)
        return {member: [] for member in members} | more

    return answer


def _inside(outer: str, **inner: Any) -> Handler:
    """An empty answer inside another object."""

    def answer(call: Call, agent_id: str) -> dict[str, Any]:
        _agent(call, agent_id)
        return {outer: dict(inner)}

    return answer


def _nothing(call: Call, agent_id: str = "", team_id: str = "") -> Response:
    """204: nothing happened."""
    if agent_id:
        _agent(call, agent_id)
    if team_id:
        finding.numbered_or_404(call, Team, team_id)
    return conventions.nothing()


def _in_period(*members: str, **more: Any) -> Handler:
    """As `_empty_list`, for a time from `startDate` to `endDate`, which are required."""
    empty = _empty_list(*members, **more)

    def answer(call: Call, **path: str) -> Any:
        for name in ("startDate", "endDate"):
            if reading.moment(call, name) is None:
                raise reading.wrong(name, _("This parameter is required."))
        return empty(call, **path)

    return answer


def states(call: Call) -> dict[str, Any] | Response:
    """The state of every agent who is not Inactive."""
    found = agents.people(call).select_related("agent_state").exclude(status=Employee.Status.DELETED)
    order = {"agentId": "agent_id", "lastName": "last_name", "firstName": "first_name", "teamId": "team__number"}
    answer = conventions.page(call, "agentStates", found, _state(call), order, "agent_id")
    if isinstance(answer, Response):
        return answer
    return {name: answer[name] for name in ("_links", "agentStates", "lastPollTime", "totalRecords")}


def _state(call: Call) -> Callable[[Employee], dict[str, Any]]:
    number, now = call.unit.number, problems.now()

    def state(employee: Employee) -> dict[str, Any]:
        kept = getattr(employee, "agent_state", None)
        if kept is not None and employee.deactivated_at is not None and employee.deactivated_at >= kept.since:
            kept = None  # it ended then
        return _named(kept) | {
            "agentId": employee.agent_id,
            "businessUnitId": number,
            "firstName": employee.first_name,
            "lastName": employee.last_name,
            "userName": employee.username,
            "teamId": employee.team.number,
            "teamName": employee.team.name,
            "isACW": False,
            "isActive": True,
            "isOutbound": False,
            "openContacts": 0,
            "lastUpdateTime": now if kept is None else instant(kept.since),
        }

    return state


def _named(state: AgentState | None) -> dict[str, Any]:
    if state is None:
        return LOGGED_OUT
    if state.is_available:
        return AVAILABLE
    code = next((code for code in UNAVAILABLE_CODES if code.number == state.code), None)
    return UNAVAILABLE | ({"outStateId": code.number, "outStateDescription": code.name} if code else {})


def states_of_one(call: Call, agent_id: str) -> dict[str, Any]:
    """The state of one agent."""
    employee = _agent(call, agent_id)
    state = {name: value for name, value in _state(call)(employee).items() if name in STATE_OF_ONE}
    return {"agentStates": [paging.chosen(state, paging.fields(call))]}


STATE_OF_ONE = (
    "agentId",
    "agentStateId",
    "agentStateName",
    "businessUnitId",
    "firstName",
    "isACW",
    "isOutbound",
    "lastName",
    "lastUpdateTime",
    "teamId",
    "teamName",
)


def no_session(call: Call, agent_id: str) -> Response:
    """What needs an agent who is logged in at a phone.

    Raises:
        Refused: nobody is.
    """
    _agent(call, agent_id)
    raise Refused(_("The agent is not logged in to a session; there is no telephony here."), "NO_SESSION")


def set_state(call: Call, agent_id: str) -> Response:
    """What an agent is from now on: Available, or Unavailable with an unavailable code. It logs him in, for there is no phone
    that could; so clients that ask for free agents find some."""
    employee = finding.agent(call, agent_id)
    if not call.actor.is_self(employee.pk):
        call.actor.require(EDIT)
    wanted = reading.text(call, "state").lower()
    if wanted not in ("available", "unavailable"):
        raise reading.wrong("state", _("Give Available or Unavailable."))
    number, code = reading.number(call, "outStateId"), None
    if wanted == "unavailable" and number:
        code = next((code for code in UNAVAILABLE_CODES if code.number == number), None)
        if code is None:
            raise reading.wrong("outStateId", _("There is no such code."))
    if employee.is_inactive:
        raise Refused(_("The agent is inactive."), "STATE")
    contact_centre.set_state(employee, is_available=wanted == "available", code=code, actor=call.actor)
    return conventions.done()


def log_out(call: Call, agent_id: str) -> Response:
    """Log an agent out, who may be logged out already."""
    employee = finding.agent(call, agent_id)
    if not call.actor.is_self(employee.pk):
        call.actor.require(EDIT)
    contact_centre.log_out(employee, actor=call.actor)
    return Response(status=202)


def send_messages(call: Call) -> Response:
    """Messages to agents: nobody is there to read them, and each is answered as such."""
    given = conventions.items(call, "agentMessages")
    said = _("No agent is logged in to a session.")
    return conventions.batch("agentMessageResults", [_unsent(said) for _item in given])


def _unsent(said: str) -> dict[str, Any]:
    return {"agentMessageId": 0, "success": False, "error": said}


def no_such(call: Call, **path: str) -> Response:
    """Something that only live telephony makes.

    Raises:
        Http404: there is none.
    """
    raise Http404


def client_data(call: Call) -> dict[str, Any]:
    """What a softphone left for itself: there is no softphone."""
    return {"data": ""}


def keep_client_data(call: Call) -> Response:
    """What a softphone wants to find again: accepted, and forgotten."""
    return conventions.done()


SOFTPHONE = ("emergencyPhoneNumbers", "persistentPanels", "webRTCWSSUrls")

OPERATIONS: tuple[Operation, ...] = (
    get("/agents-states", _empty_list("agentStates"), VIEW),
    get("/agents/client-data", client_data),
    put("/agents/client-data", keep_client_data),
    get("/agents/extended", _nothing, VIEW),
    get("/agents/interaction-history", _nothing, VIEW),
    get("/agents/issues", _nothing, VIEW),
    post("/agents/messages", send_messages, EDIT),
    delete("/agents/messages/{message_id}", no_such, EDIT),
    get("/agents/performance", _nothing, VIEW),
    get("/agents/quick-replies", _nothing, VIEW),
    delete("/agents/routing-attributes/{attribute_id}", no_such, EDIT),
    get("/agents/skill-data", _nothing, VIEW),
    get("/agents/skills-download", _nothing, VIEW),
    get("/agents/state-history", _nothing, VIEW),
    get("/agents/states", states, VIEW),
    get("/agents/{agent_id}/address-books", _nothing),
    get("/agents/{agent_id}/agent-configuration", _empty_list(*SOFTPHONE)),
    get("/agents/{agent_id}/agent-settings", _empty_list(*SOFTPHONE)),
    put("/agents/{agent_id}/custom-event", no_session),
    get("/agents/{agent_id}/indicators", _empty_list("indicators")),
    get("/agents/{agent_id}/interaction-history", _in_period("contactStates")),
    get("/agents/{agent_id}/interaction-recent", _inside("resultSet", contactData=[])),
    get("/agents/{agent_id}/login-history", _in_period("agentLogins", totalRecords=0)),
    post("/agents/{agent_id}/logout", log_out),
    get("/agents/{agent_id}/messages", _empty_list("messages")),
    get("/agents/{agent_id}/performance", _in_period("agentPerformance")),
    get("/agents/{agent_id}/queues", _inside("resultset", queues=[])),
    get("/agents/{agent_id}/queues-detail", _inside("resultSet", contacts=[])),
    get("/agents/{agent_id}/quick-replies", _nothing),
    get("/agents/{agent_id}/routing-attributes", _empty_list("routingAttributes", hiddenAgents=0, totalRecords=0)),
    put("/agents/{agent_id}/routing-attributes", no_session),
    get("/agents/{agent_id}/scheduled-callbacks", _empty_list("callbacks")),
    get("/agents/{agent_id}/skill-data", _nothing),
    post("/agents/{agent_id}/state", set_state),
    get("/agents/{agent_id}/state-history", _empty_list("agentStateHistory", totalRecords=0)),
    get("/agents/{agent_id}/states", states_of_one),
    get("/contacts/completed", _nothing, VIEW),
    get("/teams/performance-total", _nothing, VIEW_TEAMS),
    get("/teams/{team_id}/address-books", _nothing, VIEW_TEAMS),
    get("/teams/{team_id}/performance-total", _nothing, VIEW_TEAMS),
)
