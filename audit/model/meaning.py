"""Words with which a check's card says what its numbers mean elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


class Page(StrEnum):
    """Where in the app the numbers of a check are shown."""

    COLUMNS = auto()
    RELATIONSHIPS = auto()
    SUBGROUPS = auto()
    UTILITY = auto()
    DRIFT = auto()
    ARTIFACTS = auto()
    PRIVACY = auto()
    GENERATIONS = auto()


class Section(StrEnum):
    """The part of a page and of a report that is drawn for one check, in the order of the page.

    A check in `OTHER` is drawn after these, as a plain card.
    """

    COLUMN_SHAPE = auto()
    COLUMN_DISTANCE = auto()
    MISSING_CELLS = auto()
    PAIR_SHAPE = auto()
    PAIR_ASSOCIATION = auto()
    BEYOND_PAIRS = auto()
    GROUP_SHAPES = auto()
    SIDE_BY_SIDE = auto()
    WEIGHTS = auto()
    GAINS_OF_WEIGHTS = auto()
    DETECTION = auto()
    LEARNING = auto()
    PLANE_ACROSS = auto()
    PLANE_UP = auto()
    ALL_COLUMNS = auto()
    ESTIMATES = auto()
    TABLE_DRIFT = auto()
    DRIFT_BY_COLUMN = auto()
    SECOND_OPINION = auto()
    CHANGED_RULE = auto()
    BATCHES = auto()
    CALENDAR = auto()
    MIXES = auto()
    DECLARED_MARK = auto()
    PLANTED_PATTERNS = auto()
    PLANTED_CROWDS = auto()
    REAL_ROWS_AGAIN = auto()
    DIAGNOSTIC = auto()
    QUALITY_BY_GENERATION = auto()
    DISTANCE_BY_GENERATION = auto()
    VARIANCE_BY_GENERATION = auto()
    VARIETY_BY_GENERATION = auto()
    GROUPS_BY_GENERATION = auto()
    SETTINGS_SIDE_BY_SIDE = auto()
    LARGEST_MIX = auto()
    FOREIGN_ROWS = auto()
    FEED = auto()
    SIMULATED_LOOP = auto()
    OTHER = auto()


class GroupQuestion(StrEnum):
    """What is asked about groups of people."""

    PRESENCE = "Is every group still there?"
    GAP = "Does the gap in outcome grow?"
    MODEL = "Does a model treat groups worse?"


class Fold(StrEnum):
    """How findings of a check are told together with others, under the worst of them.

    COLUMN_SHAPE : about a column's shape; the worst explains the others about the column
    FOLLOWS_COLUMNS : a difference in a column's shape shows in it again
    SHARE_OF_ROWS : its value is a total variation, so that what a column explains of it can be told
    PAIR : about a pair of columns; several checks about one pair are told once
    ONE_QUESTION : several of its numbers answer one question
    WORST_DETAIL : its number for the whole table is that of its worst detail
    SAME_COLUMNS : several about the same columns are told once, whichever column comes first
    RULE : counts breaches of a rule
    ROW_ORDER : sorted by one column, a file is ordered by every column that goes with it
    NESTED_GROUPS : about a group; one within another that is off as badly follows from it
    WHOLE_FIRST : its details follow from its number for the whole table
    """

    COLUMN_SHAPE = auto()
    FOLLOWS_COLUMNS = auto()
    SHARE_OF_ROWS = auto()
    PAIR = auto()
    ONE_QUESTION = auto()
    WORST_DETAIL = auto()
    SAME_COLUMNS = auto()
    RULE = auto()
    ROW_ORDER = auto()
    NESTED_GROUPS = auto()
    WHOLE_FIRST = auto()


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack on the people of the real table, each as the end of a sentence.

    knows : what the attacker knows
    control : who could not have been given away
    naive_guess : what comes out without the attack
    """

    knows: str
    control: str
    naive_guess: str
