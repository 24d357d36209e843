"""Three families of errors, so that a caller always knows what to do next.

A Refusal means the rules say no: tell the person why. A Fault means a dependency failed: it says
whether to try again. Broken means an invariant does not hold: abort, park, alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

Fact = str | int | bool | None


class Refusal(Exception):  # noqa: N818 - the domain's word; a refusal is an answer, not an error
    """The rules say no. Subclasses sit beside the operation that raises them.

    A subclass sets `code` (stable, lower_snake) and both texts; the texts are `str.format`
    templates over the facts given to the constructor. A fact that a template names and the caller
    forgot shows as its name in braces: a refusal never turns into another error on its way.
    """

    code: ClassVar[str] = "refused"
    text_ar: ClassVar[str] = "الطلب مرفوض"
    text_en: ClassVar[str] = "The request is refused"
    http_status: ClassVar[int] = 422

    def __init__(self, **facts: Fact) -> None:
        self.facts: Mapping[str, Fact] = facts
        super().__init__(f"{self.code}: {self.in_language('en')}")

    def in_language(self, language: str) -> str:
        """The text for a person, in "ar" or "en"."""
        template = self.text_ar if language.startswith("ar") else self.text_en
        return template.format_map(_Facts(self.facts))

    def as_dict(self) -> dict[str, Fact | dict[str, Fact]]:
        """code, text_ar, text_en and facts: what an API answers and what an audit leaf keeps."""
        return {
            "code": self.code,
            "text_ar": self.in_language("ar"),
            "text_en": self.in_language("en"),
            "facts": dict(self.facts),
        }

    def __reduce__(self) -> tuple[Callable[..., Refusal], tuple[type[Refusal], dict[str, Fact]]]:
        return _rebuilt, (type(self), dict(self.facts))  # exceptions cross process borders


def _rebuilt(family: type[Refusal], facts: Mapping[str, Fact]) -> Refusal:
    return family(**facts)


class _Facts(dict[str, Fact]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


class NotFound(Refusal):
    """What was asked for does not exist, or the asker may not know that it does."""

    code = "not_found"
    text_ar = "غير موجود"
    text_en = "Not found"
    http_status = 404


class NotAllowed(Refusal):
    """The actor lacks the role or scope."""

    code = "not_allowed"
    text_ar = "لا تملك صلاحية تنفيذ هذا الإجراء"
    text_en = "You are not allowed to do this"
    http_status = 403


class Fault(Exception):  # noqa: N818 - one of the three families
    """A dependency failed. `retry` says whether the same call may succeed later."""

    def __init__(self, message: str, *, retry: bool) -> None:
        self.message = message
        self.retry = retry
        super().__init__(message)

    def __reduce__(self) -> tuple[Callable[..., Fault], tuple[type[Fault], str, bool]]:
        return _rebuilt_fault, (type(self), self.message, self.retry)


def _rebuilt_fault(family: type[Fault], message: str, retry: bool) -> Fault:
    return family(message, retry=retry)


class Broken(Exception):  # noqa: N818 - one of the three families
    """An invariant does not hold. Never caught to go on: the account is parked, someone is told."""
