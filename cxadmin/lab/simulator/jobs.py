"""Simulations in the background: taken in by the page and the control API, played by a worker on threads of its own, so that
uploads do not wait for them."""

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connections
from django.db.models import Exists, OuterRef, Q
from django_tasks import task

from accounts import workers
from accounts.crypto import decrypt, encrypt
from accounts.models import BusinessUnit
from cxadmin import clock
from cxadmin.lab import running
from cxadmin.lab.models import Simulation
from cxadmin.lab.simulator import plan, targets
from cxadmin.lab.simulator.plan import BadPlan
from cxadmin.lab.simulator.play import FAILED, STOPPED, Play
from cxadmin.lab.simulator.wire import NotLoopback

logger = logging.getLogger(__name__)

Status = Simulation.Status
SAVED_EVERY = 0.5
KEPT = 100
GRACE = 10  # seconds
ENDED = {"complete": Status.COMPLETE, STOPPED: Status.STOPPED, FAILED: Status.FAILED}

_playing: set[Play] = set()


def submit(
    unit: BusinessUnit, values: Mapping[str, Any], credential: str | None, secrets: Mapping[str, str], by: str
) -> Simulation:
    """Take a simulation in; a worker plays it, of a tenant one after the other.

    Args:
        values: the plan, as `plan.read` takes it.
        secrets: what is given instead of the seed's; kept sealed until the end.
        by: who wants it, for the list.

    Raises:
        BadPlan: it cannot be played; nothing is stored.
    """
    played = plan.read(values, domain=f"{unit.tenant_name}.example")
    target = targets.of_tenant(unit, played.provider, credential, secrets)
    simulation = Simulation.objects.create(
        business_unit_id=unit.pk,
        tenant_name=unit.tenant_name,
        plan=played.as_dict(),
        credential=target.authorization.kind,
        sealed_secrets=encrypt(orjson.dumps({name: value for name, value in secrets.items() if value}).decode()),
        submitted_by=by,
        submitted_at=clock.machine(),
    )
    _forget_old()
    begin.enqueue(str(simulation.pk))
    return simulation


def _forget_old() -> None:
    kept = Simulation.objects.order_by("-submitted_at").values_list("pk", flat=True)[:KEPT]
    Simulation.objects.exclude(pk__in=list(kept)).exclude(status__in=Simulation.OPEN).delete()


def stop(simulation: Simulation) -> None:
    """Ask for its end; one that nobody plays ends at once."""
    Simulation.objects.filter(pk=simulation.pk, status__in=Simulation.OPEN).update(is_stop_asked=True)
    nobody = Simulation.objects.filter(_unattended(), pk=simulation.pk, status__in=Simulation.OPEN)
    nobody.update(status=Status.STOPPED, finished_at=clock.machine(), sealed_secrets="")


@task()
def begin(simulation_id: str) -> None:
    """Play a simulation beside this worker's other work."""
    claimed = _claim(Q(pk=simulation_id))
    if claimed is not None:
        threading.Thread(target=_play_apart, args=(claimed,), name="simulation", daemon=True).start()


def resume() -> None:
    """Play what waits, and what a worker that died has left; it converges, because people who are there are found."""
    if not settings.LAB:
        return
    open_ones = Simulation.objects.filter(_unattended(), status__in=Simulation.OPEN)
    waiting = list(open_ones.order_by("submitted_at").values_list("pk", flat=True)[:10])
    server = urlsplit(targets.server_url()) if waiting else None
    # The worker may be there before the server is.
    if server is not None and running.is_up(server.hostname or "", server.port):
        for pk in waiting:
            begin.call(str(pk))


def stop_all() -> None:
    """The worker ends: so do its simulations, to be taken up by the next one."""
    for play in list(_playing):
        play.stop()


def _unattended() -> Q:
    return Q(beat_at=None) | Q(beat_at__lt=clock.machine() - workers.ALIVE_FOR)


def _claim(which: Q) -> Simulation | None:
    """Take a simulation that nobody plays, unless another one of its tenant is being played."""
    now = clock.machine()
    others = Simulation.objects.filter(
        business_unit_id=OuterRef("business_unit_id"), status=Status.PLAYING, beat_at__gte=now - workers.ALIVE_FOR
    )
    free = Simulation.objects.filter(which, _unattended(), ~Exists(others), status__in=Simulation.OPEN)
    simulation = free.first()
    if simulation is None:
        return None
    still = Simulation.objects.filter(pk=simulation.pk, beat_at=simulation.beat_at, status=simulation.status)
    return simulation if still.update(status=Status.PLAYING, beat_at=now) else None


def _play_apart(simulation: Simulation) -> None:
    try:
        play(simulation)
    except Exception:
        logger.exception("The simulation %s broke off", simulation.pk)
        _end(simulation.pk, Status.FAILED, {"reason": "An internal error; the server's log has it."})
    finally:
        connections.close_all()


def play(simulation: Simulation) -> None:
    """Play a claimed simulation to its end."""
    unit = BusinessUnit.objects.filter(pk=simulation.business_unit_id).first()
    if unit is None:
        _end(simulation.pk, Status.FAILED, {"reason": f"The tenant {simulation.tenant_name} is gone."})
        return
    try:
        played = plan.read(simulation.plan, domain=f"{unit.tenant_name}.example")
        secrets = orjson.loads(decrypt(simulation.sealed_secrets))
        target = targets.of_tenant(unit, played.provider, simulation.credential, secrets)
    except (BadPlan, NotLoopback, InvalidToken) as error:
        _end(simulation.pk, Status.FAILED, {"reason": str(error) or "The instance's SECRET_KEY has changed."})
        return
    run = Play(played, target.scim_url, target.authorization, Keeper(simulation.pk))
    _playing.add(run)
    try:
        report = run.run()
    finally:
        _playing.discard(run)
    if run.state == STOPPED and not Simulation.objects.filter(pk=simulation.pk, is_stop_asked=True).exists():
        # The worker was told to end, not the simulation.
        Simulation.objects.filter(pk=simulation.pk).update(status=Status.WAITING, beat_at=None, report=report)
        return
    if run.state == FAILED:
        # A server that is being stopped answers no more a moment before its worker is told to end; then the next one goes on.
        time.sleep(GRACE)
    _end(simulation.pk, ENDED[run.state], report)


def _end(pk: uuid.UUID, status: str, report: dict[str, Any]) -> None:
    Simulation.objects.filter(pk=pk).update(
        status=status, report=report, finished_at=clock.machine(), sealed_secrets="", beat_at=clock.machine()
    )


class Keeper:
    """Keeps the report of a run up to date, and stops the run where somebody asked for it."""

    def __init__(self, pk: uuid.UUID) -> None:
        self.pk = pk
        self.saved = 0.0

    def __call__(self, run: Play) -> None:
        """Save, but not too often."""
        if run.state or time.monotonic() - self.saved < SAVED_EVERY:
            return
        self.saved = time.monotonic()
        mine = Simulation.objects.filter(pk=self.pk, status=Status.PLAYING)
        is_there = mine.update(report=run.report(), beat_at=clock.machine())
        if not is_there or mine.filter(is_stop_asked=True).exists():
            run.stop()
