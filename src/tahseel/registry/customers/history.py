"""What the customers' own rows tell of a person: registered, proved, died."""

from __future__ import annotations

from itertools import chain

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_REGISTER = ("customers.register", "customers.register_many")
_VERIFY = ("customers.verify_identity", *_REGISTER)
_DEATH = ("customers.record_death",)
_LIFE = {
    "name_corrected": ("customers.correct_name",),
    "civil_id_corrected": ("customers.correct_civil_id", "customers.renumber"),
    "death_revoked": ("customers.revoke_death",),
    "departed": ("customers.record_departure",),
    "returned": ("customers.record_return",),
}
_MERGE, _UNMERGE = ("customers.merge",), ("customers.unmerge",)
ACTS = frozenset({*_VERIFY, *_DEATH, *chain(*_LIFE.values()), *_MERGE, *_UNMERGE})

WORDS: Words = {
    "customers.registered": ("سُجّل العميل ({kind})", "Registered as a customer ({kind})"),
    "customers.verified": (
        "أُثبتت الهوية بواسطة {evidence}",
        "Identity proved by {evidence}",
    ),
    "customers.died": ("توفي العميل في {died_on}", "The customer died on {died_on}"),
    "customers.name_corrected": ("صُحّح الاسم: {evidence}", "Name corrected: {evidence}"),
    "customers.civil_id_corrected": (
        "صُحّح الرقم المدني: {evidence}",
        "Civil number corrected: {evidence}",
    ),
    "customers.death_revoked": (
        "أُلغي تسجيل الوفاة: {evidence}",
        "The record of a death was taken back: {evidence}",
    ),
    "customers.departed": ("غادر البلاد نهائيًا: {evidence}", "Left the country: {evidence}"),
    "customers.returned": ("عاد إلى البلاد: {evidence}", "Came back: {evidence}"),
    "customers.merged": (
        "دُمج سجلان لشخص واحد ({rows} من القيود)",
        "Two records of one person merged ({rows} rows)",
    ),
    "customers.unmerged": ("تم التراجع عن دمج سجلين", "A merge of two records was taken back"),
}
TERMS: Words = {
    "citizen": ("مواطن", "citizen"),
    "gcc": ("مواطن خليجي", "GCC national"),
    "resident": ("مقيم", "resident"),
    "stateless": ("مقيم بصورة غير قانونية", "stateless resident"),
    "foreign_owner": ("مالك في الخارج", "owner abroad"),
    "mission": ("بعثة دبلوماسية", "diplomatic mission"),
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
    *(
        Branch(
            f"customers.{what}",
            "customers",
            actions,
            f"""select recorded_at, effective_on, id, 'customer', customer_id, recorded_by,
              customer_id::text, jsonb_build_object('evidence', evidence)
            from customers_change
            where customer_id = any(%(customers)s::uuid[]) and what = '{what}'""",
        )
        for what, actions in _LIFE.items()
    ),
    Branch(
        "customers.merged",
        "customers",
        _MERGE,
        f"""select made_at, {day_of("made_at")}, id, 'customer', into_id, approved_by, id::text,
          jsonb_build_object('rows', rows)
        from customers_merge where merged_id = any(%(customers)s::uuid[])
          or into_id = any(%(customers)s::uuid[])""",
    ),
    Branch(
        "customers.unmerged",
        "customers",
        _UNMERGE,
        f"""select undone_at, {day_of("undone_at")}, id, 'customer', into_id, undone_by, id::text,
          '{{}}'::jsonb
        from customers_merge where undone_at is not null
          and (merged_id = any(%(customers)s::uuid[]) or into_id = any(%(customers)s::uuid[]))""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)
