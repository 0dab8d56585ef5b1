"""Fault rules: what may be asked of one, how it is stored and counted, and which are armed now.

Requests never ask the database whether there is a rule: each process keeps the armed ones (`news.py`).
"""

import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import rules
from accounts.api.services import SERVICES
from accounts.errors import Invalid, Problem
from accounts.models import AccessKey, Application, BusinessUnit, ScimToken
from accounts.rules import Text
from cxadmin import clock
from cxadmin.lab.journal_entries import OAUTH
from cxadmin.lab.models import FaultRule
from cxadmin.lab.news import Kept, changed

Action = FaultRule.Action
Values = dict[str, Any]

LONGEST_DELAY = 60_000
MOST = 1_000_000
MOST_RULES = 200
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
KINDS = ("SCIM token", "access key", "application")
BASES: dict[str, tuple[str, ...]] = {
    "scim": ("/scim/v2", "/oauth/scim/v2", "/basic-auth/scim/v2"),
    "oauth": OAUTH,
    "rest": tuple(f"/{service.prefix.strip('/')}" for service in SERVICES),
}
"""How the addresses of a door begin."""

DEFAULTS: Values = {
    "name": "",
    "armed": True,
    "tenant": None,
    "credential": "",
    "door": "",
    "method": "",
    "path": "",
    "nth": None,
    "every": None,
    "probability": 1.0,
    "times": None,
    "action": Action.STATUS.value,
    "status": 503,
    "retry_after": None,
    "delay_ms": 0,
    "jitter_ms": 0,
    "carried_out": False,
}
COLUMNS = {"armed": "is_armed", "carried_out": "is_carried_out"}
LABELS: dict[str, Any] = {
    "name": gettext_lazy("Name"),
    "armed": pgettext_lazy("fault", "Armed"),
    "tenant": gettext_lazy("Tenant"),
    "credential": gettext_lazy("Credential"),
    "door": pgettext_lazy("filter", "Door"),
    "method": pgettext_lazy("filter", "Method"),
    "path": pgettext_lazy("fault", "Path"),
    "nth": pgettext_lazy("fault", "Only the n-th request"),
    "every": pgettext_lazy("fault", "Every n-th request"),
    "probability": pgettext_lazy("fault", "Probability"),
    "times": pgettext_lazy("fault", "Times"),
    "action": pgettext_lazy("fault", "What happens"),
    "status": pgettext_lazy("fault", "Status"),
    "retry_after": pgettext_lazy("fault", "Retry-After (s)"),
    "delay_ms": pgettext_lazy("fault", "Delay (ms)"),
    "jitter_ms": pgettext_lazy("fault", "Jitter (ms)"),
    "carried_out": pgettext_lazy("fault", "Carry the request out first"),
}
TEXTS = {
    "name": Text(LABELS["name"], 100, more=rules.single_line),
    "credential": Text(LABELS["credential"], 120),
    "path": Text(LABELS["path"], 500),
}
NUMBERS = {
    "nth": (1, MOST),
    "every": (1, MOST),
    "times": (1, MOST),
    "status": (400, 599),
    "retry_after": (0, 86_400),
    "delay_ms": (0, LONGEST_DELAY),
    "jitter_ms": (0, LONGEST_DELAY),
}
MAY_BE_LEFT_OUT = ("nth", "every", "times", "retry_after")
CHOICES: dict[str, tuple[str, ...]] = {
    "action": tuple(Action.values),
    "door": ("", *FaultRule.Door.values),
    "method": ("", *METHODS),
}


