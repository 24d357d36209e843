"""How a step reads: a sentence in one language, as a page shows it or as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tahseel.channels.pages import formats
from tahseel.channels.timeline import rules, tellers
from tahseel.channels.timeline.acts import ACTS
from tahseel.channels.timeline.rules import LOG
from tahseel.channels.timeline.values import Kind, Names, Told
from tahseel.kernel.errors import Fact
from tahseel.kernel.history import Step, Thing, Words
from tahseel.kernel.money import Money, format_money
from tahseel.trust.audit.values import Outcome

_NO_WORDS: Words = {}
_SLOT = re.compile(r"{(\w+)}")
_BOTH = " | "
_SYSTEM = "system:"


def words() -> Words:
    """The sentences of every code that somebody tells."""
    return {code: texts for one in tellers.tellers() for code, texts in one.WORDS.items()}


def sentence(step: Step, names: Names) -> SafeString:
    """The step in the language of the page, values in their formats, customers as links."""
    template = _template(step)
    parts = _SLOT.split(template)
    shown = [
        _shown(step, name, names) if n % 2 else format_html("{}", name)
        for n, name in enumerate(parts)
    ]
    return mark_safe("".join(shown))  # noqa: S308 - every part is escaped


def plain(step: Step, names: Names, *, language: str) -> str:
    """The step as text in "ar" or "en"."""
    ar, en = _words(step)
    template = ar if language == "ar" else en
    return _SLOT.sub(lambda slot: _text(step, slot[1], names, language), template)


def _template(step: Step) -> str:
    ar, en = _words(step)
    return formats.by_language(ar=ar, en=en)


def _words(step: Step) -> tuple[str, str]:
    family, _, action = step.code.partition(":")
    if family != LOG:
        return words().get(step.code, (step.code, step.code))
    ar, en = ACTS.get(action, (action, action))
    if step.facts["outcome"] == Outcome.DONE:
        return ar, en
    return f"محاولة لم تتم: {ar}", f"Not done: {en}"


def _shown(step: Step, name: str, names: Names) -> SafeString:
    value = step.facts.get(name)
    if name == "customer" and isinstance(value, str):
        ar, en = names.customers.get(value, ("—", "—"))
        address = reverse("timeline:story", args=[Kind.CUSTOMER.value, value])
        text = formats.by_language(ar=ar, en=en)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', address, text)
    if name.endswith("_fils") and isinstance(value, int):
        return formats.money(value)
    day = _day(name, value)
    if day is not None:
        return formats.day(day)
    term = _term(step, name, value)
    if term is not None:
        return format_html("<bdi>{}</bdi>", formats.by_language(ar=term[0], en=term[1]))
    return formats.reference("—" if value is None else value)


def _text(step: Step, name: str, names: Names, language: str) -> str:
    value = step.facts.get(name)
    first = language == "ar"
    if name == "customer" and isinstance(value, str):
        ar, en = names.customers.get(value, (value, value))
        return ar if first else en
    if name.endswith("_fils") and isinstance(value, int):
        amount = format_money(Money(value))
        return f"{amount} {formats.CURRENCY_AR}" if first else f"{formats.CURRENCY_EN} {amount}"
    term = _term(step, name, value)
    if term is not None:
        return term[0] if first else term[1]
    return "—" if value is None else str(value)


def _day(name: str, value: Fact) -> date | None:
    if not isinstance(value, str) or not name.endswith(("_on", "_day")):
        return None
    return date.fromisoformat(value)


def _term(step: Step, name: str, value: Fact) -> tuple[str, str] | None:
    """The two words of a code; a name in both languages comes with a bar between them."""
    if isinstance(value, str) and _BOTH in value:
        ar, _, en = value.partition(_BOTH)
        return ar, en
    of = step.code.split(".")[0]
    terms = {tellers.family(one): one.TERMS for one in tellers.tellers()}
    return terms.get(of, _NO_WORDS).get(str(value))


def actor(told: Told, names: Names) -> str:
    """Who did it, by name in the language of the page; what is not known is a dash."""
    id_ = told.actor_id
    if not id_:
        return "—"
    if id_ in names.actors:
        return formats.by_language(ar=names.actors[id_][0], en=names.actors[id_][1])
    if id_.startswith(_SYSTEM):
        return _("The system")
    if told.entry is not None and told.entry.actor.kind == "customer":
        return _("The customer")
    return id_


def address(thing: Thing, facts: Mapping[str, Fact]) -> str:
    """Where more of what a step is about is found; empty where no page shows it."""
    if thing.kind in set(Kind):
        return reverse("timeline:story", args=[thing.kind, thing.id])
    if thing.kind == "bill":
        return reverse("portal:bill", args=[facts["number"]])
    return ""


def when(told: Told) -> datetime | None:
    """The instant of a step, where more than its day is known."""
    return None if rules.is_dated(told.step) else told.step.at
