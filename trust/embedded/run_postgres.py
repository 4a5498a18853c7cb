"""Entry point for the process manager: ``python -m trust.embedded.run_postgres DATA_DIR``."""

import sys
from pathlib import Path

from trust.embedded import postgres

if __name__ == "__main__":
    postgres.run_in_foreground(Path(sys.argv[1]))
