"""What the customers' own rows tell of a person: registered, proved, died."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_REGISTER = ("customers.register", "customers.register_many")
_VERIFY = ("customers.verify_identity", *_REGISTER)
_DEATH = ("customers.record_death",)
ACTS = frozenset({*_VERIFY, *_DEATH})

WORDS: Words = {
    "customers.registered": ("سُجّل العميل ({kind})", "Registered as a customer ({kind})"),
    "customers.verified": (
        "أُثبتت الهوية بواسطة {evidence}",
        "Identity proved by {evidence}",
    ),
    "customers.died": ("توفي العميل في {died_on}", "The customer died on {died_on}"),
}
TERMS: Words = {
    "citizen": ("مواطن", "citizen"),
    "gcc": ("مواطن خليجي", "GCC national"),
    "resident": ("مقيم", "resident"),
    "company": ("شركة", "company"),
    "government": ("جهة حكومية", "government body"),
    "unknown": ("مدين غير معروف", "unknown debtor"),
    "mobile_id": ("تطبيق هويتي", "the mobile identity"),
    "smart_card": ("البطاقة الذكية", "the smart card"),
    "document": ("مستند", "a document"),
    "registry_feed": ("السجل المدني", "the civil registry"),
}
_BRANCHES = (
    Branch(
        "customers.registered",
        "customers",
        _REGISTER,
        f"""select registered_at, {day_of("registered_at")}, id, 'customer', id, '', id::text,
          jsonb_build_object('kind', kind)
        from customers_customer where id = any(%(customers)s::uuid[])""",
    ),
    Branch(
        "customers.verified",
        "customers",
        _VERIFY,
        f"""select identity_verified_at, {day_of("identity_verified_at")}, id, 'customer', id,
          identity_verified_by, id::text, jsonb_build_object('evidence', evidence)
        from customers_customer
        where id = any(%(customers)s::uuid[]) and identity_verified_at is not null""",
    ),
    Branch(
        "customers.died",
        "customers",
        _DEATH,
        f"""select {dated("died_on")}, died_on, id, 'customer', id, '', id::text,
          jsonb_build_object('died_on', died_on)
        from customers_customer where id = any(%(customers)s::uuid[]) and died_on is not null""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)
