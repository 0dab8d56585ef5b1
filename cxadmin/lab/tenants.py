"""Tenants as the lab makes and unmakes them: disposable ones for tests, back to the seed, and away.

A disposable tenant looks like one of the seeds under a name of its own. Its credentials follow from the instance's SECRET_KEY
and the tenant's ID: they can be shown again, a reset brings the same ones back, and nothing needs to be stored in clear.
"""

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Problem, Refused
from accounts.ids import new_id, new_number
from accounts.models import BusinessUnit
from cxadmin import clock
from cxadmin.lab import credentials, erasure, faults, journal, news, running, seeds
from cxadmin.lab.seeds import SEEDS, Seed

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LIFETIME = re.compile(r"[1-9][0-9]{0,5}[smhd]")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=365)
NEVER = "never"
NOBODY = uuid.UUID(int=0)
MODELS = tuple(seed.tenant for seed in SEEDS)
"""The seeds a disposable tenant can look like."""


@dataclass(frozen=True, slots=True)
class Disposable(Seed):
    """What a disposable tenant is made from.

    Its administrator does not open the lab: that would show the other tenants of the instance.
    """

    tenant_id: uuid.UUID = NOBODY
    looks_like: str = MODELS[0]

    @property
    def id(self) -> uuid.UUID:
        return self.tenant_id

    @property
    def made_from(self) -> str:
        return self.looks_like

    @property
    def has_operator(self) -> bool:
        return False

    @property
    def client_id(self) -> uuid.UUID:
        return uuid.UUID(bytes=self._fixed("application")[:16], version=4)

    def _password(self, number: int) -> str:
        random = base64.urlsafe_b64encode(self._fixed(f"password {number}")[:15]).decode()
        return f"Cx1-{random}"

    def _fixed(self, purpose: str) -> bytes:
        said = f"cxadmin.lab tenant {self.tenant_id} {purpose}"
        return hmac.digest(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256)


def _disposable(name: str, number: int, tenant_id: uuid.UUID, looks_like: str) -> Disposable:
    model = seeds.seed_of(looks_like) or SEEDS[0]
    return Disposable(
        tenant=name,
        number=number,
        name=f"{model.name} {name}",
        area=model.area,
        is_fedramp=model.is_fedramp,
        is_bare=model.is_bare,
        tenant_id=tenant_id,
        looks_like=looks_like,
    )


def seed_for(unit: BusinessUnit) -> Seed | None:
    """What a tenant was made from; None of one that was made by something else."""
    seed = seeds.seed_of(unit.tenant_name)
    if seed is not None and seed.id == unit.pk:
        return seed
    return _disposable(unit.tenant_name, unit.number, unit.pk, unit.made_from) if unit.made_from in MODELS else None


def lifetime_of(text: str) -> timedelta | None:
    """How long a disposable tenant lives, written as `90s`, `15m`, `2h` or `7d`; None for `never`.

    Raises:
        Invalid: it is written otherwise.
    """
    if text == NEVER:
        return None
    lifetime = timedelta(**{UNITS[text[-1]]: int(text[:-1])}) if LIFETIME.fullmatch(text) else None
    if lifetime is None or lifetime > LONGEST:
        said = _("Give a number with s, m, h or d behind it, as in 30m, up to 365d, or the word never.")
        raise Invalid([Problem("lifetime", "V-FORMAT", said)])
    return lifetime


def create(name: str = "", looks_like: str = MODELS[0], lifetime: timedelta | None = None) -> BusinessUnit:
    """Make a disposable tenant.

    Args:
        name: drawn at random if it is empty.
        looks_like: the seed it looks like.
        lifetime: after this long it goes by itself; None keeps it until somebody deletes it.

    Raises:
        Invalid: names every argument that is wrong; a name in use is the problem V-UNIQ.
    """
    found = []
    if name and not NAME.fullmatch(name):
        said = _("Use up to 40 lower-case letters, digits and hyphens, no hyphen at the ends.")
        found.append(Problem("name", "V-FORMAT", said))
    if looks_like not in MODELS:
        said = _("Choose one of %(names)s.") % {"names": ", ".join(MODELS)}
        found.append(Problem("seed", "V-CHOICE", said))
    if found:
        raise Invalid(found)
    while True:
        chosen, tenant_id = name or f"t-{secrets.token_hex(5)}", new_id()
        seed = _disposable(chosen, new_number(), tenant_id, looks_like)
        try:
            with clock.kept_apart():
                return seeds.plant(seed, clock.machine() + lifetime if lifetime is not None else None)
        except IntegrityError:
            if name and BusinessUnit.objects.filter(tenant_name=name).exists():
                said = _("There is already a tenant %(name)s.") % {"name": name}
                raise Invalid([Problem("name", "V-UNIQ", said)]) from None
            if not BusinessUnit.objects.filter(number=seed.number).exists():
                raise


def reset(unit: BusinessUnit) -> BusinessUnit:
    """Take a tenant back to its seed: what was changed or added is gone, its clock shows the machine's time, no fault rule is
    about it, its credentials are those it began with.

    The ID, the journal and the moment a disposable tenant goes stay.

    Raises:
        Refused: the tenant was not made from a seed.
    """
    seed = seed_for(unit)
    if seed is None:
        said = _("The tenant %(name)s was not made from a seed, so there is nothing to go back to.")
        raise Refused(said % {"name": unit.tenant_name}, "NO_SEED")
    with clock.kept_apart(), transaction.atomic():
        erasure.erase(unit.pk)
        fresh = seeds.plant(seed, unit.expires_at)
    faults.clear(unit.pk)  # tells the processes of the clock, too
    return fresh


def delete(unit: BusinessUnit) -> None:
    """Remove a tenant and everything that belongs to it, its entries in the request journal included."""
    erasure.erase(unit.pk)
    journal.recorder.flush()
    erasure.forget_of_lab(unit.pk)
    news.changed()


def sweep() -> int:
    """Remove the disposable tenants whose time is over; answers how many there were."""
    expired = list(BusinessUnit.objects.filter(expires_at__lte=clock.machine()))
    for unit in expired:
        delete(unit)
    return len(expired)


def facts(unit: BusinessUnit) -> dict[str, Any]:
    """What lists of tenants say of one, for programs."""
    seed = seed_for(unit)
    return {
        "tenant": unit.tenant_name,
        "tenant_id": str(unit.pk),
        "business_unit": unit.number,
        "name": unit.name,
        "seed": seed.made_from if seed else None,
        "created_at": unit.created_at.isoformat(),
        "expires_at": _iso(unit.expires_at),
    }


def document(unit: BusinessUnit, base: str | None = None) -> dict[str, Any]:
    """The facts and the credentials that open the tenant now, as `cxadmin credentials --json` prints them.

    Args:
        base: the address of the instance; asked for where it is left out.
    """
    seed = seed_for(unit)
    if seed is None:
        return facts(unit)
    secrets_now = seeds.present_secrets(seed)
    return facts(unit) | credentials.document(unit, seed, secrets_now, base or running.public_url())


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
