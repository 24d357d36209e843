"""The peer: the same sheet as a page that WeasyPrint sets, in the same font.

One style sheet and one font configuration serve every bill, as its own documentation asks for.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

Sheet = Mapping[str, Any]

STYLE = """
@font-face { font-family: Plex; src: url(%(regular)s); font-weight: 400 }
@font-face { font-family: Plex; src: url(%(bold)s); font-weight: 700 }
@page { size: A4; margin: 14mm 16mm 14mm }
body { font: 9pt Plex; color: #0f2a3a; margin: 0; line-height: 1.2 }
h1 { font-size: 15pt; color: #0b5d6e; margin: 1mm 0 }
h2 { font-size: 10.5pt; color: #0b5d6e; margin: 4pt 0 2pt } p { margin: 2pt 0 }
table { width: 100%%; border-collapse: collapse } td, th { padding: 2pt 5pt; text-align: start }
.end { text-align: end } .head { display: flex; justify-content: space-between }
.facts { display: flex; gap: 8mm } .facts table { width: 50%% }
.due { background: #eef5f6; padding: 9pt; display: flex; justify-content: space-between }
.due b { font-size: 19pt; color: #0b5d6e } .charts { display: flex; gap: 8mm }
.bars { display: flex; gap: 3pt; align-items: flex-end }
.bars div { flex: 1; font-size: 6pt; text-align: center }
.bars i { display: block; background: #9cc3cb; margin: 2pt auto; width: 72%% }
.bars .now { background: #0b5d6e } .bars .guessed { background: #fff; border: .6pt dashed #0b5d6e }
"""
BAR_MM = 25


def shown(value: Any) -> str:
    """A value of a sheet as a page shows it."""
    if isinstance(value, list):
        return "".join(shown(one) for one in value)
    if isinstance(value, Mapping):
        return f'<bdi dir="ltr">{html.escape(value["n"])}</bdi>'
    return html.escape(str(value))


def page(sheet: Sheet) -> str:
    """The whole bill as HTML."""
    code = base64.b64encode(sheet["qr"]["svg"].encode()).decode()
    stamp = f"<p>{shown(sheet['stamp'])}</p>" if sheet["stamp"] else ""
    due = sheet["due"]
    return "".join(
        (
            f'<html lang="{sheet["lang"]}" dir="{"rtl" if sheet["lang"] == "ar" else "ltr"}">',
            f'<title>{shown(sheet["title"])}</title><body><div class="head"><div>',
            f"<b>{shown(sheet['authority'])}</b><h1>{shown(sheet['title'])}</h1>",
            f'<p>{shown(sheet["lede"])}</p>{stamp}</div><img width="102" alt="" ',
            f'src="data:image/svg+xml;base64,{code}"></div><hr><div class="facts">',
            *(_facts(rows) for rows in sheet["facts"]),
            f'</div><div class="due"><div>{shown(due["label"])}<br>{shown(due["words"])}</div>',
            f"<b>{shown(due['amount'])}</b></div>",
            *(_table(one) for one in sheet["tables"]),
            *(f"<p>{shown(note)}</p>" for note in sheet["notes"]),
            '<div class="charts">',
            *(_chart(one) for one in sheet["charts"]),
            f"</div><footer>{shown(sheet['foot'])} {shown(sheet['page'])} 1 / 1</footer>",
            "</body></html>",
        )
    )


def _facts(rows: list[list[Any]]) -> str:
    cells = (f"<tr><td>{shown(name)}</td><td>{shown(value)}</td></tr>" for name, value in rows)
    return f"<table>{''.join(cells)}</table>"


def _table(one: Sheet) -> str:
    def row(cells: list[Any], tag: str) -> str:
        ends = one["ends"]
        told = (
            f"<{tag}{' class=end' if place in ends else ''}>{shown(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{''.join(told)}</tr>"

    total = ""
    if one["total"]:
        name, amount = map(shown, one["total"])
        total = f'<tr><th colspan="{len(one["head"]) - 1}">{name}</th><th>{amount}</th></tr>'
    rows = "".join(row(cells, "td") for cells in one["rows"])
    head = f"<thead>{row(one['head'], 'th')}</thead>"
    return f"<h2>{shown(one['title'])}</h2><table>{head}{rows}{total}</table>"


def _chart(one: Sheet) -> str:
    top = max(1, *(bar["size"] for bar in one["bars"]))
    bars = "".join(
        f'<div>{shown(bar["text"])}<i class="{_look(bar)}" style="height:'
        f'{BAR_MM * bar["size"] / top:.2f}mm"></i>{shown(bar["label"])}</div>'
        for bar in one["bars"]
    )
    return f'<div><h2>{shown(one["title"])}</h2><div class="bars">{bars}</div></div>'


def _look(bar: Sheet) -> str:
    return "now" if bar["now"] else "guessed" if bar["guessed"] else ""


def setter(fonts: Path) -> Callable[[Sheet], bytes]:
    """Sets one sheet after the other. fonts: the folder with the house's font."""
    weasyprint = import_module("weasyprint")  # of the bench's group: not there for tests
    known = import_module("weasyprint.text.fonts").FontConfiguration()
    names = {"regular": "IBMPlexSansArabic-Regular.ttf", "bold": "IBMPlexSansArabic-Bold.ttf"}
    where = {name: (fonts / file).resolve().as_uri() for name, file in names.items()}
    style = weasyprint.CSS(string=STYLE % where, font_config=known)

    def pdf(sheet: Sheet) -> bytes:
        made = weasyprint.HTML(string=page(sheet)).write_pdf(stylesheets=[style], font_config=known)
        assert isinstance(made, bytes)
        return made

    return pdf
