"""XML of strangers as a stream of the elements that one looks for; nothing it declares is followed.

Entities, DTDs and the network are off; a file that declares a DOCTYPE is refused, and so is one in
which nothing that we look for appears for long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO, Any

from lxml import etree

from tahseel.consumption.readings.formats import refusals

PROLOG_BYTES = 65_536
TEXT_MAX = 200


def elements(
    stream: IO[bytes],
    file: str,
    *,
    tags: Sequence[str],
    strange: type[refusals.FileRefused],
    unnamed_max: int,
) -> Iterator[etree._Element]:
    """Each element of `tags` when it ends. Raises BadXml, DoctypeForbidden, `strange`.

    unnamed_max: so many bytes may pass without one of them. Whoever takes an element lets it go.
    """
    _refuse_doctype(stream, file)
    metered = _Metered(stream, file, strange, unnamed_max)
    events = etree.iterparse(
        metered,
        events=("end",),
        tag=list(tags),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )
    rooted = False
    try:
        for _, element in events:
            if not rooted:
                _refuse_declared(element, file)
                rooted = True
            yield element
            metered.unnamed = 0
        _refuse_declared(events.root, file)
    except etree.XMLSyntaxError as error:
        raise _bad_xml(error, events.error_log, file) from None
    except (UnicodeError, LookupError) as error:
        raise refusals.BadXml(file=file, line=1, detail=str(error)[:TEXT_MAX]) from None


def let_go(element: etree._Element, *, alike: bool = False) -> None:
    """Free what has been read: the element's content and all that stood before it.

    alike: only those before it that have its name; the others are still to be looked at.
    """
    element.clear()
    parent, before = element.getparent(), element.getprevious()
    while parent is not None and before is not None:
        if alike and before.tag != element.tag:
            return
        parent.remove(before)
        before = element.getprevious()


@lru_cache(maxsize=512)
def name_of(tag: Any) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def line_of(element: etree._Element) -> int:
    line: Any = element.sourceline
    return line or 0


class _Metered:
    """A stream that gives up on a document in which nothing of ours appears."""

    def __init__(
        self, stream: IO[bytes], file: str, strange: type[refusals.FileRefused], unnamed_max: int
    ) -> None:
        self.stream, self.file = stream, file
        self.strange, self.unnamed_max = strange, unnamed_max
        self.unnamed = 0

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.unnamed += len(data)
        if self.unnamed > self.unnamed_max:
            raise self.strange(file=self.file, line=1)
        return data


def _bad_xml(error: etree.XMLSyntaxError, log: Any, file: str) -> refusals.FileRefused:
    """log: what the parser itself wrote down; the error alone does not know every line."""
    first = next(iter(log), None)
    line = error.lineno or (first.line if first is not None else 1)
    detail = error.msg if error.lineno or first is None else first.message
    detail = (detail or "no element").replace("{", "(").replace("}", ")")
    return refusals.BadXml(file=file, line=line, detail=detail[:TEXT_MAX])


def _refuse_doctype(stream: IO[bytes], file: str) -> None:
    """Before the parser sees a byte: no DOCTYPE in the head of the file, in any encoding."""
    head = stream.read(PROLOG_BYTES).replace(b"\0", b"")
    stream.seek(0)
    prolog = re.sub(rb"<!--.*?-->", lambda m: b"\n" * m[0].count(b"\n"), head, flags=re.DOTALL)
    prolog = re.split(rb"<\w", prolog, maxsplit=1)[0]
    found = re.search(rb"<!DOCTYPE|<!ENTITY", prolog, flags=re.IGNORECASE)
    if found:
        line = prolog.count(b"\n", 0, found.start()) + 1
        raise refusals.DoctypeForbidden(file=file, line=line)


def _refuse_declared(element: etree._Element | None, file: str) -> None:
    if element is not None and element.getroottree().docinfo.internalDTD is not None:
        raise refusals.DoctypeForbidden(file=file, line=1)
