"""What a process is given to take payments with: gateways, tenders, its own public address.

`app` installs it once. Nothing here reads settings, so that the slice runs under any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from tahseel.books.payments.gateways.interface import Gateway
from tahseel.books.payments.values import SweepPolicy, Tender
from tahseel.kernel.errors import NotFound


@dataclass(frozen=True)
class Facilities:
    """gateways and tenders by code; a gateway's money arrives by the tender of the same code.

    public_url: where gateways reach us, without a slash at the end. result_path: the page that
    shows an intent's result, from its id.
    """

    gateways: Mapping[str, Gateway]
    tenders: Mapping[str, Tender]
    public_url: str
    result_path: Callable[[UUID], str] = "/payments/{}/result".format
    policy: SweepPolicy = field(default_factory=SweepPolicy)

    def __post_init__(self) -> None:
        if lost := set(self.gateways) - set(self.tenders):
            raise ValueError(f"gateways without a tender: {sorted(lost)}")

    def result_url(self, intent_id: UUID) -> str:
        return f"{self.public_url}{self.result_path(intent_id)}"

    def response_url(self, gateway: str) -> str:
        return f"{self.public_url}/payments/{gateway}/response"

    def error_url(self, gateway: str) -> str:
        return f"{self.public_url}/payments/{gateway}/error"


_installed: list[Facilities] = []


def install(facilities: Facilities) -> None:
    """Called once by `app`; called again it replaces."""
    _installed[:] = [facilities]


def installed() -> Facilities:
    """Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no payment facilities are installed")
    return _installed[0]


def gateway(code: str) -> Gateway:
    """Raises NotFound."""
    found = installed().gateways.get(code)
    if found is None:
        raise NotFound(gateway=code)
    return found


def tender(code: str) -> Tender:
    """Raises NotFound."""
    found = installed().tenders.get(code)
    if found is None:
        raise NotFound(tender=code)
    return found
