"""`cxadmin replay`."""

import getpass
import json
import sys
from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from cxadmin.lab import control_replay, control_requests
from cxadmin.lab.control import Problem


class Command(BaseCommand):
    """Send a recorded request again, against the present state."""

    help = (
        "Send a recorded request again, against the present state, and print how the answers differ. Exit code 0: the answer is "
        "the same; 3: it is another one; 1: it cannot be sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, help="number of the request, as `cxadmin tail --json` prints it")
        parser.add_argument(
            "--credential",
            help="with whose rights: `recorded` (default), `none`, or a key of GET /_lab/requests/ID/replay",
        )
        parser.add_argument(
            "--secret",
            action="store_true",
            help="read the secret of another credential from the terminal or standard input",
        )
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        given = {"credential": options["credential"]} if options["credential"] else {}
        if options["secret"]:
            given["secret"] = getpass.getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        try:
            exchange = control_requests.one(options["id"])
            wanted = control_replay.wanted_of(exchange, orjson.dumps(given))
            found = control_replay.result(exchange, control_replay.sent(exchange, wanted, by="command line"))
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(text(found))
        if not found["is_same"]:
            sys.exit(3)


def text(found: dict[str, Any]) -> str:
    """The result for people."""
    now = found["request"]
    head = f"{now['method']} {now['path']}: {found['status']['before']} before, {found['status']['now']} now"
    return "\n".join([f"{head} (request {now['id']})", *(f"  {line}" for line in found["differences"])])
