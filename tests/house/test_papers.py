"""README, Makefile, the steps of .ci/run and requirements.txt say the same, and tell nothing private."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from tests.house.imports import imports
from tests.house.source import APP, ROOT, no, sources

START = "pip install -r requirements.txt && streamlit run app.py"
TEST = "pip install -r requirements.txt && pytest"
STYLE = ["ruff format --check .", "ruff check .", "mypy --strict audit"]
STEPS = ["pytest", *STYLE, ".ci/minimal"]
OWN = {"audit", "pages", "tests", "bench", "docs", "sample_data"}
TOOLS = {"pytest-xdist", "ruff", "mypy"}  # run, never imported
# What needs an extra, and says so where it is not there.
OF_AN_EXTRA = {
    "audit/checks/drift/evidently_opinion.py",
    "audit/render/charts/plotly.py",
    "audit/render/charts/plotly_groups.py",
    "audit/render/charts/plotly_plane.py",
    "audit/render/notebook.py",
    "audit/render/table.py",
    "audit/store/record.py",
    "audit/store/runs.py",
}

# Written so that no pattern finds itself.
PRIVATE = {
    "a folder of the machine": r"(?<![\w.~-])/(?:wor[k]|roo[t]|op[t]|hom[e]|User[s]|mn[t])/[\w.]",
    "a store of the machine": r"\.librar[y]\b|bash_job[s]",
    "a package registry": r"pypi\.or[g]/simple|pythonhosted\.or[g]|--(?:extra-)?index-ur[l]|artifactor[y]"
    r"|--trusted-hos[t]|PIP_INDE[X]",
}
LEFT_OUT = {".git", ".venv", "venv", "runs", "report", "__pycache__", ".hypothesis"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_two_commands_stand_in_the_readme() -> None:
    blocks = re.findall(r"^```\n(.*?)\n```$", read("README.md"), re.DOTALL | re.MULTILINE)
    assert blocks[:2] == [START, TEST]


def test_the_makefile_only_shortens_the_readme() -> None:
    recipes = dict(re.findall(r"^(\w+):\n\t(.+)$", read("Makefile"), re.MULTILINE))
    assert recipes["app"] == START
    assert recipes["test"] == TEST
    assert recipes["lint"].split(" && ") == STYLE
    assert recipes["report"] in read("README.md").splitlines()
    assert recipes["ci"] == ".ci/run"
    assert set(recipes) == {"app", "test", "lint", "report", "ci"}


def test_the_whole_check_takes_the_steps_in_order() -> None:
    script = read(".ci/run")
    assert re.findall(r"^step (.+)$", script, re.MULTILINE) == STEPS
    assert script.index("pip install --quiet --disable-pip-version-check -r requirements.txt") < script.index(
        "step pytest"
    )
    for name in ("run", "minimal"):
        assert (ROOT / ".ci" / name).stat().st_mode & 0o111, f".ci/{name} can be run"


def requirements() -> list[str]:
    lines = read("requirements.txt").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def names() -> set[str]:
    return {_plain(re.split(r"[<>=!~\[;]", line)[0]) for line in requirements()}


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))["project"]


def test_the_whole_list_equals_the_core_and_its_extras() -> None:
    extras = project()["optional-dependencies"]
    assert set(extras) == {"app", "evidently", "dev"}
    told = [*project()["dependencies"], *(line for lines in extras.values() for line in lines)]
    others = {line for line in told if not line.startswith(f"{project()['name']}[")}
    assert others == {line.partition("#")[0].strip() for line in requirements()}


def test_the_core_imports_none_of_the_extras() -> None:
    """But inside functions that say what lacks, and in the app's own rooms."""
    extra = {_plain(re.split(r"[<>=!~\[;]", line)[0]) for line in _of_extras()}
    found = [
        f"{source.path}:{one.line} imports {one.module}"
        for source in sources("audit")
        for one in imports(source)
        if _provided().get(one.top) in extra and source.path not in OF_AN_EXTRA
    ]
    no(found)


def _of_extras() -> list[str]:
    core = set(project()["dependencies"])
    return [x for lines in project()["optional-dependencies"].values() for x in lines if x not in core]


def test_the_command_and_the_data_come_along() -> None:
    assert project()["scripts"] == {"synthetic-data-audit": "audit.cli.main:run"}
    data = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["package-data"]["audit"]
    taken = {path for pattern in data for path in (ROOT / "audit").glob(pattern)}
    others = {
        path
        for path in (ROOT / "audit").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts
    }
    assert taken == others, "files beside the modules are named in package-data"


@pytest.mark.parametrize("line", requirements())
def test_a_requirement_is_bound_and_has_a_reason(line: str) -> None:
    bound, mark, reason = line.partition("#")
    assert mark and len(reason.split()) >= 2, f"say why, after a #: {line}"
    assert re.search(r"<|==", bound), f"say which version is too new: {line}"
    assert re.search(r">=|==", bound), f"say which version is the first that will do: {line}"


def test_what_is_imported_is_required() -> None:
    missing = [
        f"{path} imports {module}" for module, path in _imported().items() if module not in _provided()
    ]
    no(f"{said}: add what brings it to requirements.txt" for said in missing)


def test_what_is_required_is_used() -> None:
    used = {_provided()[module] for module in _imported() if module in _provided()}
    assert names() - used == TOOLS


@cache
def _imported() -> dict[str, str]:
    """Modules of other projects, each with one file that imports it."""
    return {
        one.top: source.path
        for source in sources(*APP, "tests", "bench", "sample_data")
        for one in imports(source)
        if one.top not in OWN and one.top not in sys.stdlib_module_names
    }


@cache
def _provided() -> dict[str, str]:
    """Modules that the requirements bring, each with the requirement's name."""
    records = {name: distribution(name).read_text("RECORD") or "" for name in sorted(names())}
    return {
        re.split(r"[/,]", line, maxsplit=1)[0].removesuffix(".py"): name
        for name, record in records.items()
        for line in record.splitlines()
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def test_no_file_tells_of_the_machine_it_was_written_on() -> None:
    told = [f"{path.relative_to(ROOT)}: {said}" for path in _files() for said in private(_text(path))]
    no(told)


@pytest.mark.parametrize(
    "parts",
    [
        ("path = '", "/work", "/main'"),
        ("see ", "/root", "/.cache"),
        ("x/.", "library", "/search"),
        ("pip --index", "-url https://there"),
        ("https://files.python", "hosted.org/x"),
    ],
)
def test_what_is_private_is_seen(parts: tuple[str, ...]) -> None:
    assert len(private("".join(parts))) == 1


def private(text: str) -> list[str]:
    """What a text tells that only its writer's machine knows."""
    return [
        f"line {text.count(chr(10), 0, found.start()) + 1} names {what}, {found.group()!r}"
        for what, pattern in PRIVATE.items()
        for found in re.finditer(pattern, text)
    ]


def _files() -> list[Path]:
    """What is under version control; all files where that cannot be told."""
    asked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    if asked.returncode == 0 and asked.stdout:
        return [path for name in asked.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts) and "_cache" not in str(path)
    ]


def _text(path: Path) -> str:
    """Empty for a file that is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
