"""The statements of the rules between lines, as text."""

from __future__ import annotations

import re

import pytest

from tahseel.app.take_on.checking import expand
from tahseel.app.take_on.whole_rules import RULES, WholeRule

NO_ALIAS = re.compile(
    r"entity = '\w+'\)\s*($|\)|,|(where|group|window|union|order|left|join|cross|using|on)\b)"
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.entity}-{rule.code}-{rule.field}")
def test_every_subquery_over_staged_lines_has_an_alias(rule: WholeRule) -> None:
    statement = expand(rule.statement)

    assert "entity = '" in statement or "app_taken_chain " in statement
    assert "@" not in statement
    assert not NO_ALIAS.search(statement)


@pytest.mark.parametrize(
    ("written", "alias"),
    [
        ("select 1 from @persons s", "s"),
        ("select 1 from @persons where bad", "persons_lines"),
        ("select 1 from (select key from @persons) p", "persons_lines"),
        ("select 1 from @persons", "persons_lines"),
    ],
)
def test_an_alias_is_given_where_there_is_none(written: str, alias: str) -> None:
    assert f"entity = 'persons') {alias}" in expand(written)
