"""What the document says of the operations of the User Hub: a row for each, by method and address."""

from collections.abc import Iterable, Mapping

from accounts.api.described.shapes import (
    DAY,
    FIELDS,
    FLAG,
    FREE,
    LINKS,
    ORDER,
    SKIP,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    TOP,
    UUID,
    WHOLE,
    About,
    Named,
    Schema,
    Shape,
    flag,
    moment,
    record,
    several,
    text,
    words,
)
from accounts.api.hub import access_keys, applications, roles, teams, tenants, user_fields, users
from accounts.api.search import SearchBody
from accounts.models import Employee, Role, Team

STATUS = words(*Employee.Status.values)
USER: Mapping[str, Shape] = {
    "id": UUID,
    "userName": TEXT,
    "firstName": TEXT,
    "middleName": TEXT,
    "lastName": TEXT,
    "fullName": TEXT,
    "displayName": TEXT,
    "emailAddress": TEXT,
    "emailToBeVerified": TEXT,
    "externalIdentity": TEXT,
    "mobileNumber": TEXT,
    "timeZone": TEXT,
    "type": TEXT,
    "rank": WHOLE,
    "hireDate": TIME,
    "country": TEXT,
    "role": TEXT,
    "roleUUID": UUID,
    "secondaryRoleIds": several(UUID),
    "teamId": UUID,
    "groupIds": several(UUID),
    "loginAuthenticatorId": UUID,
    "status": STATUS,
    "creationDate": TIME,
    "deletedDate": TIME,
    "billable": FLAG,
    "impersonated": FLAG,
    "invitationExpired": FLAG,
    "modifiable": FLAG,
    "divisionId": WHOLE,
    "icBUId": TEXT,
    "icClusterId": TEXT,
    "acdInfos": several(record(loginId=TEXT)),
}


def user(name: str, members: Iterable[str]) -> Named:
    """A user with the members of a version."""
    return Named(name, record(**{member: shape for member, shape in USER.items() if member in members}))


def found(name: str, shape: Shape) -> Schema:
    """What a search answers."""
    return record(**{name: several(shape), "totalRecords": WHOLE, "skip": WHOLE, "top": WHOLE})


READ_USER = user("User", user_fields.V1 | user_fields.V3)
DONE = Named("UserDone", record(success=FLAG, message=TEXT, error=TEXT, msg=TEXT, uuid=UUID))
TEAM_MEMBERS: Mapping[str, Shape] = {
    "id": UUID,
    "name": TEXT,
    "status": words(*Team.Status.values),
    "isDefault": FLAG,
    "leadUserId": UUID,
    "createdBy": TEXT,
    "lastModified": TIME,
    "divisionId": WHOLE,
}
TEAM = Named("HubTeam", record(**TEAM_MEMBERS))
FOUND_TEAM = {name: TEAM_MEMBERS[name] for name in ("id", "name", "status", "isDefault", "leadUserId")}
TEAM_SAVED = record(team=TEAM, httpCode=WHOLE, message=TEXT, detailedMessage=TEXT)
KEY_MEMBERS: Mapping[str, Shape] = {
    "accessKeyId": TEXT,
    "userId": UUID,
    "tenantId": UUID,
    "agentId": WHOLE,
    "billingId": WHOLE,
    "isActive": FLAG,
    "lastUsedDate": DAY,
}
KEY = Named("AccessKey", record(**KEY_MEMBERS))
NEW_KEY = Named("NewAccessKey", record(**KEY_MEMBERS, accessKeySecret=TEXT))
ROLE = Named(
    "Role",
    record(
        roleId=UUID,
        roleName=TEXT,
        displayName=TEXT,
        status=words(*Role.Status.values),
        internal=WHOLE,
        modifiable=WHOLE,
        lastModifiedTime=TIME,
        parentAccess=FLAG,
        permissions=several(record(permission=TEXT)),
    ),
)
TENANT = Named(
    "Tenant",
    record(
        tenantId=UUID,
        tenantName=TEXT,
        schemaName=TEXT,
        parentId=TEXT_OR_NULL,
        partnerId=TEXT_OR_NULL,
        source=TEXT,
        creationDate=TIME,
        expirationDate=TEXT_OR_NULL,
        status=TEXT,
        type=TEXT,
        timezone=TEXT,
        customertype=TEXT_OR_NULL,
        clusterId=TEXT,
        billingId=TEXT,
        billingCycle=TEXT_OR_NULL,
        billingTelephoneNumber=TEXT_OR_NULL,
        metadata=FREE,
        licenses=several(record(applicationId=TEXT)),
        userSoftLimit=TEXT_OR_NULL,
        brandingProfileId=TEXT_OR_NULL,
    ),
)
DIVISION = Named(
    "Division",
    record(
        divisionId=WHOLE,
        name=TEXT,
        divisionType=TEXT,
        isDefault=FLAG,
        level=WHOLE,
        billingCode=WHOLE,
        status=words("ACTIVE", "INACTIVE"),
    ),
)
APPLICATION_MEMBERS: Mapping[str, Shape] = {
    "id": UUID,
    "name": TEXT,
    "description": TEXT,
    "contacts": several(TEXT),
    "type": TEXT,
    "tenancy": TEXT,
    "redirects": several(TEXT),
    "origins": several(TEXT),
    "logouts": several(TEXT),
    "authMethod": TEXT,
    "jwksEndpoint": TEXT,
    "scope": TEXT,
    "isEnabled": FLAG,
    "createdBy": TEXT,
    "createdTime": TIME,
    "lastModifiedBy": TEXT,
    "lastModifiedTime": TIME,
    "scheduledDeletionTime": TIME,
}
APPLICATION = Named("Application", record(**APPLICATION_MEMBERS))
SUCCESS = record(success=FLAG)

