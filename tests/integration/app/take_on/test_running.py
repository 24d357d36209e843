"""A take-on is whole or nothing: refused, repeated or differing, nothing is half taken on."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from simulators.old_system.export import DELIMITER, ENCODING
from tests.integration.app.take_on.conftest import BESIDE
from tests.integration.app.take_on.dirt import DIRT

AT = datetime(2026, 4, 2, 6, 0, tzinfo=UTC)


def take_on(folder: Path, tell: Callable[[str, int], object] = lambda step, lines: None) -> Any:
    from tahseel.app.commands.takeon import ACTOR
    from tahseel.app.take_on import running

    return running.run(
        actor=ACTOR,
        at=AT,
        mapping_path=folder / "mapping.toml",
        progress=tell,
    )


def lines(folder: Path, entity: str) -> list[dict[str, str]]:
    with (folder / f"{entity}.csv").open(encoding=ENCODING, newline="") as file:
        return list(csv.DictReader(file, delimiter=DELIMITER))


def query(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def old(entity: str) -> dict[UUID, str]:
    """Our id -> the old system's key."""
    rows = query("select id, key from app_take_on_reference where entity = %s", [entity])
    return dict(rows)


def iso(text: str) -> date | None:
    return date(*(int(part) for part in reversed(text.split("/")))) if text else None


def fils(text: str) -> int:
    return int(text.replace(".", ""))


def business(counts: Mapping[str, int]) -> dict[str, int]:
    return {table: count for table, count in counts.items() if table not in BESIDE}


def test_what_is_taken_on_is_what_the_old_system_gave(
    folder: Path, raw_files: Path, database: object
) -> None:
    done = take_on(folder)

    assert done.state == "loaded"
    assert all(row["equal"] for row in done.report["totals"])
    accounts, persons, units = old("accounts"), old("persons"), old("units")
    assert sorted(accounts.values()) == [line["ACC"] for line in lines(folder, "accounts")]
    owed = query("select account_id, reference, opened_on, due_date, open from claims_claim")
    assert sorted((accounts[a], *rest) for a, *rest in owed) == sorted(
        (x["ACC"], x["BILL"], iso(x["ISSUED"]), iso(x["DUE"]), fils(x["LEFT"]))
        for x in lines(folder, "open_items")
    )
    sealed = query(
        "select m.serial, s.number from meters_seal s join meters_meter m on m.id = s.meter_id"
    )
    assert sorted(sealed) == sorted(
        (x["SERIAL"], x["SEAL"]) for x in lines(folder, "meters") if x["SEAL"]
    )
    kept = query(
        "select m.serial, s.store from meters_stock_step s join meters_meter m on m.id = s.meter_id"
    )
    assert sorted(kept) == sorted(
        (x["SERIAL"], x["STORE"]) for x in lines(folder, "meters") if not x["UNIT"]
    )
    lived = query("select account_id, customer_id, from_day, until_day from supply_liability")
    assert sorted((accounts[a], persons.get(p, ""), f, str(u)) for a, p, f, u in lived) == sorted(
        (x["ACC"], x["PERSON"], iso(x["FROM"]), str(iso(x["TO"])))
        for x in lines(folder, "occupancies")
    )
    hung = query(
        "select m.serial, p.unit_id, i.installed_on from meters_meter m"
        " left join meters_installation i on i.meter_id = m.id"
        " left join premises_service_point p on p.id = i.service_point_id"
    )
    assert sorted((s, units.get(u, ""), str(d)) for s, u, d in hung) == sorted(
        (x["SERIAL"], x["UNIT"], str(iso(x["HUNG"]))) for x in lines(folder, "meters")
    )


def test_meters_stand_on_their_old_routes_in_the_order_in_which_they_were_read(
    folder: Path, raw_files: Path, database: object
) -> None:
    from tahseel.consumption.field import jobs, queries

    take_on(folder)

    area_of = {x["NO"]: x["AREA"] for x in lines(folder, "units")}
    walked: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for line, one in enumerate(lines(folder, "meters")):
        if one["UNIT"] and one["ROUTE"]:
            key = (area_of[one["UNIT"]], one["ROUTE"])
            walked.setdefault(key, []).append((int(one["STOP"]), line, one["SERIAL"]))
    found = {
        (route.area, route.name): [
            stop.serial for stop in queries.route_stops(route_id=route.id, day=AT.date())
        ]
        for route in queries.routes(day=AT.date())
    }
    assert found == {
        key: [serial for _, _, serial in sorted(stops)] for key, stops in walked.items()
    }
    jobs.MORNING.run(AT, AT.date())
    assert len(queries.routes(day=AT.date())) == len(found), "nobody is left for a route of ours"


