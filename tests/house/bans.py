"""What no file of the program may do: each rule takes a source and gives complaints."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tests.house.imports import imports
from tests.house.source import Function, Source, dotted

MODULES = {
    "pickle": "runs whatever a file tells it to",
    "cloudpickle": "runs whatever a file tells it to",
    "dill": "runs whatever a file tells it to",
    "joblib": "reads pickles",
    "marshal": "crashes on a crafted file",
    "shelve": "reads pickles",
    "random": "has one state for everybody; take a numpy Generator",
    "socket": "nothing here speaks to a network",
    "http.client": "nothing here speaks to a network",
    "urllib.request": "nothing here speaks to a network",
    "requests": "nothing here speaks to a network",
    "httpx": "nothing here speaks to a network",
    "aiohttp": "nothing here speaks to a network",
    "smtplib": "nothing here speaks to a network",
}
CALLS = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "compile": "runs text as code",
    "__import__": "imports what a text names; take importlib",
    "yaml.load": "makes any object",
    "os.system": "goes through a shell",
    "os.popen": "goes through a shell",
    "subprocess.getoutput": "goes through a shell",
    "Template": "a template outside the environment that escapes",
    "jinja2.Template": "a template outside the environment that escapes",
    "print": "the command line speaks, nobody else",
}
METHODS = {
    "query": "runs text as code",
    "eval": "runs text as code",
    "read_pickle": "runs whatever a file tells it to",
    "to_pickle": "writes what nobody should read",
}
KEYWORDS = {
    "shell": "goes through a shell",
    "unsafe_allow_html": "names and values are untrusted text",
    "unsafe_allow_javascript": "names and values are untrusted text",
    "allow_pickle": "runs whatever a file tells it to",
}
COMMAND_LINE = {"audit/__main__.py", "audit/cli/main.py"}  # where printing is speaking
MARKUP = "audit/render/"  # where HTML is built, and escaped

SEEDED = {"Generator", "SeedSequence", "PCG64", "BitGenerator", "default_rng"}
BROAD = {"Exception", "BaseException"}
CACHES = {"st.cache_data", "st.cache_resource", "streamlit.cache_data", "streamlit.cache_resource"}
PLAIN = {"str", "int", "float", "bool"}


def modules(source: Source) -> Iterator[str]:
    """Modules that are not imported."""
    for one in imports(source):
        for name in {one.module, one.top, f"{one.module}.{one.name}"} & set(MODULES):
            yield f"{source.path}:{one.line}: {name} {MODULES[name]}"


def calls(source: Source) -> Iterator[str]:
    """Functions and methods that are not called."""
    for call in source.calls():
        name = dotted(call.func)
        if name in CALLS and not (name == "print" and source.path in COMMAND_LINE):
            yield source.at(call, f"{name}() {CALLS[name]}")
        elif isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            yield source.at(call, f".{call.func.attr}() {METHODS[call.func.attr]}")
        elif name.rpartition(".")[2] == "Markup" and not source.path.startswith(MARKUP):
            yield source.at(call, f"Markup() stands in {MARKUP} only, where it is escaped")


def keywords(source: Source) -> Iterator[str]:
    """Arguments that are not given, unless to say no."""
    for call in source.calls():
        for given in call.keywords:
            refused = isinstance(given.value, ast.Constant) and given.value.value is False
            if given.arg in KEYWORDS and not refused:
                yield source.at(call, f"{given.arg}: {KEYWORDS[given.arg]}")


def shared_randomness(source: Source) -> Iterator[str]:
    """Numpy's one state for everybody."""
    for node in ast.walk(source.tree):
        name = dotted(node) if isinstance(node, ast.Attribute) else ""
        left, _, last = name.rpartition(".")
        if left in ("np.random", "numpy.random") and last not in SEEDED:
            yield source.at(node, f"{name} has one state for everybody; take a Generator")


def unfinished(source: Source) -> Iterator[str]:
    """What is raised where something is still to be written."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if dotted(raised) in ("NotImplementedError", "NotImplemented"):
                yield source.at(node, "something is not written yet")


def broad_excepts(source: Source) -> Iterator[str]:
    """Handlers that take every error, and suppress() of every error."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _names(node.type) & BROAD):
            yield source.at(node, "takes every error")
        if isinstance(node, ast.Call) and _suppresses_all(node):
            yield source.at(node, "takes every error")


def _suppresses_all(call: ast.Call) -> bool:
    return dotted(call.func).rpartition(".")[2] == "suppress" and any(
        _names(given) & BROAD for given in call.args
    )


def _names(node: ast.expr) -> set[str]:
    return {dotted(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])}


def cached(source: Source) -> Iterator[tuple[Function, str]]:
    """Functions whose answers Streamlit shares among all visitors, and the cache's name."""
    for function in source.functions():
        for decorator in function.decorator_list:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if name in CACHES:
                yield function, name


def cached_by_data(source: Source) -> Iterator[str]:
    """Caches whose key could be a table: each argument is plain, or not part of the key."""
    for function, name in cached(source):
        given = function.args
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            kind = ast.unparse(one.annotation) if one.annotation else "anything"
            allowed = PLAIN | {"Report"} if one.arg.startswith("_") else PLAIN
            if kind not in allowed:
                yield source.at(function, f"{name} by {one.arg}: {kind}; a key is {', '.join(sorted(PLAIN))}")
        if given.vararg or given.kwarg:
            yield source.at(function, f"{name} by any number of arguments")


Rule = Callable[[Source], Iterator[str]]
EVERYWHERE: tuple[Rule, ...] = (modules, calls, keywords, shared_randomness, unfinished, cached_by_data)
