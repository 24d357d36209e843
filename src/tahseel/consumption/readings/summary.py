"""What a file holds, in one line: the answer of `readings parse` and of an import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from tahseel.consumption.readings import formats
from tahseel.consumption.readings.formats.refusals import FileRefused
from tahseel.consumption.readings.values import Channel, ParsedFile, RegisterRead
from tahseel.kernel.money import round_half_up


def parse_line(path: Path | str, warn: Callable[[str], object] = bool) -> dict[str, Any]:
    """`file, format, reads, missing, channels[...]`, or `file, refusal{...}`.

    warn: is told of what is odd and changes no value, a line each.
    """
    try:
        parsed = formats.survey(Path(path), name=str(path))
    except FileRefused as refusal:
        return describe_refusal(str(path), refusal)
    for code, count in describe_warnings(parsed).items():
        warn(f"{path}: warning {code}, {count} times")
    return describe(parsed)


def describe(parsed: ParsedFile) -> dict[str, Any]:
    """The summary of a sound file: totals in base units, instants in UTC."""
    return {
        "file": parsed.file,
        "format": parsed.format,
        "reads": parsed.reads,
        "missing": parsed.missing,
        **({"parked": len(parsed.parked)} if parsed.parked else {}),
        "channels": [
            *(describe_channel(c) for c in parsed.channels),
            *_registers(parsed.register_reads),
        ],
    }


def describe_warnings(parsed: ParsedFile) -> dict[str, int]:
    """What is odd in a sound file and changes no value, by code."""
    return dict(sorted(parsed.warnings.items()))


def describe_refusal(file: str, refusal: FileRefused) -> dict[str, Any]:
    """The summary of a refused file; `member` names the broken file inside an archive."""
    member = refusal.file.removeprefix(f"{file}/") if refusal.file != file else None
    return {
        "file": file,
        "refusal": {
            "code": refusal.code,
            "line": refusal.line,
            "text_ar": refusal.in_language("ar"),
            "text_en": refusal.in_language("en"),
            **({"member": member} if member else {}),
        },
    }


def describe_channel(channel: Channel) -> dict[str, Any]:
    """One channel of a summary."""
    return {
        "id": channel.id,
        "unit": channel.unit,
        "reads": channel.reads,
        "total": channel.total(),
        "first": instant(channel.first),
        "last": instant(channel.last),
    }


def _registers(reads: Iterable[RegisterRead]) -> list[dict[str, Any]]:
    """Per register: `total` is what it advanced from its first read to its last, if it has two.

    Where the sender says the advance of each read (NEM13), `total` is the sum of what he says.
    """
    grouped: dict[tuple[str, str], list[RegisterRead]] = {}
    for read in reads:
        grouped.setdefault((read.name, read.unit), []).append(read)
    lines = []
    for (name, unit), group in grouped.items():
        ordered = sorted(group, key=lambda r: r.at)
        lines.append(
            {
                "id": name,
                "unit": unit,
                "reads": sum(not read.opening for read in group),
                "total": _advance(ordered),
                "first": instant(int(ordered[0].at.timestamp())),
                "last": instant(int(ordered[-1].at.timestamp())),
            }
        )
    return lines


def _advance(ordered: list[RegisterRead]) -> int | None:
    said = [read.advance for read in ordered if read.advance is not None]
    if said:
        exact = sum(said, Fraction(0))
        return round_half_up(exact.numerator, exact.denominator)
    return ordered[-1].value - ordered[0].value if len(ordered) > 1 else None


def instant(epoch: int) -> str:
    """Epoch seconds as a summary writes them."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
