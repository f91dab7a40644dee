"""Importing is quick and does nothing: what is loaded, what is public, what happens."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.source import ROOT, Source, dotted, no, parsed, sources

SLOW = ("streamlit", "evidently", "sklearn", "pandas", "plotly")

LOADED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""

# An audit hook sees what the interpreter is asked to do, whoever asks. The names are asked for
# again when every module is loaded: a module of the same name would take a function's place.
EVERYTHING = """
import importlib, json, logging, pkgutil, sys, threading, types
done = []
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = set(mode) & set("wax+") if isinstance(mode, str) else flags & 3
        if writes:
            done.append(f"open {path} to write")
    elif event.split(".")[0] in ("subprocess", "socket", "shutil", "tempfile") or event in (
        "os.system", "os.mkdir", "os.remove", "os.rename", "os.chdir", "os.kill", "os.posix_spawn", "os.fork"
    ):
        done.append(event)
sys.addaudithook(watch)
import audit
first = {name: getattr(audit, name) for name in audit.__all__}
for module in pkgutil.walk_packages(audit.__path__, "audit."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
if threading.active_count() > 1:
    done.append("threads")
if logging.getLogger().handlers:
    done.append("handlers of the root log")
hidden = [name for name in audit.__all__ if getattr(audit, name) is not first[name]]
modules = [name for name, value in first.items() if isinstance(value, types.ModuleType)]
print(json.dumps({"done": done, "hidden": hidden, "modules": modules}))
"""

# Calls that only make a value. Capitalised names make an object of a class.
MAKERS = {"frozenset", "tuple", "len", "chr", "range", "re.compile", "logging.getLogger", "str.maketrans"}
MAKING_METHODS = {"join", "replace", "resolve"}
OWN_MAKERS = {
    ("audit/load/number_formats.py", "_number_sql"),  # text from text
    ("audit/load/column_notices.py", "_flag"),  # a function from a name
}
DECORATORS = {
    "cache", "cached_property", "check", "classmethod", "contextmanager", "dataclass", "property", "staticmethod",
}  # fmt: skip


def fresh(code: str, *arguments: str) -> Any:
    """What a fresh process prints as JSON."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("audit", (*SLOW, "duckdb", "numpy", "scipy", "pyarrow", "jinja2", "sqlalchemy")),
        ("audit.run.run", SLOW),
        ("audit.cli.main", (*SLOW, "duckdb")),
        ("audit.run.worker", SLOW),
        ("audit.render.html", SLOW),
    ],
)
def test_importing_loads_nothing_slow(module: str, absent: tuple[str, ...]) -> None:
    loaded = fresh(LOADED, module)
    assert "audit" in loaded
    assert sorted(set(loaded) & set(absent)) == []


def test_public_names_are_the_ones_listed() -> None:
    face = parsed((ROOT / "audit/__init__.py").read_text(encoding="utf-8"), "audit/__init__.py")
    listed = _literal(face, "__all__")
    bound = {
        alias.asname or alias.name
        for node in ast.walk(face.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("audit.")
        for alias in node.names
    }
    public = {name for name in bound if not name.startswith("_")}
    assert set(listed) == public | {"__version__"}
    assert listed == sorted(listed)


def test_importing_every_module_does_nothing_and_hides_no_public_name() -> None:
    assert fresh(EVERYTHING) == {"done": [], "hidden": [], "modules": []}


def test_modules_only_define() -> None:
    no(said for source in sources("audit") for said in side_effects(source))


@pytest.mark.parametrize(
    "text",
    [
        "configure()",
        "X = open('f')",
        "X = connect()",
        "for x in (1, 2): X = x",
        "import os\nos.environ['A'] = '1'",
        "if X > 1:\n    import os",
        "@register\ndef f() -> None: ...",
        "try:\n    import os\nexcept ImportError:\n    os = None",
    ],
)
def test_a_side_effect_is_seen(text: str) -> None:
    assert len(side_effects(parsed(text))) == 1


def side_effects(source: Source) -> list[str]:
    """What a module does, other than define, when it is imported."""
    return [source.at(node, said) for node in source.tree.body for said in _effect(source, node)]


def _effect(source: Source, node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        names = {_called(decorator).rpartition(".")[2] for decorator in node.decorator_list}
        return [f"decorator {name}" for name in sorted(names - DECORATORS)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return []
    if isinstance(node, ast.If):
        return [] if _is_guard(node) else ["a condition"]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not all(isinstance(name, ast.Name) for target in targets for name in _unpacked(target)):
            return ["something is changed"]
        return [
            f"a call of {ast.unparse(one.func)}" for one in _calls_now(node) if not _only_makes(source, one)
        ]
    return [type(node).__name__]


def _calls_now(node: ast.AST) -> Iterator[ast.Call]:
    """Calls made at once; the body of a lambda waits."""
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _calls_now(child)


def _unpacked(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _is_guard(node: ast.If) -> bool:
    """For types only, or for being run as a program."""
    condition = ast.unparse(node.test)
    only_imports = all(isinstance(one, ast.Import | ast.ImportFrom) for one in node.body)
    return (condition == "TYPE_CHECKING" and only_imports) or condition == "__name__ == '__main__'"


def _only_makes(source: Source, call: ast.Call) -> bool:
    name = dotted(call.func)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else name
    return name in MAKERS or last in MAKING_METHODS or last[:1].isupper() or (source.path, name) in OWN_MAKERS


def _called(decorator: ast.expr) -> str:
    return dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)


def _literal(source: Source, name: str) -> Any:
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{source.path} has no {name}")
