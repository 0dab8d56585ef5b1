"""`cxadmin clock`."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cxadmin.lab import clocks
from cxadmin.lab.control import Problem, refusing, tenant

EXAMPLES = """
examples:
  cxadmin clock shift 73h                 invitations of the tenant demo expire (INVITATION_TTL=72h)
  cxadmin clock set 2027-01-31T09:00:00Z --tenant bare
  cxadmin clock freeze                    the clock stands until it is scaled or reset
  cxadmin clock scale 60                  a minute a second
  cxadmin clock reset                     the machine's time again
"""


class Command(BaseCommand):
    """Move the clock of a tenant."""

    help = "Move the clock of a tenant: every rule that looks at time obeys it, and no other tenant notices."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLES, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", required=True, metavar="ACTION", parser_class=ArgumentParser)
        shown = commands.add_parser("show", help="what the clock shows, and how fast it runs")
        put = commands.add_parser("set", help="let it show a moment")
        put.add_argument("at", metavar="MOMENT", help="as 2027-01-31T09:00:00Z; without an offset UTC")
        shifted = commands.add_parser("shift", help="move it on, or back")
        # A minus would be taken for an option.
        shifted.add_argument("shift", metavar="DURATION", help="as 90s, 15m, 72h, 7d or 2w")
        shifted.add_argument("--back", action="store_true", help="back instead of on")
        frozen = commands.add_parser("freeze", help="stop it")
        frozen.add_argument("at", nargs="?", metavar="MOMENT", help="at this moment instead of now")
        scaled = commands.add_parser("scale", help="let it run faster or slower")
        scaled.add_argument(
            "rate", type=float, metavar="FACTOR", help="times as fast as the machine's; 1 as fast, 0 stops it"
        )
        put_back = commands.add_parser("reset", help="let it follow the machine's again")
        for one in (shown, put, shifted, frozen, scaled, put_back):
            one.add_argument("--tenant", default="demo", metavar="NAME", help="name of the tenant (default: demo)")
            one.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            unit = tenant(options["tenant"])
            if options["act"] == "reset":
                clocks.reset(unit)
            elif options["act"] != "show":
                unit = refusing(lambda: clocks.change(unit, _wanted(options)))
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        said = clocks.written(unit)
        self.stdout.write(json.dumps(said, indent=2) if options["json"] else line(said))


def _wanted(options: dict[str, Any]) -> dict[str, Any]:
    found = {name: options[name] for name in ("at", "shift", "rate") if options.get(name) is not None}
    if options["act"] == "freeze":
        found["frozen"] = True
    if options.get("back"):
        found["shift"] = f"-{found['shift'].lstrip('+')}"
    return found


def line(said: dict[str, Any]) -> str:
    """A clock for people."""
    state = "the machine's time"
    if said["differs"]:
        state = "stands" if said["frozen"] else f"runs {said['rate']:g} times as fast" if said["rate"] != 1 else "moved"
    return f"{said['tenant']}: {said['now'][:19]}Z  ({state}; the machine has {said['machine'][:19]}Z)"
