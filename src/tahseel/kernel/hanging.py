"""What hangs on a thing of a lower slice and moves with it when two of those turn out to be one.

A slice declares its columns (`HANGING` in its `values`); `app` hands them to the slice that merges.
That one moves the rows and keeps their keys, so that exactly these can be moved back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hanging:
    """A column by which rows of a table hang on a thing. key: the columns of the primary key.

    stays: it is told of, and never moved.
    """

    table: str
    column: str
    key: tuple[str, ...] = ("id",)
    stays: bool = False
