"""No operation of the register trusts its page: each asks for the actor's duty before it acts."""

import ast
import tomllib
from collections.abc import Iterator

from tests.meta import house
from tests.meta.test_operations import AUDITED, is_audited, operations

DUTIES = house.SOURCE / "countries" / "kuwait" / "data" / "duties.toml"
# Asks for the roles that the country's data gives the very reason. "action": reason
BY_REASON = {
    "supply.order_stop": "disconnection.toml says who orders for each reason",
    "supply.end_stop": "disconnection.toml says who lifts for each reason",
}


def acts() -> Iterator[tuple[str, str, ast.FunctionDef]]:
    """(place, action, definition) of every audited operation of the register."""
    for source, name, function in operations():
        if name.startswith("registry.") and is_audited(function):
            yield source.at(function), action_of(function), function


def action_of(function: ast.FunctionDef) -> str:
    return next(
        str(ast.literal_eval(each.args[0]))
        for each in function.decorator_list
        if isinstance(each, ast.Call) and ast.unparse(each.func) == AUDITED
    )


def first_statement(function: ast.FunctionDef) -> str:
    return ast.unparse(function.body[1])


def duties() -> dict[str, list[str]]:
    found = tomllib.loads(DUTIES.read_text(encoding="utf-8"))["duty"]
    return {act: duty["roles"] for duty in found for act in duty["acts"]}


def test_every_operation_of_the_register_first_asks_for_the_actors_duty() -> None:
    wrong = [
        f"{place} {action}"
        for place, action, function in acts()
        if action not in BY_REASON
        and first_statement(function) != f"require_duty(actor, {action!r})"
    ]

    assert not wrong, "\n".join(wrong)


def test_an_operation_with_its_own_table_of_roles_asks_it() -> None:
    wrong = [
        f"{place} {action}"
        for place, action, function in acts()
        if action in BY_REASON and "require(actor, *" not in ast.unparse(function)
    ]

    assert not wrong, "\n".join(wrong)


def test_the_duties_name_the_acts_of_the_register_and_no_others() -> None:
    existing = {action for _, action, _ in acts()}

    assert set(duties()) == existing - set(BY_REASON)


def test_no_duty_is_held_by_whoever_only_reads_or_only_signs_in() -> None:
    holders = {role for roles in duties().values() for role in roles}

    assert not holders & {"auditor", "security_officer", "customer", "body_officer"}
