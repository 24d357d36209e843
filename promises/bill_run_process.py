"""The process that is killed: it bills the town's month, and says when it begins and has ended."""

from __future__ import annotations

import sys
from importlib import import_module

from tahseel.app import clock, runtime

STARTED = "started"


def main() -> None:
    """The database is the one that the environment names."""
    with runtime.running(migrated=False):
        billing = import_module("tahseel.charging.billing.operations")
        town = import_module("promises.bill_run_town")
        sys.stdout.write(f"{STARTED}\n")
        sys.stdout.flush()
        report = billing.run(
            actor=town.JOB, at=clock.now(), month=town.MONTH, issued_on=town.ISSUED
        )
        sys.stdout.write(f"{report.proof.holds}\n")


if __name__ == "__main__":
    main()
