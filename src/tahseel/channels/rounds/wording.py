"""States, faults and reasons of the field in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Pill, Tone
from tahseel.consumption.field import rules
from tahseel.consumption.field.values import RoundState, StopState
from tahseel.kernel.quantity import Service

FAULTS = {
    "file_empty": gettext_lazy("The file is empty"),
    "file_too_large": gettext_lazy("The file is too large"),
    "not_text": gettext_lazy("This is not text"),
    "not_csv": gettext_lazy("The table is damaged or cut short"),
    "rows_none": gettext_lazy("There is no row"),
    "rows_too_many": gettext_lazy("There are too many rows"),
    "column_missing": gettext_lazy("The column is missing"),
    "column_unknown": gettext_lazy("The column is unknown"),
    "column_repeated": gettext_lazy("The column stands twice"),
    "cell_count_wrong": gettext_lazy("The row has too many or too few cells"),
    "cell_too_long": gettext_lazy("The text is too long"),
    "cell_empty": gettext_lazy("The cell is empty"),
    "other_round": gettext_lazy("It belongs to another round"),
    "time_not_valid": gettext_lazy("This is no time"),
    "value_not_numeric": gettext_lazy("The value is no number"),
    "neither_read_nor_no_access": gettext_lazy("Neither a read nor a reason"),
    "read_and_no_access": gettext_lazy("A read and a reason at once"),
    "no_access_unknown": gettext_lazy("The reason is unknown"),
    "not_a_place": gettext_lazy("This is no place on the earth"),
    "not_yes_or_no": gettext_lazy("Neither yes nor no"),
    "seal_unknown": gettext_lazy("A seal is intact, broken or missing"),
    "row_repeated": gettext_lazy("The meter stands twice"),
    "field_stop_unknown": gettext_lazy("The meter is not on this round"),
    "field_stop_read": gettext_lazy("The meter was read already"),
    "field_dial_unread": gettext_lazy("Not every register of the meter was read"),
    "field_dial_cannot_show": gettext_lazy("The dial cannot show this value"),
    "field_dial_went_back": gettext_lazy("Below the read before it"),
    "field_out_of_range": gettext_lazy("Far from its history and not confirmed"),
    "field_visit_time_wrong": gettext_lazy("Not between the day of the round and now"),
    "field_note_too_long": gettext_lazy("The note is too long"),
}


def seals() -> list[tuple[str, str]]:
    """How a reader found the seal; nothing is told of one that is as it should be."""
    return [("", _("Intact, or not looked at")), ("broken", _("Broken")), ("missing", _("Missing"))]


def round_pill(state: RoundState) -> Pill:
    """A round's state."""
    told = {
        RoundState.PLANNED: Pill(_("Planned"), Tone.INFO),
        RoundState.OUT: Pill(_("Under way"), Tone.WARNING),
        RoundState.BACK: Pill(pgettext("a round", "Back"), Tone.GOOD),
        RoundState.CLOSED: Pill(_("Closed"), Tone.NEUTRAL),
    }
    return told[state]


def stop_pill(state: StopState) -> Pill:
    """What became of a meter."""
    told = {
        StopState.LEFT: Pill(_("To be read"), Tone.INFO),
        StopState.READ: Pill(_("Read"), Tone.GOOD),
        StopState.NO_ACCESS: Pill(_("No access"), Tone.BAD),
    }
    return told[state]


def file_pill(state: str) -> Pill:
    """What became of a result file."""
    if state == "refused":
        return Pill(_("Refused whole"), Tone.BAD)
    return Pill(_("Taken in"), Tone.GOOD)


def service_name(service: Service) -> str:
    return _("Electricity") if service is Service.ELECTRICITY else _("Water")


def service_icon(service: Service) -> str:
    return "zap" if service is Service.ELECTRICITY else "droplet"


def reason_name(code: str) -> str:
    """Why there is no read."""
    found = rules.policy().no_access.get(code)
    return formats.by_language(ar=found.name_ar, en=found.name_en) if found else code


def reasons() -> list[tuple[str, str]]:
    """Every reason for which there may be no read."""
    return [(code, reason_name(code)) for code in rules.policy().no_access]


def fault_text(code: str) -> str:
    return str(FAULTS.get(code, code))
