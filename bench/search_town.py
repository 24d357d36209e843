"""The body of the promise `search`: many people, what is typed about them, and a plain answer.

Imported once Django is set up over the bench's own database.
"""

from __future__ import annotations

import random
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.db.utils import DatabaseError

from bench import machine
from tahseel.kernel.actor import Actor, ActorKind, Purpose, system
from tahseel.kernel.ids import id_maker
from tahseel.kernel.text import search_key
from tahseel.registry.customers import operations, queries, rules
from tahseel.registry.customers.values import CustomerKind, NewCustomer

NAMES = machine.ROOT / "src/tahseel/countries/kuwait/data/names.toml"
JOB = system("bench")
CLERK = Actor(ActorKind.STAFF, "bench", "bench", frozenset({"clerk"}))
BATCH = 50_000
LIMIT = 20
SEARCHES, COMPARED, LOOK_UPS = 600, 45, 400
PEER_SEARCHES_MAX = 120
LETTERS_MIN = 2
LAST = "\U0010ffff"
FOREIGN_SHARE = 0.3

# What a hand at the counter makes of a name that the register spells otherwise.
ARABIC_FORMS = (("أ", "ا"), ("إ", "ا"), ("ة", "ه"), ("ى", "ي"), ("عبدال", "عبد ال"), ("ؤ", "و"))
LATIN_FORMS = (("Moh", "Muh"), ("mm", "m"), ("Al", "al-"), ("ee", "i"), ("ou", "u"), ("sh", "sh"))


@dataclass(frozen=True)
class Named:
    """A person of the bench as the plain walk needs one."""

    id: UUID
    keys: tuple[str, str]
    sounds: str
    tail: str
    words: frozenset[str]


def run(persons: int) -> dict[str, Any]:
    """Build, compare, time; every figure in milliseconds."""
    chance = random.Random(20)
    people = list(invented(persons, chance))
    everybody = settle(people)
    typed = list(questions(people, random.Random(21), SEARCHES))
    compared = compare(everybody, [text for _, text in typed])
    times, by_form, hits = [], defaultdict(list), 0
    for form, text in typed:
        took, views = timed(lambda text=text: search(text))
        times.append(took)
        by_form[form].append(took)
        hits += bool(views)
    name, peer, peer_hits = peer_times([text for _, text in typed][:PEER_SEARCHES_MAX])
    return {
        "persons": persons, "times_ms": times, "by_form_ms": by_form, "compared": compared,
        "found": round(hits / len(typed), 3), "peer": name, "peer_ms": peer,
        "found_by_peer": round(peer_hits / len(peer), 3), "floor_ms": floor(everybody),
    }  # fmt: skip


def invented(count: int, chance: random.Random) -> Iterator[NewCustomer]:
    """Citizens and residents with names put together by chance, as a civil card prints them."""
    names = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    citizen, nations = names["citizen"], names["nationality"]
    make = id_maker(chance)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(count):
        if chance.random() < FOREIGN_SHARE:
            nation = chance.choice(nations)
            pools = (nation["male"] + nation["female"], nation["male"], nation["family"])
        else:
            pools = (citizen["male"] + citizen["female"], citizen["male"], citizen["male"],
                     citizen["family"])  # fmt: skip
        words = [chance.choice(pool) for pool in pools]
        ar, en = (" ".join(word[script] for word in words) for script in (0, 1))
        yield NewCustomer(make(at), CustomerKind.GCC, ar, en)


def settle(people: Sequence[NewCustomer]) -> list[Named]:
    """Register everybody by COPY, as the database is left after its nightly care."""
    at = datetime.now(UTC)
    for first in range(0, len(people), BATCH):
        part = people[first : first + BATCH]
        operations.register_many(actor=JOB, at=at, batch=f"people-{first}", customers=part)
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze customers_customer")
        cursor.execute("analyze customers_sound_word")
    return known(people)


def known(people: Sequence[NewCustomer]) -> list[Named]:
    """What the plain walk knows of these people."""
    found = []
    for person in people:
        fields = rules.search_fields(person.name_ar, person.name_en)
        words = frozenset(fields.sounds.split())
        found.append(
            Named(person.id, (fields.key_ar, fields.key_en), fields.sounds, fields.tail, words)
        )
    return found


def questions(
    people: Sequence[NewCustomer], chance: random.Random, count: int
) -> Iterator[tuple[str, str]]:
    """(form, text): names of people who are there, as somebody types them."""
    forms = list(FORMS.items())
    for number in range(count):
        form, write = forms[number % len(forms)]
        yield form, write(chance.choice(people), chance)


def _spelt(text: str, forms: Sequence[tuple[str, str]]) -> str:
    for kept, typed in forms:
        text = text.replace(kept, typed)
    return text


def _slipped(text: str, chance: random.Random) -> str:
    """One letter of the first long word is left out or doubled with a wrong one."""
    words = text.split()
    position = max(range(len(words)), key=lambda n: len(words[n]))
    word = words[position]
    at = chance.randrange(1, len(word) - 1)
    words[position] = word[:at] + chance.choice(["", word[at] + "z"]) + word[at + 1 :]
    return " ".join(words)


def _turned(text: str) -> str:
    words = text.split()
    return " ".join([words[-1], *words[:-1]])


