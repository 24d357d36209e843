"""Whatever leaves an audit leaf has words: a story shows no code of ours to anybody."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from functools import cache

from tests.meta import house

from tahseel.channels.timeline import tellers
from tahseel.channels.timeline.acts import ACTS

SHAPE = re.compile(r"[a-z_]+\.[a-z_]+")


def actions(source: house.Source) -> Iterator[tuple[str, str]]:
    """(where, action) of every leaf that a file can leave."""
    known = constants(source.tree)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        named = ast.unparse(node.func).split(".")[-1]
        given = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
        if named == "audited":
            given += node.args[:1]
        for value in given:
            text = known.get(value.id) if isinstance(value, ast.Name) else literal(value)
            if text and SHAPE.fullmatch(text):
                yield source.at(node), text


def constants(tree: ast.Module) -> dict[str, str]:
    """Texts that a module gives a name."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def literal(value: ast.expr) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def test_every_act_of_the_log_has_words_in_both_languages() -> None:
    untold = {
        f"{where}: {action}"
        for source in house.sources()
        for where, action in actions(source)
        if action not in ACTS
    }

    assert not untold, "\n".join(sorted(untold))


def test_no_words_are_kept_for_an_act_that_nobody_does() -> None:
    done = {action for source in house.sources() for _, action in actions(source)}

    assert set(ACTS) <= done, sorted(set(ACTS) - done)


def test_the_law_sees_an_act_in_each_of_its_forms() -> None:
    text = """
ACT = "a.c"
@audited("a.b", subject="")
def f(): record(action=ACT)
record(action="a.d")
"""

    found = {action for _, action in actions(house.imagined(text))}

    assert found == {"a.b", "a.c", "a.d"}


# A leaf is found in the story of whatever it names, as its subject or among its facts.
THINGS = frozenset(
    {
        "account", "account_id", "accounts", "child_id", "from_account", "parent_id",
        "customer", "customer_id", "customers", "applicant_id", "into", "merged", "merged_id",
        "one_id", "owner_id", "recipient", "unit", "unit_id", "units", "meter", "meter_id", "about",
    }
)  # fmt: skip
MADE = frozenset(
    {
        "customers.register", "meters.add_meter", "premises.add_unit", "supply.open_account",
        "premises.split_unit", "premises.merge_units", "premises.demolish_units",
    }
)  # fmt: skip
"""Acts whose subject is the thing itself, which they make."""
OF_NOBODY = {
    "access": "who signs in is no customer, place, meter or account",
    "take_on": "a batch; what came with it tells where it came from",
    "exceptions.judge": "a run over a month; what it finds waits with its meter",
    "exceptions.record_run": "a run over a month; what it finds waits with its meter",
    "exceptions.estimate_by_policy": "a run; each estimate leaves its own leaf",
    "exceptions.take_prices": "the prices by which findings are weighed are nobody's",
    "readings": "a batch of reads, or one source; what was measured tells of it",
    "ledger.checkpoint": "the entries of everybody, under one root",
    "ledger.propose_closing": "a month of the books is nobody's",
    "ledger.propose_reopening": "a month of the books is nobody's",
    "billing.propose_accrual": "a month of the books is nobody's",
    "billing.accrue": "a month of the books is nobody's",
    "ledger.close": "a month of the books is nobody's",
    "ledger.reopen": "a month of the books is nobody's",
    "ledger.publish_chart": "the chart of accounts is nobody's",
    "approvals.expire_due": "the requests that lapsed tell of it on their pages",
    "printing": "a month of bills for the print house; the bills themselves are told",
    "billing.try_book": "a price book is nobody's",
    "billing.propose_book": "a price book is nobody's",
    "billing.adopt_book": "a price book is nobody's",
    "billing.order_run": "a month of many accounts; each bill is told",
    "billing.cancel_run": "a month of many accounts; nothing of it happened to anybody",
    "billing.compare": "a whole month set beside an old system's; nothing of it happens to anybody",
    "claims.keep_credit_lines": "a batch; take-on tells of itself",
    "claims.use_credits": "the night's whole; each account's use is told by its own act",
    "claims.dispute_many": "a batch; a dispute is told by its own act",
    "field": "a route or a round of many meters; visits name their meter",
    "feeds": "a record of a registry; what was done with it leaves a leaf of the person or place",
    "meters.keep_many": "a batch of a take-on",
    "appointments.remind": "the letters are told",
    "appointments.follow_access": "a run; the letters are told",
    "metrology.certify_many": "a batch of a take-on",
    "notices.record_handed": "the delivery that it writes is told",
    "notices.record_not_handed": "nothing has reached anybody; the message is tried again",
    "payments.receive_notification": "believed in nothing; the inquiry that follows is told",
    "premises.add_premises": "a building is told through its units",
    "premises.install_areas": "the country's areas are nobody's",
    "premises.review_certificates": "the letters that follow are told",
    "charges.ask_pay_over": "a statement of many accounts; its entries tell",
    "charges.pay_over": "a statement of many accounts; its entries tell",
    "sales.take_file": "a file of many outlets; the month's sale tells of each account",
    "supply.open_estates": "each estate leaves its own leaf",
    "supply.tell_of_certificates": "the letters are told",
}
"""What stands in no story of the four things, and why."""


