"""What the program may not do, in audit, in the pages and in the app."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.house import bans
from tests.house.source import APP, Function, Source, no, parsed, sources

# Each door takes every error once, logs it and tells it.
DOORS = {"audit/run/measure.py": 1, "audit/cli/main.py": 1}

# Answers shared among visitors: each is keyed by a run's id or digest, purpose and version.
SHARED = {
    ("pages/parts/runs/reports.py", "_runs"),
    ("pages/parts/runs/reports.py", "_measured"),
    ("pages/parts/runs/reports.py", "_judged"),
    ("pages/parts/runs/reports.py", "_view"),
    ("pages/parts/runs/reports.py", "_text"),
}

LONGEST_FILE = 350
LONGEST_FUNCTION = 40  # lines of code: blank lines, comments and docstrings are not counted


@pytest.mark.parametrize("rule", bans.EVERYWHERE, ids=lambda rule: rule.__name__)
def test_nobody_does_what_is_banned(rule: bans.Rule) -> None:
    no(said for source in sources(*APP) for said in rule(source))


def test_every_error_is_taken_at_the_doors_only() -> None:
    found = Counter(source.path for source in sources(*APP) for _ in bans.broad_excepts(source))
    assert dict(found) == DOORS


def test_what_visitors_share_is_known() -> None:
    assert {(s.path, f.name) for s in sources(*APP) for f, _ in bans.cached(s)} == SHARED


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (bans.modules, "import pickle"),
        (bans.modules, "from random import choice"),
        (bans.modules, "def f():\n    import urllib.request"),
        (bans.modules, "from urllib import request"),
        (bans.calls, "eval('1')"),
        (bans.calls, "compile('1', '', 'eval')"),
        (bans.calls, "frame.query('a > 1')"),
        (bans.calls, "table().eval('a')"),
        (bans.calls, "yaml.load(text)"),
        (bans.calls, "jinja2.Template(text)"),
        (bans.calls, "markupsafe.Markup(text)"),
        (bans.calls, "print(1)"),
        (bans.keywords, "run('ls', shell=True)"),
        (bans.keywords, "st.markdown(text, unsafe_allow_html=allowed)"),
        (bans.keywords, "np.load(path, allow_pickle=True)"),
        (bans.shared_randomness, "np.random.seed(0)"),
        (bans.shared_randomness, "x = numpy.random.normal(size=3)"),
        (bans.unfinished, "raise NotImplementedError"),
        (bans.unfinished, "raise NotImplementedError('later')"),
        (bans.broad_excepts, "try:\n    f()\nexcept:\n    g()"),
        (bans.broad_excepts, "try:\n    f()\nexcept (ValueError, Exception):\n    g()"),
        (bans.broad_excepts, "with contextlib.suppress(BaseException):\n    f()"),
        (bans.cached_by_data, "@st.cache_data\ndef f(table: pd.DataFrame) -> int: ..."),
        (bans.cached_by_data, "@st.cache_resource(ttl=1)\ndef f(_table: pd.DataFrame) -> int: ..."),
        (bans.cached_by_data, "@st.cache_data\ndef f(x) -> int: ..."),
    ],
)
def test_what_is_banned_is_seen(rule: bans.Rule, text: str) -> None:
    assert len(list(rule(parsed(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "re.compile('a')",
        "np.load(path, allow_pickle=False)",
        "rng = np.random.default_rng(0)",
        "rng: np.random.Generator",
        "@st.cache_data\ndef f(digest: str, _report: Report) -> int: ...",
        "try:\n    f()\nexcept (ValueError, NotImplementedError):\n    g()",
    ],
)
def test_what_is_allowed_is_let_pass(text: str) -> None:
    rules = (*bans.EVERYWHERE, bans.broad_excepts)
    no(said for rule in rules for said in rule(parsed(text)))


def test_files_are_short() -> None:
    long = [f"{s.path}: {lines} lines" for s in sources(*APP) if (lines := s.text.count("\n")) > LONGEST_FILE]
    no(long)


def test_functions_are_short() -> None:
    long = [
        source.at(function, f"{function.name} has {lines} lines of code")
        for source in sources(*APP)
        for function in source.functions()
        if (lines := _code_lines(source, function)) > LONGEST_FUNCTION
    ]
    no(long)


def test_only_code_counts_as_length() -> None:
    text = 'def f(a):\n    """What f is.\n\n    More.\n    """\n\n    # why\n    return a\n'
    source = parsed(text)
    assert [_code_lines(source, function) for function in source.functions()] == [2]


def test_files_say_what_they_are() -> None:
    silent = [
        source.path
        for source in sources("audit", "pages", "app.py", "serve.py")
        if _says_nothing(source.tree)
    ]
    no(silent)


def _code_lines(source: Source, function: Function) -> int:
    assert function.end_lineno is not None
    described = {line for node in ast.walk(function) for line in _docstring_lines(node)}
    lines = enumerate(source.text.splitlines()[function.lineno - 1 : function.end_lineno], function.lineno)
    return sum(
        bool(text.strip()) and not text.strip().startswith("#") and at not in described for at, text in lines
    )


def _docstring_lines(node: ast.AST) -> range:
    if not isinstance(node, Function | ast.ClassDef) or ast.get_docstring(node) is None:
        return range(0)
    described = node.body[0]
    assert described.end_lineno is not None
    return range(described.lineno, described.end_lineno + 1)


def _says_nothing(tree: ast.Module) -> bool:
    """No docstring though there is code; an empty package needs none."""
    return bool(tree.body) and not ast.get_docstring(tree)
