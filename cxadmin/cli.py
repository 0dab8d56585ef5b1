"""The `cxadmin` command: the management commands of the lab, and the options that have to be known before Django starts."""

import argparse
import json
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

GROUPS = {
    "run it": {
        "up": "migrate, seed a new instance and serve it",
        "worker": "store the rows of uploaded files, beside the worker that `up` starts",
        "doctor": "look whether the instance can run, runs, and can be reached",
    },
    "connect to it": {
        "credentials": "print the credentials and addresses of a seeded tenant",
        "operator": "let an employee use the lab, or no longer",
        "rotate-keys": "let a new key sign OAuth tokens",
    },
    "see what happens": {
        "tail": "follow the request journal",
        "replay": "send a recorded request again",
        "faults": "let requests of programs fail on purpose",
        "checklist": "say what a tenant still lacks for an identity provider",
        "mail": "read the mails that the tenants were sent",
    },
    "fill it": {
        "tenant": "list, make, reset and delete tenants; their state as a file",
        "clock": "move the clock of a tenant",
        "generate": "fill a tenant with invented employees",
        "simulate": "play an identity provider: connect, import, create people, update them, push groups",
    },
}
COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}
ENVIRONMENT = {"host": "HOST", "port": "PORT", "data_dir": "DATA_DIR", "database_url": "DATABASE_URL"}
EPILOG = "\n\n".join(
    "\n".join([f"{group}:", *(f"  {name:<14}{text}" for name, text in commands.items())])
    for group, commands in GROUPS.items()
)


def main(argv: list[str] | None = None) -> None:
    """Run one command; every option that settings.py reads from the environment may be given on the line as well."""
    parser = argparse.ArgumentParser(
        prog="cxadmin",
        description="An independent emulator of the NICE CXone Admin portal.",
        epilog=f"{EPILOG}\n\nWhat a command prints for people it prints for scripts with --json. Start with: cxadmin up",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", choices=sorted(COMMANDS), metavar="COMMAND", help="what to do; COMMAND --help says more"
    )
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    shared.add_argument("--port", help="port to listen on (default 8000)")
    shared.add_argument("--data-dir", help="folder for the database and the instance's secret (default ./data)")
    shared.add_argument("--database-url", help="PostgreSQL instead of SQLite, as postgres://user:password@host/name")
    given = sys.argv[1:] if argv is None else argv
    command = parser.parse_args(given[:1]).command
    options, rest = shared.parse_known_args(given[1:])
    for option, variable in ENVIRONMENT.items():
        value = getattr(options, option)
        if value is not None:
            os.environ[variable] = value
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")
    if "--help" in rest or "-h" in rest:
        print(shared.format_help().replace("usage: cxadmin", f"usage: cxadmin {command}"))
    try:
        execute_from_command_line(["cxadmin", command.replace("-", "_"), *rest])
    except (ImproperlyConfigured, OSError) as error:
        _refuse(error, as_json=command == "doctor" and "--json" in rest)


def _refuse(error: Exception, *, as_json: bool) -> None:
    """End where a setting is wrong or the data folder cannot be used: before any command could say so."""
    fix = "Correct the setting; docs/settings.md describes it."
    if isinstance(error, OSError):
        fix = "Let this user write the folder, or name another one with --data-dir."
    if as_json:
        check = {"check": "Settings", "status": "failed", "detail": str(error), "fix": fix}
        print(json.dumps({"is_well": False, "checks": [check]}))
    else:
        print(f"cxadmin: {error}\n{fix}", file=sys.stderr)
    sys.exit(1)
