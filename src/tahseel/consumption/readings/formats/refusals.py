"""Why a file is refused whole: its structure is broken, so nothing in it can be trusted.

Every refusal knows its file and line (line 0: the file as a whole). A record that is bad inside a
sound file is parked instead, see `ParkedRecord`.
"""

from __future__ import annotations

from tahseel.kernel.errors import Fact, Refusal


class FileRefused(Refusal):
    """Base of all refusals of a meter file; facts always hold `file` and `line`."""

    code = "file_refused"
    text_ar = "الملف مرفوض"
    text_en = "The file is refused"

    def __init__(self, *, file: str, line: int = 0, **facts: Fact) -> None:
        self.file = file
        self.line = line
        super().__init__(file=file, line=line, **facts)


class Unreadable(FileRefused):
    code = "unreadable"
    text_ar = "تعذرت قراءة الملف: {reason}"
    text_en = "The file cannot be read: {reason}"


class EmptyFile(FileRefused):
    code = "empty_file"
    text_ar = "الملف فارغ"
    text_en = "The file is empty"


class FileTooLarge(FileRefused):
    code = "file_too_large"
    text_ar = "حجم الملف يتجاوز الحد المسموح وهو {bytes_max} بايت"
    text_en = "The file is larger than the limit of {bytes_max} bytes"


class TooManyReads(FileRefused):
    code = "too_many_reads"
    text_ar = "عدد القراءات في الملف يتجاوز الحد المسموح وهو {reads_max}"
    text_en = "The file has more reads than the limit of {reads_max}"


class UnknownFormat(FileRefused):
    code = "unknown_format"
    text_ar = "صيغة الملف غير معروفة: لا تتعرف عليها أي صيغة مقبولة هنا"
    text_en = "Unknown format: none of the formats that are taken here knows the file"


class BadArchive(FileRefused):
    code = "bad_archive"
    text_ar = "الملف المضغوط تالف أو غير مقبول: {reason_ar}"
    text_en = "The archive is damaged or not acceptable: {reason}"


class NotText(FileRefused):
    code = "not_text"
    text_ar = "السطر {line}: محتوى ليس نصًا"
    text_en = "Line {line}: this is not text"


class BadXml(FileRefused):
    code = "bad_xml"
    text_ar = "السطر {line}: ملف XML غير سليم أو مبتور"
    text_en = "Line {line}: the XML is broken or cut short ({detail})"


class DoctypeForbidden(FileRefused):
    code = "doctype_forbidden"
    text_ar = "السطر {line}: لا يُقبل ملف يعرّف DOCTYPE أو كيانات"
    text_en = "Line {line}: a file that declares a DOCTYPE or entities is not accepted"


class NotEspi(FileRefused):
    code = "not_espi"
    text_ar = "ملف XML سليم لكنه ليس ESPI (Green Button)"
    text_en = "The XML is sound but it is not ESPI (Green Button)"


class NotMeterReadings(FileRefused):
    code = "not_meter_readings"
    text_ar = "ملف XML سليم لكنه ليس MeterReadings بحسب IEC 61968-9"
    text_en = "The XML is sound but it holds no MeterReadings of IEC 61968-9"


class BadReadingType(FileRefused):
    code = "bad_reading_type"
    text_ar = "السطر {line}: نوع القراءة غير صالح: الحقل {field} قيمته {value}"
    text_en = "Line {line}: the reading type is not valid: {field} is {value}"


class NoInterval(FileRefused):
    code = "no_interval"
    text_ar = "لا توجد في الملف أي قيمة لفترة قياس"
    text_en = "The file holds no interval value"


class HeaderMissing(FileRefused):
    code = "header_missing"
    text_ar = "السطر {line}: يجب أن يبدأ الملف بسجل 100"
    text_en = "Line {line}: the file must begin with a 100 record"


class HeaderRepeated(FileRefused):
    code = "header_repeated"
    text_ar = "السطر {line}: سجل 100 مكرر"
    text_en = "Line {line}: a second 100 record"


class EndMissing(FileRefused):
    code = "end_missing"
    text_ar = "السطر {line}: الملف لا ينتهي بسجل 900، وقد يكون مبتورًا"
    text_en = "Line {line}: the file does not end with a 900 record; it may be cut short"


class RecordAfterEnd(FileRefused):
    code = "record_after_end"
    text_ar = "السطر {line}: سجل بعد سجل النهاية 900"
    text_en = "Line {line}: a record follows the 900 end record"


class UnknownRecord(FileRefused):
    code = "unknown_record"
    text_ar = "السطر {line}: نوع السجل {record} غير معروف"
    text_en = "Line {line}: unknown record type {record}"


class RecordOutOfOrder(FileRefused):
    code = "record_out_of_order"
    text_ar = "السطر {line}: سجل {record} قبل سجل {needs} الذي يسبقه"
    text_en = "Line {line}: a {record} record without the {needs} record it belongs to"


class BadField(FileRefused):
    code = "bad_field"
    text_ar = "السطر {line}: الحقل {field} غير صالح: {value}"
    text_en = "Line {line}: {field} is not valid: {value}"


class BadIntervalLength(FileRefused):
    code = "bad_interval_length"
    text_ar = "السطر {line}: طول الفترة {value} لا يقسم اليوم (1440 دقيقة)"
    text_en = "Line {line}: an interval length of {value} does not divide a day of 1440 minutes"


class WrongValueCount(FileRefused):
    code = "wrong_value_count"
    text_ar = "السطر {line}: عدد القيم {found} والمطلوب {expected} لكل يوم"
    text_en = "Line {line}: {found} interval values where a day has {expected}"


class ValueNotNumeric(FileRefused):
    code = "value_not_numeric"
    text_ar = "السطر {line}: القيمة رقم {position} ليست عددًا: {value}"
    text_en = "Line {line}: value {position} is not a number: {value}"


class EventsDoNotCoverDay(FileRefused):
    code = "events_do_not_cover_day"
    text_ar = "السطر {line}: نطاقات سجلات 400 لا تغطي فترات اليوم 1-{expected} بالضبط ({found})"
    text_en = "Line {line}: the 400 ranges do not cover intervals 1-{expected} exactly ({found})"


class EventsMissing(FileRefused):
    code = "events_missing"
    text_ar = "السطر {line}: جودة متغيرة (V) بلا سجلات 400"
    text_en = "Line {line}: variable quality (V) without 400 records"


class WrongFieldCount(FileRefused):
    code = "wrong_field_count"
    text_ar = "السطر {line}: السجل {record} فيه {found} حقلًا والمطلوب {expected} على الأقل"
    text_en = "Line {line}: a {record} record with {found} fields where it needs {expected}"


class ColumnsMissing(FileRefused):
    code = "columns_missing"
    text_ar = "السطر {line}: أعمدة ناقصة: {columns}"
    text_en = "Line {line}: columns are missing: {columns}"
