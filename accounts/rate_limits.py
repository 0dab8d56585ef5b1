"""How many requests programs may make with one credential and in one tenant, where the instance limits that (apis.md §5).

Time is cut into periods as long as the limit says, and requests are counted in the database: all worker processes and all
machines on it count together. That is one statement per request; without a limit there is none.
"""

import math

from django.conf import settings
from django.db import connection

from accounts.actors import Actor
from accounts.models import RateCount
from cxadmin import clock

# One request waits for another only if both are of one credential or tenant, and always in this order.
COUNT = """
INSERT INTO {table} (key, period, used) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
  used = CASE WHEN {table}.period = excluded.period THEN {table}.used + 1 ELSE 1 END, period = excluded.period
RETURNING key, used
"""


def wait(actor: Actor) -> int:
    """Count a request; answers after how many seconds the next one is welcome: 0 unless this one is too many."""
    of_credential, of_tenant = settings.RATE_LIMIT_CREDENTIAL, settings.RATE_LIMIT_TENANT
    if not of_credential and not of_tenant:
        return 0
    limits = {
        f"{actor.employee_id}:{actor.credential}"[:200]: of_credential,
        str(actor.business_unit_id): of_tenant,
    }
    set_limits = {key: limit for key, limit in limits.items() if limit}
    now = clock.machine().timestamp()
    rows = [(key, int(now // seconds), 1) for key, (_, seconds) in set_limits.items()]
    sql = COUNT.format(table=RateCount._meta.db_table, rows=", ".join(["(%s, %s, %s)"] * len(rows)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])
        used = dict(cursor.fetchall())
    exceeded = [seconds for key, (most, seconds) in set_limits.items() if used[key] > most]
    return max((math.ceil(seconds - now % seconds) for seconds in exceeded), default=0)