USERS, KEYS, DIVISIONS = "/user-management", "/access-key-management/v1/access-keys", "/division-management/v1/division"
HUB: Mapping[str, About] = {
    f"GET {USERS}/v1/users": About(
        record(users=several(user("UserV1", user_fields.V1))),
        query=(
            flag("includeDeleted", "Inactive users as well."),
            moment("includeDeletedAfter", "Users who became Inactive since this time as well."),
            text("fullNameContains", "Only users whose full name contains this text."),
            flag("excludeImpersonated", "Without effect: nobody is impersonated here."),
            flag("onlyImpersonated", "Nobody, if true."),
        ),
        summary="List all users; there are no pages",
    ),
    f"POST {USERS}/v1/users": About(DONE, body=users.NewUser, summary="Create a user, not invited yet"),
    f"PUT {USERS}/v1/users": About(DONE, body=users.ChangedUser, refuses=(404,), summary="Change a user"),
    f"POST {USERS}/v1/users/deactivate": About(
        record(notDeletedUserIds=several(TEXT)),
        body=users.Deactivation,
        summary="Deactivate up to 20 users; the answer names those it was not possible for",
    ),
    f"GET {USERS}/v1/users/{{user_id}}": About(
        record(user=READ_USER), summary="Read a user; oneself without permission"
    ),
    f"GET {USERS}/v1/users/{{user_id}}/identities": About(
        record(user=record(id=UUID, fullName=TEXT)), summary="Read what a user is called"
    ),
    f"PUT {USERS}/v1/users/{{user_id}}/login-authenticator": About(
        record(success=FLAG, message=TEXT), body=users.Assignment, summary="Assign a login authenticator to a user"
    ),
    f"POST {USERS}/v1/users/{{user_id}}/revive": About(
        record(success=FLAG, uuid=UUID), refuses=(400,), summary="Reactivate a user"
    ),
    f"GET {USERS}/v2/users/identities": About(
        record(
            users=several(record(id=UUID, displayName=TEXT, status=STATUS)),
            totalRecords=WHOLE,
            _links=LINKS,
        ),
        query=(SKIP, TOP, ORDER, FIELDS, text("filter", "Only users whose names contain these words.")),
        summary="List who is who",
    ),
    f"POST {USERS}/v2/users/inviteByEmail": About(
        SUCCESS, body=users.InvitationByAddress, refuses=(404,), summary="Invite users by e-mail address, all or none"
    ),
    f"POST {USERS}/v2/users/inviteById": About(
        SUCCESS, body=users.InvitationById, refuses=(404,), summary="Invite users by id, all or none"
    ),
    f"POST {USERS}/v2/users/search": About(
        found("users", user("UserV2", user_fields.V2)), body=SearchBody, summary="Search users"
    ),
    f"GET {USERS}/v3/users/{{user_id}}": About(
        record(user=user("UserV3", user_fields.V3)), summary="Read a user, as version 3 writes it"
    ),
    f"POST {USERS}/v3/teams": About(TEAM_SAVED, body=teams.NewTeam, summary="Create a team"),
    f"PUT {USERS}/v3/teams": About(TEAM_SAVED, body=teams.ChangedTeam, refuses=(404,), summary="Change a team"),
    f"GET {USERS}/v3/teams/{{team_id}}": About(record(team=TEAM), summary="Read a team"),
    f"GET {USERS}/v1/teams/{{team_id}}": About(record(team=TEAM), summary="Read a team, as older clients do"),
    f"POST {USERS}/v1/teams/search": About(
        found("teams", record(**FOUND_TEAM)), body=SearchBody, summary="Search teams, as older clients do"
    ),
    f"POST {USERS}/v4/teams/search": About(
        found("teams", record(**FOUND_TEAM)), body=SearchBody, summary="Search teams"
    ),
    "POST /authorization/v1/roles/search": About(
        record(roles=several(ROLE)), body=roles.RoleSearch, summary="Search roles"
    ),
    f"GET {KEYS}": About(
        record(accessKeys=several(KEY), totalRecords=WHOLE, _links=LINKS),
        query=(
            text("userId", "Whose keys: the id of a user; the caller's own if nobody is named."),
            text("agentId", "The same by agent ID."),
        ),
        refuses=(403, 404),
        summary="List the access keys of a user",
    ),
    f"POST {KEYS}": About(
        record(resultSet=NEW_KEY),
        body=access_keys.NewKey,
        refuses=(404,),
        summary="Create an access key; its secret is in this answer only",
    ),
    f"PATCH {KEYS}": About(
        body=access_keys.Switch,
        query=(text("accessKeyId", "Which key.", required=True),),
        refuses=(404,),
        summary="Switch an access key on or off, as older clients do",
    ),
    f"GET {KEYS}/{{access_key_id}}": About(
        record(resultSet=record(**{name: shape for name, shape in KEY_MEMBERS.items() if name != "accessKeyId"})),
        summary="Read an access key",
    ),
    f"PATCH {KEYS}/{{access_key_id}}": About(body=access_keys.Switch, summary="Switch an access key on or off"),
    f"DELETE {KEYS}/{{access_key_id}}": About(summary="Delete an access key"),
    "GET /account-access/v1/associations": About(
        several(record(tenantName=TEXT, userId=UUID, username=TEXT)),
        summary="List the accounts of the caller: the one in this tenant",
    ),
    "GET /tenants/v2/current": About(record(tenant=TENANT), summary="Read the caller's tenant"),
    f"POST {DIVISIONS}": About(
        body=tenants.DivisionBody, summary="Refused: a tenant has the one division that its business unit is"
    ),
    f"PUT {DIVISIONS}": About(
        SUCCESS, body=tenants.DivisionBody, refuses=(404,), summary="Accepted while it changes nothing"
    ),
    f"GET {DIVISIONS}/billingCode/{{billing_code}}/validate": About(
        SUCCESS, summary="Ask whether a billing code is one of the tenant"
    ),
    f"POST {DIVISIONS}/identities": About(
        found("divisions", DIVISION), body=tenants.DivisionSearch, summary="Search divisions for who is who"
    ),
    f"POST {DIVISIONS}/search": About(
        found("division", DIVISION), body=tenants.DivisionSearch, summary="Search divisions"
    ),
    f"GET {DIVISIONS}/{{division_id}}": About(DIVISION, summary="Read a division"),
    f"GET {DIVISIONS}/{{division_id}}/getAllBillingCodes": About(
        record(billingCodes=several(WHOLE)), summary="List the billing codes of a division"
    ),
    "GET /applications": About(record(applications=several(APPLICATION)), summary="List the registered applications"),
    "POST /applications": About(
        Named("NewlyRegistered", record(**APPLICATION_MEMBERS, secret=TEXT)),
        status=201,
        body=applications.NewApplication,
        summary="Register an application; its secret is in this answer only",
    ),
    "GET /applications/{application_id}": About(APPLICATION, summary="Read an application"),
    "PATCH /applications/{application_id}": About(
        APPLICATION, body=applications.ChangedApplication, summary="Change an application"
    ),
    "DELETE /applications/{application_id}": About(
        APPLICATION, refuses=(400,), summary="Schedule an application for deletion"
    ),
    "POST /applications/{application_id}-enable": About(
        APPLICATION, refuses=(400,), summary="Let an application authenticate again"
    ),
    "POST /applications/{application_id}-disable": About(
        APPLICATION, refuses=(400,), summary="Stop an application and its tokens"
    ),
}
