"""`python -m portal …`: the command line, wired to the application."""

import sys

from portal.app import create_app, ready, unserved
from portal.cli.commands import main

sys.exit(main(sys.argv[1:], create_app=create_app, ready=ready, unserved=unserved))
