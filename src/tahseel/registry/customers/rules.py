"""What holds for every customer, as pure functions: identifiers, names for search, mortality."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.ids import CivilId, CivilIdScheme, civil_id_scheme
from tahseel.kernel.states import StateMachine
from tahseel.kernel.text import search_key, search_skeleton, skeleton_of_key
from tahseel.registry.customers.values import (
    CIVIL_ID_KINDS,
    DOCUMENT_KINDS,
    HANGING,
    NATURAL_KINDS,
    ContactKind,
    CustomerKind,
    CustomerView,
    DocumentKind,
    IdentityState,
    Likeness,
    MergeGuard,
    MobileScheme,
    SearchFields,
)
from tahseel.trust.notices.values import channels

MOBILE_SHOWN = 2
MASKED_MIN = 4
PROTECTION_DAYS_MAX = 731
"""Two years; then the paper is looked at again."""
QUERY_WORDS_MAX = 8
SLIP_LETTERS_MIN = 3
CONTACT_LENGTH_MAX = 254
_CODE_CHANNELS = {ContactKind.MOBILE: "sms", ContactKind.EMAIL: "email"}
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES_MAX = 5
CODE_PAUSE, CODE_WINDOW, CODES_MAX = timedelta(seconds=60), timedelta(days=1), 5
_MAILBOX = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_EASTERN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")

IDENTITY: StateMachine[IdentityState] = StateMachine(
    name="identity",
    initial=IdentityState.UNVERIFIED,
    moves={
        IdentityState.UNVERIFIED: frozenset({IdentityState.VERIFIED, IdentityState.DOUBTED}),
        IdentityState.VERIFIED: frozenset({IdentityState.VERIFIED, IdentityState.DOUBTED}),
        IdentityState.DOUBTED: frozenset({IdentityState.VERIFIED}),
    },
)

_installed: list[MobileScheme] = []
_hanging: list[Hanging] = list(HANGING)
_merge_guards: list[MergeGuard] = []


def install_hanging(hanging: Iterable[Hanging]) -> None:
    """Called once by `app` with what of the higher slices hangs on a customer."""
    _hanging[:] = [*HANGING, *hanging]


def hanging() -> tuple[Hanging, ...]:
    """Everything that moves with a customer, in the order in which it is moved."""
    return tuple(each for each in _hanging if not each.stays)


def told_of() -> tuple[Hanging, ...]:
    """Also what keeps its name, as a receipt, and is told of when a merge is taken back."""
    return tuple(_hanging)


def install_merge_guards(guards: Iterable[MergeGuard]) -> None:
    """Called once by `app`: what higher slices say before two records become one."""
    _merge_guards[:] = guards


def merge_guards() -> tuple[MergeGuard, ...]:
    """Asked when a merge is proposed, and again when it is made."""
    return tuple(_merge_guards)


def may_be_one(one: CustomerKind, other: CustomerKind) -> bool:
    """People are people; a company, body or mission is its own kind; an unknown may be anybody."""
    if CustomerKind.UNKNOWN in {one, other}:
        return True
    return one == other or {one, other} <= NATURAL_KINDS


def install_mobile_scheme(scheme: MobileScheme) -> None:
    """Called once by `app` with the country's numbers."""
    _installed[:] = [scheme]


def mobile_scheme() -> MobileScheme:
    """The installed scheme. Raises LookupError before `install_mobile_scheme`."""
    if not _installed:
        raise LookupError("no mobile number scheme is installed")
    return _installed[0]


def needs_civil_id(kind: CustomerKind) -> bool:
    """Citizens and residents always have one; a GCC national may travel on another document."""
    return kind in CIVIL_ID_KINDS


def may_have_civil_id(kind: CustomerKind) -> bool:
    return kind in NATURAL_KINDS


def checked_civil_id(given: CivilId | str, scheme: CivilIdScheme | None = None) -> CivilId:
    """The identifier, checked also when it comes as a value. Raises ValueError without digits."""
    digits = given.digits if isinstance(given, CivilId) else given
    return CivilId.parse(digits, scheme)


