"""Charges, credits and sales on the pages of the counter, in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tahseel.books.claims import queries as claims
from tahseel.charging.charges import queries
from tahseel.charging.sales import queries as sales
from tahseel.kernel.money import Money
from tahseel.trust.approvals.models import Approval

SALES = "/desk/sales/"
HEADING = "outlet,day,document,quantity,unit\n"


def account(world: Any) -> str:
    return f"/desk/accounts/{world.number(world.resident)}/"


def asked(client: Client, world: Any, **given: str) -> Any:
    told = {
        "approval_id": str(uuid4()), "kind": "damage", "cause": "D-17", "amount": "٣٠٫٥",
        "evidence": "photographs",
    }  # fmt: skip
    return client.post(account(world) + "acts/charge/", told | given)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("الرسوم والخصومات", "بانتظار الاعتماد", "تعويض عن تلف ممتلكات الوزارة")),
        ("en", ("Charges and credits", "Waits for approval", "Damage to the ministry")),
    ],
)
def test_a_charge_is_asked_for_at_the_counter_and_shown_as_waiting(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    clerk = sign_in("clerk", language=language)

    form = clerk.get(account(world) + "acts/charge/").content.decode()
    answer = asked(clerk, world, amount="30.500")
    shown = clerk.get(account(world)).content.decode()

    assert "theft_assessment" not in form
    assert answer.status_code == 302
    assert all(word in shown for word in words)
    assert queries.of_account(world.accounts[world.resident]) == []


def test_the_second_person_reads_the_amount_and_agrees(sign_in: Any, world: Any) -> None:
    asked(sign_in("clerk"), world, amount="30.500")
    approval = Approval.objects.get(operation="charges.post")
    head = sign_in("office_head")

    page = head.get(f"/approvals/{approval.id}/").content.decode()
    head.post(f"/approvals/{approval.id}/approve/")

    assert "30.500" in page
    assert "D-17" in page
    [charge] = queries.of_account(world.accounts[world.resident])
    assert charge.reference in sign_in("clerk").get(account(world)).content.decode()


def test_an_auditor_sees_no_button_and_is_refused(sign_in: Any, world: Any) -> None:
    auditor = sign_in("auditor")

    shown = auditor.get(account(world)).content.decode()
    answer = asked(auditor, world, amount="30.500")
    sold = auditor.post(SALES, {"outlet": "X"})

    assert "acts/charge/" not in shown
    assert (answer.status_code, sold.status_code) == (403, 403)
    assert not Approval.objects.filter(operation="charges.post").exists()


def test_a_refusal_says_why_and_keeps_what_was_typed(sign_in: Any, world: Any) -> None:
    answer = asked(sign_in("clerk"), world, amount="0.100")

    assert answer.status_code == 422
    assert "outside the limits" in answer.content.decode()
    assert "D-17" in answer.content.decode()


def test_an_outlet_is_put_on_record_and_delivers_by_file_and_by_hand(
    sign_in: Any, world: Any
) -> None:
    head, clerk = sign_in("office_head"), sign_in("clerk")
    day = (world.today - timedelta(days=40)).isoformat()
    head.post(
        account(world) + "acts/outlet/",
        {"id": str(uuid4()), "code": "STN-9", "kind": "filling_station", "from_day": day},
    )
    first = (world.today - timedelta(days=35)).isoformat()
    file = SimpleUploadedFile(
        "july.csv",
        (HEADING + f"STN-9,{first},A-1,10,m3\nGONE,{first},A-2,1,L\n").encode(),
    )

    taken = clerk.post(SALES, {"file": file}).content.decode()
    typed = clerk.post(
        SALES,
        {"outlet": "STN-9", "day": first, "document": "A-3", "quantity": "5", "unit": "L"},
    )

    assert "There is no outlet GONE" in taken
    assert typed.status_code == 302
    assert [one.litres for one in sales.waiting()] == [10_000, 5]
    assert "STN-9" in sign_in("clerk", language="ar").get(SALES).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("محصّل لحساب الغير", "المستحق توريده", "الفاتورة المجمعة", "المطلوب سداده")),
        ("en", ("Collected for others", "To be paid over", "Collective bill", "To be paid")),
    ],
)
def test_what_is_collected_for_others_and_one_bill_over_many_accounts_are_pages(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    clerk, head = sign_in("clerk", language=language), sign_in("office_head")

    party = clerk.get("/desk/parties/municipality/")
    bill = clerk.get(account(world) + "collective/")
    file = clerk.get(account(world) + "collective.csv").content.decode()
    nothing = head.post("/desk/parties/municipality/", {"approval_id": str(uuid4()),
                                                        "reference": "TR-1"})  # fmt: skip

    shown = party.content.decode() + bill.content.decode()
    assert (party.status_code, bill.status_code) == (200, 200)
    assert all(word in shown for word in words)
    assert file.startswith("reference,amount")
    assert nothing.status_code == 422
    assert clerk.get("/desk/parties/nobody/").status_code == 404
    assert clerk.get("/desk/parties/municipality/statement.csv").status_code == 200


def test_the_files_own_lines_pay_a_collective_bill_whole(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk")
    file = clerk.get(account(world) + "collective.csv").content
    lines = [one.split(",") for one in file.decode().split("\r\n")[1:] if one]
    total = Money(sum(Money.parse(amount).fils for _, amount in lines))
    given = {
        "id": str(uuid4()), "business_date": world.today.isoformat(), "reference": "TR-7",
        "amount": (total + Money(1)).dinars(),
    }  # fmt: skip

    wrong = clerk.post(
        account(world) + "collective/", given | {"advice": SimpleUploadedFile("a.csv", file)}
    )
    right = clerk.post(
        account(world) + "collective/",
        given | {"amount": total.dinars(), "advice": SimpleUploadedFile("a.csv", file)},
    )

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert claims.open_claims(world.accounts[world.resident]) == []
