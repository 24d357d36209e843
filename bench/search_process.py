"""The process of the promise `search`, with a database of its own under TAHSEEL_VAR.

Prints one JSON object with every time in milliseconds.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from tahseel.app import runtime


def main(word: str) -> None:
    """`word`: how many people."""
    with runtime.running():
        town = import_module("bench.search_town")
        sys.stdout.write(json.dumps(town.run(int(word))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
