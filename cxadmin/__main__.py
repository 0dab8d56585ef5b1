"""`python -m cxadmin`."""

from cxadmin.cli import main

main()
