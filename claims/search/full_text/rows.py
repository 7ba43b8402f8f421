"""What the rows of the index say, as views, and what each of them depends on: SQL that both databases read.

A view for each kind: `claims_indexable_<kind>` (key, is_public, language, heading, others, body, names).
`DEPENDS` names, for each table, the rows of the index that a row of that table is part of.
"""

from __future__ import annotations

from typing import NamedTuple

KINDS = ("claims", "passages", "sources", "speakers", "topics")
COLUMNS = ("is_public", "language", "heading", "others", "body", "names")

# What an annotation on the claim `c` must be to be part of its text: public, or at least on a draft.
SHOWN = "(a.published_at IS NOT NULL OR c.published_at IS NULL OR c.duplicate_of_id IS NOT NULL)"
PUBLIC_CLAIM = "c.published_at IS NOT NULL AND c.duplicate_of_id IS NULL"

_ON_PUBLIC_CLAIM = " OR ".join(
    f"""EXISTS (
        SELECT 1 FROM {table} a JOIN claims_claim c ON c.id = a.claim_id
        WHERE a.passage_id = p.id AND a.published_at IS NOT NULL AND {PUBLIC_CLAIM}
    )"""
    for table in ("claims_appearance", "claims_rebuttal", "claims_evidence")
)


def _list(select: str, *, joined: str) -> str:
    """The values `said` of a select, one a line, in the order of `place`. (Both databases aggregate a
    subquery in its order.)"""
    return f"coalesce((SELECT {joined} FROM ({select} ORDER BY place) listed), '')"


def selects(*, joined: str, newline: str) -> dict[str, str]:
    """Return the select of each view. `joined` aggregates `said`, and `newline` is what a line ends with, as
    the database writes them. Where ё may be printed as е, it is е here."""

    def folded(*parts: str) -> str:
        text = f" || {newline} || ".join(parts)
        return f"replace(replace({text}, 'ё', 'е'), 'Ё', 'Е')"

    asserting = f"""FROM claims_appearance a
        WHERE a.claim_id = c.id AND a.manner <> 'denied' AND {SHOWN}"""
    wordings = _list(
        f"""SELECT p.exact AS said, p.id AS place FROM sources_passage p
        WHERE p.id IN (SELECT a.passage_id {asserting})""",
        joined=joined,
    )
    claimants = _list(
        f"""SELECT s.name AS said, s.id AS place FROM sources_speaker s
        WHERE s.id IN (SELECT a.claimant_id {asserting})""",
        joined=joined,
    )
    reviews = _list(
        f"""SELECT a.title || {newline} || a.claim_reviewed || {newline} || a.claimant_name AS said,
        a.id AS place FROM claims_externalreview a WHERE a.claim_id = c.id AND {SHOWN}""",
        joined=joined,
    )
    verdict = _list(
        f"""SELECT v.headline || {newline} || v.claim_text AS said, v.id AS place
        FROM claims_verdict v
        WHERE v.claim_id = c.id AND v.published_at IS NOT NULL AND v.ended_at IS NULL""",
        joined=joined,
    )
    spellings = _list(
        "SELECT n.name AS said, n.id AS place FROM sources_speakername n WHERE n.speaker_id = s.id",
        joined=joined,
    )
    return {
        "claims": f"""SELECT c.id AS key, ({PUBLIC_CLAIM}) AS is_public, c.language AS language,
            {folded("c.text")} AS heading, {folded(wordings)} AS others,
            {folded("c.context", verdict)} AS body, {folded(claimants, reviews)} AS names
            FROM claims_claim c""",
        "passages": f"""SELECT p.id AS key, ({_ON_PUBLIC_CLAIM}) AS is_public,
            o.language AS language, {folded("p.exact")} AS heading, '' AS others,
            {folded("coalesce(t.label, '')")} AS body, '' AS names
            FROM sources_passage p JOIN sources_snapshot e ON e.id = p.snapshot_id
            JOIN sources_source o ON o.id = e.source_id
            LEFT JOIN sources_turn t ON t.id = p.turn_id""",
        "sources": f"""SELECT o.id AS key, (o.published_at IS NOT NULL) AS is_public,
            o.language AS language, {folded("o.title")} AS heading, '' AS others,
            {folded("o.authors", "o.publisher")} AS body, '' AS names FROM sources_source o""",
        "speakers": f"""SELECT s.id AS key, (s.published_at IS NOT NULL) AS is_public,
            '' AS language, {folded("s.name")} AS heading, {folded(spellings)} AS others,
            {folded("s.description")} AS body, '' AS names FROM sources_speaker s""",
        "topics": f"""SELECT t.id AS key, EXISTS (
                SELECT 1 FROM claims_claim_topics b JOIN claims_claim c ON c.id = b.claim_id
                WHERE b.topic_id = t.id AND {PUBLIC_CLAIM}
            ) AS is_public, '' AS language, {folded("t.name")} AS heading, '' AS others,
            {folded("t.description")} AS body, '' AS names FROM claims_topic t""",
    }


