"""What the worker does, as a list: every consumer and every recurring job of the house is in it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from django.conf import settings

from tahseel.app import clock
from tahseel.app.worker import Job, work
from tahseel.books.payments import operations as payments
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.recovery.clearance import consumers as clearance_consumers
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Writer
from tahseel.trust.audit import sequencer

CONSUMERS = (clearance_consumers.NAME,)
SWEEPER = system("payment-sweep")


def run(*, stop: threading.Event) -> None:
    """Work until told to stop."""
    bell = outbox.Doorbell(Path(os.environ["TAHSEEL_WAKE_SOCKET"]))
    writer = Writer(Path(settings.REPLICA))
    try:
        projector = Projector(replica=writer, clock=clock.now)
        work(bell=bell, jobs=jobs(projector), stop=stop)
    finally:
        writer.close()
        bell.close()


def jobs(projector: Projector) -> list[Job]:
    """The release comes first: nobody at a gate waits for the audit log's roots."""

    def project() -> bool:
        return projector.step().events > 0

    def seal() -> bool:
        sequencer.sequence_pending(at=clock.now())
        return False

    def sweep() -> bool:
        payments.sweep(actor=SWEEPER, at=clock.now())
        return False

    return [
        Job("project", 0.2, project),
        Job("seal-audit-log", 1.0, seal, on_knock=False),
        Job("sweep-payments", 1.0, sweep, on_knock=False),
    ]
