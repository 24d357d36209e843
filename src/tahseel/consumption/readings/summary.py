"""What a file holds, in one line: the answer of `readings parse` and of an import."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tahseel.consumption.readings import formats
from tahseel.consumption.readings.formats.refusals import FileRefused
from tahseel.consumption.readings.values import Channel, ParsedFile, RegisterRead


def parse_line(path: Path | str) -> dict[str, Any]:
    """`file, format, reads, missing, channels[...]`, or `file, refusal{...}`."""
    try:
        return describe(formats.survey(Path(path), name=str(path)))
    except FileRefused as refusal:
        return describe_refusal(str(path), refusal)


def describe(parsed: ParsedFile) -> dict[str, Any]:
    """The summary of a sound file: totals in base units, instants in UTC."""
    return {
        "file": parsed.file,
        "format": parsed.format,
        "reads": parsed.reads,
        "missing": parsed.missing,
        **({"parked": len(parsed.parked)} if parsed.parked else {}),
        "channels": [
            *(_channel(c) for c in parsed.channels),
            *_registers(parsed.register_reads),
        ],
    }


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


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "unit": channel.unit,
        "reads": channel.reads,
        "total": channel.total(),
        "first": _instant(channel.first),
        "last": _instant(channel.last),
    }


def _registers(reads: Iterable[RegisterRead]) -> list[dict[str, Any]]:
    """Per register: `total` is what it advanced from its first read to its last, if it has two."""
    grouped: dict[tuple[str, str], list[RegisterRead]] = {}
    for read in reads:
        grouped.setdefault((read.serial, read.register), []).append(read)
    lines = []
    for (serial, register), group in grouped.items():
        ordered = sorted(group, key=lambda r: r.at)
        lines.append(
            {
                "id": f"{serial}/{register}",
                "unit": ordered[0].unit,
                "reads": len(group),
                "total": ordered[-1].value - ordered[0].value if len(group) > 1 else None,
                "first": _instant(int(ordered[0].at.timestamp())),
                "last": _instant(int(ordered[-1].at.timestamp())),
            }
        )
    return lines


def _instant(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
