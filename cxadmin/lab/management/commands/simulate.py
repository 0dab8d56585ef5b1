"""`cxadmin simulate`."""

import json
import sys
import uuid
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.models import BusinessUnit
from cxadmin.lab import control_simulations
from cxadmin.lab.control import Problem
from cxadmin.lab.progress import Progress
from cxadmin.lab.simulator import plan, targets
from cxadmin.lab.simulator.plan import PROVIDERS, BadPlan, Plan
from cxadmin.lab.simulator.play import FAILED, STOPPED, Play, Step
from cxadmin.lab.simulator.targets import Target
from cxadmin.lab.simulator.wire import NotLoopback

OPTIONS = {
    name: f"--{name.replace('_', '-')}" for name in (*plan.NAMES, *targets.SECRETS, "credential", "authorize_url")
}
RUNS = ("list", "show", "stop")
REFUSED, INTERRUPTED = 1, 130
OTHER_DOMAIN = "simulator.example"
NAME_WIDTH = 11


class Command(BaseCommand):
    """Play an identity provider."""

    help = (
        "Play the documented requests of an identity provider against a tenant of this instance or a SCIM service on this "
        "machine. Seed and number make the people, so a repeated run finds and updates those who are there. "
        "Ends with 0 if nothing was refused, with 1 if something was, with 130 after Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "provider",
            choices=(*PROVIDERS, *RUNS),
            metavar="PROVIDER",
            help="okta or entra; or list, show or stop: of those that workers play, begun on the page or by the API",
        )
        parser.add_argument("id", nargs="?", type=uuid.UUID, metavar="ID", help="of show and stop: which one")
        what = parser.add_argument_group("what is played")
        what.add_argument("--people", type=_whole, default=10, metavar="N", help="how many people (default: 10)")
        what.add_argument(
            "--steps",
            metavar="A,B",
            help="some of connect, import (Okta), create, update, deactivate, reactivate, groups, check (default: all)",
        )
        what.add_argument(
            "--style", help="okta: wizard (PUT) or catalogue (PATCH); entra: plain or flag (default: first)"
        )
        what.add_argument(
            "--groups", type=_whole, default=3, metavar="N", help="how many groups are pushed (default: 3)"
        )
        what.add_argument(
            "--share",
            type=_whole,
            default=100,
            metavar="PERCENT",
            help="how many of the people are updated, deactivated and reactivated (default: 100)",
        )
        what.add_argument("--seed", type=_whole, default=1, help="another number makes other people (default: 1)")
        what.add_argument("--domain", help="behind the @ of user names (default: that of the tenant)")
        speed = parser.add_argument_group("how fast")
        speed.add_argument(
            "--rate", type=float, default=0, metavar="N", help="at most N requests a second (default: no limit)"
        )
        speed.add_argument(
            "--connections", type=_whole, default=4, metavar="N", help="requests under way at once (default: 4)"
        )
        where = parser.add_argument_group("where, and as whom")
        where.add_argument("--tenant", default="demo", help="a tenant of this instance (default: demo)")
        where.add_argument(
            "--scim-url", metavar="URL", help="another SCIM service on this machine, with its credential"
        )
        where.add_argument(
            "--credential",
            help="oauth, token or key (default: what is given below, else oauth for okta, token for entra)",
        )
        where.add_argument("--token", help="a SCIM token or an access token")
        where.add_argument("--basic", metavar="ID:SECRET", help="an access key")
        where.add_argument("--client-id", help="OAuth: the application")
        where.add_argument("--client-secret", help="OAuth: its secret")
        where.add_argument(
            "--redirect-uri", metavar="URL", help="OAuth: a callback registered for it (default: the first)"
        )
        where.add_argument("--username", help="OAuth: who signs in")
        where.add_argument("--password", help="OAuth: with which password")
        where.add_argument(
            "--authorize-url", metavar="URL", help="OAuth, of another service (default: /auth/authorize there)"
        )
        where.add_argument("--token-url", metavar="URL", help="OAuth, of another service (default: /auth/token there)")
        parser.add_argument(
            "--json", action="store_true", help="print the report as JSON; progress goes to the error stream"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["provider"] in RUNS:
            self._tell(options["provider"], options["id"], as_json=options["json"])
            return
        if options["id"] is not None:
            raise CommandError(f"An ID belongs to show and stop, not to {options['provider']}.", returncode=2)
        stream = self.stderr if options["json"] else self.stdout
        try:
            played, target = self._prepared(options)
        except BadPlan as error:
            raise CommandError(f"{OPTIONS.get(error.field, error.field)}: {error}", returncode=2) from error
        except NotLoopback as error:
            raise CommandError(str(error), returncode=2) from error
        play = Play(played, target.scim_url, target.authorization, Watcher(stream))
        report = play.run()
        tenant = None if options["scim_url"] else options["tenant"]
        if options["json"]:
            self.stdout.write(json.dumps({"tenant": tenant, **report}, ensure_ascii=False))
        else:
            self.stdout.write(written(played, report, tenant))
        self.stdout.flush()
        if play.state == STOPPED:
            sys.exit(INTERRUPTED)
        if not play.is_clean:
            sys.exit(REFUSED)

    def _tell(self, act: str, simulation_id: uuid.UUID | None, *, as_json: bool) -> None:
        """Print what workers play, or end one of it."""
        if (simulation_id is None) != (act == "list"):
            raise CommandError(
                "list takes no ID." if simulation_id else f"Which one? cxadmin simulate {act} ID", returncode=2
            )
        try:
            if simulation_id is None:
                found = control_simulations.latest()
            elif act == "stop":
                found = control_simulations.stopped(simulation_id)
            else:
                found = control_simulations.document(control_simulations.one(simulation_id))
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        if as_json:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for one in found.get("simulations", [found]):
            self.stdout.write(
                f"{one['id']}  {one['submitted_at'][:19]}  {one['status']:<9} {one['tenant']:<12} "
                f"{one['plan']['provider']}, {one['plan']['people']:,} people"
            )
        if (report := found.get("report")) and "steps" in report:
            self.stdout.write(written(plan.read(found["plan"], domain=OTHER_DOMAIN), report, found["tenant"]))
        elif report:
            self.stdout.write(report["reason"])

    def _prepared(self, options: dict[str, Any]) -> tuple[Plan, Target]:
        """What to play and where.

        Raises:
            BadPlan, NotLoopback: an option cannot be used; nothing was sent.
        """
        values = {name: options[name] for name in plan.NAMES if options[name] is not None}
        given = {name: options[name] or "" for name in (*targets.SECRETS, "authorize_url", "token_url")}
        provider, asked = options["provider"], options["credential"]
        if options["scim_url"]:
            played = plan.read(values, domain=OTHER_DOMAIN)
            kind = targets.credential_of(provider, asked, given)
            return played, targets.target(options["scim_url"], kind, given)
        unit = self._tenant(options["tenant"])
        return plan.read(values, domain=f"{unit.tenant_name}.example"), targets.of_tenant(unit, provider, asked, given)

    def _tenant(self, name: str) -> BusinessUnit:
        try:
            names = list(BusinessUnit.objects.order_by("number").values_list("tenant_name", flat=True)[:50])
            unit = BusinessUnit.objects.filter(tenant_name=name).first()
        except DatabaseError as error:
            reason = str(error).splitlines()[0]
            raise BadPlan("tenant", f"There is no tenant ({reason}). `cxadmin up` prepares the database.") from error
        if unit is None:
            raise BadPlan("tenant", f"There is no tenant {name!r}. The tenants are: {', '.join(names)}.")
        return unit


class Watcher:
    """A progress bar for every step."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.step: Step | None = None
        self.told: Step | None = None
        self.progress: Progress | None = None

    def __call__(self, play: Play) -> None:
        """Show where the run is."""
        if not play.steps:
            return
        if self.step is not play.step:
            self.step = play.step
            moves = self.stream.isatty() and self.step.total > 1
            self.progress = Labelled(self.stream, self.step.name, self.step.total) if moves else None
        if self.progress is not None and self.step.done > self.progress.done:
            self.progress.advance(self.step.done - self.progress.done)
        if self.progress is not None and self.step.ended:
            self.progress.stop()
            self.progress = None
        if not self.stream.isatty() and self.step.ended and self.step is not self.told:
            self.told = self.step
            self.stream.write(f"{self.step.name}: {self.step.done:,} of {self.step.total:,}")


class Labelled(Progress):
    """A bar with the name of the step before it."""

    def __init__(self, stream: Any, label: str, total: int) -> None:
        super().__init__(stream, total)
        self.label = label

    @property
    def bar(self) -> str:
        return f"{self.label:<{NAME_WIDTH}}{super().bar}"


def written(played: Plan, report: dict[str, Any], tenant: str | None) -> str:
    """The report for people."""
    where = f"tenant {tenant}, {report['scim_url']}" if tenant else report["scim_url"]
    lines = [
        "",
        f"{played.kind.label} ({played.style}) at {where}: {played.people:,} people, seed {played.seed}",
        f"  {'step':<{NAME_WIDTH}}{'done':>8}{'refused':>9}{'requests':>10}{'median ms':>11}{'95% ms':>9}{'seconds':>9}",
    ]
    for step in report["steps"]:
        times = step["milliseconds"]
        lines.append(
            f"  {step['step']:<{NAME_WIDTH}}{step['done']:>8,}{step['refused']:>9,}{step['requests']:>10,}"
            f"{times['median'] or 0:>11.1f}{times['p95'] or 0:>9.1f}{step['seconds']:>9.1f}"
            f"  {', '.join(f'{number:,} {name}' for name, number in step['outcomes'].items())}".rstrip()
        )
    for step in report["steps"]:
        for refusal in step["refusals"]:
            status = f"{refusal['status']} " if refusal["status"] else ""
            first = refusal["first"]
            asked = f", request {first['request_id']}" if first["request_id"] else ""
            lines.append(
                f"  {step['step']}: {status}{refusal['said']} ({refusal['times']:,} times, first {first['who']}{asked})"
            )
    lines.append(_ending(report))
    return "\n".join(lines)


def _ending(report: dict[str, Any]) -> str:
    took = f"{report['requests']:,} requests in {report['seconds']:.1f} s"
    if report["state"] == STOPPED:
        return f"Stopped after {took}. The same command goes on from here: people who are there are found and updated."
    if report["state"] == FAILED:
        return f"Not finished: {report['reason']}"
    people = report["employees"]
    there = f" {people['as_expected']:,} of {people['expected']:,} people are as expected." if people else ""
    return f"Finished: {took}, {report['refused']:,} refused.{there}"


def _whole(text: str) -> int:
    """A whole number; thousands may be separated, as in 1,000."""
    digits = text.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise ArgumentTypeError(f"Give a whole number, not {text[:40]!r}.")
    return int(digits)