def last_four(given: CivilId | str) -> str:
    """What may be shown of an identifier that may be wrong."""
    digits = given.digits if isinstance(given, CivilId) else plain_digits(given)
    return digits[-4:] if len(digits) > 4 else ""


def plain_digits(text: str) -> str:
    """ASCII digits only: Arabic ones turned, spaces, dashes and a plus sign dropped."""
    if text.isascii() and text.isdigit():
        return text
    return "".join(c for c in text.translate(_EASTERN_DIGITS) if c.isascii() and c.isdigit())


def full_mobile(text: str, scheme: MobileScheme | None = None) -> str:
    """The number with its country code ("96550000000"). Raises ValueError on anything else."""
    scheme = scheme or mobile_scheme()
    digits = plain_digits(text).removeprefix("00")
    for national in (digits.removeprefix(scheme.country_code), digits):
        if re.fullmatch(scheme.pattern, national):
            return scheme.country_code + national
    raise ValueError("not a mobile number of this country")


def masked_mobile(number: str) -> str:
    return "•" * (len(number) - MOBILE_SHOWN) + number[-MOBILE_SHOWN:]


def plain_number(text: str) -> str:
    """A document's number as it is compared: capital letters and ASCII digits, nothing else."""
    turned = text.translate(_EASTERN_DIGITS).upper()
    return "".join(c for c in turned if c.isascii() and c.isalnum())


def masked_number(number: str) -> str:
    """A document's number as it may be shown; of a short one nothing is told."""
    shown = number[-MOBILE_SHOWN:] if len(number) > MASKED_MIN else ""
    return "•" * (len(number) - len(shown)) + shown


def masked(told: Mapping[str, str]) -> dict[str, str]:
    """What stood in a record: names and days as they are, a civil id by its last four digits."""
    return {
        name: CivilId(value).masked if name == "civil_id" and value else value
        for name, value in told.items()
    }


def plain_contact(kind: ContactKind, value: str) -> str:
    """A contact as it is compared. Raises ValueError for what is none."""
    if kind is ContactKind.MOBILE:
        return full_mobile(value)
    text = " ".join(value.split())
    if kind is ContactKind.EMAIL:
        text = text.lower()
        if not _MAILBOX.fullmatch(text) or len(text) > CONTACT_LENGTH_MAX:
            raise ValueError("not a mailbox")
    if not 0 < len(text) <= CONTACT_LENGTH_MAX:
        raise ValueError("not an address")
    return text


def masked_contact(kind: ContactKind, plain: str) -> str:
    """A contact as it may be shown: the end of a number, a mailbox's firm, an address as it is."""
    if kind is ContactKind.MOBILE:
        return masked_mobile(plain)
    if kind is ContactKind.EMAIL:
        name, _, firm = plain.partition("@")
        return f"{name[:1]}{'•' * max(len(name) - 1, 3)}@{firm}"
    return plain


def code_channel(kind: ContactKind) -> str | None:
    """The channel by which a code reaches such a contact; None where no machine of ours writes."""
    code = _CODE_CHANNELS.get(kind)
    return code if code is not None and channels()[code].carried else None


def may_send_code(sent: Sequence[datetime], at: datetime) -> bool:
    """A pause between two codes, and not too many in a day. sent: instants, the newest first."""
    lately = [instant for instant in sent if at - instant < CODE_WINDOW]
    return len(lately) < CODES_MAX and (not lately or at - max(lately) >= CODE_PAUSE)


def fits_document(kind: CustomerKind, document: DocumentKind) -> bool:
    """Companies have licences, missions their card, people everything else."""
    if document == DocumentKind.COMMERCIAL_LICENCE:
        return kind == CustomerKind.COMPANY
    if document == DocumentKind.MISSION_CARD:
        return kind == CustomerKind.MISSION
    return kind in NATURAL_KINDS or kind == CustomerKind.UNKNOWN


def possible_days(issued_on: date | None, expires_on: date | None, today: date) -> bool:
    """A paper is issued before it expires, and not tomorrow."""
    if issued_on is None:
        return True
    return issued_on <= today and (expires_on is None or issued_on < expires_on)