Write = Callable[[NewCustomer, random.Random], str]
FORMS: dict[str, Write] = {
    "arabic as kept": lambda person, chance: person.name_ar,
    "arabic other letters": lambda person, chance: _spelt(person.name_ar, ARABIC_FORMS),
    "latin as kept": lambda person, chance: person.name_en,
    "latin other letters": lambda person, chance: _spelt(person.name_en, LATIN_FORMS).lower(),
    "family name first": lambda person, chance: _turned(person.name_en),
    "first and last": lambda person, chance: " ".join(person.name_ar.split()[:: len(
        person.name_ar.split()) - 1]),
    "first name alone": lambda person, chance: person.name_ar.split()[0],
    "family name alone": lambda person, chance: person.name_en.split()[-1],
    "father and family in Latin": lambda person, chance: " ".join(person.name_en.split()[-2:]),
    "unfinished": lambda person, chance: person.name_ar[: chance.randrange(6, 12)],
    "a slip in Arabic": lambda person, chance: _slipped(person.name_ar, chance),
    "a slip in Latin": lambda person, chance: _slipped(person.name_en, chance),
}  # fmt: skip


def search(text: str) -> list[Any]:
    """As the counter asks."""
    return queries.search(
        actor=CLERK, at=datetime.now(UTC), purpose=Purpose.CUSTOMER_SERVICE, text=text, limit=LIMIT
    )


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """(milliseconds, result)."""
    start = time.perf_counter()
    result = act()
    return (time.perf_counter() - start) * 1_000, result


def compare(everybody: Sequence[Named], texts: Sequence[str]) -> int:
    """Assert that a sample of answers is what a plain walk over all names gives."""
    sample = texts[: COMPARED - COMPARED % len(FORMS)]
    for text in sample:
        answer = [view.id for view in search(text)]
        if answer != expected(everybody, text, LIMIT):
            raise AssertionError(f"the search for {text!r} gave something else than a plain walk")
    sys.stderr.write(f"search: {len(sample)} answers compared\n")
    return len(sample)


def expected(everybody: Sequence[Named], text: str, limit: int) -> list[UUID]:
    """The answer by looking at every name, tier by tier; the obvious and slow way."""
    key, words = search_key(text), rules.search_words(text)
    ranked = [(rank, person.id) for person in everybody if (rank := _rank(person, key, words))]
    if not ranked:
        vocabulary = {word for person in everybody for word in person.words}
        near = _put_right(words, vocabulary)
        ranked = [
            (min(ranks), person.id)
            for person in everybody
            if (ranks := [rank for each in near if (rank := _sound_rank(person, *each))])
        ]
    return [customer_id for _, customer_id in sorted(ranked)[:limit]]


def _rank(person: Named, key: str, words: tuple[str, ...]) -> tuple[Any, ...] | None:
    if not key:
        return None
    if key in person.keys:
        return (1,)
    begun = [kept for kept in person.keys if kept.startswith(key)]
    if begun and len(key) >= LETTERS_MIN:
        return (2, min(begun))
    return _sound_rank(person, words, whole=False)


def _sound_rank(person: Named, words: tuple[str, ...], whole: bool) -> tuple[Any, ...] | None:
    unfinished = len(words[-1]) >= LETTERS_MIN and not whole
    begin = " ".join(words)
    if (person.sounds.startswith(begin) and unfinished) or f"{person.sounds} ".startswith(
        f"{begin} "
    ):
        return (3, person.sounds)
    if _whole(person.tail, " ".join(reversed(words))):
        return (4, person.tail)
    last = unfinished and any(word.startswith(words[-1]) for word in person.words)
    if set(words[:-1]) <= person.words and (last or words[-1] in person.words):
        return (5, len(person.sounds), person.sounds)
    return None


def _whole(sounds: str, begin: str) -> bool:
    return f"{sounds} ".startswith(f"{begin} ")


def _put_right(words: tuple[str, ...], vocabulary: set[str]) -> list[tuple[tuple[str, ...], bool]]:
    """(words with one put right, the last one was)."""
    return [
        ((*words[:position], known, *words[position + 1 :]), position == len(words) - 1)
        for position, word in enumerate(words)
        if rules.may_slip(words, position)
        for known in vocabulary
        if rules.one_slip_apart(word, known)
    ]


def floor(everybody: Sequence[Named]) -> float:
    """Median milliseconds to fetch one row by its primary key."""
    chance, times = random.Random(22), []
    with connection.cursor() as cursor:
        for _ in range(LOOK_UPS):
            key = chance.choice(everybody).id
            start = time.perf_counter()
            cursor.execute("select name_ar, name_en from customers_customer where id = %s", [key])
            cursor.fetchone()
            times.append((time.perf_counter() - start) * 1_000)
    return machine.percentile(times, 0.5)


TRIGRAMS = """
create extension if not exists pg_trgm;
create index bench_trigrams_ar on customers_customer using gin (name_ar gin_trgm_ops);
create index bench_trigrams_en on customers_customer using gin (name_en gin_trgm_ops);
"""
SIMILAR = """
select id, greatest(similarity(name_ar, %(text)s), similarity(name_en, %(text)s)) as alike
from customers_customer where name_ar %% %(text)s or name_en %% %(text)s
order by alike desc, id limit %(limit)s
"""
LIKE = """
select id, 1 from customers_customer
where name_ar ilike %(pattern)s or name_en ilike %(pattern)s limit %(limit)s
"""


def peer_times(texts: Sequence[str]) -> tuple[str, list[float], int]:
    """What PostgreSQL's own trigrams need on the same rows; a scan where they are not installed."""
    name, statement = "pg_trgm similarity with GIN", SIMILAR
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(TRIGRAMS)
    except DatabaseError:
        name, statement = "ILIKE scan", LIKE
    times, hits = [], 0
    with connection.cursor() as cursor:
        for text in texts:
            start = time.perf_counter()
            values = {"text": text, "pattern": f"%{text}%", "limit": LIMIT}
            cursor.execute(statement, values)
            hits += bool(cursor.fetchall())
            times.append((time.perf_counter() - start) * 1_000)
    return name, times, hits
