"""The answer at the border: held or clear, for one person and one gate, in microseconds.

No framework, no database, no Django. A request costs one parse, two dictionary look-ups to check
the civil id, one HMAC, one view of the replica and one formatted answer. It goes on answering when
everything else is down, and always says as of when. How bytes come and go is `wire`'s part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import orjson

from tahseel.kernel.errors import Fault, Refusal
from tahseel.kernel.ids import CivilIdScheme
from tahseel.recovery.clearance.replica import GATE_CODES, META_KEY, Meta, Reader, Record

CHECKS_PATH = b"/v1/clearance/checks"
HEALTH_PATH = b"/healthz"
TEXT_MAX = 64
CENTURY_YEARS = 100
SERIAL_DIGITS = 5

Respond = tuple[int, bytes]


class NotServed(Refusal):
    code = "not_served"
    text_ar = "لا توجد خدمة على هذا المسار"
    text_en = "Nothing is served at this path"
    http_status = 404


class MethodWrong(Refusal):
    code = "method_not_allowed"
    text_ar = "طريقة الطلب غير مسموحة"
    text_en = "This method is not allowed here"
    http_status = 405


class BodyInvalid(Refusal):
    code = "body_invalid"
    text_ar = "الطلب ليس كائن JSON بالحقول civil_id و gate و purpose و reference نصوصاً"
    text_en = "The request is not a JSON object of the texts civil_id, gate, purpose and reference"
    http_status = 400


class GateUnknown(Refusal):
    code = "gate_unknown"
    text_ar = "المعاملة غير معروفة"
    text_en = "This gate is not known"
    http_status = 422


def refusal(kind: type[Refusal]) -> Respond:
    """Status and body of a refusal, made once."""
    return kind.http_status, orjson.dumps(kind().as_dict())


NOT_SERVED = refusal(NotServed)
METHOD_WRONG = refusal(MethodWrong)
BODY_INVALID = refusal(BodyInvalid)
GATE_UNKNOWN = refusal(GateUnknown)
NOT_READY: Respond = (
    503,
    orjson.dumps(
        {
            "code": "not_ready",
            "text_ar": "نسخة الاستعلام غير جاهزة بعد، أعد المحاولة",
            "text_en": "The replica is not ready yet; try again",
            "facts": {},
        }
    ),
)
GATES: Mapping[str, bytes] = {gate.value: code for gate, code in GATE_CODES.items()}


class CivilIdTable:
    """Whether twelve digits are a civil id, by two look-ups instead of arithmetic.

    The check digit makes the weighted sum divisible by the modulus. `_heads` holds the remainder
    of every century digit with a real date; `_tails` that of every serial with its check digit.
    """

    def __init__(self, scheme: CivilIdScheme) -> None:
        self.scheme = scheme
        self._cut = scheme.length - SERIAL_DIGITS
        weights = (*scheme.weights, 1)
        head, tail = weights[: self._cut], weights[self._cut :]
        self._heads = {text: _weighted(text, head) % scheme.modulus for text in _births(scheme)}
        serials = (f"{n:0{SERIAL_DIGITS}d}" for n in range(10**SERIAL_DIGITS))
        self._tails = {text: -_weighted(text, tail) % scheme.modulus for text in serials}

    def __contains__(self, digits: str) -> bool:
        """True for the digits of a valid civil id; -1 and -2 stand for "not in the table"."""
        cut = self._cut
        return self._heads.get(digits[:cut], -1) == self._tails.get(digits[cut:], -2)


def _weighted(text: str, weights: tuple[int, ...]) -> int:
    return sum(w * int(digit) for w, digit in zip(weights, text, strict=True))


def _births(scheme: CivilIdScheme) -> list[str]:
    """Every century digit with every day of its century, as the identifier writes them."""
    found = []
    for digit, year in scheme.centuries:
        first = date(year, 1, 1)
        days = (date(year + CENTURY_YEARS, 1, 1) - first).days
        found += [digit + (first + timedelta(n)).strftime("%y%m%d") for n in range(days)]
    return found


class Answers:
    """The bytes of an answer, prepared for one state of the replica."""

    def __init__(self, raw: bytes, table: CivilIdTable | None) -> None:
        meta = Meta.unpack(raw)
        as_of = datetime.fromtimestamp(meta.as_of_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        stamp = f'"as_of_sequence":{meta.sequence},"as_of":"{as_of}.{meta.as_of_ms % 1000:03d}Z"'
        self.raw = raw
        self.key_id = meta.key_id
        self.as_of_ms = meta.as_of_ms
        self.table = table if table and table.scheme == meta.scheme else CivilIdTable(meta.scheme)
        scope = orjson.dumps(meta.scope).decode()
        end = f'{stamp},"age_ms":'.encode()
        nothing = b'"amount_fils":0,"reference":null,' + end
        self.clear = f'{{"answer":"clear","scope":{scope},'.encode() + nothing
        self.unknown = b'{"answer":"unknown","scope":[],' + nothing
        self.held = f'{{"answer":"held","scope":{scope},"amount_fils":'.encode()
        self.end = b'",' + end
        self.healthy = f'{{"status":"ok",{stamp},"age_ms":'.encode()


class Gateway:
    """The state of one gateway process: the replica it reads and the answers it has prepared."""

    def __init__(
        self,
        *,
        open_reader: Callable[[], Reader],
        blind_index: Callable[[str], bytes],
        key_id: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._open_reader = open_reader
        self._blind_index = blind_index
        self._key_id = key_id
        self._now_ms = now_ms
        self._reader: Reader | None = None
        self._answers: Answers | None = None

    def warm(self) -> None:
        """Open the replica and prepare answers now, if it is there already."""
        self.health()

    def answer(self, method: bytes, path: bytes, body: bytes) -> Respond:
        """Status and JSON body for one request."""
        if path == CHECKS_PATH:
            return self.check(body) if method == b"POST" else METHOD_WRONG
        if path == HEALTH_PATH:
            return self.health() if method == b"GET" else METHOD_WRONG
        return NOT_SERVED

    def health(self) -> Respond:
        """Whether this gateway can answer, and how old its knowledge is."""
        try:
            answers = self._fresh(META_KEY)[0]
        except Fault:
            answers = None
        if answers is None:
            return NOT_READY
        return 200, b"%b%d}" % (answers.healthy, self._now_ms() - answers.as_of_ms)

    def check(self, body: bytes) -> Respond:
        """Answer one check; refuses a body that is not exactly what is asked for."""
        try:
            asked = orjson.loads(body)
            civil_id, gate = asked["civil_id"], asked["gate"]
            purpose, reference = asked["purpose"], asked["reference"]
            sizes = len(asked), len(civil_id + gate + ""), len(purpose + ""), len(reference + "")
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return BODY_INVALID
        if sizes[0] != 4 or sizes[1] > TEXT_MAX:
            return BODY_INVALID
        if not (0 < sizes[2] <= TEXT_MAX and 0 < sizes[3] <= TEXT_MAX):
            return BODY_INVALID
        code = GATES.get(gate)
        if code is None:
            return GATE_UNKNOWN
        return self._answer(civil_id, code)

    def _answer(self, civil_id: str, code: bytes) -> Respond:
        try:
            answers, value = self._fresh(self._blind_index(civil_id) + code)
        except (Fault, UnicodeEncodeError):
            answers, value = None, None
        if answers is None:
            return NOT_READY
        age = self._now_ms() - answers.as_of_ms
        if civil_id not in answers.table:
            return 200, b"%b%d}" % (answers.unknown, age)
        if value is None:
            return 200, b"%b%d}" % (answers.clear, age)
        record = Record.unpack(value)
        reference = record.reference.encode()
        return 200, b'%b%d,"reference":"%b%b%d}' % (
            answers.held,
            record.fils,
            reference,
            answers.end,
            age,
        )

    def _fresh(self, key: bytes) -> tuple[Answers | None, bytes | None]:
        """The answers prepared for the replica's present state, and the record, of one view."""
        reader = self._reader
        if reader is None:
            reader = self._reader = self._open_reader()
        meta, value = reader.look(key)
        answers = self._answers
        if answers is not None and meta == answers.raw:
            return answers, value
        if meta is None:
            return None, None
        answers = Answers(meta, answers.table if answers else None)
        if answers.key_id != self._key_id:
            return None, None
        self._answers = answers
        return answers, value
