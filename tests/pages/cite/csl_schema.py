"""The rules of the official CSL-JSON schema, from its lists of variables.

Source: csl-data.json of the CSL project (https://resource.citationstyles.org/schema/latest/input/json/csl-data.json),
whose variables and types are listed here, and which allows nothing else.
"""

from __future__ import annotations

TYPES = (
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset "
    "document entry entry-dictionary entry-encyclopedia figure graphic hearing interview legal_case legislation "
    "manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical "
    "personal_communication post post-weblog regulation report review review-book software song speech standard thesis "
    "treaty webpage"
)
NAMES = (
    "author chair collection-editor compiler composer container-author contributor curator director editor "
    "editorial-director executive-producer illustrator interviewer organizer original-author producer "
    "recipient reviewed-author translator"
)
DATES = "accessed available-date container event-date issued original-date submitted"
TEXTS = (
    "abstract annote archive archive_collection archive_location archive-place authority call-number citation-label "
    "collection-title container-title container-title-short dimensions division DOI event event-place genre ISAN ISBN "
    "ISCI ISMN ISRC ISSN ISWC journalAbbreviation jurisdiction keyword language medium note original-publisher "
    "original-publisher-place original-title part-title PMCID PMID publisher publisher-place references reviewed-title "
    "scale section shortTitle source status title title-short translated-title translated-title-short URL version "
    "year-suffix"
)
NUMBERS = (
    "chapter-number citation-number collection-number edition first-reference-note-number issue locator number "
    "number-of-pages number-of-volumes page page-first part printing supplement volume"
)
NAME_PARTS = "family given dropping-particle non-dropping-particle suffix literal"

_TEXT, _EITHER = {"type": "string"}, {"type": ["string", "number"]}
_NAME = {"type": "object", "properties": dict.fromkeys(NAME_PARTS.split(), _TEXT), "additionalProperties": False}
_PARTS = {"type": "array", "items": _EITHER, "minItems": 1, "maxItems": 3}
_DATE = {
    "type": "object",
    "properties": {"date-parts": {"type": "array", "items": _PARTS, "minItems": 1, "maxItems": 2}},
    "additionalProperties": False,
}
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"enum": TYPES.split()},
            "id": _EITHER,
            "categories": {"type": "array", "items": _TEXT},
            "custom": {"type": "object"},
            **dict.fromkeys(TEXTS.split(), _TEXT),
            **dict.fromkeys(NUMBERS.split(), _EITHER),
            **dict.fromkeys(DATES.split(), _DATE),
            **{name: {"type": "array", "items": _NAME} for name in NAMES.split()},
        },
        "required": ["type", "id"],
        "additionalProperties": False,
    },
}
