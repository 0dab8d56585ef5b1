"""A bare view for each address: authenticate, run the statements, answer with a document of constant shape."""

import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from functools import cache

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.ids import new_id, new_number
from benchmarks.limit import statements

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
NICE = "urn:ietf:params:scim:schemas:extension:nice:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
BASE = "http://127.0.0.1/oauth/scim/v2/Users/"
RIGHTS = {"GET": "admin.employees.view", "POST": "admin.employees.create", "PUT": "admin.employees.edit"}
NAMED = 'userName eq "'


@cache
def key():
    """The key that token hashes are made with, as accounts.crypto makes it."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"secret", hashlib.sha256)


def caller(request, cursor):
    """Who calls; None without a good token and the right for the method."""
    token = request.META["HTTP_AUTHORIZATION"][7:]
    cursor.execute(statements.sql("who"), [hmac.digest(key(), token.encode(), hashlib.sha256).hex()])
    row = cursor.fetchone()
    if row is None or row[5] != "ACTIVE" or row[9] is not None or row[8] is None:
        return None
    return row if RIGHTS.get(request.method, RIGHTS["PUT"]) in (row[15] or "").split(",") else None


def shown(row):
    """The User document of a row."""
    pk = str(uuid.UUID(str(row[0])))
    return {
        "schemas": [USER, NICE],
        "id": pk,
        "externalId": row[4],
        "userName": row[5],
        "name": {"familyName": row[7], "givenName": row[6]},
        "displayName": row[9],
        "emails": [{"value": row[10], "type": "work", "primary": True}],
        "timezone": row[12],
        "active": row[15] != "DELETED",
        "roles": [{"value": str(row[17]), "display": row[18], "primary": True}],
        NICE: {
            "team": {"value": str(row[19]), "display": row[20]},
            "loginAuthenticator": {"value": str(row[21]), "display": row[22]},
        },
        "meta": {
            "resourceType": "User",
            "created": str(row[2]),
            "lastModified": str(row[3]),
            "location": BASE + pk,
            "version": f'W/"{row[1]}"',
        },
    }


def answer(document, status=200):
    return HttpResponse(orjson.dumps(document), status=status, content_type="application/scim+json")


def moment():
    """Now, as the database takes it."""
    now = datetime.now(UTC)
    return str(now.replace(tzinfo=None)) if connection.vendor == "sqlite" else now


def audit(cursor, who, entity_id, label, changes, now):
    """One entry of the trail."""
    cursor.execute(
        statements.AUDIT,
        [
            statements.stored(new_id()), who[1], now, entity_id, label, orjson.dumps(changes).decode(), who[0],
            f"{who[2]} {who[3]}", f"SCIM token …{who[7]}", new_id().hex,
        ],
    )  # fmt: skip


@csrf_exempt
def users(request):
    """The list, a look-up by user name, and creating."""
    with connection.cursor() as cursor:
        who = caller(request, cursor)
        if who is None:
            return answer({}, 401)
        if request.method == "POST":
            return create(request, cursor, who)
        start, count = int(request.GET.get("startIndex", "1")), int(request.GET.get("count", "100"))
        wanted = request.GET.get("filter", "")
        if wanted.startswith(NAMED):
            cursor.execute(statements.sql("by_name"), [who[1], wanted[len(NAMED) : -1].casefold()])
            found = cursor.fetchall()
            total = len(found)
        else:
            cursor.execute(statements.COUNT, [who[1]])
            total = cursor.fetchone()[0]
            cursor.execute(statements.sql("page"), [who[1], count, start - 1])
            found = cursor.fetchall()
    resources = [shown(row) for row in found]
    document = {"schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": len(found)}
    return answer({**document, "Resources": resources})


def create(request, cursor, who):
    """Defaults, INSERT, audit."""
    wanted = orjson.loads(request.body)
    given, family, username = wanted["name"]["givenName"], wanted["name"]["familyName"], wanted["userName"]
    pk, now = statements.stored(new_id()), moment()
    with transaction.atomic():
        cursor.execute(statements.DEFAULTS, [who[1], who[1]])
        role, team, team_name, authenticator, authenticator_name = cursor.fetchone()
        columns, values = statements.blank()
        row = dict(zip(columns, values, strict=True)) | {
            "id": pk, "agent_id": new_number(), "username": username, "username_key": username.casefold(),
            "email": wanted["emails"][0]["value"], "email_key": wanted["emails"][0]["value"].casefold(),
            "first_name": given, "last_name": family, "name_key": f"{given} {family}".casefold(),
            "display_name": wanted["displayName"], "external_id": wanted["externalId"], "created_at": now, "modified_at": now,
            "last_activity_at": now, "version": 1, "status": "UNREGISTERED", "primary_role_id": role, "team_id": team,
            "login_authenticator_id": authenticator, "scim_managed": True, "source": "SCIM", "password": "",
        }  # fmt: skip
        cursor.execute(statements.insert(), list(row.values()))
        changes = [["User", "", "created"], *(["User." + name, "", str(row[name])] for name in ("username", "email"))]
        audit(cursor, who, pk, f"{given} {family}", changes, now)
    shown_row = (
        pk, 1, now, now, wanted["externalId"], username, given, family, "", wanted["displayName"], row["email"], "",
        row["time_zone"], "", None, "UNREGISTERED", "{}", role, "Agent", team, team_name, authenticator, authenticator_name,
    )  # fmt: skip
    return answer(shown(shown_row), 201)


@csrf_exempt
def user(request, user_id):
    """One user: reading, replacing, switching on and off."""
    with connection.cursor() as cursor:
        who = caller(request, cursor)
        if who is None:
            return answer({}, 401)
        pk = statements.stored(uuid.UUID(user_id))
        if request.method == "GET":
            cursor.execute(statements.sql("by_id"), [who[1], pk])
            return answer(shown(cursor.fetchone()))
        wanted = orjson.loads(request.body)
        with transaction.atomic():
            cursor.execute(statements.sql("by_id_locked"), [who[1], pk])
            row = list(cursor.fetchone())
            now = moment()
            (replace if request.method == "PUT" else switch)(cursor, who, pk, row, wanted, now)
            row[1], row[3] = row[1] + 1, now
    return answer(shown(row))


def replace(cursor, who, pk, row, wanted, now):
    """UPDATE of what a PUT changes, audit."""
    given, family = wanted["name"]["givenName"], wanted["name"]["familyName"]
    display, external = wanted.get("displayName", ""), wanted.get("externalId")
    values = [given, family, f"{given} {family}".casefold(), display, external, now, f"{who[2]} {who[3]}", pk, row[1]]
    cursor.execute(statements.REPLACE, values)
    changes = [
        ["User.firstName", row[6], given],
        ["User.lastName", row[7], family],
        ["User.displayName", row[9], display],
    ]
    audit(cursor, who, pk, f"{given} {family}", [change for change in changes if change[1] != change[2]], now)
    row[6], row[7], row[9], row[4] = given, family, display, external


def switch(cursor, who, pk, row, wanted, now):
    """UPDATE of the status, audit."""
    active = wanted["Operations"][0]["value"]["active"]
    status = "UNREGISTERED" if active else "DELETED"
    cursor.execute(statements.SWITCH, [status, None if active else now, now, f"{who[2]} {who[3]}", pk, row[1]])
    audit(cursor, who, pk, f"{row[6]} {row[7]}", [["User.status", row[15], status]], now)
    row[15] = status
