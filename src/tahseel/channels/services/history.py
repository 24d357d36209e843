"""What services tell of a person, a place or an account: every step of an application."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_ACTS = tuple(
    f"services.{name}"
    for name in (
        "apply", "record_study", "quote", "confirm_paid", "record_inspection", "ask_again",
        "energise", "end_temporary", "record_removal", "withdraw", "expire",
        "remind", "refer", "prolong", "close",
    )
)  # fmt: skip
ACTS = frozenset(_ACTS)

WORDS: Words = {
    "services.stepped": (
        "{service}، الطلب {reference}: {step}",
        "{service}, application {reference}: {step}",
    ),
}
TERMS: Words = {
    "new_connection": ("إيصال جديد", "New supply"),
    "load_increase": ("زيادة حمل", "Load increase"),
    "temporary_supply": ("توصيل مؤقت", "Temporary supply"),
    "step_applied": ("استُلم الطلب", "received"),
    "step_studied": ("دُرس الحمل", "the load was studied"),
    "step_refused": ("رُفض بنتيجة الدراسة", "refused by the study"),
    "step_quoted": ("حُددت الرسوم", "the fee was quoted"),
    "step_paid": ("دُفعت الرسوم", "the fee was paid"),
    "step_failed": ("لم يُجتز الفحص", "the inspection was not passed"),
    "step_put_right": ("أُصلحت الملاحظات وطُلب الفحص مجددًا", "put right, asked for again"),
    "step_passed": ("اجتاز الفحص", "the inspection was passed"),
    "step_energised": ("أُوصلت الخدمة", "supply was given"),
    "step_withdrawn": ("سُحب الطلب", "taken back by the applicant"),
    "step_expired": ("انتهت مهلة الطلب", "lapsed"),
    "step_reminded": ("ذُكّر مقدم الطلب", "the applicant was reminded"),
    "step_referred": ("انتهت المهلة وأُحيل للبت فيه", "its time was over, referred for a decision"),
    "step_prolonged": ("مُدّدت المهلة", "more time was given"),
    "step_closed": ("أُغلق بقرار", "closed by decision"),
    "step_removal_due": ("حلّ آخر يوم للتوصيل المؤقت", "temporary supply came to its last day"),
    "step_removed": ("رُفع العداد وأُغلق الحساب", "the meter was taken down, the account closed"),
}
_MINE = "(%(only)s::uuid is null or a.applicant_id = %(only)s::uuid)"
_PERSON = "a.applicant_id = any(%(customers)s::uuid[])"
_UNIT = "a.unit_id = any(%(units)s::uuid[])"
# An application is found by its applicant, else by its place, else by its account: told once.
_BY = {
    "customers": _PERSON,
    "units": f"{_UNIT} and not {_PERSON} and {_MINE}",
    "accounts": (
        f"a.account_id = any(%(accounts)s::uuid[]) and not {_UNIT} and not {_PERSON} and {_MINE}"
    ),
}
_BRANCHES = tuple(
    Branch(
        "services.stepped",
        of,
        _ACTS,
        f"""select s.at, {day_of("s.at")}, s.id, 'unit', a.unit_id, s.actor, a.id::text,
          jsonb_build_object('reference', a.reference, 'service', a.service,
            'step', 'step_' || s.step)
        from services_step s join services_application a on a.id = s.application_id
        where {where}""",
    )
    for of, where in _BY.items()
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)
