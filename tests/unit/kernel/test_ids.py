import pickle
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import ids
from tahseel.kernel.ids import CivilId, CivilIdScheme

SCHEME = CivilIdScheme(
    weights=(2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2),
    modulus=11,
    centuries=(("2", 1900), ("3", 2000)),
    source="published test vectors",
)
VALID = [
    "288020122596",
    "227081660516",
    "292091998298",
    "285010100015",
    "300031500424",
    "299113007777",
    "290111500778",
    "305062000126",
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 10**16).map(lambda us: EPOCH + timedelta(microseconds=us))


@pytest.fixture(autouse=True)
def _scheme() -> Iterator[None]:
    before = list(ids._installed)
    ids.install_civil_id_scheme(SCHEME)
    yield
    ids._installed[:] = before


@pytest.mark.parametrize("digits", VALID)
def test_a_published_civil_id_is_accepted(digits: str) -> None:
    assert CivilId.parse(digits).digits == digits


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("292091998297", "check digit"),
        ("288200122596", "date of birth"),
        ("188020122596", "date of birth"),
        ("28802012259", "12 digits"),
        ("2880201225966", "12 digits"),
        ("28802012259x", "12 digits"),
        ("", "12 digits"),
        ("²88020122596", "12 digits"),
        ("300022900000", "date of birth|check digit"),
    ],
)
def test_a_wrong_civil_id_is_refused_without_being_repeated(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        CivilId.parse(text)

    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "2880 2012 2596",
        "288-020-122-596",
        "٢٨٨٠٢٠١٢٢٥٩٦",
        "۲۸۸۰۲۰۱۲۲۵۹۶",
        "\u202a288020122596\u202c",
        " 288020122596\n",
        "2880\u00a02012\u00a02596",
    ],
)
def test_a_civil_id_is_read_as_people_type_and_paste_it(text: str) -> None:
    assert CivilId.parse(text).digits == "288020122596"


@given(st.sampled_from(VALID), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, shift: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]

    with pytest.raises(ValueError, match="civil id"):
        CivilId.parse(wrong)


def test_a_civil_id_never_shows_itself() -> None:
    civil_id = CivilId.parse("288020122596")

    for shown in (repr(civil_id), str(civil_id), f"{civil_id}", repr([civil_id]), civil_id.masked):
        assert "28802012" not in shown
        assert shown.rstrip(")]").endswith("2596")
    assert civil_id.masked == "••••••••2596"


def test_a_civil_id_is_a_value() -> None:
    civil_id = CivilId.parse("288020122596")

    assert civil_id == CivilId.parse("٢٨٨٠٢٠١٢٢٥٩٦")
    assert pickle.loads(pickle.dumps(civil_id)) == civil_id
    assert SCHEME.birth_date(civil_id.digits) == date(1988, 2, 1)
    assert SCHEME.birth_date("305062000126") == date(2005, 6, 20)


def test_about_one_prefix_in_eleven_is_never_issued() -> None:
    generator = random.Random(1)
    prefixes = [f"285010{generator.randrange(10**5):05d}" for _ in range(4_000)]

    never = sum(SCHEME.check_digit(prefix) is None for prefix in prefixes)

    assert 0.07 < never / len(prefixes) < 0.11


def test_without_a_scheme_no_civil_id_is_accepted() -> None:
    ids._installed.clear()

    with pytest.raises(LookupError):
        CivilId.parse("288020122596")
    assert CivilId.parse("288020122596", SCHEME).digits == "288020122596"


@given(INSTANTS)
def test_a_new_id_is_of_version_seven_and_holds_its_millisecond(at: datetime) -> None:
    made = ids.new_id(at)

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == ids.unix_milliseconds(at)
    assert EPOCH + timedelta(milliseconds=made.int >> 80) <= at


@given(INSTANTS, st.integers(1, 10**9))
def test_ids_sort_by_the_millisecond_they_were_made_in(at: datetime, later: int) -> None:
    assert ids.new_id(at) < ids.new_id(at + timedelta(milliseconds=later))


def test_an_id_needs_an_instant_with_its_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        ids.new_id(datetime(2026, 4, 1))  # noqa: DTZ001


def test_ids_of_one_instant_differ() -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC)

    assert len({ids.new_id(at) for _ in range(1_000)}) == 1_000


def test_the_example_of_the_standard_is_made() -> None:
    made = ids.uuid7(unix_ms=0x017F22E279B0, random_bits=0xCC3 << 62 | 0x18C4DC0C0C07398F)

    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"  # RFC 9562, appendix A.6


def test_the_same_seed_makes_the_same_ids() -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    first, second = ids.id_maker(random.Random(7)), ids.id_maker(random.Random(7))

    assert [first(at) for _ in range(5)] == [second(at) for _ in range(5)]
    assert first(at).version == 7


@given(st.uuids(), st.lists(st.text(), min_size=1, max_size=3), st.text(min_size=1))
def test_a_derived_id_follows_from_its_parent_and_parts(parent, parts, other) -> None:  # type: ignore[no-untyped-def]
    made = ids.derived_id(parent, *parts)

    assert made == ids.derived_id(parent, *parts)
    assert made.version == 8
    assert made.variant == "specified in RFC 4122"
    assert made != ids.derived_id(parent, *parts, other)
