"""Contacts are proved by a code: sealed, once, for a few minutes and a few tries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Purpose
from tahseel.kernel.errors import NotAllowed
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.models import Contact, ContactCode
from tahseel.registry.customers.values import Confirmation, ContactKind
from tahseel.trust.notices import operations as messages
from tahseel.trust.notices import rules as notices_rules
from tahseel.trust.notices import values as notices_values
from tahseel.trust.notices.models import Dispatch, Notice


@pytest.fixture(autouse=True)
def channels():
    notices_values.install_channels(notices_rules.load_channels(country.data("channels")))


def add(town, who, kind=ContactKind.MOBILE, value="9911 2233"):
    return operations.add_contact(
        actor=town.clerk, at=town.at, id=town.make_id(town.at), customer_id=who, kind=kind,
        value=value,
    )  # fmt: skip


def send(town, view, minutes=0):
    at = town.at + timedelta(minutes=minutes)
    notice = operations.send_code(actor=town.clerk, at=at, contact_id=view.id)
    return re.search(r"\d{6}", carried(town, notice, at).text)[0]


def carried(town, notice, at):
    """What the messenger is given to hand over."""
    return messages.claim(actor=town.house, at=at, notice_id=notice)


def confirm(town, view, code, minutes=1):
    at = town.at + timedelta(minutes=minutes)
    return operations.confirm_contact(actor=town.clerk, at=at, contact_id=view.id, code=code)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_confirmed_mobile_becomes_the_one_by_which_the_customer_is_reached(town, leaves):
    who = town.person()
    view = add(town, who)
    code = send(town, view)

    answers = [confirm(town, view, wrong(code)), confirm(town, view, code)]

    assert answers == [Confirmation.WRONG, Confirmation.CONFIRMED]
    read = {"actor": town.clerk, "at": town.at, "purpose": Purpose.CUSTOMER_SERVICE}
    assert queries.contact(**read, customer_id=who).mobile == "96599112233"
    (kept,) = queries.contacts_of(**read, customer_id=who)
    assert (kept.masked, kept.verified_at) == ("•••••••••33", town.at + timedelta(minutes=1))
    assert b"99112233" not in bytes(Contact.objects.get().value_cipher)
    assert code.encode() not in bytes(ContactCode.objects.get().code_hash)
    assert code not in str(leaves())
    assert "99112233" not in str(leaves())


def test_a_code_is_read_by_its_recipient_and_by_nobody_in_the_house(town, leaves):
    view = add(town, town.person())
    notice = operations.send_code(actor=town.clerk, at=town.at, contact_id=view.id)

    with pytest.raises(NotAllowed):
        messages.claim(actor=town.clerk, at=town.at, notice_id=notice)
    denied = leaves()[-1]
    message = carried(town, notice, town.at)

    code = re.search(r"\d{6}", message.text)[0]
    stored = Notice.objects.get(pk=notice)
    assert (denied["action"], denied["outcome"]) == ("notices.claim", "denied")
    assert "••••••" in stored.body_ar
    assert "••••••" in stored.body_en
    assert code not in stored.body_ar + stored.body_en + repr(message)
    assert code.encode() not in bytes(Dispatch.objects.get().secret_cipher)
    assert code not in str(leaves())


def test_a_code_is_gone_from_the_house_once_it_was_handed_over(town):
    view = add(town, town.person())
    notice = operations.send_code(actor=town.clerk, at=town.at, contact_id=view.id)
    carried(town, notice, town.at)

    messages.record_handed(
        actor=town.house, at=town.at, notice_id=notice, proof={"message_id": "1"}
    )

    assert Dispatch.objects.get().secret_cipher is None


def test_a_code_is_not_sent_where_no_machine_of_ours_writes(town, leaves):
    mailbox = add(town, town.person(), ContactKind.EMAIL, "salem.a@example.com")

    with pytest.raises(operations.ContactUnreachable):
        operations.send_code(actor=town.clerk, at=town.at, contact_id=mailbox.id)

    assert not Notice.objects.exists()
    assert not ContactCode.objects.exists()
    assert leaves()[-1]["outcome"] == "refused"


def test_a_code_counts_once(town):
    view = add(town, town.person())
    code = send(town, view)

    assert confirm(town, view, code) is Confirmation.CONFIRMED
    assert confirm(town, view, code) is Confirmation.NO_CODE


def test_after_five_wrong_tries_the_right_code_no_longer_counts(town):
    view = add(town, town.person())
    code = send(town, view)

    answers = [confirm(town, view, wrong(code)) for _ in range(5)]

    assert answers == [Confirmation.WRONG] * 4 + [Confirmation.USED_UP]
    assert confirm(town, view, code) is Confirmation.NO_CODE
    assert Contact.objects.get().verified_at is None


def test_a_code_ends_after_ten_minutes_and_with_the_next_one(town):
    view = add(town, town.person())
    first = send(town, view)

    late = confirm(town, view, first, minutes=10)
    second = send(town, view, minutes=11)

    assert late is Confirmation.NO_CODE
    if first != second:
        assert confirm(town, view, first, minutes=12) is Confirmation.WRONG
    assert confirm(town, view, second, minutes=12) is Confirmation.CONFIRMED


def test_codes_are_few(town, leaves):
    view = add(town, town.person())
    for minutes in range(0, 25, 5):
        send(town, view, minutes)

    with pytest.raises(operations.CodeTooSoon):
        send(town, view, 40)

    assert ContactCode.objects.count() == 5
    assert Notice.objects.count() == 5
    assert leaves()[-1]["facts"]["code"] == "code_too_soon"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ContactKind.MOBILE, "22221234"),
        (ContactKind.EMAIL, "nobody at home"),
        (ContactKind.EMAIL, "a@b"),
        (ContactKind.ADDRESS, "  "),
    ],
)
def test_what_is_no_contact_is_refused(town, kind, value):
    with pytest.raises(operations.ContactInvalid):
        add(town, town.person(), kind, value)

    assert not Contact.objects.exists()


def test_an_address_is_not_proved_by_a_code_and_a_mailbox_is_shown_by_its_firm(town):
    who = town.person()
    address = add(town, who, ContactKind.ADDRESS, "حولي، قطعة 4، شارع 12")
    mailbox = add(town, who, ContactKind.EMAIL, "Salem.A@Example.com")
    again = add(town, who, ContactKind.EMAIL, "salem.a@example.com")

    with pytest.raises(operations.ContactUnreachable):
        send(town, address)

    assert mailbox.masked == "s••••••@example.com"
    assert again.id == mailbox.id


def test_a_contact_that_is_ended_is_not_used_again(town):
    view = add(town, town.person())
    operations.end_contact(actor=town.clerk, at=town.at, contact_id=view.id)

    with pytest.raises(operations.ContactUnknown):
        send(town, view)

    assert not Notice.objects.exists()


def test_a_customer_is_told_in_his_language(town):
    who = town.person()

    view = operations.change_language(actor=town.clerk, at=town.at, customer_id=who, language="en")
    with pytest.raises(operations.LanguageUnknown):
        operations.change_language(actor=town.clerk, at=town.at, customer_id=who, language="xx")

    assert view.language == "en"
