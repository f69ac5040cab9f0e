"""The register of claims: ours is sound, and faults in one are told with their place."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from reportgen.errors import StudyError
from reportgen.study.claims import GROUPS, Claim, read_register

STUDIES = Path(__file__).parents[2] / "studies"
SOUND = "- {id: a-claim, group: causes, text: It is so., sources: [kumar2022], says: They say so.}"


@pytest.fixture
def register(tmp_path: Path):
    def written(text: str) -> Path:
        path = tmp_path / "claims.yaml"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="module")
def ours() -> dict[str, Claim]:
    return read_register(STUDIES / "claims.yaml")


def test_our_register_has_every_group_in_order(ours) -> None:
    groups = [claim.group for claim in ours.values()]
    assert list(dict.fromkeys(groups)) == list(GROUPS)
    assert groups == sorted(groups, key=GROUPS.index)
    counts = {group: groups.count(group) for group in GROUPS}
    assert list(counts.values()) == [12, 9, 14, 13, 15]


def test_our_register_cites_what_the_bibliography_holds(ours) -> None:
    held = set(re.findall(r"^@\w+\{([^,]+),", (STUDIES / "references.bib").read_text(encoding="utf-8"), re.MULTILINE))
    assert {source for claim in ours.values() for source in claim.sources} <= held


def test_claims_of_our_own_are_told_by_their_prefix(ours) -> None:
    explainers = {"vanotten2023", "rnn-primer", "mlresources", "kumar2022"}
    for claim in ours.values():
        beyond = claim.group == "beyond the explainers"
        assert beyond == claim.id.startswith("beyond-")
        assert beyond != bool(explainers & set(claim.sources))
        assert claim.text.endswith(".") and claim.says.endswith(".")


def test_a_claim_is_read_whole(register) -> None:
    text = f"claims:\n{SOUND[:-1]}, untested: 'Nothing can. '}}\n"
    assert read_register(register(text)) == {
        "a-claim": Claim("a-claim", "causes", "It is so.", ("kumar2022",), "They say so.", "Nothing can.")
    }


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("claim: []", 1, "there is no key called 'claim'", "the register has one key"),
        ("claims: []", 1, "the register must have a list of claims", "write `claims:`"),
        (f"claims:\n{SOUND}\n{SOUND}", 3, "two claims have the id 'a-claim'", "the other one is in line 2"),
        (
            f"claims:\n{SOUND.replace('causes', 'cause')}",
            2,
            "there is no group called 'cause'",
            "did you mean 'causes'",
        ),
        (
            f"claims:\n{SOUND.replace('a-claim', 'A claim')}",
            2,
            "'A claim' cannot be part of a web address",
            "use small",
        ),
        (f"claims:\n{SOUND.replace('[kumar2022]', '[]')}", 2, "must be a list of at least 1, not an empty list", ""),
        (f"claims:\n{SOUND.replace('says', 'say')}", 2, "there is no key called 'say'", "did you mean 'says'"),
        ("claims:\n- 5", 2, "must be a mapping of keys to values, not 5", ""),
    ],
)
def test_faults_have_a_place(register, text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(StudyError) as caught:
        read_register(register(text))
    problem = next(problem for problem in caught.value.problems if problem.message == message)
    assert problem.line == line
    assert problem.hint.startswith(hint)
