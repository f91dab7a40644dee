"""Where the checks of a family are shown, unless their card says otherwise."""

from __future__ import annotations

from audit.model import Family, Page

_PAGES = {
    Family.FIDELITY: Page.UTILITY,
    Family.BIAS: Page.SUBGROUPS,
    Family.DRIFT: Page.DRIFT,
    Family.ARTIFACTS: Page.ARTIFACTS,
    Family.PRIVACY: Page.PRIVACY,
    Family.GENERATIONS: Page.GENERATIONS,
    Family.POISONING: Page.ARTIFACTS,
}


def page_of(family: Family) -> Page:
    """The page of a family."""
    return _PAGES[family]