class Dependent(NamedTuple):
    """The rows of the index of one `kind` that the row {row} of a table is part of: their `keys`, an
    expression or a select."""

    kind: str
    keys: str


class Table(NamedTuple):
    """A table, the columns of it that the index shows or selects by, and what depends on them."""

    name: str
    columns: tuple[str, ...]
    dependents: tuple[Dependent, ...]


_QUOTING = " UNION ".join(
    f"SELECT passage_id FROM {table} WHERE claim_id = {{row}}.id AND passage_id IS NOT NULL"
    for table in ("claims_appearance", "claims_rebuttal", "claims_evidence")
)
_OF_CLAIM = Dependent("claims", "SELECT {row}.claim_id")
_OF_PASSAGE = Dependent("passages", "SELECT {row}.passage_id")


def _itself(kind: str) -> Dependent:
    return Dependent(kind, "SELECT {row}.id")


DEPENDS = (
    Table(
        "claims_claim",
        ("text", "context", "language", "published_at", "duplicate_of_id"),
        (
            _itself("claims"),
            Dependent("passages", _QUOTING),
            Dependent(
                "topics", "SELECT topic_id FROM claims_claim_topics WHERE claim_id = {row}.id"
            ),
        ),
    ),
    Table(
        "claims_claim_topics",
        ("claim_id", "topic_id"),
        (Dependent("topics", "SELECT {row}.topic_id"),),
    ),
    Table("claims_topic", ("name", "description"), (_itself("topics"),)),
    Table(
        "claims_appearance",
        ("claim_id", "passage_id", "claimant_id", "manner", "published_at"),
        (_OF_CLAIM, _OF_PASSAGE),
    ),
    Table("claims_rebuttal", ("claim_id", "passage_id", "published_at"), (_OF_PASSAGE,)),
    Table("claims_evidence", ("claim_id", "passage_id", "published_at"), (_OF_PASSAGE,)),
    Table(
        "claims_externalreview",
        ("claim_id", "title", "claim_reviewed", "claimant_name", "published_at"),
        (_OF_CLAIM,),
    ),
    Table(
        "claims_verdict",
        ("claim_id", "headline", "claim_text", "published_at", "ended_at"),
        (_OF_CLAIM,),
    ),
    Table(
        "sources_passage",
        ("exact", "turn_id", "snapshot_id"),
        (
            _itself("passages"),
            Dependent(
                "claims", "SELECT claim_id FROM claims_appearance WHERE passage_id = {row}.id"
            ),
        ),
    ),
    Table(
        "sources_turn",
        ("label",),
        (Dependent("passages", "SELECT id FROM sources_passage WHERE turn_id = {row}.id"),),
    ),
    Table(
        "sources_source",
        ("title", "authors", "publisher", "language", "published_at"),
        (
            _itself("sources"),
            Dependent(
                "passages",
                "SELECT p.id FROM sources_passage p JOIN sources_snapshot e ON e.id = p.snapshot_id "
                "WHERE e.source_id = {row}.id",
            ),
        ),
    ),
    Table(
        "sources_speaker",
        ("name", "description", "published_at"),
        (
            _itself("speakers"),
            Dependent(
                "claims", "SELECT claim_id FROM claims_appearance WHERE claimant_id = {row}.id"
            ),
        ),
    ),
    Table(
        "sources_speakername",
        ("speaker_id", "name"),
        (Dependent("speakers", "SELECT {row}.speaker_id"),),
    ),
)
