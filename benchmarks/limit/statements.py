"""The statements that cxadmin's rules need, in raw SQL, on its own tables.

Who calls and what that employee may do; the target; the write; its audit entry. Nothing is checked beyond what the
statements themselves find, nothing is negotiated, and only the requests of the benchmark are understood.
"""

import uuid
from functools import cache
from typing import Any

from django.db import connection

SCIM_CODES = "('admin.scim.on', 'admin.employees.view', 'admin.employees.create', 'admin.employees.edit')"
JOINED = {"sqlite": "GROUP_CONCAT(p.code, ',')", "postgresql": "STRING_AGG(p.code, ',')"}
PAIRS = {
    "sqlite": "JSON_GROUP_ARRAY(JSON_ARRAY({0}, {1}))",
    "postgresql": "JSON_AGG(JSON_BUILD_ARRAY({0}, {1}))::text",
}

WHO = """
SELECT e.id, e.business_unit_id, e.first_name, e.last_name, e.username, e.status, e.lock_reason, t.last4, t.saved_at,
  t.deleted_at, t.expires_at, s.scim_fields, s.scim_access_rule, s.scim_default_role_id, b.time_zone,
  (SELECT {joined} FROM accounts_rolepermission p JOIN accounts_role r ON r.id = p.role_id
   WHERE r.status = 'ACTIVE' AND p.code IN {codes} AND (p.role_id = e.primary_role_id
     OR p.role_id IN (SELECT role_id FROM accounts_secondaryrole WHERE employee_id = e.id)))
FROM accounts_scimtoken t JOIN accounts_employee e ON e.id = t.employee_id
  JOIN accounts_businessunit b ON b.id = e.business_unit_id JOIN accounts_accountsettings s ON s.business_unit_id = b.id
WHERE t.token_hash = %s
"""

USER = """
SELECT e.id, e.version, e.created_at, e.modified_at, e.external_id, e.username, e.first_name, e.last_name, e.middle_name,
  e.display_name, e.email, e.mobile_number, e.time_zone, e.type, e.language, e.status, e.scim_attributes, e.primary_role_id,
  r.name, e.team_id, t.name, e.login_authenticator_id, a.name,
  (SELECT {roles} FROM accounts_secondaryrole x JOIN accounts_role y ON y.id = x.role_id WHERE x.employee_id = e.id),
  (SELECT {groups} FROM accounts_groupmembership x JOIN accounts_group y ON y.id = x.group_id WHERE x.employee_id = e.id)
FROM accounts_employee e JOIN accounts_role r ON r.id = e.primary_role_id JOIN accounts_team t ON t.id = e.team_id
  LEFT JOIN accounts_loginauthenticator a ON a.id = e.login_authenticator_id
"""
BY_ID = "WHERE e.business_unit_id = %s AND NOT e.scim_hidden AND e.id = %s"
BY_NAME = "WHERE e.business_unit_id = %s AND NOT e.scim_hidden AND e.username_key = %s"
PAGE = """WHERE e.id IN (SELECT id FROM accounts_employee WHERE business_unit_id = %s AND NOT scim_hidden
  ORDER BY id LIMIT %s OFFSET %s) ORDER BY e.id"""
COUNT = "SELECT COUNT(*) FROM accounts_employee WHERE business_unit_id = %s AND NOT scim_hidden"

DEFAULTS = """
SELECT (SELECT id FROM accounts_role WHERE business_unit_id = %s AND name_key = 'agent' AND status = 'ACTIVE'), t.id, t.name,
  a.id, a.name
FROM accounts_team t JOIN accounts_loginauthenticator a ON a.business_unit_id = t.business_unit_id
WHERE t.business_unit_id = %s AND t.is_default AND a.is_default
"""
SWITCH = """
UPDATE accounts_employee SET status = %s, deactivated_at = %s, session_epoch = session_epoch + 1, version = version + 1,
  modified_at = %s, modified_by = %s WHERE id = %s AND version = %s
"""
REPLACE = """
UPDATE accounts_employee SET first_name = %s, last_name = %s, name_key = %s, display_name = %s, external_id = %s,
  version = version + 1, modified_at = %s, modified_by = %s WHERE id = %s AND version = %s
"""
AUDIT = """
INSERT INTO accounts_auditevent (id, business_unit_id, at, application, entity, entity_id, entity_label, changes,
  triggered_by_id, triggered_by_name, channel, credential, request_id)
VALUES (%s, %s, %s, 'Admin', 'User', %s, %s, %s, %s, %s, 'SCIM', %s, %s)
"""


@cache
def sql(name: str) -> str:
    """A statement in the dialect of the database."""
    vendor = connection.vendor
    pairs = {
        "roles": PAIRS[vendor].format("x.role_id", "y.name"),
        "groups": PAIRS[vendor].format("x.group_id", "y.name"),
    }
    lock = " FOR UPDATE OF e" if vendor == "postgresql" else ""
    return {
        "who": WHO.format(joined=JOINED[vendor], codes=SCIM_CODES),
        "by_id": USER.format(**pairs) + BY_ID,
        "by_id_locked": USER.format(**pairs) + BY_ID + lock,
        "by_name": USER.format(**pairs) + BY_NAME,
        "page": USER.format(**pairs) + PAGE,
    }[name]


@cache
def blank() -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The columns of an employee, and the values of one that the product made, to be filled in for a new one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_employee WHERE username = 'okta@demo.example'")
        row = cursor.fetchone()
        columns = tuple(column[0] for column in cursor.description)
    return columns, tuple(row)


@cache
def insert() -> str:
    """The INSERT of an employee."""
    columns, _ = blank()
    return f"INSERT INTO accounts_employee ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"


def stored(value: uuid.UUID) -> Any:
    """An id as the database keeps it."""
    return value.hex if connection.vendor == "sqlite" else value
