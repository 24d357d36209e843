"""What can be wrong with a line of an old system, in both languages, told over its facts."""

from __future__ import annotations

from collections.abc import Mapping

Text = tuple[str, str]

TEXTS: Mapping[str, Text] = {
    # the file
    "file_missing": ("الملف غير موجود", "There is no such file"),
    "file_too_long": (
        "الملف أطول من {longest} سطراً",
        "The file has more than {longest} lines",
    ),
    "column_missing": ("العمود {column} غير موجود في الملف", "The file has no column {column}"),
    "row_ragged": (
        "عدد الخانات {cells} والمتوقع {expected}",
        "The line has {cells} cells where {expected} are expected",
    ),
    "row_unreadable": ("السطر غير قابل للقراءة", "The line cannot be read as CSV"),
    "encoding_wrong": (
        "ترميز الحروف غير صحيح ({encoding})",
        "The letters are not in the encoding {encoding}",
    ),
    # one cell
    "value_missing": ("القيمة مطلوبة", "The value is missing"),
    "value_too_long": ("القيمة أطول من {longest} حرفاً", "Longer than {longest} characters"),
    "value_unknown": (
        "القيمة {value} غير معروفة ولا مقابل لها في ملف المطابقة",
        "The value {value} is unknown and the mapping does not translate it",
    ),
    "not_a_day": ("{value} ليس تاريخاً ({form})", "{value} is not a day ({form})"),
    "day_impossible": ("التاريخ {day} غير ممكن", "The day {day} is not possible"),
    "not_an_amount": ("ليس مبلغاً: {value}", "Not an amount: {value}"),
    "decimals_wrong": (
        "عدد الخانات العشرية {decimals} والمتوقع {expected}",
        "{decimals} decimals where {expected} are expected",
    ),
    "amount_not_positive": ("المبلغ يجب أن يكون أكبر من الصفر", "The amount must be above zero"),
    "not_a_quantity": ("ليست كمية: {value}", "Not a quantity: {value}"),
    "not_a_number": ("ليس عدداً صحيحاً: {value}", "Not a whole number: {value}"),
    # one line
    "civil_id_invalid": ("الرقم المدني غير صحيح", "The civil id is not valid"),
    "civil_id_missing": (
        "الرقم المدني مطلوب لهذه الفئة ({kind})",
        "A customer of this kind ({kind}) needs a civil id",
    ),
    "document_needed": (
        "لا توثق هوية هذه الفئة ({kind}) إلا بمستند ساري يوم النقل",
        "A customer of this kind ({kind}) is verified only by a document valid on the cutover",
    ),
    "document_incomplete": (
        "بيانات المستند ناقصة: {missing}",
        "The document is told in part only; missing: {missing}",
    ),
    "document_number_invalid": (
        "رقم المستند بلا حروف لاتينية ولا أرقام",
        "The document's number has neither Latin letters nor digits",
    ),
    "document_unfit": (
        "المستند {document} لا يناسب هذه الفئة ({kind})",
        "A document of the kind {document} is not one of such a customer ({kind})",
    ),
    "document_twice": (
        "المستند نفسه مذكور في السطر {other}",
        "The same document is on line {other}",
    ),
    "document_on_record": ("هذا المستند مسجل من قبل", "This document is on record already"),
    "civil_id_unexpected": (
        "لا رقم مدني لهذه الفئة ({kind})",
        "A customer of this kind ({kind}) has no civil id",
    ),
    "mobile_invalid": ("رقم الهاتف النقال غير صحيح", "Not a mobile number of this country"),
    "name_missing": ("الاسم مطلوب", "Neither an Arabic nor an English name"),
    "death_impossible": ("تاريخ الوفاة غير ممكن", "The day of death is not possible"),
    "days_reversed": ("{until} قبل {start} أو مثله", "{until} does not come after {start}"),
    "address_number_invalid": (
        "الرقم الآلي للعنوان غير صحيح: {value}",
        "Not an automatic address number of this country: {value}",
    ),
    "certificate_unexpected": (
        "لا شهادة إنتاج في القطاع {sector}",
        "Units of the sector {sector} have no certificate of productivity",
    ),
    "area_unknown": ("المنطقة {area} غير معروفة", "The area {area} is unknown"),
    "account_number_invalid": (
        "خانة التحقق في رقم الحساب {number} غير صحيحة",
        "{number} is not an account number: its check digit is wrong",
    ),
    "dial_beyond": (
        "القراءة {value} لا يعرضها عداد من {digits} خانات",
        "A dial of {digits} digits and {decimals} decimals cannot show {value}",
    ),
    "register_wrong": (
        "سجل العداد لا يناسب الخدمة {service}",
        "The register does not fit the service {service}",
    ),
    "vacancy_unexplained": (
        "يذكر المسؤول أو سبب خلو الوحدة، لا كلاهما",
        "Either somebody is liable, or it is said why nobody is",
    ),
    "read_incomplete": ("القراءة بلا تاريخ أو بلا قيمة", "A read needs its value and its day"),
    "open_beyond_amount": (
        "المتبقي أكبر من أصل المبلغ",
        "More is open than was ever owed",
    ),
    "channel_unknown": ("قناة الإبلاغ {channel} غير معروفة", "The channel {channel} is unknown"),
    "proof_missing": ("دليل التبليغ ناقص: {missing}", "The proof of service lacks {missing}"),
    "citizen_at_exit": (
        "لا يوقف المواطن عن السفر بسبب فاتورة",
        "A citizen is never held at the exit for a bill",
    ),
    # between lines
    "key_twice": ("المفتاح {key} مكرر (السطر {other})", "The key {key} stands on line {other} too"),
    "civil_id_twice": (
        "الرقم المدني نفسه في السطر {other}",
        "The same civil id stands on line {other}",
    ),
    "on_record": ("{value} مسجل لدينا من قبل", "{value} is on record already"),
    "civil_id_on_record": (
        "الرقم المدني مسجل لدينا من قبل",
        "The civil id is on record already",
    ),
    "number_twice": ("{value} مكرر (السطر {other})", "{value} stands on line {other} too"),
    "reference_unknown": ("{value} غير موجود في {target}", "{value} is not among the {target}"),
    "parent_of_other_kind": (
        "الجهة الرئيسية {value} من فئة أخرى",
        "The parent {value} is of another kind",
    ),
    "parent_in_circle": ("الجهة تتبع نفسها", "The body is its own parent, in a circle"),
    "bill_twice": (
        "الخدمة نفسها للحساب {account} في السطر {other}",
        "The same service of account {account} stands on line {other} too",
    ),
    "unit_twice": ("الوحدة نفسها في السطر {other}", "The same unit stands on line {other}"),
    "meter_on_two_points": (
        "العداد {key} مركب أيضاً في السطر {other}",
        "Meter {key} hangs elsewhere too, on line {other}",
    ),
    "point_taken": (
        "نقطة الخدمة نفسها لعداد آخر في السطر {other}",
        "The service point holds another meter, on line {other}",
    ),
    "point_missing": (
        "ليس للوحدة {unit} نقطة خدمة {point}",
        "Unit {unit} has no service point {point}",
    ),
    "unit_taken": (
        "للوحدة {unit} حساب آخر في الفترة نفسها (السطر {other})",
        "Unit {unit} has another account on the same days, on line {other}",
    ),
    "second_tenant": (
        "مستأجر ثانٍ في الأيام نفسها (السطر {other})",
        "A second tenant on the same days, on line {other}",
    ),
    "second_payer": (
        "دافع ثانٍ في الأيام نفسها (السطر {other})",
        "A second payer on the same days, on line {other}",
    ),
    "liability_overlap": (
        "المسؤولية متداخلة مع السطر {other}",
        "Liability overlaps with line {other}",
    ),
    "liability_gap": (
        "أيام بلا مسؤول ولا سبب: من {start} إلى {until}",
        "Days without anybody liable and without a reason: {start} to {until}",
    ),
    "account_without_occupancy": (
        "لا شاغل ولا سبب خلو للحساب {key}",
        "Account {key} has neither an occupant nor a reason for being vacant",
    ),
    "party_overlap": (
        "الصفة نفسها متداخلة مع السطر {other}",
        "The same role overlaps with line {other}",
    ),
    "person_dead": (
        "الشخص {value} متوفى قبل {day}",
        "Person {value} had died before {day}",
    ),
    "nobody_liable": (
        "لا مسؤول عن الحساب {account} في {day}",
        "Nobody is liable for account {account} on {day}",
    ),
    "dispute_too_large": (
        "المعترض عليه أكبر من المتبقي",
        "More is disputed than is open of the item",
    ),
    "plan_differs": (
        "مجموع الأقساط لا يساوي مبلغ الاتفاقية",
        "The instalments do not add up to the plan",
    ),
    "plan_beyond_debt": (
        "ما بقي من الاتفاقية أكبر من مديونية الحساب",
        "More is left of the plan than the account owes",
    ),
    "hold_without_debt": (
        "إيقاف بلا مديونية قائمة على الشخص ({value})",
        "The hold rests on no open item of this person ({value})",
    ),
    "notice_differs": (
        "بيانات الإنذار {notice} مختلفة بين السطور",
        "Notice {notice} is told differently on line {other}",
    ),
    "item_named_twice": (
        "المطالبة {value} مذكورة في إنذار آخر (السطر {other})",
        "Item {value} is named by another notice, on line {other}",
    ),
    # the whole
    "control_total_differs": (
        (
            "إجمالي الرقابة ({by} {part}): العدد {count} والمتوقع {expected_count}،"
            " والقيمة {amount} والمتوقعة {expected_amount}"
        ),
        (
            "Control total ({by} {part}): {count} lines where {expected_count} are expected,"
            " KD {amount} where {expected_amount} are expected"
        ),
    ),
    "control_total_missing": (
        "لا إجمالي رقابة لهذا الملف",
        "The old system gives no control total for this file",
    ),
    "control_total_unreadable": (
        "سطر غير صالح في ملف إجماليات الرقابة",
        "The line of the control totals cannot be read",
    ),
}


def fault_text(code: str, language: str, facts: Mapping[str, object]) -> str:
    """The text of a fault in "ar" or "en"; a fact that is not given shows as its name."""
    template = TEXTS[code][0 if language == "ar" else 1]
    return template.format_map(_Given(facts))


class _Given(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
