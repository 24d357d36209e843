"""The domain has no clock: time comes in as an argument."""

import ast
import re
from collections.abc import Iterator

from tests.meta import house

CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.gmtime",
    "time.localtime",
    "time.ctime",
    "django.utils.timezone.now",
    "django.utils.timezone.localdate",
    "django.utils.timezone.localtime",
}
# Text of SQL may not read the server's clock either.
SERVER_CLOCK = re.compile(
    r"\b(now\(\)|clock_timestamp\(\)|statement_timestamp\(\)|transaction_timestamp\(\)"
    r"|current_timestamp\b|current_date\b|localtimestamp\b)",
    re.IGNORECASE,
)
DJANGO_CLOCK = {"auto_now", "auto_now_add"}
# Who may read a clock beside `app` and job entry points. file name: reason
ALLOWED: dict[str, str] = {}


def keeps_time(source: house.Source) -> bool:
    return source.slice == "app" or source.path.stem == "jobs" or source.name in ALLOWED


def clocks(source: house.Source) -> Iterator[tuple[ast.AST, str]]:
    names = house.bound_names(source)
    prose = docstrings(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = house.dotted(node, names)
            if name in CLOCKS:
                yield node, name
        elif isinstance(node, ast.keyword) and node.arg in DJANGO_CLOCK:
            yield node.value, str(node.arg)
        elif isinstance(node, ast.Constant) and node not in prose:
            found = SERVER_CLOCK.search(str(node.value))
            yield from [(node, found[0])] if found else []


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    bodies = (getattr(node, "body", None) for node in ast.walk(tree))
    firsts = (body[0] for body in bodies if isinstance(body, list) and body)
    return {
        first.value
        for first in firsts
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    }


def test_only_the_app_and_job_entry_points_read_a_clock() -> None:
    found = [
        f"{source.at(node)}: {name}"
        for source in house.sources()
        if not keeps_time(source)
        for node, name in clocks(source)
    ]

    assert not found, "\n".join(found)


def test_the_law_on_clocks_sees_every_way_to_read_one() -> None:
    program = (
        "'now() in prose'\nimport time, datetime as d\nfrom datetime import date as day\n"
        "from django.utils import timezone\nfrom time import time as t\n"
        "d.datetime.now()\nday.today()\ntimezone.now\nt()\ntime.time()\n"
        "field(auto_now=True)\nsql = 'select now()'\ntime.monotonic()\nthing.now\n"
    )

    found = [name for _, name in clocks(house.imagined(program))]

    assert sorted(found) == [
        "auto_now",
        "datetime.date.today",
        "datetime.datetime.now",
        "django.utils.timezone.now",
        "now()",
        "time.time",
        "time.time",
    ]


def test_no_exception_outlives_its_file() -> None:
    gone = [name for name in ALLOWED if not (house.ROOT / name).exists()]

    assert not gone, gone
