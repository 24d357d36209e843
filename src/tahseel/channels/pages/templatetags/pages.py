"""`{% load pages %}`: every component as a tag. What a tag shows is decided in `formats`."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tahseel.channels.pages import charts, formats
from tahseel.channels.pages.values import Chart, Crumb, Measure, Pill, Step
from tahseel.kernel.errors import Refusal
from tahseel.kernel.quantity import Service

register = template.Library()

for _name in ("money", "day", "moment", "month", "period", "quantity", "count", "percent", "pill"):
    register.simple_tag(getattr(formats, _name), name=_name)
register.simple_tag(formats.reference, name="ref")
register.simple_tag(formats.show, name="show")
register.simple_tag(formats.direction, name="direction")


def part(file: str, /, **context: Any) -> SafeString:
    """One of our own templates, filled."""
    return render_to_string(f"pages/parts/{file}.html", context)


@register.filter
def bilingual(thing: Any, name: str) -> str:
    """`thing|bilingual:"name"` is its `name_ar` or `name_en`."""
    return formats.by_language(
        ar=getattr(thing, f"{name}_ar", ""), en=getattr(thing, f"{name}_en", "")
    )


# --- small things -------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, flips: bool = False) -> SafeString:
    """A drawing beside a word; `flips` turns an arrow round on a right-to-left page."""
    return part("icon", name=name, flips=flips)


@register.simple_tag
def button(label: str, kind: str = "secondary", **options: Any) -> SafeString:
    """A button, or with `href` a link that looks like one. `opens` names a dialog.

    `new_tab` is for a link whose label says that it opens one.
    """
    return part("button", label=label, kind=kind, **options)


@register.simple_tag
def kpi(label: str, value: object, **options: Any) -> SafeString:
    """One figure with its name; `note`, `tone`, `icon`, `delta`, `delta_tone`, `href`."""
    return part("kpi", label=label, value=formats.show(value), **options)


@register.simple_tag
def facts(pairs: list[tuple[str, object]]) -> SafeString:
    """Names and values under one another."""
    return part("facts", pairs=[(label, formats.show(value)) for label, value in pairs])


@register.simple_tag
def refusal(error: Refusal) -> SafeString:
    """A refusal as an announced notice."""
    text = error.in_language(get_language() or "ar")
    return notice(format_html("<p>{}</p>", text), tone="bad", live=True)


# --- things with content ------------------------------------------------------------------------


def _with_content(name: str) -> None:
    def component(content: str, *arguments: Any, **options: Any) -> SafeString:
        if arguments:
            options["lead"] = arguments[0]
        return part(name, content=content, **options)

    component.__name__ = name
    register.simple_block_tag(component, name=name)


for _name in ("card", "table", "empty", "verdict", "kpis", "split", "actions", "live"):
    _with_content(_name)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "", live: bool = False) -> SafeString:
    """A message within the page; `live` makes a screen reader say it."""
    icons = {"good": "circle-check", "warning": "triangle-alert", "bad": "circle-alert"}
    drawn = icons.get(tone, "info")
    return part("notice", content=content, tone=tone, title=title, live=live, icon=drawn)


@register.simple_block_tag(takes_context=True)
def confirm(context: template.Context, content: str, **options: Any) -> SafeString:
    """A question in a native dialog; the answer yes posts to `action`."""
    token = context.get("csrf_token", "")
    return part("confirm", content=content, csrf_token=token, **options)


# --- forms --------------------------------------------------------------------------------------


@register.simple_tag
def field(bound: forms.BoundField, ltr: bool = False) -> SafeString:
    """A field of a Django form with its label, hint and errors."""
    described = []
    if bound.help_text:
        described.append(f"{bound.auto_id}-hint")
    if bound.errors:
        described.append(f"{bound.auto_id}-error")
    attributes: dict[str, str | bool] = {"class": "control"}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if ltr:
        attributes["dir"] = "ltr"
    many = bool(bound.use_fieldset)
    if many:
        attributes.pop("class")
    return part(
        "field",
        field=bound,
        control=bound.as_widget(attrs=attributes),
        many=many,
        boxed=isinstance(bound.field.widget, forms.CheckboxInput),
    )


@register.simple_tag
def error_summary(form: forms.BaseForm, focus: bool = True) -> SafeString:
    """Every error of a form in one place, which takes the focus; nothing when there is none."""
    if not form.errors:
        return SafeString("")
    found = [(bound.id_for_label, bound.label, bound.errors) for bound in form if bound.errors]
    return part("error_summary", found=found, general=form.non_field_errors(), focus=focus)


@register.simple_tag
def fields(form: forms.BaseForm) -> SafeString:
    """The summary of errors, the hidden fields, then every visible field."""
    return part("fields", form=form)


@register.simple_tag(name="input")
def input_tag(name: str, label: str, **options: Any) -> SafeString:
    """A text field of a form that is not a Django form."""
    options.setdefault("id", f"id_{name}")
    options.setdefault("type", "text")
    return part("input", name=name, label=label, **options)


@register.simple_tag
def search(action: str, label: str, name: str = "q", **options: Any) -> SafeString:
    """A search box; `live` is the target that htmx fills while one types."""
    options.setdefault("id", f"search_{name}")
    return part("search", action=action, label=label, name=name, **options)


# --- courses and paths --------------------------------------------------------------------------


@register.simple_tag
def timeline(steps: list[Step], label: str) -> SafeString:
    """What happened, in order, with instants and measured durations."""
    icons = {"done": "check", "current": "loader-circle", "waiting": "minus", "failed": "x"}
    return part("timeline", steps=[(step, icons[step.state]) for step in steps], label=label)


@register.simple_tag(name="steps")
def steps_tag(labels: list[str], current: int, label: str) -> SafeString:
    """How far a form of several pages has come; `current` counts from 0."""
    states = [
        "done" if n < current else "current" if n == current else "waiting"
        for n in range(len(labels))
    ]
    return part("steps", steps=list(zip(labels, states, strict=True)), label=label)


@register.simple_tag
def breadcrumb(crumbs: list[Crumb]) -> SafeString:
    """The path to this page."""
    return part("breadcrumb", crumbs=crumbs)


@register.simple_tag(takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> SafeString:
    """Links to the pages of a list; the rest of the query string is kept."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is not None:
        query.pop("page", None)
    kept = f"{query.urlencode()}&" if query else ""
    span = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return part("pagination", current=page, kept=kept, span=list(span))