# What may be asked


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with a whole rule; `values` has the keys of `DEFAULTS`."""
    found = [
        Problem(name, "V-UNKNOWN", _("There is no %(name)s; known are %(known)s.") % {"name": name, "known": known})
        for known in [", ".join(DEFAULTS)]
        for name in values
        if name not in DEFAULTS
    ]
    found += rules.check(TEXTS, values)
    for name, (low, high) in NUMBERS.items():
        if values[name] is not None or name not in MAY_BE_LEFT_OUT:
            found += rules.number_in(name, LABELS[name], values[name], low, high)
    for name, known in CHOICES.items():
        if values[name] not in known:
            found.append(_not_among(name, known))
    found += [
        Problem(name, "V-TYPE", _("%(label)s must be true or false.") % {"label": LABELS[name]})
        for name in ("armed", "carried_out")
        if not isinstance(values[name], bool)
    ]
    chance = values["probability"]
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
        found.append(Problem("probability", "V-RANGE", _("Probability must be above 0 and at most 1.")))
    return found or list(_contradictions(values)) + list(_matches_nothing(values))


def _not_among(name: str, known: tuple[str, ...]) -> Problem:
    said = ", ".join(word for word in known if word)
    return Problem(name, "V-CHOICE", _("%(label)s must be one of %(known)s.") % {"label": LABELS[name], "known": said})


def _contradictions(values: Mapping[str, Any]) -> list[Problem]:
    found = []
    if values["nth"] is not None and values["every"] is not None:
        found.append(Problem("every", "V-TOGETHER", _("Choose the n-th request or every n-th, not both.")))
    if values["action"] == Action.DELAY and not values["delay_ms"] + values["jitter_ms"]:
        found.append(Problem("delay_ms", "V-REQ", _("Say how long the delay is.")))
    if values["action"] == Action.STALE:
        if values["method"] not in ("", "GET"):
            found.append(Problem("method", "V-TOGETHER", _("Only a GET has an earlier answer to repeat.")))
        if not settings.JOURNAL_ENTRIES:
            text = _("Earlier answers come from the request journal, which is turned off (JOURNAL_ENTRIES=0).")
            found.append(Problem("action", "V-JOURNAL", text))
    return found


def _matches_nothing(values: Mapping[str, Any]) -> list[Problem]:
    """What the rule names and does not exist: such a rule would wait for ever."""
    found = []
    unit_id = tenant_id(values["tenant"])
    if values["tenant"] and unit_id is None:
        text = _("There is no tenant %(name)s.") % {"name": str(values["tenant"])[:100]}
        found.append(Problem("tenant", "V-TENANT", text))
    elif values["credential"] and not _exists(values["credential"], unit_id):
        text = _(
            "There is no credential %(name)s here. Write SCIM token, access key or application for every one of its kind, or a "
            "credential as the request journal names it."
        )
        found.append(Problem("credential", "V-CREDENTIAL", text % {"name": values["credential"]}))
    if values["path"] and not _is_served(values["path"], values["door"]):
        text = _(
            "No address that programs call begins with %(path)s. Write */Users* for every address with /Users in it."
        )
        found.append(Problem("path", "V-PATH", text % {"path": values["path"]}))
    return found


def tenant_id(name: object) -> uuid.UUID | None:
    """The tenant of this name."""
    if not isinstance(name, str) or not name or "\x00" in name:
        return None
    return BusinessUnit.objects.filter(tenant_name=name).values_list("pk", flat=True).first()


def _exists(credential: str, unit_id: uuid.UUID | None) -> bool:
    if credential in KINDS:
        return True
    kind = next((kind for kind in KINDS if credential.startswith(f"{kind} ")), "")
    name = credential.removeprefix(kind).strip()
    if kind == "application":
        owned = Application.objects.filter(name=name)
        return (owned.filter(business_unit_id=unit_id) if unit_id else owned).exists()
    if kind == "SCIM token":
        held: Any = ScimToken.objects.filter(last4=name.lstrip("…."), deleted_at=None)
    elif kind == "access key":
        held = AccessKey.objects.filter(access_key_id=name)
    else:
        return False
    return bool((held.filter(employee__business_unit_id=unit_id) if unit_id else held).exists())


def _is_served(path: str, door: str) -> bool:
    """Whether an address of the door can match: what stands before the first wildcard leads to one, or into one."""
    fixed = path.split("*", 1)[0].split("?", 1)[0].casefold()
    bases = BASES[door] if door else [base for known in BASES.values() for base in known]
    return any(base.casefold().startswith(fixed) or fixed.startswith(base.casefold()) for base in bases)


# Changes


def as_values(rule: FaultRule) -> Values:
    """A rule as `problems` and `create` take it."""
    found = {name: getattr(rule, COLUMNS.get(name, name)) for name in DEFAULTS if name != "tenant"}
    return found | {"tenant": names_of([rule]).get(rule.business_unit_id) if rule.business_unit_id else None}


def names_of(given: list[FaultRule]) -> dict[uuid.UUID | None, str]:
    """The names of the tenants that rules are about."""
    ids = {rule.business_unit_id for rule in given if rule.business_unit_id}
    return dict(BusinessUnit.objects.filter(pk__in=ids).values_list("pk", "tenant_name")) if ids else {}


def create(given: Mapping[str, Any]) -> FaultRule:
    """A new rule; what is not given is as in `DEFAULTS`.

    Raises:
        Invalid: with everything that is wrong.
    """
    if FaultRule.objects.count() >= MOST_RULES:
        text = _("There are %(n)d fault rules already; delete some first.") % {"n": MOST_RULES}
        raise Invalid([Problem("name", "V-LIMIT", text)])
    rule = FaultRule(created_at=clock.machine(), **_columns(DEFAULTS | dict(given)))
    rule.save(force_insert=True)
    changed()
    return rule


def update(rule: FaultRule, given: Mapping[str, Any]) -> FaultRule:
    """Change a rule; one that is armed by it, or was spent, counts from the beginning.

    Raises:
        Invalid: with everything that is wrong.
    """
    columns = _columns(as_values(rule) | dict(given))
    begins = columns["is_armed"] and (not rule.is_armed or rule.is_spent)
    columns |= {"seen": 0, "fired": 0} if begins else {}
    for name, value in columns.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(columns))
    changed()
    return rule


def _columns(values: Values) -> Values:
    """The values as the table keeps them.

    Raises:
        Invalid: with everything that is wrong.
    """
    values = values | {
        name: values[name].strip() for name in (*TEXTS, "method", "door") if isinstance(values[name], str)
    }
    for name in ("credential", "path", "method", "door", "name"):
        values[name] = "" if values[name] is None else values[name]
    if isinstance(values["method"], str):
        values["method"] = values["method"].upper()
    if found := problems(values):
        raise Invalid(found)
    values["is_carried_out"] = values["carried_out"] and values["action"] in (Action.STATUS, Action.DROP)
    values["is_armed"], values["business_unit_id"] = values["armed"], tenant_id(values["tenant"])
    if values["credential"].startswith("SCIM token "):
        values["credential"] = f"SCIM token …{values['credential'].removeprefix('SCIM token ').lstrip('…. ')}"
    return {name: value for name, value in values.items() if name not in ("armed", "carried_out", "tenant")}


def arm(rule: FaultRule, is_armed: bool = True) -> None:
    """Let a rule work, from the beginning of its count; or stop it."""
    values = {"is_armed": is_armed} | ({"seen": 0, "fired": 0} if is_armed else {})
    FaultRule.objects.filter(pk=rule.pk).update(**values)
    for name, value in values.items():
        setattr(rule, name, value)
    changed()


def delete(rule: FaultRule) -> None:
    """Forget a rule."""
    FaultRule.objects.filter(pk=rule.pk).delete()
    changed()


def clear(unit_id: uuid.UUID | None = None) -> int:
    """Forget every rule, or those of one tenant; how many there were."""
    found = FaultRule.objects.filter(business_unit_id=unit_id) if unit_id else FaultRule.objects.all()
    count, _details = found.delete()
    changed()
    return count


# Which are armed


class Armed(Kept):
    """The armed rules as this process knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.rules: tuple[FaultRule, ...] = ()

    def current(self) -> tuple[FaultRule, ...]:
        """The armed rules, in the order of their numbers."""
        self.refresh()
        return self.rules

    def concerning(self, business_unit_id: uuid.UUID) -> list[FaultRule]:
        """Those that can hit requests of a tenant."""
        return [rule for rule in self.current() if rule.business_unit_id in (None, business_unit_id)]

    def read(self) -> None:
        """Read them from the database."""
        self.rules = tuple(FaultRule.objects.filter(is_armed=True).order_by("pk"))


