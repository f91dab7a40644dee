"""The strokes that every drawn chart is made of: escaped SVG elements, legends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from audit.model import Chart, Series, Unit
from audit.render.chart_codec import finite
from audit.render.charts.palette import DASHES, LIGHT, look_colour, series_looks
from audit.render.formatting import number, shorten, visible_text

WIDE = 460.0  # of a picture
CHARACTER = 6.7  # mean width of a character of the 11 px text, in px


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands inside an <svg>, and how large it is in px."""

    body: Markup
    width: float
    height: float


def element(tag: str, content: Markup | str = "", **attributes: str | float) -> Markup:
    """One SVG element; attribute names with _ for -, everything escaped."""
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(px(value))}"' for name, value in attributes.items()
    )
    if content == "":
        return Markup(f"<{tag}{pairs}/>")
    return Markup(f"<{tag}{pairs}>{escape(content)}</{tag}>")


def px(value: str | float) -> str:
    """A length with at most one decimal."""
    if isinstance(value, str):
        return value
    return f"{value:.1f}".rstrip("0").rstrip(".")


def join(parts: Iterable[Markup]) -> Markup:
    """Elements one after another."""
    return Markup("").join(parts)


def fitted_label(text: str, x: float, y: float, room: float, anchor: str = "start") -> Markup:
    """Text that fits into `room` px; the whole text stands in its <title> where it was cut."""
    seen = visible_text(text) or "(empty)"
    short = shorten(seen, max(4, int(room / CHARACTER)))
    whole = element("title", shorten(seen, 500)) if short != seen else Markup("")
    return element("text", escape(short) + whole, x=x, y=y, text_anchor=anchor, class_="t", fill=LIGHT.muted)


def line(x1: float, y1: float, x2: float, y2: float) -> Markup:
    """A thin line of the grid."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="g", stroke=LIGHT.line)


def stroke_style(look: str) -> dict[str, str]:
    """A series as a line: real full and grey, synthetic dashed and blue.

    look : of `series_looks`, a table or "first", "second", "third"
    """
    dashes = {"dash": "6 2.5", "dot": "1.5 2.5", "dashdot": "6 2.5 1.5 2.5"}
    dash = {"stroke_dasharray": dashes[DASHES[look]]} if DASHES[look] in dashes else {}
    colour = look_colour(look)
    return {"fill": "none", "class_": f"l-{look}", "stroke": colour, "stroke_width": "2", **dash}


def area_style(look: str) -> dict[str, str]:
    """A series as an area: real filled, synthetic tinted inside a firm outline, others outlined."""
    if look == "real":
        return {"class_": "f-real", "fill": LIGHT.real, "fill_opacity": "0.65"}
    colour = look_colour(look)
    cover = "0.12" if look == "synthetic" else "0"
    dash = {} if look == "synthetic" else stroke_style(look)
    dash = {"stroke_dasharray": dash["stroke_dasharray"]} if "stroke_dasharray" in dash else {}
    return {
        "class_": f"o-{look}",
        "fill": colour,
        "fill_opacity": cover,
        "stroke": colour,
        "stroke_width": "1.4",
        **dash,
    }


def with_looks(series: Sequence[Series]) -> Iterable[tuple[Series, str]]:
    """Every series with its look."""
    return zip(series, series_looks([one.name for one in series]), strict=True)


def legend(series: Sequence[Series], x: float, y: float, *, lines: bool = False) -> Markup:
    """Swatch and name of every series, in one row."""
    parts = []
    room = max(60.0, (WIDE - x) / max(1, len(series)) - 32)
    for one, look in with_looks(series):
        if lines:
            parts.append(element("path", d=f"M{px(x)} {px(y - 4)}h16", **stroke_style(look)))
        else:
            parts.append(element("rect", x=x + 2, y=y - 9, width=12, height=9, **area_style(look)))
        parts.append(fitted_label(one.name, x + 20, y, room))
        x += 32 + min(room, CHARACTER * len(one.name))
    return join(parts)


def top_of(chart: Chart) -> float:
    """The end of the value axis: a little above the largest value, never 0."""
    return max([*finite(chart), 1e-9]) * 1.05


def tick_text(value: float, unit: Unit | None = None) -> str:
    """A number on an axis."""
    return number(0.0 if abs(value) < 1e-12 else value, unit)