def test_people_are_found_by_their_civil_id_and_dials_stand_where_they_stood(
    folder: Path, raw_files: Path, database: object
) -> None:
    from tahseel.registry.customers.models import Customer
    from tahseel.registry.customers.opening import open_civil_id, open_mobile

    take_on(folder)

    persons = old("persons")
    stored = {
        persons[c.id]: (c.name_ar, c.name_en, str(getattr(open_civil_id(c), "digits", "")),
                        (open_mobile(c) or "")[-8:])
        for c in Customer.objects.all()
    }  # fmt: skip
    assert stored == {
        x["NO"]: (x["NAME_A"], x["NAME_E"], x["CID"], x["TEL"]) for x in lines(folder, "persons")
    }
    reads = query(
        "select m.serial, r.value from readings_register_read r join meters_meter m"
        " on m.id = r.meter_id"
    )
    assert dict(reads) == {
        x["SERIAL"]: int(x["READ"]) * 1000 for x in lines(folder, "meters") if x["READ"]
    }


def test_the_books_balance_and_deposits_are_a_liability(
    folder: Path, raw_files: Path, database: object
) -> None:
    from tahseel.books.claims import queries as claims
    from tahseel.books.ledger import queries as ledger

    take_on(folder)

    assert ledger.recompute().balanced
    assert claims.recompute().sound
    sums = dict(query("select credit, sum(amount) from ledger_entry group by credit"))
    assert sums["deposit"] == sum(fils(x["KD"]) for x in lines(folder, "deposits"))
    assert sums["credit"] == sum(fils(x["KD"]) for x in lines(folder, "credits"))
    assert sums["opening"] == sum(fils(x["LEFT"]) for x in lines(folder, "open_items"))


def test_disputes_and_plans_are_taken_on(folder: Path, raw_files: Path, database: object) -> None:
    from tahseel.recovery.collections import queries as collections

    take_on(folder)

    disputed = query("select reference, disputed from claims_claim where disputed > 0")
    assert sorted(disputed) == sorted((x["BILL"], fils(x["KD"])) for x in lines(folder, "disputes"))
    accounts = {key: ours for ours, key in old("accounts").items()}
    for line in lines(folder, "plans"):
        account_id = accounts[line["ACC"]]
        [plan] = collections.plans_of(account_ids=[account_id], as_of=date(2026, 5, 1))[account_id]
        assert (plan.reference, plan.amount.fils, plan.paid.fils) == (
            line["PLAN"], fils(line["KD"]), 0,
        )  # fmt: skip
        assert plan.missed_on == date(2026, 4, 15)
    assert lines(folder, "plans")


def test_an_old_hold_opens_by_decision_alone_or_is_told_with_its_reason(
    folder: Path, raw_files: Path, database: object
) -> None:
    from tahseel.app.take_on import queries

    done = take_on(folder)

    persons = old("persons")
    opened = query("select customer_id, gate from clearance_hold where closed_at is null")
    told = {one["key"]: one["reasons"] for one in queries.not_carried(run_id=done.id)}
    wanted = lines(folder, "holds")
    late = [x for x in wanted if x["SERVED"] == "28/03/2026"]
    gates = {"exit": "1", "vehicle": "2"}
    by_line = {(persons[who], gates[gate]) for who, gate in opened if gate in gates}
    assert late
    assert len(late) < len(wanted)
    assert by_line == {(x["PERSON"], x["GATE"]) for x in wanted if x not in late}
    assert sorted(told) == sorted(x["HOLD"] for x in late)
    assert {reason["code"] for reasons in told.values() for reason in reasons} >= {"term_running"}


def test_a_faulty_take_on_is_refused_and_nothing_is_changed_or_sent(
    folder: Path,
    raw_files: Path,
    counts: Callable[[], dict[str, int]],
    leaves: Callable[[str], list[dict[str, Any]]],
) -> None:
    from tahseel.app.take_on import journal, staging
    from tahseel.app.take_on.running import TakeOnFaulty

    DIRT["a second tenant on the same days"](folder)
    before = business(counts())

    with pytest.raises(TakeOnFaulty):
        take_on(folder)

    staged = {"app_take_on_row", "app_take_on_chunk"}
    assert {t: n for t, n in business(counts()).items() if t not in staged} == before
    [leaf] = leaves("take_on.load")
    assert (leaf["outcome"], leaf["facts"]["code"]) == ("refused", "take_on_faulty")
    [run] = journal.runs()
    assert run.state == "faulty"
    assert [f.code for f in staging.faults(run.id)][:1] == ["control_total_differs"]


