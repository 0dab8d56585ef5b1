"""The `cxadmin` command: the management commands of the lab, and the options that have to be known before Django starts."""

import argparse
import os
import sys

from django.core.management import execute_from_command_line

COMMANDS = {
    "up": "migrate, seed a new instance and serve it",
    "worker": "store the rows of uploaded files, beside the worker that `up` starts",
    "credentials": "print the credentials and addresses of a seeded tenant",
    "tail": "follow the request journal",
    "faults": "let requests of programs fail on purpose",
    "clock": "move the clock of a tenant",
    "operator": "let an employee use the lab, or no longer",
    "generate": "fill a tenant with invented employees",
    "rotate-keys": "let a new key sign OAuth tokens",
}
ENVIRONMENT = {"host": "HOST", "port": "PORT", "data_dir": "DATA_DIR", "database_url": "DATABASE_URL"}


def main(argv: list[str] | None = None) -> None:
    """Run one command; every option that settings.py reads from the environment may be given on the line as well."""
    parser = argparse.ArgumentParser(
        prog="cxadmin",
        description="An independent emulator of the NICE CXone Admin portal.",
        epilog="\n".join(["commands:", *(f"  {name:<14}{text}" for name, text in COMMANDS.items())]),
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
    execute_from_command_line(["cxadmin", command.replace("-", "_"), *rest])