armed = Armed()


# Counting

FIRE = """
UPDATE {table} SET
  seen = seen + 1,
  fired = fired + CASE WHEN {hit} THEN 1 ELSE 0 END,
  last_fired_at = CASE WHEN {hit} THEN %s ELSE last_fired_at END,
  is_armed = NOT (
    (times IS NOT NULL AND fired + CASE WHEN {hit} THEN 1 ELSE 0 END >= times) OR (nth IS NOT NULL AND seen + 1 >= nth)
  )
WHERE id = %s AND is_armed AND (times IS NULL OR fired < times)
RETURNING seen, nth, every, is_armed
"""
HIT = "({lucky} AND (nth IS NULL OR seen + 1 = nth) AND (every IS NULL OR (seen + 1) %% every = 0))"


def fire(rule: FaultRule, chance: Callable[[], float] = random.random) -> bool:
    """Count a request that matches; answers whether the rule fires at it.

    One statement, so that of parallel requests each counts once and no more are hit than the rule says. A rule that has
    fired its last disarms itself.
    """
    is_lucky = chance() < rule.probability
    connection = connections[settings.JOURNAL_DATABASE]
    sql = FIRE.format(table=FaultRule._meta.db_table, hit=HIT.format(lucky="TRUE" if is_lucky else "FALSE"))
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(clock.machine()), rule.pk])
        row = cursor.fetchone()
    if row is None:
        return False  # disarmed or spent since it was read
    seen, nth, every, is_armed = row
    if not is_armed:
        changed()
    return is_lucky and nth in (None, seen) and (every is None or seen % every == 0)
