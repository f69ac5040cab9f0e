"""Names of authors: which words are the family's, and what is no person at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reportgen.pages.text import clean

_GROUP = re.compile(
    r"\b(and|&|et al|authors?|team|group|consortium|collaboration|project|community|contributors|developers|"
    r"laborator(y|ies)|lab|institute|university|department|inc|ltd|llc|gmbh|foundation|society)\b|&",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(jr|sr)\.?|[IVX]{2,4}|IV|V", re.IGNORECASE)
_INITIAL = re.compile(r"(?<![^\s\-.])(\w)")


@dataclass(frozen=True)
class Name:
    """An author's name in parts; a group, or a name of one word, has `literal` alone.

    Attributes
    ----------
    family, given : str
    particle : str
        What stands before the family name and is not sorted by: "van", "de la".
    suffix : str
        "Jr."
    literal : str
        A name that must not be taken apart.
    """

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def last(self) -> str:
        """The family name with its particle, or the whole of a literal name."""
        return self.literal or f"{self.particle} {self.family}".strip()

    @property
    def inverted(self) -> str:
        """The name as it is sorted: "van Beethoven, Ludwig"."""
        return self.literal or ", ".join(part for part in (self.last, self.given, self.suffix) if part)

    @property
    def natural(self) -> str:
        """The name as it is said: "Ludwig van Beethoven"."""
        return self.literal or " ".join(part for part in (self.given, self.last, self.suffix) if part)

    @property
    def abbreviated(self) -> str:
        """The name as it is sorted, with initials: "van Beethoven, L."."""
        return self.literal or ", ".join(part for part in (self.last, initials(self.given), self.suffix) if part)


def parse_name(text: str) -> Name:
    """Take a name apart: "Given Family", "Family, Given", "Family, Jr., Given", or a group.

    Words in small letters before the family name are its particle. What begins with "The", has a word such as
    "and" or "group", has digits or more than two commas, or is one word, stays whole.
    """
    whole = " ".join(clean(text).split())
    parts = [part.strip() for part in whole.split(",")]
    is_group = re.match(r"the\b", whole, re.IGNORECASE) or _GROUP.search(whole) or re.search(r"\d", whole)
    if is_group or len(parts) > 3 or not all(parts):
        return Name(literal=whole)
    if len(parts) == 1:
        return _spoken(whole)
    if len(parts) == 3 and not _SUFFIX.fullmatch(parts[1]):
        return Name(literal=whole)
    particle, family = _particle(parts[0].split())
    return Name(family, parts[-1], particle, parts[1] if len(parts) == 3 else "")


def initials(given: str) -> str:
    """Return the initials of given names: "Jean-Paul B." gives "J.-P. B."."""
    words = [
        "-".join(f"{found[1].upper()}." for part in word.split("-") if (found := _INITIAL.match(part)))
        for word in re.sub(r"\.(?=\w)", ". ", given).split()
    ]
    return " ".join(word for word in words if word)


def _spoken(whole: str) -> Name:
    words = whole.split()
    suffix = words.pop() if len(words) > 2 and re.fullmatch(r"(jr|sr)\.?|I{2,3}|IV", words[-1], re.IGNORECASE) else ""
    if len(words) < 2:
        return Name(literal=whole)
    start = next((i for i in range(1, len(words) - 1) if words[i][0].islower()), len(words) - 1)
    particle, family = _particle(words[start:])
    return Name(family, " ".join(words[:start]), particle, suffix)


def _particle(words: list[str]) -> tuple[str, str]:
    count = next((i for i, word in enumerate(words[:-1]) if not word[0].islower()), len(words) - 1)
    return " ".join(words[:count]), " ".join(words[count:])
