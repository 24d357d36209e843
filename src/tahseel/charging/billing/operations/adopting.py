"""A price book before it is used: checked, tried on months that are over, agreed to by two people.

Nothing is charged by it here; which book is in force is the country's data. A book that nobody has
tried against the one in force now cannot be asked for, and its file is sealed by its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from tahseel.charging.billing import queries, rules, simulating
from tahseel.charging.billing.values import ADOPT, TriedBook
from tahseel.charging.tariffs import rules as tariffs
from tahseel.charging.tariffs.values import PriceBook
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

MAKERS = ("revenue_manager",)
CHECKERS = {0: ("revenue_manager",)}
ACCOUNTS_MAX = 20_000
MONTHS_MAX = 24
BYTES_MAX = 1_000_000


class BookUnknown(NotFound):
    """No book was tried under this id."""

    code = "tried_book_unknown"
    text_ar = "لم يُجرَّب كتاب تعرفة بهذا الرقم"
    text_en = "No price book was tried under this id"


class BookTooLarge(Refusal):
    """A file that is no price book of any country."""

    code = "price_book_too_large"
    text_ar = "ملف كتاب التعرفة أكبر من {most} بايت"
    text_en = "The file of the price book is larger than {most} bytes"


class TrialTooLarge(Refusal):
    """More than a page waits for: the command tries it."""

    code = "price_book_trial_too_large"
    text_ar = "عدد الحسابات {accounts} أكثر مما تجربه صفحة ({most})؛ جرّبه بالأمر tariffs simulate"
    text_en = "{accounts} accounts are more than a page tries ({most}); use `tariffs simulate`"


class TrialMonthsWrong(Refusal):
    """Months that are over, and not too many."""

    code = "price_book_trial_months"
    text_ar = "يُجرَّب الكتاب على شهر إلى {most} شهرًا انتهت"
    text_en = "A book is tried on one to {most} months that are over"


class BookTriedBefore(Refusal):
    """The book in force is another one than that against which it was tried."""

    code = "price_book_trial_old"
    text_ar = "جُرّب الكتاب مقابل {against} وليس مقابل الكتاب الساري؛ جرّبه من جديد"
    text_en = "The book was tried against {against}, not the one in force; try it again"
    http_status = 409


class BookAgreed(Refusal):
    """A version is agreed to once."""

    code = "price_book_agreed"
    text_ar = "اعتُمدت النسخة {version} من كتاب التعرفة {book} من قبل"
    text_en = "Version {version} of the price book {book} was agreed to before"
    http_status = 409


def in_force() -> str:
    """Code and version of the book by which bills are made now."""
    return _name(rules.policy().book)


def _name(book: PriceBook) -> str:
    return f"{book.code} {book.version}"


@audit.audited("billing.try_book", subject="book_id")
def try_book(
    *, actor: Actor, at: datetime, book_id: UUID, content: bytes, months: Sequence[BillingMonth]
) -> TriedBook:
    """Check a book, price what was used in some months by it, and keep what came of it.

    Raises NotAllowed, BookTooLarge, TrialMonthsWrong, TrialTooLarge, InputDiffers and every
    refusal of a price book, by the name of the record.
    """
    require(actor, *MAKERS)
    digest = _digest(content)
    known = queries.tried_book(book_id=book_id)
    if known is not None:
        if known.digest != digest:
            raise InputDiffers(operation="billing.try_book")
        return known
    book = tariffs.load_book(content)
    _check(months, at)
    report = simulating.simulate(book=book, months=months).as_dict()
    _keep(book_id, book, content, report, actor=actor, at=at)
    audit.note(book=book.code, version=book.version, digest=digest, total=report["total"])
    kept = queries.tried_book(book_id=book_id)
    assert kept is not None, "written a moment ago"
    return kept


def _digest(content: bytes) -> str:
    if len(content) > BYTES_MAX:
        raise BookTooLarge(most=BYTES_MAX)
    return hashlib.sha256(content).hexdigest()


def _check(months: Sequence[BillingMonth], at: datetime) -> None:
    today = local_day(at)
    if not 0 < len(months) <= MONTHS_MAX or any(one.period.end > today for one in months):
        raise TrialMonthsWrong(most=MONTHS_MAX)
    accounts = len(supply.open_accounts(month=months[-1]))
    if accounts > ACCOUNTS_MAX:
        raise TrialTooLarge(accounts=accounts, most=ACCOUNTS_MAX)


def _keep(
    book_id: UUID,
    book: PriceBook,
    content: bytes,
    report: dict[str, object],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into billing_book (id, code, version, name_ar, name_en, content, digest,"
            " against, report, tried_by, tried_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                book_id,
                book.code,
                book.version,
                book.name_ar,
                book.name_en,
                content.decode("utf-8"),
                _digest(content),
                in_force(),
                orjson.dumps(report).decode(),
                actor.id,
                at,
            ],
        )


@audit.audited("billing.propose_book", subject="book_id")
def propose_book(
    *, actor: Actor, at: datetime, approval_id: UUID, book_id: UUID, reason: str
) -> UUID:
    """Ask that a tried book be agreed to; returns the approval's id.

    The same again under the same id answers the same. Raises NotAllowed, BookUnknown, BookAgreed,
    BookTriedBefore, InputDiffers, and what `approvals.submit` raises.
    """
    require(actor, *MAKERS)
    before = approvals_queries.find(approval_id)
    if before is not None:
        asked = (before.operation, before.maker_id, before.payload.get("book"))
        if asked != (ADOPT, actor.id, str(book_id)):
            raise InputDiffers(operation=ADOPT)
        return approval_id
    tried = _ready(book_id)
    payload = {"book": str(book_id), "digest": tried.digest}
    return approvals.submit(
        actor=actor, at=at, operation=ADOPT, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def _ready(book_id: UUID) -> TriedBook:
    """A book that was tried against the one in force, and that nobody has agreed to yet."""
    tried = queries.tried_book(book_id=book_id)
    if tried is None:
        raise BookUnknown()
    if tried.against != in_force():
        raise BookTriedBefore(against=tried.against)
    if tried.agreed_at is not None:
        raise BookAgreed(book=tried.code, version=tried.version)
    return tried


def book_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> TriedBook:
    """What runs once the second person agrees: checked once more, then on record."""
    maker = approvals_queries.by_id(approval_id).maker_id
    return _adopt(
        actor=actor, at=at, book_id=UUID(str(payload["book"])), digest=str(payload["digest"]),
        maker=maker,
    )  # fmt: skip


@audit.audited("billing.adopt_book", subject="book_id")
def _adopt(*, actor: Actor, at: datetime, book_id: UUID, digest: str, maker: str) -> TriedBook:
    tried = _ready(book_id)
    if tried.digest != digest or _digest(tried.content.encode()) != digest:
        raise Broken(f"the price book {book_id} is not the one that was asked for")
    tariffs.load_book(tried.content.encode())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into billing_book_agreed"
                " (book_id, code, version, asked_by, agreed_by, agreed_at)"
                " values (%s, %s, %s, %s, %s, %s)",
                [book_id, tried.code, tried.version, maker, actor.id, at],
            )
    except IntegrityError as error:
        raise BookAgreed(book=tried.code, version=tried.version) from error
    audit.note(book=tried.code, version=tried.version, digest=digest)
    return tried


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which book, and what it would have brought."""
    tried = queries.tried_book(book_id=UUID(str(payload["book"])))
    total = tried.report["total"] if tried else {}
    months = tried.report["months"] if tried else []

    def money(name: str) -> Money | None:
        return Money(int(total[name])) if name in total else None

    return Proposal(
        text_ar="اعتماد كتاب تعرفة",
        text_en="Agree to a price book",
        details=(
            Detail("الكتاب", "Book", tried.name_en if tried else None),
            Detail("الرمز والنسخة", "Code and version",
                   f"{tried.code} {tried.version}" if tried else None),
            Detail("جُرّب مقابل", "Tried against", tried.against if tried else None),
            Detail("على الأشهر", "On the months",
                   f"{months[0]} – {months[-1]}" if months else None),
            Detail("إيراد الكتاب الساري", "Revenue by the book in force", money("before_fils")),
            Detail("إيراد هذا الكتاب", "Revenue by this book", money("after_fils")),
            Detail("الفرق", "Difference", money("difference_fils")),
            Detail("حسابات تدفع أكثر", "Accounts that pay more", total.get("pay_more")),
            Detail("حسابات تدفع أقل", "Accounts that pay less", total.get("pay_less")),
        ),
    )  # fmt: skip


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(ADOPT, book_approved, roles=CHECKERS, makers=MAKERS, in_words=in_words)