def needs_document(kind: CustomerKind) -> bool:
    """Who has no civil id by the law is verified by a document that counts."""
    return kind in DOCUMENT_KINDS


def search_fields(name_ar: str, name_en: str) -> SearchFields:
    """The keys of both names and their sound words, as they are stored for look-up."""
    key_ar, key_en = search_key(name_ar), search_key(name_en)
    arabic, english = skeleton_of_key(key_ar).split(), skeleton_of_key(key_en).split()
    return SearchFields(
        key_ar=key_ar,
        key_en=key_en,
        sounds=" ".join(dict.fromkeys(arabic + english)),
        tail=" ".join(dict.fromkeys(reversed(arabic or english))),
    )


def search_words(text: str) -> tuple[str, ...]:
    """The sound words of what somebody typed, at most QUERY_WORDS_MAX of them."""
    return tuple(dict.fromkeys(search_skeleton(text).split()))[:QUERY_WORDS_MAX]


def variants(word: str) -> frozenset[str]:
    """A word, and the word without one of its letters: two words one slip apart share one."""
    return frozenset({word, *(word[:n] + word[n + 1 :] for n in range(len(word)))} - {""})


def one_slip_apart(one: str, other: str) -> bool:
    """True when a letter too many, too few, wrong, or swapped with the next tells them apart."""
    if len(one) > len(other):
        one, other = other, one
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    begin = sum(1 for _ in same)
    if len(one) < len(other):
        return len(other) - len(one) == 1 and one[begin:] == other[begin + 1 :]
    rest, others = one[begin:], other[begin:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:]
    return bool(rest) and (rest[1:] == others[1:] or swapped)


def may_slip(words: tuple[str, ...], position: int) -> bool:
    """A word of two letters is forgiven a slip only beside another: alone it would be anybody."""
    return len(words[position]) >= SLIP_LETTERS_MIN - (len(words) > 1)


def can_have_died(civil_id: CivilId | None, died_on: date, today: date) -> bool:
    """A death lies between the date of birth, where it is known, and today."""
    born = civil_id_scheme().birth_date(civil_id.digits) if civil_id else None
    return died_on <= today and (born is None or born <= died_on)


LIKENESS: Mapping[Likeness, int] = {
    Likeness.SAME_MOBILE: 40,
    Likeness.SAME_NAME: 40,
    Likeness.SAME_SOUND: 25,
    Likeness.ONE_WITHOUT_NUMBER: 15,
    Likeness.NUMBERS_ONE_SLIP_APART: 30,
    Likeness.NUMBERS_DIFFER: -30,
}
"""What each reason counts."""


def likeness(
    *,
    names: tuple[tuple[str, str], tuple[str, str]],
    sounds: tuple[str, str],
    same_mobile: bool,
    numbers: tuple[CivilId | None, CivilId | None],
) -> list[Likeness]:
    """Why two records may be one person, and what speaks against it. names: keys, both scripts."""
    found = []
    if same_mobile:
        found.append(Likeness.SAME_MOBILE)
    if any(one and one == other for one, other in zip(*names, strict=True)):
        found.append(Likeness.SAME_NAME)
    elif sounds[0] == sounds[1]:
        found.append(Likeness.SAME_SOUND)
    one, other = numbers
    if one is None or other is None:
        found.append(Likeness.ONE_WITHOUT_NUMBER)
    elif one_slip_apart(one.digits, other.digits) or _two_digits_apart(one.digits, other.digits):
        found.append(Likeness.NUMBERS_ONE_SLIP_APART)
    else:
        found.append(Likeness.NUMBERS_DIFFER)
    return found


def _two_digits_apart(one: str, other: str) -> bool:
    """A slip in one digit that was made to fit the check digit."""
    return (
        len(one) == len(other) and one[:-1] != other[:-1] and one_slip_apart(one[:-1], other[:-1])
    )


def standing(view: CustomerView) -> tuple[bool, bool, bool, str]:
    """A sort key: the record that should go before the one that should stay."""
    return (
        view.civil_id_masked is not None,
        view.identity is IdentityState.VERIFIED,
        view.kind is not CustomerKind.UNKNOWN,
        str(view.id),
    )
