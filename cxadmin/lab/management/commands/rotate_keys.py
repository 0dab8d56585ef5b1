"""`cxadmin rotate-keys`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import signing


class Command(BaseCommand):
    """Let a new key sign; no token that is out stops working."""

    help = "Let a new key sign OAuth tokens; the old one is served until the last token it signed has expired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        key = signing.rotate()
        if options["json"]:
            served = [key["kid"] for key in signing.public_keys()]
            self.stdout.write(json.dumps({"signing": key.kid, "served": served}))
            return
        self.stdout.write(f"Tokens are signed by the key {key.kid} from now on.")
        self.stdout.write("Keys served at /auth/jwks: " + ", ".join(key["kid"] for key in signing.public_keys()))
