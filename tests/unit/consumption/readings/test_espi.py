"""Green Button feeds: links in any order, prefixes, units, and what is refused or parked."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings.formats import espi, refusals
from tahseel.consumption.readings.formats.intervals import HELD_MAX
from tahseel.consumption.readings.values import Channel, Kind, ParkedRecord
from tahseel.kernel.money import round_half_up


@dataclass
class Feed:
    """A small writer of feeds; the order of entries and the prefix are free."""

    prefix: str = ""
    uom: str = "72"
    power: str = "0"
    commodity: str = "1"
    flow: str = "1"
    kind: str = "0"
    links_last: bool = False
    reverse: bool = False
    values: list[str] = field(default_factory=lambda: ["100", "200"])
    readings: str | None = None

    def tag(self, name: str, inner: str) -> str:
        mark = f"{self.prefix}:" if self.prefix else ""
        space = f' xmlns{":" + self.prefix if self.prefix else ""}="http://naesb.org/espi"'
        return f"<{mark}{name}{space}>{inner}</{mark}{name}>"

    def leaf(self, name: str, text: str) -> str:
        mark = f"{self.prefix}:" if self.prefix else ""
        return f"<{mark}{name}> {text} </{mark}{name}>"

    def entry(self, content: str, own: str, up: str, *related: str) -> str:
        links = f'<link rel="self" href="{own}"/><link rel="up" href="{up}"/>'
        links += "".join(f'<link rel="related" href="{r}"/>' for r in related)
        content = f"<content>{content}</content>"
        return f"<entry>{content + links if self.links_last else links + content}</entry>"

    def interval(self, start: int, value: str) -> str:
        mark = f"{self.prefix}:" if self.prefix else ""
        period = self.leaf("duration", "3600") + self.leaf("start", str(start))
        return (
            f"<{mark}IntervalReading><{mark}timePeriod>{period}</{mark}timePeriod>"
            f"{self.leaf('value', value)}</{mark}IntervalReading>"
        )

    def xml(self) -> bytes:
        point, reading = "/User/1/UsagePoint/01", "/User/1/UsagePoint/01/MeterReading/05"
        intervals = self.readings or "".join(
            self.interval(3600 * n, v) for n, v in enumerate(self.values)
        )
        types = {"uom": self.uom, "powerOfTenMultiplier": self.power, "flowDirection": self.flow}
        types |= {"commodity": self.commodity, "intervalLength": "3600"}
        described = "".join(self.leaf(n, t) for n, t in types.items() if t)
        service = self.leaf("kind", self.kind)
        mark = f"{self.prefix}:" if self.prefix else ""
        entries = [
            self.entry(
                self.tag("UsagePoint", f"<{mark}ServiceCategory>{service}</{mark}ServiceCategory>"),
                point,
                "/User/1/UsagePoint",
            ),
            self.entry(
                self.tag("MeterReading", ""),
                reading,
                f"{point}/MeterReading",
                f"{reading}/IntervalBlock",
                "/ReadingType/07",
            ),
            self.entry(
                self.tag("IntervalBlock", intervals),
                f"{reading}/IntervalBlock/1",
                f"{reading}/IntervalBlock",
            ),
            self.entry(self.tag("ReadingType", described), "/ReadingType/07", "/ReadingType"),
        ]
        if self.reverse:
            entries.reverse()
        body = "".join(entries)
        return f'<feed xmlns="http://www.w3.org/2005/Atom">{body}</feed>'.encode()


def parse(xml: bytes) -> tuple[list[Channel], list[ParkedRecord]]:
    return espi.parse(io.BytesIO(xml), "f.xml")


def only(xml: bytes) -> Channel:
    channels, parked = parse(xml)
    assert len(channels) == 1
    assert parked == []
    return channels[0]


@pytest.mark.parametrize("prefix", ["", "espi", "ns0"])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("links_last", [False, True])
def test_entries_are_joined_in_any_order_and_with_any_prefix(
    prefix: str, reverse: bool, links_last: bool
) -> None:
    channel = only(Feed(prefix=prefix, reverse=reverse, links_last=links_last).xml())

    assert channel.id == "User/1/UsagePoint/01/MeterReading/05"
    assert channel.usage_point == "User/1/UsagePoint/01"
    assert (channel.unit, channel.service, channel.kind) == ("Wh", "electricity", Kind.IMPORT)
    assert (channel.reads, channel.total(), channel.first, channel.last) == (2, 300, 0, 7200)


@pytest.mark.parametrize(
    ("uom", "power", "unit", "total"),
    [
        ("72", "3", "Wh", 300_000),
        ("72", "-3", "Wh", 0),
        ("73", "0", "VArh", 300),
        ("42", "0", "L", 300_000),
        ("128", "0", "L", 1136),  # 300 * 3.785411784
        ("130", "0", "L", 1364),  # 300 * 4.54609
        ("134", "0", "L", 300),
        ("119", "0", "L", 8495),  # 300 * 28.316846592
        ("169", "-1", "therm", 30),
        ("38", "0", "W", 300),
        ("199", "0", "uom199", 300),
        ("", "", "unknown", 300),
    ],
)
def test_units_and_powers_of_ten_are_exact(uom: str, power: str, unit: str, total: int) -> None:
    channel = only(Feed(uom=uom, power=power).xml())

    assert (channel.unit, channel.total()) == (unit, total)


@pytest.mark.parametrize(
    ("commodity", "kind", "service"),
    [("1", "0", "electricity"), ("7", "1", "gas"), ("9", "2", "water"), ("", "2", "water")],
)
def test_the_service_comes_from_the_commodity_or_the_usage_point(
    commodity: str, kind: str, service: str
) -> None:
    assert only(Feed(commodity=commodity, kind=kind).xml()).service == service


@pytest.mark.parametrize(
    ("flow", "kind"), [("1", Kind.IMPORT), ("19", Kind.EXPORT), ("4", Kind.OTHER)]
)
def test_the_direction_of_flow_is_kept(flow: str, kind: Kind) -> None:
    assert only(Feed(flow=flow).xml()).kind is kind


def test_two_usage_points_are_two_channels() -> None:
    one = Feed(values=["1"]).xml().decode().removesuffix("</feed>")
    other = Feed(values=["2", "3"]).xml().decode().replace("/User/1/", "/User/2/")
    other = other.replace("/ReadingType/07", "/ReadingType/08").partition('Atom">')[2]

    channels, _ = parse((one + other).encode())

    assert {c.id: c.total() for c in channels} == {
        "User/1/UsagePoint/01/MeterReading/05": 1,
        "User/2/UsagePoint/01/MeterReading/05": 5,
    }


def test_a_usage_point_is_known_by_its_atom_id_where_it_has_one() -> None:
    xml = Feed().xml().replace(b"<entry>", b"<entry><id> urn:uuid:7 </id>", 1)

    assert only(xml).usage_point == "urn:uuid:7"
    assert only(xml).id == "User/1/UsagePoint/01/MeterReading/05"


def test_a_value_without_time_follows_from_the_start_of_its_block() -> None:
    readings = (
        "<interval><duration>7200</duration><start>86400</start></interval>"
        "<IntervalReading><value>5</value></IntervalReading>"
        "<IntervalReading><value>6</value></IntervalReading>"
    )

    channel = only(Feed(readings=readings).xml())

    assert list(channel.starts) == [86400, 90000]
    assert (channel.last, channel.total()) == (93600, 11)


def test_decimals_are_read_exactly() -> None:
    channel = only(Feed(values=["0.25", "-1.5", "3", ".1"], power="1").xml())

    assert (channel.reads, channel.total()) == (4, 19)  # 18.5, rounded once
    assert sum(channel.rounded()) == 19


def test_a_bad_reading_is_parked_and_the_good_ones_stand() -> None:
    feed = Feed(values=["100", "many", "", "1 000", "200"])

    channels, parked = parse(feed.xml())

    assert channels[0].total() == 300
    assert [p.code for p in parked] == ["value_not_numeric"] * 3
    assert parked[0].facts["value"] == "many"
    assert parked[0].channel == "User/1/UsagePoint/01/MeterReading/05"


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>'
)
FILE_ENTITY = (
    b'<?xml version="1.0"?>\n<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<feed><title>&x;</title></feed>"
)


@pytest.mark.parametrize(
    ("xml", "kind"),
    [
        (BOMB, refusals.DoctypeForbidden),
        (FILE_ENTITY, refusals.DoctypeForbidden),
        (BOMB.decode().encode("utf-16"), refusals.DoctypeForbidden),
        (b"<!--" + b"x" * 70_000 + b"-->" + BOMB.partition(b"?>")[2], refusals.DoctypeForbidden),
        (Feed().xml()[:-30], refusals.BadXml),
        (b"this is not XML", refusals.BadXml),
        (b"", refusals.BadXml),
        (b"<html><body/></html>", refusals.NotEspi),
        (Feed(values=[]).xml(), refusals.NoInterval),
        (Feed(values=["x"]).xml(), refusals.NoInterval),
        (Feed(uom="many").xml(), refusals.BadReadingType),
        (Feed(power="99").xml(), refusals.BadReadingType),
    ],
)
def test_a_broken_feed_is_refused_whole(xml: bytes, kind: type[refusals.FileRefused]) -> None:
    with pytest.raises(refusals.FileRefused) as caught:
        parse(xml)

    assert type(caught.value) is kind
    assert caught.value.in_language("ar") != caught.value.in_language("en")


def test_broken_xml_is_refused_with_its_line() -> None:
    with pytest.raises(refusals.BadXml) as caught:
        parse(b"<feed>\n<entry>\n</wrong>\n</feed>")

    assert caught.value.line == 3


def test_an_entity_that_nobody_declared_is_refused_with_its_name_and_line() -> None:
    with pytest.raises(refusals.BadXml) as caught:
        parse(b"<feed>\n<entry>&price;</entry>\n</feed>")

    assert caught.value.line == 2
    assert "price" in caught.value.in_language("en")


def test_a_survey_says_the_same_of_a_feed_and_holds_few_of_its_values() -> None:
    xml = Feed(values=[str(n) for n in range(3 * HELD_MAX)], power="-1").xml()

    ((kept,), _) = espi.parse(io.BytesIO(xml), "f.xml")
    ((seen,), _) = espi.parse(io.BytesIO(xml), "f.xml", keep=False)

    assert len(kept.mantissas) == 3 * HELD_MAX
    assert len(seen.mantissas) < HELD_MAX
    assert (seen.reads, seen.total()) == (kept.reads, kept.total())
    assert (seen.first, seen.last) == (kept.first, kept.last)


def test_a_document_in_which_nothing_of_ours_appears_is_given_up_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(espi, "UNNAMED_BYTES_MAX", 100_000)

    with pytest.raises(refusals.NotEspi):
        parse(b"<feed>" + b"<other/>" * 50_000 + b"</feed>")


@given(
    values=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40),
    power=st.integers(-6, 6),
    uom=st.sampled_from([("72", Fraction(1)), ("128", Fraction("3.785411784"))]),
)
def test_what_is_written_is_read_and_its_exact_sum_is_rounded_once(
    values: list[int], power: int, uom: tuple[str, Fraction]
) -> None:
    channel = only(Feed(uom=uom[0], power=str(power), values=[str(v) for v in values]).xml())

    exact = sum(values) * uom[1] * Fraction(10) ** power
    assert channel.total() == round_half_up(exact.numerator, exact.denominator)
    assert sum(channel.rounded()) == channel.total()
