"""`python -m core`: see `core.terminal`."""

import sys

from core.terminal.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
