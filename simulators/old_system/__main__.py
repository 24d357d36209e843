"""`python -m simulators.old_system FOLDER ACCOUNTS`: an export to try a take-on with."""

from __future__ import annotations

import sys
from pathlib import Path

from simulators.old_system.export import export

if __name__ == "__main__":
    sys.stdout.write(f"{export(Path(sys.argv[1]), accounts=int(sys.argv[2]))}\n")
