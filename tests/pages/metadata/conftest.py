"""What the tests of metadata share: the vocabulary of schema.org, and the linked data of all pages of a site."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


class Vocabulary:
    """The part of schema.org that the site uses: types with their parents, properties with domains and ranges."""

    def __init__(self):
        raw = json.loads((Path(__file__).parent / "schema_org.json").read_text(encoding="utf-8"))
        self.types, self.properties = raw["types"], raw["properties"]

    def above(self, kind):
        """Return a type and all that it is a kind of."""
        return {kind}.union(*(self.above(parent) for parent in self.types[kind]))

    def faults(self, node, where="", aliases=None):
        """Yield what is wrong with a node and the nodes in it."""
        aliases = aliases or {}
        kinds = node.get("@type", [])
        kinds = [aliases.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
        if not kinds:
            if set(node) != {"@id"}:
                yield f"{where}: a node without a type says {sorted(node)}"
            return
        if unknown := [kind for kind in kinds if kind not in self.types]:
            yield f"{where}: unknown types {unknown}"
            return
        known = set().union(*(self.above(kind) for kind in kinds))
        for name, value in node.items():
            if name.startswith("@"):
                continue
            here = f"{where}/{'+'.join(kinds)}.{name}"
            if name not in self.properties or not known & set(self.properties[name]["on"]):
                yield f"{here}: no property of it"
                continue
            for one in value if isinstance(value, list) else [value]:
                yield from self._value(one, self.properties[name]["to"], here, aliases)

    def _value(self, value, ranges, where, aliases):
        if value in ("", None, [], {}):
            yield f"{where}: empty"
        elif isinstance(value, dict):
            if "@type" in value:
                kinds = value["@type"] if isinstance(value["@type"], list) else [value["@type"]]
                above = set().union(*(self.above(aliases.get(k, k)) for k in kinds if aliases.get(k, k) in self.types))
                if above and not above & set(ranges):
                    yield f"{where}: {kinds} is none of {ranges}"
            yield from self.faults(value, where, aliases)
        elif isinstance(value, bool):
            if "Boolean" not in ranges:
                yield f"{where}: {value} is none of {ranges}"
        elif isinstance(value, int | float):
            if not {"Integer", "Number"} & set(ranges):
                yield f"{where}: {value} is none of {ranges}"
        elif not _fits(value, ranges):
            yield f"{where}: {value!r} is none of {ranges}"


def _fits(text, ranges):
    """Return whether a text is one of the ranges."""
    if "Text" in ranges:
        return True
    if "URL" in ranges and urlsplit(text).scheme in ("https", "http") and not re.search(r"[\s\"<>\\]", text):
        return True
    return bool({"Date", "DateTime"} & set(ranges) and re.fullmatch(r"\d{4}(-\d\d-\d\d)?", text))


@pytest.fixture(scope="session")
def vocabulary():
    """The part of schema.org that the site uses."""
    return Vocabulary()


@pytest.fixture(scope="session")
def linked_data():
    """Read the linked data of all pages of a site, by the page's folder."""

    def read(site):
        found = {}
        for path in sorted(site.rglob("index.html")):
            (text,) = SCRIPT.findall(path.read_text(encoding="utf-8"))
            name = path.parent.relative_to(site).as_posix()
            found["" if name == "." else f"{name}/"] = json.loads(text)
        return found

    return read


@pytest.fixture(scope="session")
def views(fakes, tmp_path_factory):
    """Gather both studies of the fakes at an address; further changes go to the first study."""
    from reportgen.pages.address import Address
    from reportgen.pages.gather import gather_study

    def gather(address=None, **changes):
        folder = tmp_path_factory.mktemp("views")
        first = fakes.entry(folder, **changes)
        return [gather_study(entry, address or Address()) for entry in (first, fakes.entries(folder)[1])]

    return gather
