"""`cxadmin replay`."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cxadmin.lab import control_replay, control_requests
from cxadmin.lab.control import Problem
from cxadmin.lab.management import asking


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
            help="with whose rights: `recorded` (default), `none`, or one that --list prints",
        )
        parser.add_argument(
            "--secret",
            action="store_true",
            help="read the secret of another credential from the terminal or standard input",
        )
        parser.add_argument(
            "--query", metavar="TEXT", help="instead of the recorded query, in which secrets are masked"
        )
        parser.add_argument(
            "--body", type=Path, metavar="FILE", help="instead of the recorded body, in which secrets are masked"
        )
        parser.add_argument("--list", action="store_true", help="send nothing; list the credentials to choose from")
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: options[name] for name in ("credential", "query") if options[name] is not None}
        if options["body"] is not None:
            given["body"] = _content(options["body"])
        if options["secret"]:
            given["secret"] = asking.secret()
        try:
            exchange = control_requests.one(options["id"])
            if options["list"]:
                self._list(control_replay.rights(exchange), as_json=options["json"])
                return
            wanted = control_replay.wanted_of(exchange, given)
            found = control_replay.result(exchange, control_replay.sent(exchange, wanted, by="command line"))
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(text(found))
        if not found["is_same"]:
            sys.exit(3)

    def _list(self, found: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(found))
            return
        if found["trouble"]:
            self.stdout.write(found["trouble"])
        for one in found["credentials"]:
            self.stdout.write(f"{one['credential']}  {one['label']}{' (recorded)' if one['is_recorded'] else ''}")


def _content(file: Path) -> str:
    """The text of a file.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error


def text(found: dict[str, Any]) -> str:
    """The result for people."""
    now = found["request"]
    head = f"{now['method']} {now['path']}: {found['status']['before']} before, {found['status']['now']} now"
    return "\n".join([f"{head} (request {now['id']})", *(f"  {line}" for line in found["differences"])])
