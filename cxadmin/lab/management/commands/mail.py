"""`cxadmin mail`."""

import json
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from cxadmin.lab import control_mail
from cxadmin.lab.control import Problem


class Command(BaseCommand):
    """Read the mails that the tenants were sent."""

    help = (
        "List the mails that the tenants were sent, newest first, or print the newest one that matches (--latest) or one (--id). "
        "Exit code 1: there is no such mail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", help="only of this tenant")
        parser.add_argument("--to", help="only to this address")
        parser.add_argument("--subject", help="only with these words in the subject")
        parser.add_argument("--since", help="only since a time, or the last 90s, 5m, 1h, 1d")
        parser.add_argument(
            "--text", dest="q", metavar="WORDS", help="only with these words in subject, address or text"
        )
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most N of them (default: 20)")
        parser.add_argument("--id", type=uuid.UUID, metavar="ID", help="this one, with text and links")
        parser.add_argument("--latest", action="store_true", help="the newest one, with text and links")
        parser.add_argument(
            "--wait", type=int, metavar="S", help="with --latest: wait up to S seconds (at most 30) for it"
        )
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = QueryDict(mutable=True)
        for name in ("tenant", "to", "subject", "since", "q"):
            if options[name]:
                asked[name] = options[name]
        try:
            if options["latest"] or options["id"]:
                asked["wait"] = str(options["wait"] or 0)
                mail = control_mail.one(options["id"]) if options["id"] else control_mail.latest(asked)
                found = control_mail.whole(mail)
                self.stdout.write(json.dumps(found) if options["json"] else text(found))
                return
            mails = control_mail.narrowed(asked).order_by("-pk")[: max(options["limit"], 0)]
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        said = [control_mail.summary(mail) for mail in mails]
        if options["json"]:
            self.stdout.write(json.dumps({"mails": said}))
        else:
            for one in said:
                self.stdout.write(f"{one['at'][:19]}  {one['tenant']:<10} {one['to']:<32} {one['subject']}")


def text(found: dict[str, Any]) -> str:
    """A mail for people."""
    head = [f"To: {found['to']}", f"Subject: {found['subject']}", f"Date: {found['at']}", ""]
    files = [f"Attachment: {file['name']}" for file in found["attachments"]]
    return "\n".join([*head, found["text"], "", *(f"Link: {link}" for link in found["links"]), *files])
