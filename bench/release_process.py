"""The process of the promise `release`, with a database of its own under TAHSEEL_VAR.

Prints the milliseconds from each acknowledged payment to the gateway's "clear" as a JSON list. With
the word `projector` it is the projector's process instead.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from tahseel.app import runtime


def main(word: str) -> None:
    """`word`: how many persons, or "projector"."""
    with runtime.running(migrated=word != "projector"):
        town = import_module("bench.release_town")
        if word == "projector":
            town.project()
        else:
            sys.stdout.write(json.dumps(town.run(int(word))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
