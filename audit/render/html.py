"""report.html: one file that needs nothing else, asks for nothing and runs nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from audit.model import TOOL, VERSION, Report, Unit
from audit.render import finding_tree, formatting
from audit.render.charts.palette import DARK, LIGHT, TONES, Palette
from audit.render.charts.svg import chart_svg, sparkline
from audit.render.evidence import in_turn
from audit.render.glossary import GLOSSARY
from audit.render.pictures import FINDINGS
from audit.render.provenance_section import NO_CARD
from audit.render.report_view import ReportView

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Room:
    """How many of each the page has room for; the rest are counted, and stand in report.json."""

    reasons: int = 5
    findings: int = FINDINGS  # with a picture each
    more_findings: int = 38  # in a table below
    columns: int = 300
    whole: int = 60
    pairs: int = 20
    triples: int = 10
    groups: int = 20
    notices: int = 60


def to_html(report: Report | ReportView) -> str:
    """The report as one page of HTML with charts drawn inside; the same report, the same text.

    Names and values of the tables are escaped and stay text; what cannot be seen in them is
    made visible. No script, no request to any host.
    """
    return _render("report.html.j2", report, linked=True)


def first_screen(report: Report | ReportView) -> str:
    """The verdict, its reasons, what to do next and the families, as a piece of HTML for a notebook.

    As safe as the page: escaped, no script, no request; its style reaches nothing outside.
    """
    return _render("notebook.html.j2", report, linked=False)


def _render(template: str, report: Report | ReportView, *, linked: bool) -> str:
    """Linked : whether the sections that the verdict points to are on the same page"""
    view = ReportView.of(report)
    return (
        _environment()
        .get_template(template)
        .render(
            view=view,
            report=view.report,
            room=Room(),
            linked=linked,
            light=_variables(LIGHT),
            dark=_variables(DARK),
            glossary=GLOSSARY,
            no_card=NO_CARD,
            tool=f"{TOOL} {VERSION}",
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        chart=chart_svg,
        spark=sparkline,
        icon=formatting.grade_icon,
        grade=formatting.grade_word,
        tone=lambda grade: TONES.get(grade, "muted"),
        family=formatting.family_word,
        kind=formatting.kind_word,
        role=formatting.role_word,
        count=formatting.count,
        follow=finding_tree.follow_text,
        in_turn=in_turn,
        size=formatting.size,
        share=lambda value: formatting.number(value, Unit.SHARE),
        number=formatting.number,
        short=formatting.shorten,
        sentence=formatting.sentence,
        flat_line=lambda text: " ".join(text.split()),
    )
    environment.globals.update(purpose=formatting.purpose_word)
    return environment


def _finalize(value: Any) -> Any:
    return (
        formatting.visible_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value
    )


def _variables(colours: Palette) -> Markup:
    # only our own constants, so there is nothing to escape
    return Markup("".join(f"--{name}:{colour};" for name, colour in asdict(colours).items()))
