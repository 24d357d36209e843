"""What the screens of places show: words of states and sectors, and a unit with all about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tahseel.channels.pages.values import Chart, Pill
from tahseel.consumption.metrology.values import Basis, TestKind
from tahseel.consumption.readings.values import DialView
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import (
    BehindView,
    InstallationView,
    MeterView,
    RegisterKind,
    SealFound,
    SealView,
    StockState,
    StockStepView,
)
from tahseel.registry.premises.values import (
    CertificateKind,
    CertificateView,
    FedUnit,
    LineageStep,
    Sector,
    SectorSpan,
    ServicePointView,
    UnitKind,
    UnitState,
    UnitView,
)
from tahseel.registry.supply.values import AccountRef, Vacancy

SECTOR_NAMES = {
    Sector.PRIVATE: ("السكن الخاص", "Private housing"),
    Sector.INVESTMENT: ("الاستثماري", "Investment"),
    Sector.COMMERCIAL: ("التجاري", "Commercial"),
    Sector.GOVERNMENT: ("الحكومي", "Government"),
    Sector.INDUSTRIAL: ("الصناعي", "Industrial"),
    Sector.AGRICULTURAL: ("الزراعي", "Agricultural"),
    Sector.OTHER: ("أخرى", "Other"),
}
KIND_NAMES = {
    UnitKind.VILLA: ("فيلا", "Villa"),
    UnitKind.FLAT: ("شقة", "Flat"),
    UnitKind.SHOP: ("محل", "Shop"),
    UnitKind.OFFICE: ("مكتب", "Office"),
    UnitKind.BUILDING: ("مبنى", "Building"),
    UnitKind.PLANT: ("مصنع", "Plant"),
    UnitKind.FARM: ("مزرعة", "Farm"),
    UnitKind.CHALET: ("شاليه", "Chalet"),
    UnitKind.PUBLIC: ("مرفق عام", "Public facility"),
}
STATE_NAMES = {
    UnitState.STANDING: ("قائمة", "Standing"),
    UnitState.DEMOLISHED: ("مهدومة", "Demolished"),
    UnitState.SPLIT: ("مقسَّمة", "Split"),
    UnitState.MERGED: ("مدموجة", "Merged"),
}
SERVICE_NAMES = {
    Service.ELECTRICITY: ("الكهرباء", "Electricity"),
    Service.WATER: ("الماء", "Water"),
}
TEST_KIND_NAMES = {
    TestKind.SITE: ("في الموقع", "On site"),
    TestKind.BENCH: ("في المختبر", "On the bench"),
    TestKind.SAMPLING: ("ضمن عينة", "In a sample"),
}
BASIS_NAMES = {
    Basis.TEST: ("فحص ناجح", "A passed test"),
    Basis.LOT: ("عينة من الدفعة", "The sample of its lot"),
    Basis.MAKER: ("معايرة المصنع", "The maker's calibration"),
    Basis.WITHDRAWN: ("سُحبت بعد فحص", "Withdrawn after a test"),
}
VACANCY_NAMES = {
    Vacancy.NOT_OCCUPIED: ("غير مشغولة", "Not occupied"),
    Vacancy.UNDER_CONSTRUCTION: ("تحت الإنشاء", "Under construction"),
    Vacancy.OWNER_UNKNOWN: ("المالك غير معروف", "Owner unknown"),
    Vacancy.CLOSED_BY_ORDER: ("مغلقة بأمر", "Closed by order"),
    Vacancy.DEMOLISHED: ("مهدومة", "Demolished"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in a list, as the page's language tells it."""

    view: UnitView
    address: str
    kind: str
    sector: str
    state: Pill


@dataclass(frozen=True, slots=True)
class Placed:
    """A service point of a unit, with the meters that hung there, the last first."""

    point: ServicePointView
    service: str
    meters: tuple[InstallationView, ...]

    @property
    def hanging(self) -> InstallationView | None:
        return self.meters[0] if self.meters and self.meters[0].removed_on is None else None


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate of a unit and its kind; `state` as of the day of the page."""

    view: CertificateView
    kind: CertificateKind
    state: Pill
    open: bool


@dataclass(frozen=True, slots=True)
class Kin:
    """One step of a unit's lineage: the other unit, and whether it came before."""

    step: LineageStep
    other: UnitView
    address: str
    before: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """A unit behind a meter: behind this one's (`ours`), or whose meter this one is behind."""

    fed: FedUnit
    unit_id: UUID
    address: str
    service: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A unit with all that is known about it on a day."""

    view: UnitView
    address: str
    ladder: tuple[tuple[str, str], ...]
    state: Pill
    occupied: Pill
    sectors: tuple[tuple[SectorSpan, str], ...]
    papers: tuple[Paper, ...]
    points: tuple[Placed, ...]
    shared: tuple[Shared, ...]
    kin: tuple[Kin, ...]
    account: AccountRef | None
    beside: tuple[Row, ...]
    as_of: date

    @property
    def standing(self) -> bool:
        return self.view.state is UnitState.STANDING

    @property
    def sector(self) -> SectorSpan | None:
        """The sector on the day; for a unit that is gone, none."""
        for span, _ in self.sectors:
            if span.from_day <= self.as_of and (
                span.until_day is None or self.as_of < span.until_day
            ):
                return span
        return None


STOCK_NAMES = {
    StockState.IN_STORE: ("في المخزن", "In store"),
    StockState.ON_BENCH: ("قيد الفحص", "On the test bench"),
    StockState.LOST: ("مفقود", "Lost"),
    StockState.SCRAPPED: ("مشطوب", "Scrapped"),
}
SEAL_NAMES = {
    SealFound.INTACT: ("سليم", "Intact"),
    SealFound.BROKEN: ("مكسور", "Broken"),
}
COUNTED_NAMES = {
    RegisterKind.IMPORT: ("ما يُستهلك من الشبكة", "What is taken from the network"),
    RegisterKind.EXPORT: ("ما يُصدَّر إلى الشبكة", "What is given to the network"),
    RegisterKind.REACTIVE: ("الطاقة غير الفعالة", "Reactive energy"),
}
QUALITY_NAMES = {
    "actual": ("فعلية", "Actual"),
    "estimated": ("تقديرية", "Estimated"),
    "self_read": ("ذاتية", "Self-read"),
}


@dataclass(frozen=True, slots=True)
class Hanging:
    """One span of a meter at a place: dial values and ratios as text, register by register.

    changed: the meter hung there before, and its ratio or its programme was changed.
    """

    span: InstallationView
    unit_id: UUID
    address: str
    opening: str
    closing: str
    ratios: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Nested:
    """The meter at the other end of a relation between a main meter and a sub-meter, if one hangs
    there."""

    view: BehindView
    meter_id: UUID | None
    serial: str


@dataclass(frozen=True, slots=True)
class Device:
    """A meter with all that happened to it, the last first. behind: main meters that it stands
    behind; before: sub-meters that stand behind it.
    """

    meter: MeterView
    service: str
    state: Pill
    hangings: tuple[Hanging, ...]
    seals: tuple[tuple[SealView, Pill], ...]
    stock: tuple[tuple[StockStepView, str], ...]
    reads: tuple[tuple[DialView, str, str], ...]
    chart: Chart | None
    behind: tuple[Nested, ...] = ()
    before: tuple[Nested, ...] = ()
