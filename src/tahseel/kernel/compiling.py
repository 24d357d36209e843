"""Compiles a function of whole numbers and arrays to machine code that runs without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function in machine code, compiled at its first call.

    Nothing is kept on disk: what lies there would not be made anew when a part of it changes.
    """
    return cast(F, numba.njit(nogil=True, error_model="numpy")(function))


def within(function: F) -> F:
    """A function that is compiled into each compiled one that calls it, and is no call there."""
    return cast(F, numba.njit(nogil=True, error_model="numpy", inline="always")(function))


def kept(function: F) -> F:
    """The function in machine code that also lies on the disk, where there is a place for it.

    Only for one that calls no other compiled function: what lies there is made anew when the file
    that the function stands in changes, and by nothing else.
    """
    try:
        return cast(F, numba.njit(nogil=True, error_model="numpy", cache=True)(function))
    except RuntimeError:  # neither beside the source nor in a home can anything be written
        return compiled(function)
