"""The worker's own process makes a run that two people agreed on, and is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.integration.charging.billing.test_ordering import DEPUTY, MANAGER
from tests.integration.charging.billing.test_run import Street, build, use
from tests.integration.registry.town import found

ROOT = Path(__file__).parents[3]
ACCOUNTS, KILLS = 240, 3
WAIT_S = 60.0
# The worker as it is, but for the size of a chunk: a small street has to last for some kills.
WORKER = (
    "from tahseel.app import runtime\n"
    "runtime.set_up_django()\n"
    "from tahseel.charging.billing.operations import running\n"
    "running.CHUNK = 4\n"
    "from tahseel.app.cli import app\n"
    "app(['worker'])\n"
)
TWICE = "select count(*) - count(distinct (account_id, month)) from billing_bill"


@contextmanager
def worker(database: Any, var: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "TAHSEEL_VAR": str(var),
        "TAHSEEL_CONNECTION": json.dumps(database.app, default=str),
        "TAHSEEL_OWNER_CONNECTION": json.dumps(database.owner, default=str),
        "TAHSEEL_WAKE_SOCKET": str(var / "wake.sock"),
    }
    environment.pop("TAHSEEL_CLOCK_SHIFT_DAYS", None)
    with (var / "worker.log").open("ab") as log, subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=ROOT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + WAIT_S
    while not ready():
        assert time.monotonic() < end, "the worker did not come so far"
        assert process.poll() is None, "the worker ended by itself"
        time.sleep(0.005)


def ordered(street: Street) -> UUID:
    """A run of the whole month before last, agreed to now."""
    from tahseel.app import clock
    from tahseel.charging.billing import operations
    from tahseel.charging.billing.values import Wanted
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.period import BillingMonth
    from tahseel.trust.approvals import operations as approvals

    month, at = BillingMonth.of(clock.today()).previous().previous(), clock.now()
    use(street, street.accounts, month, wh=3_000_000, litres=0)
    order_id = operations.ask_run(
        actor=MANAGER, at=at, approval_id=new_id(at), wanted=Wanted(month), reason="it is read"
    )
    approvals.approve(actor=DEPUTY, at=at, approval_id=order_id)
    return order_id


def test_a_worker_that_is_killed_in_a_run_leaves_it_to_the_next_and_nobody_has_two_bills(
    database: Any, tmp_path: Path
) -> None:
    from django.conf import settings

    from tahseel.app import assembly
    from tahseel.books.claims import queries as claims
    from tahseel.books.ledger import queries as ledger
    from tahseel.charging.billing import queries
    from tahseel.charging.billing.values import OrderState

    assembly.assemble()
    shutil.copytree(settings.KEYS, tmp_path / "keys")
    order_id, seen = ordered(build(found(), ACCOUNTS)), [0]

    def bills() -> int:
        with database.as_app() as link:
            return int(link.execute("select count(*) from billing_bill").fetchone()[0])

    for _ in range(KILLS):
        with worker(database, tmp_path) as process:
            until(lambda: bills() >= seen[-1] + ACCOUNTS // 8, process)
            process.kill()
        seen.append(bills())
    broken = queries.ordered_run(order_id=order_id)
    with worker(database, tmp_path) as process:
        until(lambda: queries.ordered_run(order_id=order_id).state == "done", process)  # type: ignore[union-attr]

    assert broken is not None
    assert broken.state is OrderState.RUNNING
    assert 0 < seen[1] < seen[2] < seen[3] < ACCOUNTS
    order, record = queries.ordered_run(order_id=order_id), queries.run_record(run_id=order_id)
    assert order is not None
    assert record is not None
    assert (order.starts, order.faults) == (KILLS + 1, 0)
    assert (record.bills, record.total.fils, record.holds) == (ACCOUNTS, ACCOUNTS * 15_000, True)
    with database.as_app() as link:
        assert link.execute(TWICE).fetchone() == (0,)
    assert ledger.recompute().balanced
    assert claims.recompute().sound
