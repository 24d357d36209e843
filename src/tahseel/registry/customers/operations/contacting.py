"""Ways of reaching a customer, and the proof that they are his: a code that is sent there.

A code counts once, for a few minutes and a few tries. Only a keyed hash of it is kept here; the
message that carries it is a notice whose stored text hides the code.
"""

from __future__ import annotations

import hmac
import secrets as chance
from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.kernel import idempotency, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.registry.customers import events, rules
from tahseel.registry.customers.models import Contact, ContactCode
from tahseel.registry.customers.opening import contact_view, open_contact
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.values import (
    CONTACT_CODE,
    CONTACT_INDEX,
    CONTACT_SEAL,
    MOBILE_INDEX,
    MOBILE_SEAL,
    Confirmation,
    ContactKind,
    ContactView,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import HIDDEN, NewNotice

CODE_DIGITS = 6
BODY_AR = "رمز التحقق {code} صالح لمدة {minutes} دقائق. لا تطلع عليه أحداً."
BODY_EN = "Your code is {code}. It is valid for {minutes} minutes. Tell it to nobody."


class ContactInvalid(Refusal):
    """Not a number of this country, not a mailbox, or no address."""

    code = "contact_invalid"
    text_ar = "وسيلة التواصل ({contact}) غير صحيحة"
    text_en = "This contact ({contact}) is not valid"


class ContactUnknown(NotFound):
    """No such contact, or it is no longer in use."""

    code = "contact_unknown"
    text_ar = "وسيلة التواصل غير موجودة"
    text_en = "There is no such contact"


class ContactUnreachable(Refusal):
    """A postal address is not proved by a code, nor is what no machine of ours writes to."""

    code = "contact_unreachable"
    text_ar = "لا يرسل رمز تحقق إلى وسيلة التواصل هذه ({contact})"
    text_en = "No code is sent to such a contact ({contact})"


class CodeTooSoon(Refusal):
    """Codes are few, so that nobody's telephone is flooded and no code is guessed."""

    code = "code_too_soon"
    text_ar = "أرسل رمز من قبل؛ يمكن طلب رمز جديد لاحقاً"
    text_en = "A code was sent already; ask for another one later"
    http_status = 429


@audited("customers.add_contact", subject="customer_id")
def add_contact(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the id that the caller made
    customer_id: UUID,
    kind: ContactKind,
    value: str,
) -> ContactView:
    """Record a mobile number, a mailbox or an address, not yet verified; once for each customer.

    Raises ContactInvalid, CustomerUnknown.
    """
    require_duty(actor, "customers.add_contact")
    customer = locked(customer_id)
    try:
        plain = rules.plain_contact(kind, value)
    except ValueError:
        raise ContactInvalid(contact=str(kind)) from None
    index = secrets.blind_index(f"{kind}:{plain}", purpose=CONTACT_INDEX)
    live = Contact.objects.filter(customer=customer, value_index=index, ended_at__isnull=True)

    def act() -> dict[str, Any]:
        if not live.exists():
            sealed = secrets.seal(plain.encode(), context=CONTACT_SEAL)
            Contact.objects.create(
                id=id, customer=customer, kind=kind, value_cipher=sealed, value_index=index,
                recorded_at=at, recorded_by=actor.id,
            )  # fmt: skip
        return {"id": str(live.get().id)}

    request = {"customer": str(customer_id), "kind": str(kind), "value": plain}
    made = idempotency.once(
        intent_id=id, operation="customers.add_contact", request=request, at=at, act=act
    )
    note(contact=made["id"], kind=str(kind))
    return contact_view(Contact.objects.get(pk=made["id"]))


@audited("customers.send_code", subject="contact_id")
def send_code(*, actor: Actor, at: datetime, contact_id: UUID) -> UUID:
    """Send a fresh code to a contact; codes sent before no longer count. Returns the notice's id.

    Raises ContactUnknown, ContactUnreachable, CodeTooSoon.
    """
    require_duty(actor, "customers.send_code")
    contact = _live(contact_id)
    kind = ContactKind(contact.kind)
    channel = rules.code_channel(kind)
    if channel is None:
        raise ContactUnreachable(contact=str(kind))
    sent = list(contact.codes.order_by("-issued_at").values_list("issued_at", flat=True)[:50])
    if not rules.may_send_code(sent, at):
        raise CodeTooSoon()
    code = f"{chance.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    code_id = derived_id(contact.id, "code", at.isoformat())
    contact.codes.filter(used_at__isnull=True).update(used_at=at)
    ContactCode.objects.create(
        id=code_id, contact=contact, code_hash=_hash(contact.id, code), issued_at=at,
        expires_at=at + rules.CODE_LIFE, tries=0,
    )  # fmt: skip
    minutes = int(rules.CODE_LIFE.total_seconds() // 60)
    notice = NewNotice(
        id=derived_id(code_id, "notice"), kind="contact_code", channel=channel,
        recipient_customer_id=contact.customer_id, subject=f"contact:{contact.id}",
        body_ar=BODY_AR.format(code=HIDDEN, minutes=minutes), secret=code,
        body_en=BODY_EN.format(code=HIDDEN, minutes=minutes), address=open_contact(contact),
        reference=f"C-{code_id.hex[-8:].upper()}", language=contact.customer.language,
    )  # fmt: skip
    notices.issue_many(actor=actor, at=at, notices=[notice])
    note(customer=contact.customer_id, kind=str(kind))
    return notice.id


@audited("customers.confirm_contact", subject="contact_id")
def confirm_contact(*, actor: Actor, at: datetime, contact_id: UUID, code: str) -> Confirmation:
    """Try a code. A wrong one is answered, not refused, because the try must be counted.

    A mobile number that is confirmed becomes the one by which the customer is reached. Raises
    ContactUnknown.
    """
    require_duty(actor, "customers.confirm_contact")
    contact = _live(contact_id)
    rows = ContactCode.objects.select_for_update().filter(contact=contact, used_at__isnull=True)
    found = rows.filter(expires_at__gt=at).order_by("-issued_at").first()
    note(customer=contact.customer_id)
    if found is None:
        return _answer(Confirmation.NO_CODE)
    right = hmac.compare_digest(bytes(found.code_hash), _hash(contact.id, rules.plain_digits(code)))
    found.tries += 1
    if right or found.tries >= rules.CODE_TRIES_MAX:
        found.used_at = at
    found.save(update_fields=["tries", "used_at"])
    if not right:
        return _answer(Confirmation.USED_UP if found.used_at else Confirmation.WRONG)
    contact.verified_at = at
    contact.save(update_fields=["verified_at"])
    if contact.kind == ContactKind.MOBILE:
        _reach_by(contact)
    events.contact_verified(customer_id=contact.customer_id, kind=ContactKind(contact.kind), at=at)
    return _answer(Confirmation.CONFIRMED)


@audited("customers.end_contact", subject="contact_id")
def end_contact(*, actor: Actor, at: datetime, contact_id: UUID) -> ContactView:
    """Stop using a contact. Raises ContactUnknown."""
    require_duty(actor, "customers.end_contact")
    contact = _live(contact_id)
    contact.ended_at = at
    contact.save(update_fields=["ended_at"])
    note(customer=contact.customer_id)
    return contact_view(contact)


def _reach_by(contact: Contact) -> None:
    customer, number = locked(contact.customer_id), open_contact(contact)
    customer.mobile_cipher = secrets.seal(number.encode(), context=MOBILE_SEAL)
    customer.mobile_index = secrets.blind_index(number, purpose=MOBILE_INDEX)
    customer.save(update_fields=["mobile_cipher", "mobile_index"])


def _answer(answer: Confirmation) -> Confirmation:
    note(answer=str(answer))
    return answer


def _hash(contact_id: UUID, code: str) -> bytes:
    return secrets.blind_index(f"{contact_id}:{code}", purpose=CONTACT_CODE)


def _live(contact_id: UUID) -> Contact:
    rows = Contact.objects.select_for_update(of=("self",)).select_related("customer")
    found = rows.filter(pk=contact_id, ended_at__isnull=True).first()
    if found is None:
        raise ContactUnknown()
    return found