def names_its_thing(function: ast.FunctionDef, subject: str) -> bool:
    """By its subject, by what it notes, or by what functions that it calls note."""
    noted = noted_by(function) | noted_below(function, notes())
    return subject in THINGS or bool(noted & THINGS)


def noted_by(function: ast.AST) -> set[str]:
    """The names of the facts that a function notes."""
    return {
        keyword.arg
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "note"
        for keyword in node.keywords
        if keyword.arg
    }


def noted_below(function: ast.AST, known: Mapping[str, Set[str]]) -> set[str]:
    """What the functions that it calls note, by their names."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    called = {ast.unparse(node.func).split(".")[-1] for node in calls}
    return {key for name in called for key in known.get(name, ())}


@cache
def notes() -> dict[str, set[str]]:
    """What each function that is no act of its own notes, itself or through one that it calls."""
    plain = [
        function
        for source in house.sources()
        for function in house.functions(source.tree)
        if not function.decorator_list
    ]
    known: dict[str, set[str]] = defaultdict(set)
    for function in plain:
        known[function.name] |= noted_by(function)
    below = {function.name: noted_below(function, known) for function in plain}
    return {name: noted | below.get(name, set()) for name, noted in known.items()}


def acts_of(source: house.Source) -> Iterator[tuple[ast.FunctionDef, str, str]]:
    """(function, action, subject) of every audited operation of a file."""
    worn = (
        (function, wrapper)
        for function in house.functions(source.tree)
        for wrapper in function.decorator_list
        if isinstance(wrapper, ast.Call) and ast.unparse(wrapper.func).endswith("audited")
    )
    for function, wrapper in worn:
        action, subject = literal(wrapper.args[0]), literal(wrapper.keywords[0].value)
        if isinstance(function, ast.FunctionDef) and action and subject is not None:
            yield function, action, subject


def test_every_act_is_in_the_story_of_whatever_it_concerns() -> None:
    told = tellers.acts_told() | MADE

    nowhere = {
        f"{source.at(function)}: {action}"
        for source in house.sources()
        for function, action, subject in acts_of(source)
        if action not in told
        and not {action, action.split(".")[0]} & set(OF_NOBODY)
        and not names_its_thing(function, subject)
    }

    assert not nowhere, "\n".join(sorted(nowhere))


def test_an_act_that_names_nothing_is_seen() -> None:
    silent = house.imagined('@audited("a.b", subject="paper_id")\ndef f(*, paper_id): note(why=1)')
    naming = house.imagined('@audited("a.b", subject="paper_id")\ndef f(): note(account=1)')

    (one,), (other,) = list(acts_of(silent)), list(acts_of(naming))

    assert not names_its_thing(one[0], one[2])
    assert names_its_thing(other[0], other[2])
