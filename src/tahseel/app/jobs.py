"""What the worker does, as lists: every consumer and every recurring job of the house is in them.

What somebody waits for at a gate runs in one thread, the work of the day in another, messages in a
third: a carrier that answers slowly delays messages only. A bill run that somebody asked for has a
fourth, because it may take as long as a night.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from django.conf import settings

from tahseel.app import agenda, clock
from tahseel.app.worker import Job, Quiet, work
from tahseel.books.claims import jobs as claims_jobs
from tahseel.books.deposits import jobs as deposits_jobs
from tahseel.books.ledger import jobs as ledger_jobs
from tahseel.books.payments import operations as payments
from tahseel.channels.services import consumers as services_consumers
from tahseel.channels.services import jobs as services_jobs
from tahseel.charging.billing import consumers as billing_consumers
from tahseel.charging.billing import jobs as billing_jobs
from tahseel.charging.billing import operations as billing
from tahseel.charging.charges import consumers as charges_consumers
from tahseel.charging.charges import jobs as charges_jobs
from tahseel.consumption.appointments import jobs as appointments_jobs
from tahseel.consumption.exceptions import consumers as exceptions_consumers
from tahseel.consumption.exceptions import jobs as exceptions_jobs
from tahseel.consumption.field import jobs as field_jobs
from tahseel.consumption.readings import jobs as readings_jobs
from tahseel.kernel import daybook, outbox
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob
from tahseel.kernel.calendar import working_calendar
from tahseel.recovery.clearance import consumers as clearance_consumers
from tahseel.recovery.clearance import jobs as clearance_jobs
from tahseel.recovery.clearance import pushing, telling
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Writer
from tahseel.recovery.collections import jobs as collections_jobs
from tahseel.registry.feeds import jobs as feeds_jobs
from tahseel.registry.supply import jobs as supply_jobs
from tahseel.trust.approvals import jobs as approvals_jobs
from tahseel.trust.audit import sequencer
from tahseel.trust.notices import messenger

CONSUMERS = (
    clearance_consumers.NAME,
    services_consumers.NAME,
    exceptions_consumers.NAME,
    billing_consumers.NAME,
    charges_consumers.NAME,
    telling.NAME,
)
# The registries first: who died or sold the day before is known before an estate is opened and a
# bill goes out; reads are judged before they are billed. What bills open may be asked for in the
# same night, and holds follow from notices. Requests that nobody answered in time touch none of
# these, nor does the order in which the lake's files lie.
DAY_JOBS: tuple[DayJob, ...] = (
    *feeds_jobs.JOBS,
    *supply_jobs.JOBS,
    *services_jobs.JOBS,
    readings_jobs.SO_FAR,
    *exceptions_jobs.JOBS,
    *appointments_jobs.JOBS,
    *field_jobs.JOBS,
    readings_jobs.GUESS,
    *billing_jobs.JOBS,
    *charges_jobs.JOBS,
    *claims_jobs.JOBS,
    *deposits_jobs.JOBS,
    *collections_jobs.JOBS,
    *clearance_jobs.JOBS,
    *approvals_jobs.JOBS,
    *ledger_jobs.JOBS,
    readings_jobs.TIDY,
)
SWEEPER = system("payment-sweep")
AGENDA_EVERY_SECONDS = 30.0


def run(*, stop: threading.Event) -> None:
    """Work until told to stop."""
    bell = outbox.Doorbell(Path(os.environ["TAHSEEL_WAKE_SOCKET"]))
    writer = Writer(Path(settings.REPLICA))
    try:
        projector = Projector(replica=writer, clock=clock.now)
        others = [
            threading.Thread(target=work, kwargs={"bell": Quiet(stop), "jobs": own, "stop": stop})
            for own in (day_jobs(), message_jobs(), run_jobs())
        ]
        for thread in others:
            thread.start()
        work(bell=bell, jobs=jobs(projector), stop=stop)
        for thread in others:
            thread.join()
    finally:
        stop.set()
        writer.close()
        bell.close()


def jobs(projector: Projector) -> list[Job]:
    """The release comes first: nobody at a gate waits for the audit log's roots."""

    def project() -> bool:
        return projector.step().events > 0

    def serve() -> bool:
        return services_consumers.step(at=clock.now())

    def weigh() -> bool:
        return exceptions_consumers.step(at=clock.now())

    def correct() -> bool:
        return billing_consumers.step(at=clock.now())

    def charge() -> bool:
        return charges_consumers.step(at=clock.now())

    def seal() -> bool:
        sequencer.sequence_pending(at=clock.now())
        return False

    def sweep() -> bool:
        payments.sweep(actor=SWEEPER, at=clock.now())
        return False

    return [
        Job("project", 0.2, project),
        Job("services", 1.0, serve),
        Job("weigh-exceptions", 2.0, weigh, on_knock=False),
        Job("corrected-bills", 2.0, correct, on_knock=False),
        Job("raise-fees", 5.0, charge, on_knock=False),
        Job("seal-audit-log", 1.0, seal, on_knock=False),
        Job("sweep-payments", 1.0, sweep, on_knock=False),
    ]


def message_jobs() -> list[Job]:
    """Messages: written from events, handed to whoever carries them."""

    def tell() -> bool:
        return telling.step(at=clock.now()) > 0

    def hand_over() -> bool:
        return messenger.hand_over_waiting(at=clock.now()) > 0

    def push() -> bool:
        return pushing.step(at=clock.now()) > 0

    return [
        Job("push-to-partners", 0.25, push),
        Job("tell-releases", 0.5, tell),
        Job("hand-over-messages", 0.5, hand_over),
    ]


def run_jobs() -> list[Job]:
    """Bill runs that two people agreed on."""

    def run_ordered() -> bool:
        return billing.run_due(at=clock.now())

    return [Job("ordered-bill-runs", 1.0, run_ordered)]


def day_jobs() -> list[Job]:
    """The work of the day: each looks now and then whether its hour has come."""
    return [_day_job(job) for job in DAY_JOBS]


def _day_job(job: DayJob) -> Job:
    def attend() -> bool:
        daybook.attend(
            job=job,
            appointment=agenda.appointments()[job.name],
            calendar=working_calendar(),
            at=clock.now(),
        )
        return False

    return Job(job.name, AGENDA_EVERY_SECONDS, attend, on_knock=False)
