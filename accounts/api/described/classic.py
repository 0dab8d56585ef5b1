"""What the document says of the operations of the classic API: a row for each, by method and address."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.api.classic import agent_fields, agents, groups, kept, skills, teams
from accounts.api.described.shapes import (
    ACTIVE,
    FIELDS,
    FLAG,
    FREE,
    LINKS,
    NUMBER,
    ORDER,
    PAGE,
    SINCE,
    SKIP,
    TEXT,
    TIME,
    TOP,
    UUID,
    WHOLE,
    WORDS,
    About,
    Named,
    Parameter,
    Schema,
    Shape,
    flag,
    moment,
    record,
    several,
    text,
    whole,
    words,
)

AGENT: dict[str, Shape] = {
    "agentId": WHOLE,
    "userID": UUID,
    "userName": TEXT,
    "firstName": TEXT,
    "middleName": TEXT,
    "lastName": TEXT,
    "emailAddress": TEXT,
    "isActive": FLAG,
    "teamId": WHOLE,
    "teamName": TEXT,
    "teamUuId": UUID,
    "profileId": WHOLE,
    "profileName": TEXT,
    "timeZone": TEXT,
    "timeZoneOffset": TEXT,
    "countryName": TEXT,
    "telephone1": TEXT,
    "hireDate": TIME,
    "createDate": TIME,
    "lastUpdated": TIME,
    "lastLogin": TIME,
    "inactiveDate": TIME,
    "isSupervisor": FLAG,
}


def kept_members(texts: Iterable[str], numbers: Iterable[str], switches: Iterable[str]) -> dict[str, Shape]:
    """What is kept of a record without a meaning here."""
    return {**dict.fromkeys(texts, TEXT), **dict.fromkeys(numbers, WHOLE), **dict.fromkeys(switches, FLAG)}


KEPT = kept_members(kept.AGENT_TEXTS, kept.AGENT_NUMBERS, kept.AGENT_SWITCHES)
KEPT |= {"hourlyCost": NUMBER, "recordingNumbers": several(record(number=TEXT)), "timeDisplayFormat": TEXT}
EVERY = AGENT | {
    kept.AGENT_ANSWERED_AS.get(name, name): shape
    for name, shape in KEPT.items()
    if name not in kept.AGENT_NEVER_ANSWERED and name not in AGENT
}


def but(members: Mapping[str, Shape], *left_out: str) -> dict[str, Shape]:
    return {name: shape for name, shape in members.items() if name not in left_out}


LISTED = but(EVERY, "digitalEngagementEnabled", "teams_channel_Id") | {
    "DigitalEngagementEnabled": FLAG,
    "Teams_channel_Id": TEXT,
    "isBillable": FLAG,
    "locked": FLAG,
    "combinedUserNameDomain": TEXT,
    "userNameDomain": TEXT,
    "DivisionNo": WHOLE,
    "LoginAuthenticatorId": UUID,
}
DETAILED = but(
    EVERY, "isBillable", "customerCard", "voiceThreshold", "useTeamVoiceThreshold", *agent_fields.LIST_ONLY
) | {"divisionNo": WHOLE}
SEARCHED = {
    agent_fields.SEARCHED_AS.get(name, name): shape
    for name, shape in but(EVERY, *agent_fields.NOT_SEARCHED, "customerCard").items()
} | {"isBillable": FLAG, "locked": FLAG}
MEMBER = {name: EVERY[name] for name in groups.MEMBERS if name in EVERY}
TEAMMATE = but(
    MEMBER, "countryName", "createDate", "inactiveDate", "profileName", "timeZoneOffset", "profileId", "lastUpdated"
) | {"securityProfileId": WHOLE, "lastModified": TIME}
GROUP = {"groupId": WHOLE, "groupName": TEXT, "isActive": FLAG, "notes": TEXT, "lastUpdated": TIME}
BRIEF_TEAM: dict[str, Shape] = {
    "teamId": WHOLE,
    "teamName": TEXT,
    "isActive": FLAG,
    "notes": TEXT,
    "agentCount": WHOLE,
    "divisionNo": WHOLE,
    "lastUpdateTime": TIME,
}
TEAM = (
    BRIEF_TEAM
    | {"teamUuid": UUID, "teamLeadId": UUID}
    | kept_members(kept.TEAM_TEXTS, kept.TEAM_NUMBERS, kept.TEAM_SWITCHES)
)
BRIEF_AGENT = record(agentId=WHOLE, firstName=TEXT, lastName=TEXT)
SKILL: dict[str, Shape] = {
    "skillId": WHOLE,
    "skillName": TEXT,
    "mediaTypeId": WHOLE,
    "mediaTypeName": TEXT,
    "isActive": FLAG,
    "isOutbound": FLAG,
    "campaignId": WHOLE,
    "campaignName": TEXT,
}
HELD = SKILL | {"isSkillActive": FLAG, "agentProficiencyValue": WHOLE, "agentProficiencyName": TEXT}
QUIET = (
    *("agentsACW", "agentsAvailable", "agentsIdle", "agentsLoggedIn", "agentsUnavailable", "agentsWorking"),
    *("contactsActive", "queueCount", "parkedCount", "personalQueueCount", "inSLA", "outSLA"),
)
STATE: dict[str, Shape] = {
    "agentId": WHOLE,
    "agentStateId": WHOLE,
    "agentStateName": TEXT,
    "businessUnitId": WHOLE,
    "firstName": TEXT,
    "lastName": TEXT,
    "userName": TEXT,
    "teamId": WHOLE,
    "teamName": TEXT,
    "isACW": FLAG,
    "isActive": FLAG,
    "isOutbound": FLAG,
    "openContacts": WHOLE,
    "lastUpdateTime": TIME,
    "outStateId": WHOLE,
    "outStateDescription": TEXT,
}
CODE: dict[str, Shape] = {"id": WHOLE, "name": TEXT, "isACW": FLAG, "isActive": FLAG, "agentTimeout": WHOLE}
ZONE = record(standardName=TEXT, displayName=TEXT)
HOURS: dict[str, Shape] = {
    "hoursOfOperationProfileId": WHOLE,
    "hoursOfOperationProfileName": TEXT,
    "days": several(
        record(day=TEXT, openTime=TEXT, closeTime=TEXT, hasAdditionalHours=FLAG, isClosedAllDay=FLAG),
    ),
    "holidays": several(FREE),
    "scripts": several(FREE),
    "skills": several(FREE),
    "notes": TEXT,
}
ACCESS_KEY: dict[str, Shape] = {
    "accessKeyId": TEXT,
    "agentId": WHOLE,
    "billingId": WHOLE,
    "isActive": FLAG,
    "lastUsedDate": TIME,
}
PERMISSIONS = record(permissions=several(record(BusinessUnitId=WHOLE, Key=TEXT, Value=TEXT)))

EMPTY: Mapping[int, Shape | None] = {204: None}
AROUND: Mapping[str, Shape] = {"_links": LINKS, "businessUnitId": WHOLE, "lastPollTime": TIME, "totalRecords": WHOLE}
DONE = About()


def page(name: str, shape: Shape, *left_out: str, **more: Shape) -> Schema:
    """A page of a list and what stands around it."""
    return record(**{name: several(shape)}, **but(AROUND, *left_out), **more)


def results(member: str, name: str, number: Shape = WHOLE) -> Schema:
    """How it went with each item of a batch."""
    item = record(**{name: number}, success=FLAG, error=TEXT)
    return record(errorCount=WHOLE, **{member: several(item)})


def batch(member: str, name: str, body: Shape, number: Shape = WHOLE, *, query: tuple[Parameter, ...] = ()) -> About:
    """An operation that treats items one by one: 206 if one of them failed."""
    shape = results(member, name, number)
    return About(shape, also={206: shape}, body=body, query=query)


def items(name: str, shape: Shape) -> Schema:
    """The body of a batch."""
    listed = {**several(shape), "minItems": 1, "maxItems": 200}
    return record(**{name: listed}) | {"required": [name], "additionalProperties": False}


def empty(summary: str) -> About:
    """A list that has nothing in it here."""
    return About(status=204, summary=summary)


def quiet(summary: str, *query: Parameter, **members: Shape) -> About:
    """What live telephony answers: well-formed, and empty."""
    return About(record(**members), query=query, summary=summary)


PERIOD = (
    moment("startDate", "The beginning of the time that is asked about.", required=True),
    moment("endDate", "Its end.", required=True),
)
MEDIA = whole("mediaTypeId", "Only this kind of medium.")
ASSIGNED = (
    WORDS,
    MEDIA,
    flag("isSkillActive", "Only skills that are active, or only the others."),
    SKIP,
    TOP,
    FIELDS,
)
LIST_OF_STH: tuple[Any, ...] = (WORDS, ACTIVE, SKIP, TOP, FIELDS)
CATALOGUE: tuple[Any, ...] = (*LIST_OF_STH, SINCE, ORDER)
AGENT_ID = text("agentId", "Which agent, by number or UUID; the caller if none is named.")
NO_SESSION = "Refused: there is no telephony here"
AGENTS = "/agents/{agent_id}"
OF_SKILL = "skills"
SOFTPHONE: dict[str, Shape] = dict.fromkeys(
    ("emergencyPhoneNumbers", "persistentPanels", "webRTCWSSUrls"), several(FREE)
)
OUTSTATE = record(outstateId=WHOLE, outstateName=TEXT, isActive=FLAG, isAcw=FLAG, agentTimeoutMins=TEXT)
SKILL_RESULTS = record(resultSet=results("skillResults", "skillId"))
AGENT_NUMBER: Schema = {"type": ["integer", "string"]}
BY_AGENT_ID = record(agentId=AGENT_NUMBER)
TEAMS_OF_CODE = record(businessUnitId=WHOLE, teams=several(record(id=WHOLE, name=TEXT, uuid=UUID)), totalRecords=WHOLE)
TEAM_NUMBERS = several(record(teamId=WHOLE))
LIST_OF_CODES = record(codes=several(record(outstateId=AGENT_NUMBER)))
SEVERAL_RESULTS = record(
    resultSet=record(errorCount=TEXT, skillResults=several(record(agentId=TEXT, skillId=TEXT, success=FLAG)))
)
MOVED = record(resultSet=results("agentResults", "agentId", TEXT))
OUTSTATE_RESULTS = record(
    resultSet=record(
        errorCount=TEXT, codeResults=several(record(outstateId=TEXT, success=words("true", "false"), error=TEXT))
    )
)
SKILL_PAGE = page(
    "agentSkillAssignments",
    Named(
        "AgentSkill",
        record(
            **HELD,
            firstName=TEXT,
            lastName=TEXT,
            teamId=WHOLE,
            teamName=TEXT,
            userId=UUID,
        ),
    ),
)

CLASSIC: Mapping[str, About] = {
    # Agents
    "GET /agents": About(
        page("agents", Named("ListedAgent", record(**LISTED)), hiddenAgents=WHOLE),
        also=EMPTY,
        query=(*PAGE, WORDS, SINCE, ACTIVE, flag("isLocked", "Only locked agents, or only the others.")),
        summary="List agents",
    ),
    "POST /agents": batch("agentResults", "agentId", items("agents", agent_fields.NewAgent)),
    "PUT /agents": batch("agentResults", "agentId", items("agents", agent_fields.ChangedAgent), TEXT),
    "POST /agents/search": About(
        record(agentResults=several(several(record(agentRecord=Named("FoundAgent", record(**SEARCHED)))))),
        also=EMPTY,
        body=agents.Search,
        summary="Search agents",
    ),
    "PUT /agents/change-password": About(
        record(changeResult=record(passwordComplexityResult=TEXT)),
        query=(
            text("currentPassword", "The caller's password.", required=True),
            text("newPassword", "The one to have from now on.", required=True),
        ),
        summary="Change the caller's own password",
    ),
    f"GET {AGENTS}": About(
        record(agents=several(Named("Agent", record(**DETAILED)))),
        query=(FIELDS,),
        summary="Read an agent, by number or UUID; oneself without permission",
    ),
    f"PUT {AGENTS}": About(
        record(error=TEXT),
        body=record(agent=agent_fields.ChangedAgent) | {"required": ["agent"], "additionalProperties": False},
        summary="Change an agent",
    ),
    f"GET {AGENTS}/groups": About(
        record(agentGroups=several(record(**GROUP))), also=EMPTY, query=(FIELDS,), summary="List the groups of an agent"
    ),
    f"PUT {AGENTS}/reset-password": About(
        record(resetResult=record(passwordComplexityResult=TEXT)),
        query=(
            text("requestedPassword", "Refused: nobody chooses a password for somebody else here."),
            flag(
                "forceChangeOnLogon", "Without effect: a password that was reset is always changed at the next sign-in."
            ),
        ),
        summary="Have an agent set another password at the next sign-in",
    ),
    # Skills of agents
    "GET /agents/skills": About(
        page(
            "agentSkillAssignments",
            Named(
                "AgentsSkill",
                record(
                    **but(HELD, "mediaTypeId"),
                    mediaType=WHOLE,
                    agentId=WHOLE,
                    agentName=TEXT,
                    teamId=WHOLE,
                    isAgentActive=FLAG,
                ),
            ),
            "businessUnitId",
            businessUnitId=TEXT,
        ),
        also=EMPTY,
        query=(
            *ASSIGNED,
            SINCE,
            ORDER,
            ACTIVE,
            flag("isAgentActive", "Only skills of active agents, or only of the others."),
        ),
        summary="List the skills of all agents",
    ),
    "POST /agents/skills": About(
        SEVERAL_RESULTS,
        also={206: SEVERAL_RESULTS},
        body=items("agentAndSkillDetails", skills.SeveralAgents),
        summary="Give skills to several agents, each agent on its own",
    ),
    f"GET {AGENTS}/skills": About(
        SKILL_PAGE,
        query=(
            *(*ASSIGNED, SINCE, ORDER),
            flag("isAssignedSkillActive", "Only assignments that are active, or only the others."),
        ),
        summary="List the skills of an agent",
    ),
    f"POST {AGENTS}/skills": About(
        SKILL_RESULTS, body=items(OF_SKILL, skills.Assignment), summary="Give an agent skills"
    ),
    f"PUT {AGENTS}/skills": About(
        SKILL_RESULTS, body=items(OF_SKILL, skills.Assignment), summary="Change how an agent has skills"
    ),
    f"DELETE {AGENTS}/skills": About(
        SKILL_RESULTS, body=items(OF_SKILL, skills.Assignment), summary="Take skills from an agent"
    ),
    f"GET {AGENTS}/skills/unassigned": About(
        record(
            resultSet=page(OF_SKILL, record(**but(SKILL, "isActive", "isOutbound"), isSkillActive=FLAG), "lastPollTime")
        ),
        query=ASSIGNED,
        summary="List the skills that an agent does not have",
    ),
    # Groups
    "GET /groups": About(
        page("groups", Named("Group", record(**GROUP)), "businessUnitId", "lastPollTime"),
        also=EMPTY,
        query=(*PAGE, WORDS, ACTIVE),
        summary="List groups",
    ),
    "POST /groups": batch("groupResults", "groupId", items("groups", groups.NewGroup)),
    "GET /groups/{group_id}": About(
        record(groups=several(Named("Group", record(**GROUP))), totalRecords=WHOLE),
        query=(FIELDS,),
        summary="Read a group",
    ),
    "PUT /groups/{group_id}": About(
        query=(text("groupName", "The name to have from now on.", required=True), ACTIVE), summary="Rename a group"
    ),
    "GET /groups/{group_id}/agents": About(
        page("agents", Named("Member", record(**MEMBER)), "businessUnitId", "lastPollTime"),
        also=EMPTY,
        query=(*PAGE, WORDS, flag("assigned", "`false` lists the agents who are not in the group.")),
        summary="List the agents of a group",
    ),
    "POST /groups/{group_id}/agents": batch("agentResults", "agentId", items("agents", BY_AGENT_ID)),
    "DELETE /groups/{group_id}/agents": batch("agentResults", "agentId", items("agents", BY_AGENT_ID)),
    # Teams
    "GET /teams": About(
        page("teams", Named("Team", record(**TEAM))),
        also=EMPTY,
        query=(*PAGE, WORDS, SINCE, ACTIVE),
        summary="List teams",
    ),
    "POST /teams": batch("results", "teamId", items("teams", teams.NewTeam)),
    "GET /teams/agents": About(
        record(lastPollTime=TIME, teams=several(record(**BRIEF_TEAM, agents=several(record(**TEAMMATE))))),
        also=EMPTY,
        query=(FIELDS, WORDS, SINCE, ACTIVE),
        summary="List all teams with their agents",
    ),
    "GET /teams/{team_id}": About(
        record(
            businessUnitId=WHOLE,
            lastPollTime=TIME,
            teams=several(record(**TEAM, agents=several(BRIEF_AGENT))),
        ),
        query=(FIELDS,),
        summary="Read a team with its agents",
    ),
    "PUT /teams/{team_id}": About(
        body=record(team=teams.TeamBody, forceInactive=FLAG) | {"required": ["team"], "additionalProperties": False},
        summary="Change a team",
    ),
    "GET /teams/{team_id}/agents": About(
        page("teams", record(**BRIEF_TEAM, agents=several(Named("Member", record(**MEMBER))))),
        also=EMPTY,
        query=(*PAGE, WORDS, SINCE, ACTIVE),
        summary="List the agents of a team",
    ),
    "POST /teams/{team_id}/agents": About(
        MOVED, also={206: MOVED}, body=items("agents", BY_AGENT_ID), summary="Move agents into a team, each on its own"
    ),
    "DELETE /teams/{team_id}/agents": About(
        record(errorCount=TEXT, agentResults=several(record(agentId=TEXT, success=words("true", "false")))),
        body=items("agents", BY_AGENT_ID),
        query=(text("transferTeamId", "The team they belong to from then on.", required=True),),
        summary="Move agents out of a team, each on its own",
    ),
    "GET /teams/{team_id}/unavailable-codes": About(
        record(teamId=WHOLE, teamName=TEXT, teamUuid=UUID, divisionNo=WHOLE, unavailableCodes=several(OUTSTATE)),
        also=EMPTY,
        summary="List the unavailable codes of a team",
    ),
    "POST /teams/{team_id}/unavailable-codes": About(
        OUTSTATE_RESULTS,
        body=items("codes", record(outstateId=AGENT_NUMBER)),
        summary="Give unavailable codes to a team",
    ),
    "PUT /teams/{team_id}/unavailable-codes": About(
        body=items("unavailableCodes", record(outStateId=AGENT_NUMBER)),
        summary="Set which unavailable codes a team has",
    ),
    "DELETE /teams/{team_id}/unavailable-codes": About(
        results("codeResults", "outstateId"),
        body=items("codes", record(outstateId=AGENT_NUMBER)),
        summary="Take unavailable codes from a team",
    ),
    # Unavailable codes
    "GET /unavailable-codes": About(
        page("unavailableCodes", record(**CODE), "lastPollTime"),
        query=LIST_OF_STH,
        summary="List the unavailable codes",
    ),
    "POST /unavailable-codes": About(summary="Refused: the unavailable codes are fixed"),
    "GET /unavailable-codes/{code_id}": About(
        record(unavailableCode=record(**CODE, notes=TEXT)), summary="Read an unavailable code"
    ),
    "PUT /unavailable-codes/{code_id}": About(summary="Refused: the unavailable codes are fixed"),
    "GET /unavailable-codes/{code_id}/audit-history": About(
        record(
            auditHistoryEntries=several(FREE), businessUnitId=WHOLE, createdBy=TEXT, modifiedBy=TEXT, totalRecords=WHOLE
        ),
        summary="List the changes of an unavailable code: there are none",
    ),
    "PATCH /unavailable-codes/{code_id}/status": About(summary="Refused: the unavailable codes are fixed"),
    "GET /unavailable-codes/{code_id}/teams": About(
        TEAMS_OF_CODE, query=(WORDS, SKIP, TOP, FIELDS), summary="List the teams that have an unavailable code"
    ),
    "POST /unavailable-codes/{code_id}/teams": About(
        record(assignedTeams=TEAM_NUMBERS, invalidTeams=TEAM_NUMBERS),
        body=items("teams", record(id=AGENT_NUMBER)),
        query=(flag("addAll", "All teams, whatever the body says."),),
        summary="Give an unavailable code to teams",
    ),
    "PUT /unavailable-codes/{code_id}/teams": About(
        record(error=TEXT, error_Description=TEXT),
        body=items("teams", record(teamId=AGENT_NUMBER)),
        summary="Set which teams have an unavailable code",
    ),
    "DELETE /unavailable-codes/{code_id}/teams": About(
        record(unassignedTeams=TEAM_NUMBERS, invalidTeams=TEAM_NUMBERS),
        body=items("teams", record(id=AGENT_NUMBER)),
        query=(flag("removeAll", "All teams, whatever the body says."),),
        summary="Take an unavailable code from teams",
    ),
    "GET /unavailable-codes/{code_id}/teams/unassigned": About(
        TEAMS_OF_CODE, query=(WORDS, SKIP, TOP, FIELDS), summary="List the teams that do not have an unavailable code"
    ),
    # Profiles and permissions
    "GET /security-profiles": About(
        page(
            "profiles",
            Named(
                "ListedProfile",
                record(
                    securityProfileId=WHOLE,
                    securityProfileName=TEXT,
                    securityProfileStatusName=TEXT,
                    roleId=UUID,
                    isInternal=FLAG,
                    permissions=several(record(permissionKey=TEXT, optionKeys=several(TEXT))),
                    dataRestrictions=several(FREE),
                ),
            ),
            "businessUnitId",
            "lastPollTime",
            "totalRecords",
        ),
        also=EMPTY,
        query=(
            *PAGE,
            WORDS,
            text("securityProfileStatusName", "Only profiles with this status."),
            flag("isInternal", "Nothing, if true."),
            flag("isSupportProfile", "Nothing, if true."),
        ),
        summary="List security profiles, which are the roles",
    ),
    "GET /security-profiles/{profile_id}": About(
        record(
            profile=Named(
                "Profile",
                record(
                    profileId=WHOLE,
                    profileName=TEXT,
                    isActive=FLAG,
                    description=TEXT,
                    isExternal=FLAG,
                    pwMinLength=WHOLE,
                    pwMinLower=WHOLE,
                    pwMinUpper=WHOLE,
                    pwMinNumeric=WHOLE,
                    pwMinNonAlpha=WHOLE,
                    pwUseRandom=FLAG,
                    assignedAgents=several(BRIEF_AGENT),
                ),
            )
        ),
        summary="Read a security profile with the agents who have it",
    ),
    "GET /permissions": About(PERMISSIONS, query=(AGENT_ID,), refuses=(403, 404), summary="List what an agent may do"),
    "GET /permissions/{agent_id}": About(
        PERMISSIONS, summary="List what an agent may do; for oneself without permission"
    ),
    # Access keys
    "GET /access-keys": About(
        record(accesskeys=several(record(**ACCESS_KEY)), totalRecords=WHOLE),
        query=(AGENT_ID, *PAGE),
        refuses=(403, 404),
        summary="List the access keys of an agent",
    ),
    "POST /access-keys": About(
        record(accesskeys=several(record(**ACCESS_KEY, accessKeySecret=TEXT))),
        status=201,
        query=(AGENT_ID,),
        refuses=(403, 404),
        summary="Create an access key; its secret is in this answer only",
    ),
    "GET /access-keys/{access_key_id}": About(
        record(accessKey=record(**ACCESS_KEY)), summary="Read an access key by its id"
    ),
    "PATCH /access-keys/{access_key_id}": About(
        query=(flag("isActive", "On or off; it may stand in the body instead."),),
        body=record(isActive=FLAG),
        summary="Switch an access key on or off by its id",
    ),
    "DELETE /access-keys/{access_key_id}": About(summary="Delete an access key by its id"),
    # General
    "GET /apiversion": About(
        record(apiInfo=several(record(uri=TEXT, verb=TEXT, version=WHOLE))),
        also=EMPTY,
        query=(
            text("searchUriText", "Only addresses that contain this text."),
            text("verb", "Only operations with this method."),
        ),
        summary="List the operations that are served",
    ),
    "GET /apiversionreleaseinfo": About(
        record(versionInfo=several(record(version=WHOLE, release=TEXT))),
        also=EMPTY,
        query=(text("apiversion", "Only this version."),),
        summary="List the versions that are accepted in addresses",
    ),
    "GET /branding-profiles": About(
        record(
            resultSet=record(
                profileId=WHOLE,
                profileName=TEXT,
                description=TEXT,
                brandName=TEXT,
                stylePackName=TEXT,
                subdomain=TEXT,
                adminEmail=TEXT,
                active=FLAG,
                coBrand=FLAG,
            )
        ),
        also=EMPTY,
        query=(whole("businessUnitId", "Which business unit; only the caller's has an answer."), FIELDS),
        summary="Read how the business unit looks",
    ),
    "GET /business-unit": About(
        record(
            businessUnits=several(
                record(
                    businessUnitId=WHOLE,
                    businessUnitName=TEXT,
                    tenantId=UUID,
                    defaultTimeZone=TEXT,
                    isActive=FLAG,
                    isIntegratedTenant=FLAG,
                    features=several(FREE),
                    timeZones=several(ZONE),
                )
            )
        ),
        query=(FIELDS,),
        summary="Read the caller's business unit",
    ),
    "GET /business-unit/outbound-routes": empty("List outbound routes: there are none"),
    "GET /business-unit/time-zones": About(
        record(timezones=several(ZONE)), summary="List the time zones of the business unit: all of them"
    ),
    "PUT /business-unit/time-zones": About(
        body=record(timezones=several(FREE)), summary="Refused: time zones are not switched on and off"
    ),
    "GET /timezones": About(record(timezones=several(ZONE)), summary="List the time zones"),
    "GET /countries": About(
        record(countries=several(record(countryId=WHOLE, countryCode=TEXT, countryName=TEXT))), summary="List countries"
    ),
    "GET /countries/{country_id}/states": About(
        record(
            resultSet=record(
                countryId=WHOLE,
                countryName=TEXT,
                states=several(record(stateId=WHOLE, stateCode=TEXT, stateName=TEXT)),
            )
        ),
        also=EMPTY,
        summary="List the states of a country",
    ),
    "GET /hiring-sources": About(
        record(sources=several(record(sourceId=WHOLE, sourceName=TEXT))), also=EMPTY, summary="List hiring sources"
    ),
    "POST /hiring-sources": About(
        record(sourceId=WHOLE), query=(text("sourceName", "The name.", required=True),), summary="Add a hiring source"
    ),
    "GET /locations": empty("List locations: there are none"),
    "GET /phone-codes": empty("List phone codes: there are none"),
    "GET /server-time": About(record(ServerTime=TIME), summary="Read what time it is"),
    # The catalogue
    "GET /skills": About(
        page("skills", record(**SKILL), "lastPollTime"), also=EMPTY, query=CATALOGUE, summary="List skills"
    ),
    "GET /skills/{skill_id}": About(record(skills=several(record(**SKILL))), query=(FIELDS,), summary="Read a skill"),
    "GET /skills/{skill_id}/activity": About(
        record(
            lastPollTime=TIME,
            skillActivity=several(
                record(**SKILL, **dict.fromkeys(QUIET, WHOLE), businessUnitId=WHOLE, serverTime=TIME)
            ),
        ),
        query=(FIELDS,),
        summary="Read what goes on in a skill: which of its agents are there",
    ),
    "GET /campaigns": About(
        page(
            "campaigns",
            record(id=WHOLE, name=TEXT, isActive=FLAG, notes=TEXT, lastUpdateTime=TIME),
            "_links",
            "lastPollTime",
        ),
        also=EMPTY,
        query=CATALOGUE,
        summary="List campaigns",
    ),
    "GET /dispositions": About(
        page(
            "dispositions",
            record(
                dispositionId=WHOLE,
                dispositionName=TEXT,
                classificationId=WHOLE,
                isActive=FLAG,
                isPreviewDisposition=FLAG,
                notes=TEXT,
                lastUpdated=TIME,
                systemOutcome=TEXT,
            ),
            "lastPollTime",
        ),
        also=EMPTY,
        query=CATALOGUE,
        summary="List dispositions",
    ),
    "GET /hours-of-operation": About(
        record(
            hoursOfOperation=several(
                record(hoursOfOperationProfileId=WHOLE, hoursOfOperationProfileName=TEXT, isDeleted=FLAG)
            ),
            businessUnit=WHOLE,
            totalRecords=WHOLE,
        ),
        also=EMPTY,
        query=(*CATALOGUE, flag("isDeleted", "Nothing, if true.")),
        summary="List hours of operation",
    ),
    "GET /hours-of-operation/{hours_id}": About(
        record(**HOURS, resultSet=record(hoursOfOperationProfiles=several(record(**HOURS)))),
        summary="Read hours of operation, flat and as older versions nest them",
    ),
    "GET /points-of-contact": About(
        record(
            pointsOfContact=several(
                record(
                    contactCode=WHOLE,
                    contactAddress=TEXT,
                    contactDescription=TEXT,
                    defaultSkillId=WHOLE,
                    isActive=FLAG,
                    mediaTypeId=WHOLE,
                    mediaTypeName=TEXT,
                    outboundSkill=FLAG,
                    scriptName=TEXT,
                    notes=TEXT,
                    businessUnitId=WHOLE,
                )
            ),
            businessUnitId=WHOLE,
            lastPollTime=TIME,
        ),
        query=(SKIP, TOP, MEDIA),
        summary="List points of contact",
    ),
    # Live telephony
    "GET /agents-states": quiet("List the states that agents can be in: none", agentStates=several(FREE)),
    "GET /agents/client-data": quiet("Read what a softphone left for itself: nothing", data=TEXT),
    "PUT /agents/client-data": About(summary="Accepted, and forgotten: there is no softphone"),
    "GET /agents/extended": empty("List extended data of agents: there is none"),
    "GET /agents/interaction-history": empty("List interactions: there are none"),
    "GET /agents/issues": empty("List issues of agents: there are none"),
    "POST /agents/messages": About(
        results("agentMessageResults", "agentMessageId"),
        status=206,
        body=items("agentMessages", FREE),
        summary="Send messages to agents: nobody is there to read them",
    ),
    "DELETE /agents/messages/{message_id}": About(summary="Delete a message: there is none"),
    "GET /agents/performance": empty("Read the performance of all agents: there is none"),
    "GET /agents/quick-replies": empty("List quick replies: there are none"),
    "DELETE /agents/routing-attributes/{attribute_id}": About(summary="Delete a routing attribute: there is none"),
    "GET /agents/skill-data": empty("Read skill data of all agents: there is none"),
    "GET /agents/skills-download": empty("Download the skills of agents: there is nothing to download"),
    "GET /agents/state-history": empty("List the states of all agents over time: there are none"),
    "GET /agents/states": About(
        page("agentStates", record(**STATE), "businessUnitId"),
        also=EMPTY,
        query=PAGE,
        summary="List the states of agents",
    ),
    f"GET {AGENTS}/address-books": empty("List the address books of an agent: there are none"),
    f"GET {AGENTS}/agent-configuration": quiet("Read the softphone configuration of an agent", **SOFTPHONE),
    f"GET {AGENTS}/agent-settings": quiet("Read the softphone settings of an agent", **SOFTPHONE),
    f"PUT {AGENTS}/custom-event": About(summary=NO_SESSION),
    f"GET {AGENTS}/indicators": quiet("List the indicators of an agent: there are none", indicators=several(FREE)),
    f"GET {AGENTS}/interaction-history": quiet(
        "List the interactions of an agent: there are none", *PERIOD, contactStates=several(FREE)
    ),
    f"GET {AGENTS}/interaction-recent": quiet(
        "List the latest interactions of an agent: there are none", resultSet=record(contactData=several(FREE))
    ),
    f"GET {AGENTS}/login-history": quiet(
        "List the logins of an agent: there are none", *PERIOD, agentLogins=several(FREE), totalRecords=WHOLE
    ),
    f"POST {AGENTS}/logout": About(status=202, summary="Log an agent out"),
    f"GET {AGENTS}/messages": quiet("List the messages of an agent: there are none", messages=several(FREE)),
    f"GET {AGENTS}/performance": quiet(
        "Read the performance of an agent: there is none", *PERIOD, agentPerformance=several(FREE)
    ),
    f"GET {AGENTS}/queues": quiet(
        "List the queues of an agent: there are none", resultset=record(queues=several(FREE))
    ),
    f"GET {AGENTS}/queues-detail": quiet(
        "List the contacts in the queues of an agent: there are none", resultSet=record(contacts=several(FREE))
    ),
    f"GET {AGENTS}/quick-replies": empty("List the quick replies of an agent: there are none"),
    f"GET {AGENTS}/routing-attributes": quiet(
        "List the routing attributes of an agent: there are none",
        routingAttributes=several(FREE),
        hiddenAgents=WHOLE,
        totalRecords=WHOLE,
    ),
    f"PUT {AGENTS}/routing-attributes": About(summary=NO_SESSION),
    f"GET {AGENTS}/scheduled-callbacks": quiet(
        "List the callbacks of an agent: there are none", callbacks=several(FREE)
    ),
    f"GET {AGENTS}/skill-data": empty("Read the skill data of an agent: there is none"),
    f"POST {AGENTS}/state": About(
        query=(
            text("state", "`Available` or `Unavailable`.", required=True),
            whole("outStateId", "The unavailable code that says why."),
        ),
        summary="Set the state of an agent",
    ),
    f"GET {AGENTS}/state-history": quiet(
        "List the states of an agent over time: there are none", agentStateHistory=several(FREE), totalRecords=WHOLE
    ),
    f"GET {AGENTS}/states": About(
        record(agentStates=several(record(**STATE))), query=(FIELDS,), summary="Read the state of an agent"
    ),
    "GET /contacts/completed": empty("List completed contacts: there are none"),
    "GET /teams/performance-total": empty("Read the performance of all teams: there is none"),
    "GET /teams/{team_id}/address-books": empty("List the address books of a team: there are none"),
    "GET /teams/{team_id}/performance-total": empty("Read the performance of a team: there is none"),
}
