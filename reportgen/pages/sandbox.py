"""Where the expressions of prose are worked out: nothing of Python can be reached, and work and text are bounded.

A study is written by someone else as often as not. What its prose can ask for is what `Lookup` answers; what it can
cost is a second or so and a few megabytes, whatever it repeats, doubles or nests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from reportgen.errors import ReportgenError

MOST_TEXT = 2_000_000
"""Characters, and items of lists, that the expressions of a section may make in all."""
LONGEST = 200_000
"""Characters of a section once its expressions are filled in."""
MOST_TURNS = 200_000
"""Turns of loops, and calls, of a section."""
HIGHEST_POWER = 400

_HINT = "prose names numbers of the study; leave out what repeats or multiplies"

_METHODS = """
    count endswith find get index items keys lower lstrip partition removeprefix removesuffix rpartition rsplit
    rstrip split splitlines startswith strip title upper values
"""
METHODS = frozenset(_METHODS.split())
"""Methods of texts, lists and mappings that prose may call."""
_FILTERS = """
    abs capitalize count default d first float int items last length list lower map max min reject rejectattr
    reverse round select selectattr sort string sum title trim unique upper
"""
FILTERS = frozenset(_FILTERS.split())
"""Filters of Jinja that prose may use, beside `join` and `replace`; others can make long texts from short ones."""


class Spent(ReportgenError):
    """Prose that asks for what it cannot have."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the section {what}", _HINT)


class ProseEnvironment(ImmutableSandboxedEnvironment):
    """The environment of one section of prose.

    Parameters
    ----------
    functions : mapping
        What expressions may call.
    written : callable
        Turns a value into what is put out.
    """

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(self, functions: Mapping[str, Callable[..., Any]], written: Callable[[Any], Any]) -> None:
        self._written = written
        self._turns = self._made = 0
        super().__init__(undefined=StrictUndefined, finalize=self._put_out, keep_trailing_newline=True)
        self.globals.clear()
        self.globals.update(functions)
        self.filters = {name: self._charged(made) for name, made in self.filters.items() if name in FILTERS}
        self.filters.update(join=self._join, replace=self._replace, turns=self._each, weighed=self._weighed)

    def filled(self, source: str) -> str:
        """Return the text with its expressions filled in."""
        text = self.from_string(source).render()
        if len(text) > LONGEST:
            raise Spent("is too long once it is filled in")
        return text

    def wrap_str_format(self, value: Any) -> Any:
        """Refuse ``str.format``, whose widths make long texts."""
        if isinstance(getattr(value, "__self__", None), str) and value.__name__ in ("format", "format_map"):
            raise Spent("calls .format(); value(name, arm, digits) writes a number with so many digits")
        return None

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Work out an operator whose result can be far larger than its operands."""
        if operator == "%" and isinstance(left, (str, bytes)):
            raise Spent("writes a number with %; value(name, arm, digits) writes it with so many digits")
        if operator == "**" and not (_small(left) and abs(right) <= HIGHEST_POWER):
            raise Spent("asks for too high a power")
        if operator == "*" and (isinstance(left, _SIZED) or isinstance(right, _SIZED)):
            raise Spent("repeats a text or a list")
        if operator == "*" and not (_small(left) and _small(right)):
            raise Spent("multiplies too large numbers")
        if operator == "+":
            self._spend(_weight(left) + _weight(right))
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the study's, a macro, or one of a few methods."""
        __self._turn()
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, str) and name in ("replace", "join"):
            return (__self._replace if name == "replace" else __self._joined_by)(owner, *args, **kwargs)
        if isinstance(owner, _PLAIN) and name not in METHODS:
            raise Spent(f"calls .{name}(), which prose cannot")
        return super().call(__context, __obj, *args, **kwargs)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Have the turns of loops counted, and what literals and `~` make weighed."""
        tree: nodes.Template = _Weighing().visit(super()._parse(source, name, filename))
        for loop in tree.find_all(nodes.For):
            loop.iter = _filtered(loop.iter, "turns")
        tree.set_environment(self)
        return tree

    def _charged(self, made: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(made)  # keeps Jinja's mark of what is passed first
        def charged(*args: Any, **kwargs: Any) -> Any:
            return self._weighed(made(*args, **kwargs))

        return charged

    def _join(self, values: Iterable[Any], separator: Any = "", attribute: str | None = None) -> str:
        parts = [str(value if attribute is None else self.getattr(value, attribute)) for value in self._each(values)]
        self._spend(sum(map(len, parts)) + len(str(separator)) * len(parts))
        return str(separator).join(parts)

    def _joined_by(self, separator: str, values: Iterable[Any]) -> str:
        return self._join(values, separator)

    def _replace(self, value: Any, old: Any, new: Any, count: int | None = None) -> str:
        text, old, new = self._written_text(value), self._written_text(old), self._written_text(new)
        found = text.count(old) if count is None or count < 0 else min(count, text.count(old))
        self._spend(len(text) + found * len(new))
        return text.replace(old, new, found)

    def _written_text(self, value: Any) -> str:
        self._spend(_weight(value))
        return str(value)

    def _each(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._turn()
            yield value

    def _weighed(self, value: Any) -> Any:
        self._spend(_weight(value))
        return value

    def _turn(self) -> None:
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise Spent("repeats too much")

    def _spend(self, size: int) -> None:
        self._made += size
        if self._made > MOST_TEXT:
            raise Spent("makes too long a text")

    def _put_out(self, value: Any) -> Any:
        written = self._written(value)
        self._spend(_weight(written))
        return written


_SIZED = (str, bytes, list, tuple, dict)
_PLAIN = (*_SIZED, int, float, set, frozenset)


def _small(number: Any) -> bool:
    return not isinstance(number, int) or number.bit_length() <= 64


def _weight(value: Any, known: dict[int, int] | None = None) -> int:
    """Return the characters and items that a value has once everything in it is counted where it stands."""
    known = {} if known is None else known
    if isinstance(value, (str, bytes)):
        return len(value)
    if not isinstance(value, (list, tuple, dict)):
        return 1
    if id(value) not in known:
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_weight(part, known) for part in parts)
    return known[id(value)]


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


class _Weighing(NodeTransformer):
    """Sends what literals hold, and what ``~`` joins, through a filter that weighs it."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        joined = nodes.List(node.nodes, lineno=node.lineno)
        return _filtered(joined, "join") if self.generic_visit(node) else node

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "weighed")

    visit_Dict = visit_List

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "weighed") if node.ctx == "load" else node
