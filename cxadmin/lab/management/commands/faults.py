"""`cxadmin faults`."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cxadmin.lab import control_faults, faults
from cxadmin.lab.control import Problem, refusing
from cxadmin.lab.models import FaultRule

EXAMPLES = """
examples:
  cxadmin faults add --tenant demo --path '*/Users*' --status 503 --times 3
  cxadmin faults add --door scim --method POST --status 429 --retry-after 5 --every 4
  cxadmin faults add --method POST --drop --carried-out --times 1
  cxadmin faults add --delay 200 --jitter 800 --probability 0.3
  cxadmin faults clear

Without conditions a rule is about every SCIM, OAuth and REST request of every tenant. Of several rules the one with the
lowest number answers.
"""


class Command(BaseCommand):
    """Let requests of programs fail on purpose."""

    help = "Let requests of programs fail on purpose: list, add, change, remove, arm, disarm or clear fault rules."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLES, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", required=True, metavar="ACTION", parser_class=ArgumentParser)
        listed = commands.add_parser("list", help="every rule with what became of it")
        added = commands.add_parser(
            "add", help="a new rule, armed at once", epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
        )
        changed = commands.add_parser("change", help="change a rule; what is not given stays")
        changed.add_argument("number", type=int, metavar="NUMBER", help="as `cxadmin faults list` shows it")
        for one in (added, changed):
            _add_conditions(one)
            _add_effects(one)
        added.add_argument("--disarmed", action="store_true", help="do not arm it yet")
        turned = [
            commands.add_parser(name, help=text)
            for name, text in (
                ("remove", "forget rules"),
                ("arm", "let rules work, from the beginning of their count"),
                ("disarm", "stop rules"),
            )
        ]
        for one in turned:
            one.add_argument("numbers", nargs="+", type=int, metavar="NUMBER", help="as `cxadmin faults list` shows it")
        cleared = commands.add_parser("clear", help="forget all rules")
        cleared.add_argument("--tenant", help="only those of this tenant")
        for one in (listed, added, changed, cleared, *turned):
            one.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = getattr(self, f"_{options['act']}")(options)
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        if options["json"]:
            self.stdout.write(json.dumps(done, indent=2))
        else:
            self.stdout.write("\n".join(line(one) for one in done["faults"]) or "There are no fault rules.")

    def _list(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"faults": control_faults.all_written(list(FaultRule.objects.order_by("pk")))}

    def _add(self, options: dict[str, Any]) -> dict[str, Any]:
        given = _given(options) | {"armed": not options["disarmed"], "action": _action(options)}
        rule = refusing(lambda: faults.create(given))
        return {"faults": [control_faults.written(rule)]}

    def _change(self, options: dict[str, Any]) -> dict[str, Any]:
        rule, given = control_faults.one(options["number"]), _given(options)
        if any(options[name] for name in ("drop", "stale", "truncate")) or options["status"] is not None:
            given["action"] = _action(options)
        if not given:
            raise CommandError("Say what to change; --help lists it.", returncode=2)
        refusing(lambda: faults.update(rule, given))
        return {"faults": [control_faults.written(rule)]}

    def _remove(self, options: dict[str, Any]) -> dict[str, Any]:
        for rule in _ruled(options):
            faults.delete(rule)
        return self._list(options)

    def _arm(self, options: dict[str, Any]) -> dict[str, Any]:
        for rule in _ruled(options):
            faults.arm(rule)
        return self._list(options)

    def _disarm(self, options: dict[str, Any]) -> dict[str, Any]:
        for rule in _ruled(options):
            faults.arm(rule, False)
        return self._list(options)

    def _clear(self, options: dict[str, Any]) -> dict[str, Any]:
        faults.clear(control_faults.tenant(options["tenant"] or ""))
        return self._list(options)


def _add_conditions(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("which requests")
    group.add_argument("--tenant", metavar="NAME", help="only of this tenant")
    group.add_argument(
        "--credential",
        metavar="TEXT",
        help="only with a `SCIM token`, an `access key` or of an `application`, or with the one the journal names so",
    )
    group.add_argument("--door", choices=("scim", "oauth", "rest"), help="only through this door")
    group.add_argument("--method", metavar="NAME", help="only GET, HEAD, POST, PUT, PATCH or DELETE")
    group.add_argument("--path", help="only paths that begin so, or match a pattern with * and ?, as '*/Users*'")
    group = parser.add_argument_group("how often")
    group.add_argument("--nth", type=int, metavar="N", help="only the N-th of these requests")
    group.add_argument("--every", type=int, metavar="N", help="every N-th of these requests")
    group.add_argument("--probability", type=float, metavar="P", help="above 0, at most 1 (default: 1)")
    group.add_argument("--times", type=int, metavar="N", help="fires so often, then is spent")


def _add_effects(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what happens")
    one_of = group.add_mutually_exclusive_group()
    one_of.add_argument("--status", type=int, metavar="CODE", help="answer with 400 to 599 (default: 503)")
    one_of.add_argument("--drop", action="store_true", help="close the connection without an answer")
    one_of.add_argument("--stale", action="store_true", help="repeat an earlier answer to the same GET")
    one_of.add_argument("--truncate", action="store_true", help="cut the body of the answer off")
    group.add_argument("--retry-after", type=int, metavar="SECONDS", help="send Retry-After (429 does so anyway)")
    group.add_argument(
        "--delay", type=int, dest="delay_ms", metavar="MS", help="wait first; without any of the above only wait"
    )
    group.add_argument(
        "--jitter", type=int, dest="jitter_ms", metavar="MS", help="wait up to this much longer, at random"
    )
    group.add_argument(
        "--carried-out", action="store_true", help="carry the request out; only its answer is lost (--status, --drop)"
    )
    parser.add_argument("--name", help="what to call the rule")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The members of a rule that were given; a flag that is not set says nothing."""
    given = {name: options.get(name) for name in faults.DEFAULTS}
    return {name: value for name, value in given.items() if value is not None and value is not False}


def _action(options: dict[str, Any]) -> str:
    for name in ("drop", "stale", "truncate"):
        if options[name]:
            return name
    waits = options["delay_ms"] is not None or options["jitter_ms"] is not None
    return "delay" if waits and options["status"] is None else "status"


def _ruled(options: dict[str, Any]) -> list[FaultRule]:
    """The rules of these numbers: all of them, or none is touched."""
    return [control_faults.one(number) for number in options["numbers"]]


def line(rule: dict[str, Any]) -> str:
    """A rule for people."""
    state = "armed" if rule["armed"] else "spent" if rule["spent"] else "disarmed"
    names = ("tenant", "credential", "door", "method", "path")
    about = [str(rule[name]) for name in names if rule[name]] or ["every request"]
    about += [f"{name} {rule[name]}" for name in ("nth", "every", "times") if rule[name]]
    about += [f"probability {rule['probability']:g}"] if rule["probability"] < 1 else []
    effect = str(rule["status"]) if rule["action"] == "status" else rule["action"]
    if rule["delay_ms"] or rule["jitter_ms"]:
        effect += f" {rule['delay_ms']}+{rule['jitter_ms']} ms"
    effect += ", carried out" if rule["carried_out"] else ""
    name = f" ({rule['name']})" if rule["name"] else ""
    return f"{rule['id']:>4}  {state:<8}  fired {rule['fired']} of {rule['seen']}  {effect}  <- {' '.join(about)}{name}"
