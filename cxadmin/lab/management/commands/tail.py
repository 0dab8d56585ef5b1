"""`cxadmin tail`."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from cxadmin.lab import control_requests, exchanges, journal
from cxadmin.lab.control import Problem
from cxadmin.lab.models import Exchange

EVERY = 0.5
# On PostgreSQL a number may be seen after a higher one: of two batches the one that began first can end last.
LOOKED_BACK = 500
COLOURS = {2: "\x1b[32m", 3: "\x1b[36m", 4: "\x1b[33m", 5: "\x1b[31m"}
MUTED, PLAIN = "\x1b[2m", "\x1b[0m"


class Command(BaseCommand):
    """Follow the request journal, an exchange a line."""

    help = (
        "Follow the request journal, an exchange a line; filters are those of the page. Ctrl-C ends it. With --id, print "
        "everything about one exchange and end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object a line, for scripts")
        parser.add_argument(
            "--id", type=int, metavar="N", help="one exchange, with headers, bodies, cause, fix and what it changed"
        )
        parser.add_argument(
            "--lines", type=int, default=10, metavar="N", help="first the last N exchanges (default: 10)"
        )
        parser.add_argument("--no-follow", action="store_true", help="end after these")
        parser.add_argument("--tenant", help="only of this tenant, or `none` where the credential does not tell")
        parser.add_argument("--door", help="only scim, oauth, rest or other")
        parser.add_argument("--status", help="only 2, 3, 4, 5 or failed")
        parser.add_argument("--method", help="only GET, POST, PUT, PATCH or DELETE")
        parser.add_argument("--credential", help="only with a SCIM token, access key, application, or none")
        parser.add_argument("--since", help="only of the last 5m, 1h or 1d")
        parser.add_argument("--client", help="only of this kind of client, as Okta")
        parser.add_argument("--fault", help="only what fault rules hit: any, or the number of one")
        parser.add_argument(
            "--text", dest="q", metavar="WORDS", help="only with these words in address, people or bodies"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = QueryDict(mutable=True)
        for name in ("tenant", "door", "status", "method", "credential", "client", "fault", "since", "q"):
            if options[name]:
                asked[name] = options[name]
        is_coloured = not options["json"] and not options["no_color"] and self.stdout.isatty()
        try:
            if options["id"] is not None:
                found = control_requests.whole(control_requests.one(options["id"]), exchanges.tenants())
                self.stdout.write(json.dumps(found) if options["json"] else whole(found, is_coloured))
                return
            self._follow(asked, options, is_coloured)
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        except (KeyboardInterrupt, BrokenPipeError):
            sys.stderr.close()  # a reader that left, as `head`, is no error

    def _follow(self, asked: QueryDict, options: dict[str, Any], is_coloured: bool) -> None:
        names = exchanges.tenants()
        journal.recorder.flush()
        newest = control_requests.narrowed(asked, names).order_by("-pk")
        seen: set[int] = set()
        for exchange in reversed(newest[: max(options["lines"], 0)]):
            self._say(exchange, names, options["json"], is_coloured)
        last = Exchange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        seen.update(Exchange.objects.filter(pk__gt=last - LOOKED_BACK).values_list("pk", flat=True))
        while not options["no_follow"]:
            time.sleep(EVERY)
            journal.recorder.flush()
            names = exchanges.tenants()
            rows = control_requests.narrowed(asked, names).filter(pk__gt=last - LOOKED_BACK)
            for exchange in rows.exclude(pk__in=seen).order_by("pk"):
                self._say(exchange, names, options["json"], is_coloured)
                seen.add(exchange.pk)
                last = max(last, exchange.pk)
            seen = {pk for pk in seen if pk > last - LOOKED_BACK}

    def _say(self, exchange: Exchange, names: dict[Any, str], as_json: bool, is_coloured: bool) -> None:
        said = control_requests.summary(exchange, names)
        if as_json:
            self.stdout.write(json.dumps(said))
        else:
            self.stdout.write(line(said, is_coloured))
        self.stdout.flush()


def line(said: dict[str, Any], is_coloured: bool = False) -> str:
    """An exchange for people: time, status, request, duration, who; below a refusal, or what a fault rule did, its cause."""
    colour, muted, plain = (COLOURS.get(said["status"] // 100, ""), MUTED, PLAIN) if is_coloured else ("", "", "")
    target = f"{said['path']}?{said['query']}" if said["query"] else said["path"]
    who = " ".join(str(said[name]) for name in ("tenant", "username", "client") if said[name])
    head = f"{muted}{said['at'][11:23]}{plain} {colour}{said['status']}{plain} {said['method']:<6} {_printable(target)}"
    text = f"{head} {muted}{said['duration_ms']:.1f} ms {_printable(who)}{plain}".rstrip()
    if said["cause"] and (said["status"] >= 400 or said["fault"]):
        text += f"\n             {colour}{_printable(said['cause'])}{plain}"
    return text


def whole(found: dict[str, Any], is_coloured: bool = False) -> str:
    """Everything about an exchange for people."""
    lines = [line(found | {"cause": None}, is_coloured), f"request {found['id']}, {found['request_id']}"]
    for one in found["diagnosis"]:
        lines += ["", f"Cause: {one['cause']}", f"Fix: {one['fix']}", f"Source: {', '.join(one['sources'])}"]
    for operation in found["operations"]:
        lines += ["", operation["operation"], *operation["difference"], operation["trouble"] or ""]
    for event in found["changes"]:
        lines += ["", f"Changed: {event['entity']} {event['label']}"]
        lines += [f"  {name}: {before} -> {after}" for name, before, after in event["changes"]]
    for side in ("request", "answer"):
        lines += ["", f"{side.capitalize()}:", *(f"{name}: {value}" for name, value in found[side]["headers"])]
        lines += ["", found[side]["body"]] if found[side]["body"] else []
    return "\n".join(_printable(row) for text in lines for row in text.split("\n"))


def _printable(text: str) -> str:
    """What a client sent, without what would command the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
