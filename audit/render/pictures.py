"""Which picture stands where on the page: each is handed out once, so that none is printed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.model import Bars, Chart, Family, Finding, Grade, Heatmap, Histogram, JointShares, Report
from audit.render.check_view import UseView
from audit.render.columns_section import ColumnView
from audit.render.drift_section import drift_charts
from audit.render.evidence import overview_charts
from audit.render.finding_view import FindingView
from audit.render.groups_section import group_charts
from audit.render.series_section import loop_charts

FINDINGS = 12  # with a picture each
COLUMNS = 6
PICTURES = 4  # of a section
PAIRS = 6
GROUPS = 3  # of a kind
DISTRIBUTIONS = (Bars, Histogram, JointShares)
FEW = 3  # pictures that a check has, all of them about its one question


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of every section; of findings by their id, of uses by the id of their check."""

    loop: Sequence[Chart]
    findings: Mapping[str, Chart | None]
    uses: Mapping[str, Sequence[Chart]]
    pairs: Sequence[Chart]
    columns: Sequence[Chart]
    drift: Sequence[Chart]
    whole: Sequence[Chart]
    people: Sequence[Chart]
    groups: Sequence[Chart]


def hang(
    report: Report,
    findings: Sequence[FindingView],
    columns: Sequence[ColumnView],
    uses: Sequence[UseView],
) -> Pictures:
    """The pictures of a report, handed out in the order in which a reader would miss them."""
    gallery = Gallery(report)
    charts = [chart for one in report.results for chart in one.result.charts]
    maps = [chart for kind in (Heatmap, JointShares) for chart in charts if isinstance(chart, kind)]
    sparks = [view.spark for view in columns if view.spark and view.grade in (Grade.FAIL, Grade.WARN)]
    # In this order: what is taken first is nowhere else.
    return Pictures(
        loop=gallery.take(loop_charts(report)),
        findings={view.finding.id: gallery.for_finding(view.finding) for view in findings[:FINDINGS]},
        uses={use.check.card.id: gallery.take(use.check.judged.result.charts, PICTURES) for use in uses},
        pairs=gallery.take(maps, PAIRS),
        columns=gallery.take(sparks, COLUMNS),
        drift=gallery.take(drift_charts(report), PICTURES),
        whole=gallery.take(overview_charts(report, Family.FIDELITY), PICTURES),
        people=[chart for kind in group_charts(report) for chart in gallery.take(kind, GROUPS)],
        groups=gallery.take(overview_charts(report, Family.BIAS), PICTURES),
    )


class Gallery:
    """The pictures of a report, each handed out once at most, so that none is printed twice."""

    def __init__(self, report: Report) -> None:
        self._charts: dict[tuple[str, ...], list[tuple[str, Chart]]] = {}
        self._only: dict[str, list[Chart]] = {}
        self._given: set[int] = set()
        for one in report.results:
            if len(one.result.charts) <= FEW:
                self._only[one.result.card.id] = list(one.result.charts)
            for chart in one.result.charts:
                self._charts.setdefault(chart.about, []).append((one.result.card.id, chart))

    def take(self, charts: Sequence[Chart], most: int | None = None) -> list[Chart]:
        """The first few of the charts that were not handed out before."""
        fresh = [chart for chart in charts if id(chart) not in self._given][:most]
        self._given.update(id(chart) for chart in fresh)
        return fresh

    def for_finding(self, finding: Finding) -> Chart | None:
        """The picture that shows a finding best: of its check and columns, else of its columns."""
        about = self._charts.get(finding.about, []) if finding.about else []
        own = [chart for check, chart in about if check == finding.check]
        whole = [chart for check, chart in self._charts.get((), []) if check == finding.check]
        if not finding.about:
            whole += self._only.get(finding.check, [])
        other = sorted((chart for _, chart in about), key=lambda chart: not isinstance(chart, DISTRIBUTIONS))
        for chart in (*own, *other, *whole):
            if id(chart) not in self._given:
                return self.take([chart])[0]
        return None
