"""Price books on their pages: tried, shown by sector and governorate, asked for."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tahseel.charging.billing import queries
from tahseel.countries.kuwait import country
from tahseel.trust.approvals.models import Approval

PAGE = "/desk/tariffs/"


def send(client: Any, month: Any, content: bytes | None = None) -> Any:
    data = country.price_book("statute-2016") if content is None else content
    told = {"book_id": str(uuid4()), "until": str(month), "count": "1"}
    return client.post(PAGE, {**told, "content": SimpleUploadedFile("book.toml", data)})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("كتب التعرفة", "بحسب القطاع والمحافظة", "تدفع أكثر", "طلب اعتماد هذا الكتاب")),
        ("en", ("Price books", "By sector and governorate", "Pay more", "Ask for this book")),
    ],
)
def test_a_book_is_tried_on_the_page_and_asked_for(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    month, manager = queries.runs()[0].month, sign_in("revenue_manager", language=language)

    first = manager.get(PAGE).content.decode()
    shown = send(manager, month)
    page = manager.get(shown["Location"]).content.decode()
    asked = manager.post(
        f"{shown['Location']}ask/", {"approval_id": str(uuid4()), "reason": "the decree"}
    )
    request = manager.get(asked["Location"]).content.decode()

    assert words[0] in first
    assert all(word in page for word in words[1:])
    assert (shown.status_code, asked.status_code) == (302, 302)
    [approval] = Approval.objects.all()
    assert approval.operation == "billing.adopt_book"
    [tried] = queries.tried_books()
    assert f"{tried.code} {tried.version}" in request


def test_a_wrong_file_is_refused_with_words_and_others_may_only_read(
    sign_in: Any, world: Any
) -> None:
    month = queries.runs()[0].month
    manager = sign_in("revenue_manager", language="en")

    wrong = send(manager, month, b"code = 1")
    early = send(manager, month.next().next().next().next())
    none = manager.post(PAGE, {"book_id": str(uuid4()), "until": "moon", "count": "1"})

    assert [one.status_code for one in (wrong, early, none)] == [422, 422, 422]
    assert queries.tried_books() == []
    assert sign_in("clerk").get(PAGE).status_code == 403
    assert 'id="try"' not in sign_in("auditor").get(PAGE).content.decode()
    assert send(sign_in("auditor"), month).status_code == 403
    assert manager.get(f"{PAGE}{uuid4()}/").status_code == 404


@pytest.mark.parametrize(
    ("of", "to"),
    [
        (b"code = ", b"x = " + b"[" * 50_000 + b"\ncode = "),
        (b'name_en = "', b'name_en = "\\u0000'),
        (b'code = "', b'code = "' + b"9" * 100_000),
        (b"version = 1", b"version = 2147483648"),
        (b"code = ", b'"\\u0000" = 1\ncode = '),
    ],
)
def test_a_file_that_is_made_to_break_the_page_is_refused_with_words(
    sign_in: Any, world: Any, of: bytes, to: bytes
) -> None:
    book, month = country.price_book("statute-2016"), queries.runs()[0].month
    assert of in book

    answer = send(sign_in("revenue_manager", language="en"), month, book.replace(of, to, 1))

    assert answer.status_code == 422
    assert queries.tried_books() == []


@pytest.mark.parametrize("month", ["1900-01", "2199-12", "2200-01", "9998-12", "9999-12"])
def test_a_month_at_the_end_of_the_calendar_breaks_no_page(
    sign_in: Any, world: Any, month: str
) -> None:
    manager = sign_in("revenue_manager")
    content = SimpleUploadedFile("book.toml", country.price_book("statute-2016"))
    asked = {"month": month, "approval_id": str(uuid4()), "hour": "-1", "reason": "why"}

    tried = manager.post(
        PAGE, {"book_id": str(uuid4()), "until": month, "count": "24", "content": content}
    )

    assert tried.status_code == (302 if month == "1900-01" else 422)
    assert manager.get(f"/desk/bills/runs/preview/?month={month}").status_code == 200
    assert manager.get(f"/desk/bills/runs/?month={month}").status_code == 200
    assert manager.post("/desk/bills/runs/ask/", asked).status_code == 422
    assert not Approval.objects.exists()
