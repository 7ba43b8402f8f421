"""How well claims that were checked before are found again in other words: ours beside BM25, embeddings
alone, both fused by rank, and PostgreSQL's full text, in one run.

    .venv/bin/python benchmarks/matching.py                         # on both development splits
    .venv/bin/python benchmarks/matching.py --docs F --queries F [--qrels F] [--out RUN.tsv]

Both measure the model that is shipped, which has seen the splits named train alone. The second ranks any
files of that form, and writes a run as TREC has it: query, Q0, document, rank, score, tag. PostgreSQL is
measured where DATABASE_URL names a server.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from claim_matching import (
    DATA,
    MEASURES,
    Collection,
    Split,
    asked,
    best,
    interval,
    read_answers,
    read_documents,
    read_queries,
    read_split,
    tasks,
    vectors,
)

from claims.search.contradiction import contradictions
from claims.search.ranking import Candidate, Document, rank, same

# So many documents are written for each query.
WRITTEN = 100
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.01)
# Of each list that is fused; k as in Cormack, Clarke and Büttcher (2009).
FUSED, K = 100, 60

Way = Callable[[str, Any], list[int]]


def ways(collection: Collection, documents: Sequence[Document], database: str) -> dict[str, Way]:
    """What is compared: each returns the places of documents for a text and its vector, the best first."""

    def ours(text: str, vector: Any) -> list[int]:
        return [
            each.key
            for each in rank(text, collection.candidates(text, vector), rarity=collection.rarity)
        ]

    def words_alone(text: str, vector: Any) -> list[int]:
        return ours(text, None)

    def bm25(text: str, vector: Any) -> list[int]:
        return best(collection.lexical(text), WRITTEN)

    def embeddings(text: str, vector: Any) -> list[int]:
        return best(collection.texts @ vector, WRITTEN)

    def fused(text: str, vector: Any) -> list[int]:
        scores: dict[int, float] = {}
        for places in (
            best(collection.lexical(text), FUSED),
            best(collection.texts @ vector, FUSED),
            best(collection.titles @ vector, FUSED),
        ):
            for number, place in enumerate(places, start=1):
                scores[place] = scores.get(place, 0.0) + 1 / (K + number)
        return sorted(scores, key=lambda place: (-scores[place], place))

    found: dict[str, Way] = {
        "ours": ours,
        "ours, without vectors": words_alone,
        "rank fusion": fused,
        "embeddings alone": embeddings,
        "BM25": bm25,
    }
    if database:
        found["PostgreSQL full text"] = postgresql(documents, database)
    return found


def postgresql(documents: Sequence[Document], database: str) -> Way:
    """Any of the words, by ts_rank_cd over claim (A) and title (B), in the configuration “english”."""
    import psycopg

    connection = psycopg.connect(database, autocommit=True)
    connection.execute("CREATE TEMP TABLE claim (place int, words tsvector)")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO claim VALUES (%s, setweight(to_tsvector('english', %s), 'A') "
            "|| setweight(to_tsvector('english', %s), 'B'))",
            [(each.key, each.text, each.title) for each in documents],
        )
    connection.execute("CREATE INDEX ON claim USING gin (words)")

    def way(text: str, vector: Any) -> list[int]:
        rows = connection.execute(
            "WITH asked AS (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery AS q) "
            "SELECT place FROM claim, asked WHERE words @@ q "
            "ORDER BY ts_rank_cd(words, q) DESC, place LIMIT %s",
            (text.replace("\0", " "), WRITTEN),
        )
        return [place for (place,) in rows]

    return way


def measure(
    collection: Collection, names: Sequence[str], split: Split, compared: dict[str, Way]
) -> list[str]:
    """The lines of a table: each way, and each measure with its interval."""
    texts = asked(split.queries)
    placed = list(vectors(texts))
    lines = [f"| | {' | '.join(MEASURES)} |", f"| --- |{' --- |' * len(MEASURES)}"]
    for label, way in compared.items():
        orders = [
            ([names[place] for place in way(text, vector)], split.answers[name])
            for (name, _), text, vector in zip(split.queries, texts, placed, strict=True)
        ]
        cells = []
        for function in MEASURES.values():
            values = [function(order, answers) for order, answers in orders]
            low, high = interval(values)
            cells.append(f"{sum(values) / len(values):.3f} ({low:.3f}–{high:.3f})")
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return lines


def write_run(
    path: Path, collection: Collection, names: Sequence[str], queries: Sequence[tuple[str, str]]
) -> None:
    texts = asked(queries)
    with path.open("w", encoding="utf-8") as file:
        for (name, _), text, vector in zip(queries, texts, vectors(texts), strict=True):
            candidates: list[Candidate] = collection.candidates(text, vector)
            ordered = rank(text, candidates, rarity=collection.rarity)
            for number, each in enumerate(ordered[:WRITTEN], start=1):
                # Some programs order by the score alone.
                file.write(
                    f"{name}\tQ0\t{names[each.key]}\t{number}\t{1 / number:.6f}\tcounterclaim\n"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--docs", type=Path, help="documents: tab-separated, with vclaim and title")
    parser.add_argument("--queries", type=Path, help="queries: tab-separated, identifier and text")
    parser.add_argument("--qrels", type=Path, help="judgements; without them nothing is measured")
    parser.add_argument("--out", type=Path, help="where the run is written")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the two tasks")
    options = parser.parse_args()
    database = os.environ.get("DATABASE_URL", "")
    database = database if database.startswith("postgres") else ""
    if bool(options.docs) != bool(options.queries):
        parser.error("--docs and --queries go together.")
    if options.docs:
        try:
            names, documents = read_documents(options.docs)
            queries = read_queries(options.queries)
            answers = read_answers(options.qrels) if options.qrels else {}
        except (OSError, ValueError) as error:
            parser.error(str(error))
        collection = Collection(documents)
        if options.out:
            write_run(options.out, collection, names, queries)
        if answers:
            split = Split([each for each in queries if each[0] in answers], answers)
            print(
                "\n".join(measure(collection, names, split, ways(collection, documents, database)))
            )
        return
    for task in tasks(options.data):
        names, documents = read_documents(task.docs)
        collection = Collection(documents)
        split = read_split(*task.dev)
        print(f"\n{task.name}, dev: {len(split.queries)} queries, {len(documents):,} claims\n")
        print("\n".join(measure(collection, names, split, ways(collection, documents, database))))
        print("\n".join(["", *reliability(collection, names, split)]))


def reliability(collection: Collection, names: Sequence[str], split: Split) -> list[str]:
    """The lines of a table: of the first claim for each query, once with all claims and once as if those that
    answer it were not there, how probable it was said to be and how often it was right; and how many of
    those that are offered as the same claim are wrong."""
    from train_matching import compared, upper_bound

    said: list[tuple[float, bool, bool]] = []
    for query in compared(collection, names, split, semantic=True):
        wrong = [place for place, right in enumerate(query.right) if not right]
        for some in [query, *([query.only(wrong)] if len(wrong) < len(query.right) else [])]:
            first = rank(some.text, some.candidates, rarity=collection.rarity)[:1]
            for each in first:
                place = [one.document.key for one in some.candidates].index(each.key)
                against = contradictions(some.text, some.candidates[place].document.text)
                said.append((each.probability, bool(some.right[place]), bool(against)))
    lines = ["| said | claims | right |", "| --- | --- | --- |"]
    for low, high in pairwise(BINS):
        within = [right for probability, right, _ in said if low <= probability < high]
        if within:
            lines.append(f"| {low:g}–{high:g} | {len(within)} | {sum(within) / len(within):.2f} |")
    offered = [
        right for probability, right, against in said if probability >= same() and not against
    ]
    n_wrong = len(offered) - sum(offered)
    if offered:
        lines.append(
            f"\nOffered as the same (from {same()} on): {len(offered)}, wrong {n_wrong} "
            f"({n_wrong / len(offered):.1%}, at most {upper_bound(n_wrong, len(offered)):.1%})"
        )
    return lines


if __name__ == "__main__":
    main()