def test_a_take_on_that_does_not_reconcile_leaves_nothing(
    folder: Path,
    raw_files: Path,
    counts: Callable[[], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tahseel.app.take_on import loading_accounts, reconciling
    from tahseel.kernel.bulk import Lines

    def loses_one(**given: Any) -> int:
        fewer = Lines(f"select * from ({given['claims'].statement}) as given offset 1")
        return kept(**{**given, "claims": fewer, "actor": given["actor"]})

    before = business(counts())
    kept = loading_accounts.claims.open_lines
    monkeypatch.setattr(loading_accounts.claims, "open_lines", loses_one)

    with pytest.raises((reconciling.TotalsDiffer, reconciling.Broken)):
        take_on(folder)

    after = business(counts())
    assert {
        t: n for t, n in after.items() if t not in {"app_take_on_row", "app_take_on_chunk"}
    } == before


def test_a_take_on_done_again_changes_nothing(
    folder: Path, raw_files: Path, counts: Callable[[], dict[str, int]]
) -> None:
    first = take_on(folder)
    before = counts()

    second = take_on(folder)

    assert second.id == first.id
    assert counts() == before
    assert "app_take_on_row" not in before


def test_nothing_of_a_person_lies_open_in_files_or_staged_lines(
    folder: Path, raw_files: Path, database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.app.take_on import running

    secret = {x["CID"] for x in lines(folder, "persons") if x["CID"]}
    secret |= {x["NAME_A"] for x in lines(folder, "persons")}
    monkeypatch.setattr(running, "load", lambda **given: None)

    take_on(folder)

    kept = b"".join(path.read_bytes() for path in raw_files.rglob("*") if path.is_file())
    assert kept
    assert not any(text.encode() in kept or text.encode(ENCODING) in kept for text in secret)
    assert not any(path.stat().st_mode & 0o077 for path in raw_files.rglob("*"))


def test_staged_lines_hold_nothing_of_a_person_in_the_clear(
    folder: Path, raw_files: Path, database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.app.take_on import running, staging

    secret = {x["CID"] for x in lines(folder, "persons") if x["CID"]}
    secret |= {x["NAME_A"] for x in lines(folder, "persons")}
    monkeypatch.setattr(running, "load", lambda **given: None)
    monkeypatch.setattr(staging, "forget", lambda *given, **more: None)

    take_on(folder)

    [(text,)] = query(
        "select string_agg(concat_ws(' ', key, ref, person, number, body,"
        " encode(sealed, 'escape')), ' ') from app_take_on_row where entity = 'persons'"
    )
    assert len(text) > 1_000
    assert not any(word in text for word in secret)


def test_account_numbers_of_a_retry_are_those_of_the_first_attempt(
    folder: Path, raw_files: Path, database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.app.take_on import reconciling, running

    def breaks(load: Any) -> Any:
        raise RuntimeError("the machine stops here")

    whole = reconciling.reconcile
    monkeypatch.setattr(running.reconciling, "reconcile", breaks)
    with pytest.raises(RuntimeError):
        take_on(folder)
    [(first,)] = query("select first_number from app_take_on_run")
    monkeypatch.setattr(running.reconciling, "reconcile", whole)

    take_on(folder)

    numbers = sorted(row[0] for row in query("select number from supply_account"))
    assert numbers[0].startswith(str(first))
    assert len(numbers) == len(lines(folder, "accounts"))


def test_every_step_is_told_before_it_begins(
    folder: Path, raw_files: Path, database: object
) -> None:
    steps: list[str] = []

    take_on(folder, lambda step, lines: steps.append(step))

    assert steps[0].startswith("keeping and sealing")
    assert "keeping and sealing totals" in steps
    assert steps.index("keeping and sealing totals") < steps.index("accounts")
    assert steps[-1] == "reconciling"


def test_who_has_no_civil_id_keeps_his_paper_and_is_verified_while_it_counts(
    folder: Path, raw_files: Path, database: object
) -> None:
    take_on(folder)

    persons = old("persons")
    papers = query(
        "select d.customer_id, d.kind, d.issuer, d.expires_on, c.kind, c.identity"
        " from customers_document d join customers_customer c on c.id = d.customer_id"
    )
    assert sorted((persons[who], *rest) for who, *rest in papers) == sorted(
        (
            x["NO"], "review_card", x["PAPER_BY"], iso(x["PAPER_TO"]), "stateless",
            "verified" if x["PROOF"] else "unverified",
        )
        for x in lines(folder, "persons")
        if x["PAPER"]
    )  # fmt: skip
    assert {identity for *_, identity in papers} == {"verified", "unverified"}


def test_whoever_pays_for_another_is_taken_on_as_payer_and_owes_nothing_by_it(
    folder: Path, raw_files: Path, database: object
) -> None:
    take_on(folder)

    accounts, persons = old("accounts"), old("persons")
    payers = query("select account_id, customer_id from supply_party where role = 'payer'")
    wanted = [(x["ACC"], x["PERSON"]) for x in lines(folder, "parties") if x["ROLE"] == "P"]
    assert wanted
    assert sorted((accounts[a], persons[c]) for a, c in payers) == sorted(wanted)
    owed = query("select account_id, customer_id from claims_claim")
    assert set(payers) & set(owed) == set()