# --- charts -------------------------------------------------------------------------------------


def shown_measure(value: int | None, measure: str) -> SafeString:
    """A chart's integer with its unit; a dash for no data."""
    if measure == Measure.MONEY:
        return formats.money(value)
    if measure in (Measure.ENERGY, Measure.VOLUME):
        service = Service.WATER if measure == Measure.VOLUME else Service.ELECTRICITY
        return formats.quantity(value, service)
    return formats.count(value)


def shown_tick(value: int, measure: str) -> SafeString:
    """A tick of the axis: whole units, thousands and millions in short."""
    unit = 1000 if measure in (Measure.MONEY, Measure.ENERGY) else 1
    whole, rest = divmod(value, unit)
    if rest:
        return formats.number(f"{whole}.{rest:03d}".rstrip("0"))
    for size, ar, en in ((1_000_000, "مليون", "m"), (1_000, "ألف", "k")):
        if whole >= 10 * size and whole % size == 0:
            word = formats.by_language(ar=f" {ar}", en=en)
            return format_html("{}{}", formats.number(f"{whole // size:,}"), word)
    return formats.number(f"{whole:,}")


def unit_of(measure: str) -> str:
    """The word for a chart's axis."""
    words = {
        Measure.MONEY: (formats.CURRENCY_AR, formats.CURRENCY_EN),
        Measure.ENERGY: formats.UNITS[Service.ELECTRICITY],
        Measure.VOLUME: formats.UNITS[Service.WATER],
    }
    ar, en = words.get(Measure(measure), ("", ""))
    return formats.by_language(ar=ar, en=en)


@register.simple_tag(name="chart")
def chart_tag(chart: Chart) -> SafeString:
    """A picture with its title, and the same figures as a table."""
    picture = charts.draw(chart, mirrored=formats.is_arabic())
    rows = [
        (label, [shown_measure(one.values[n], chart.measure) for one in chart.series])
        for n, label in enumerate(chart.labels)
    ]
    slots = [(slot, *rows[slot.index]) for slot in picture.slots]
    return part(
        "chart",
        chart=chart,
        unit=unit_of(chart.measure),
        lines=picture.lines,
        grid=picture.grid,
        slots=slots,
        rows=rows,
        crowded=len(chart.labels) > 6,
        dense=len(chart.labels) > 16,
        ticks=[shown_tick(tick, chart.measure) for tick in reversed(picture.ticks)],
    )


@register.filter
def as_pill(value: Pill) -> SafeString:
    """A Pill that a view prepared."""
    return formats.pill(value.text, value.tone)


@register.filter
def tone(level: str) -> str:
    """The tone of a message level of Django's messages."""
    return {"success": "good", "warning": "warning", "error": "bad"}.get(level, "info")
