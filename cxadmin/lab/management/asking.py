"""What commands ask for."""

import getpass
import sys


def secret() -> str:
    """A secret from the terminal, where it does not show, or a line of standard input; empty if there is none."""
    return getpass.getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
