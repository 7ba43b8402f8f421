"""What is in an export, and that it is there whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
from collections import Counter

import pytest
import rdflib
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from claims.bulk import exporting
from claims.bulk.exporting import AlreadyRunning, export, one_state
from claims.bulk.tables import TABLES
from claims.bulk.tasks import export_data
from claims.bulk.triples import terms
from claims.bulk.triples.graph import turtle
from claims.models import Claim
from sources.models import Speaker
from tests import factories
from tests.claims.bulk.oddities import odd_world
from tests.claims.world import drafts, published_world

pytestmark = pytest.mark.django_db

SCHEMA = rdflib.Namespace("http://schema.org/")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")
SITE = "http://testserver"


def table(folder, name):
    lines = (folder / f"{name}.ndjson").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def only(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def test_these_columns_are_public_and_these_fields_are_not():
    shown, kept = {}, {}
    for one in TABLES:
        shown[one.name] = " ".join(one.names)
        stored = {column.field.name for column in one.columns if column.stored}
        kept[one.name] = " ".join(
            sorted(f.name for f in one.model._meta.concrete_fields if f.name not in stored)
        )
    assert shown == {
        "speakers": "id slug name kind description wikidata_id published_at",
        "speaker_names": "speaker name",
        "topics": "id slug name description",
        "scales": "id slug name description worst best",
        "ratings": "id scale slug label meaning value position",
        "sources": "id slug title kind authors publisher date date_precision place url recording_url "
        "language rendition translated_by rendition_note primacy declared_interest not_archived "
        "rights derived_from derivation published_at updated_at",
        "glossary_notes": "source printed meant note",
        "snapshots": "id source edition sha256 media_type text_sha256 retrieved_at",
        "turns": "id snapshot position label speaker role start end times",
        "passages": "id snapshot turn start end exact prefix suffix rendition",
        "claims": "id slug text kind context language part_of part_position decides_whole "
        "selection selection_note published_at updated_at",
        "retired_claims": "slug leads_to",
        "claim_topics": "claim topic",
        "appearances": "id claim passage claimant reported_by manner said_on published_at",
        "rebuttals": "id claim speaker passage summary counterclaim published_at",
        "citations": "id rebuttal invoked source locator note",
        "evidence": "id claim source passage locator direction directness summary available_on "
        "published_at",
        "searches": "id claim searched_on place terms outcome published_at",
        "verdicts": "id claim version rating claim_text headline rationale reason note "
        "no_primary overrides author reviewer published_at ended_at ending ending_reason",
        "external_reviews": "id claim publisher_name publisher_site url title claim_reviewed "
        "rating_text rating_value rating_best rating_worst reviewed_on language claimant_name "
        "claimant claimed_on published_at",
    }
    annotation = "created_at published_by"
    assert kept == {
        "speakers": "published_by",
        "speaker_names": "id",
        "topics": "",
        "scales": "",
        "ratings": "",
        "sources": "created_at published_by",
        "glossary_notes": "id",
        "snapshots": "text",  # in files of their own
        "turns": "",
        "passages": "",
        "claims": "created_at duplicate_of published_by",
        "retired_claims": "context created_at decides_whole id kind language part_of part_position "
        "published_at published_by selection selection_note text updated_at",
        "claim_topics": "id",
        "appearances": annotation,
        "rebuttals": annotation,
        "citations": "",
        "evidence": annotation,
        "searches": annotation,
        "verdicts": "author created_at ended_by ending_entry publication_entry reviewer submitted_at "
        "submitted_by",
        "external_reviews": "appearance_urls created_at key published_by",
    }


def test_what_is_public_is_there_and_nothing_that_is_not(tmp_path):
    world = odd_world()

    folder = export(tmp_path).path

    every = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (b"XYZZY", b"xyzzy", b"user-", b"hidden", b"secret", b"draft-topic"):
        assert secret not in every, secret
    assert only(table(folder, "speakers"), "slug") == [
        ("moscow",),
        ("doe",),
        *(
            (slug,)
            for slug in Speaker.objects.published()
            .exclude(slug__in=["moscow", "doe"])
            .order_by("pk")
            .values_list("slug", flat=True)
        ),
    ]
    assert only(table(folder, "sources"), "slug", "derived_from", "derivation") == [
        ("original", None, ""),
        ("remarks", "original", "translation"),
        ("memo", None, ""),
    ] + [(row["slug"], None, "") for row in table(folder, "sources")[3:]]
    assert only(table(folder, "claims"), "slug", "part_of", "part_position", "decides_whole") == [
        ("promise", None, 0, False),
        ("part", None, 0, False),
        ("never", None, 0, False),
        ("second", None, 0, False),
        ("first-part", "its-whole", 1, True),
        ("its-whole", None, 0, False),
    ]
    assert table(folder, "retired_claims") == [{"slug": "duplicate", "leads_to": "promise"}]
    assert table(folder, "claim_topics") == [{"claim": "promise", "topic": "alliance"}]
    assert only(table(folder, "topics"), "slug") == [("alliance",)]
    assert only(table(folder, "snapshots"), "source", "edition", "media_type") == [
        ("remarks", 1, "text/plain"),
        ("remarks", 2, "text/html"),
    ]
    turns = table(folder, "turns")
    assert only(turns, "label", "speaker") == [
        ("SECRETARY DOE", "doe"),
        ("QUESTION", None),
        ("SECRETARY DOE", "doe"),
    ]
    assert only(table(folder, "rebuttals"), "claim", "counterclaim") == [
        ("promise", "never"),
        ("never", None),
    ]
    assert only(table(folder, "citations"), "rebuttal", "invoked", "source") == [
        (world.rebuttal.pk, "A memo", "memo"),
        (world.rebuttal.pk, "An interview", None),
        (world.rebuttal.pk, "A letter", None),
    ]
    assert only(table(folder, "external_reviews"), "claim", "claimant") == [
        ("promise", "moscow"),
        ("promise", None),
    ]
    assert only(
        table(folder, "verdicts"), "claim", "version", "rating", "author", "reviewer", "ending"
    ) == [
        ("promise", 1, "false", "", "", "superseded"),
        ("promise", 2, "true", "", "", ""),
        ("never", 1, "not-enough-evidence", "", "", ""),
        ("second", 1, "false", "Ann van Doe", "Ann van Doe", "withdrawn"),
    ]
    texts = {path.name: path.read_text("utf-8") for path in (folder / "texts").iterdir()}
    assert sorted(text[:7] for text in texts.values()) == ["Remarks", "Second."]
    assert {name.removesuffix(".txt") for name in texts} == {
        path.name for path in (folder / "snapshots").iterdir()
    }


@pytest.mark.parametrize("kind", list(drafts(None)))
def test_a_draft_beside_what_is_public_changes_no_byte(tmp_path, kind):
    world = published_world()
    first = export(tmp_path)

    drafts(world)[kind]()

    again = export(tmp_path)
    assert (again.changed, again.path) == (False, first.path)


def test_csv_and_ndjson_say_the_same_and_are_listed_as_they_are(tmp_path):
    odd_world()
    folder = export(tmp_path).path

    package = json.loads((folder / "datapackage.json").read_bytes())
    assert (package["profile"], package["version"]) == ("data-package", "1.1.0")
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert len(resources) == len(package["resources"]) == 2 * len(TABLES) + 1
    for resource in resources.values():
        data = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    for one in TABLES:
        schema = resources[one.name]["schema"]
        fields = {field["name"]: field for field in schema["fields"]}
        text = (folder / f"{one.name}.csv").read_bytes().decode()
        head, *lines = csv.reader(io.StringIO(text, newline=""))
        assert head == list(fields)
        rows = table(folder, one.name)
        assert len(lines) == len(rows) == resources[one.name]["rows"]
        for line, row in zip(lines, rows, strict=True):
            assert line == [told(row[name]) for name in head]
            for name, field in fields.items():
                _holds(field, row[name])
        assert all(field["description"] for field in fields.values()), one.name
        key = (
            schema["primaryKey"]
            if isinstance(schema["primaryKey"], list)
            else [schema["primaryKey"]]
        )
        assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)
        for reference in schema.get("foreignKeys", ()):
            target = reference["reference"]
            there = {row[target["fields"]] for row in table(folder, target["resource"] or one.name)}
            assert {row[reference["fields"]] for row in rows} <= there | {None}
    second = next(row for row in table(folder, "claims") if row["slug"] == "second")
    assert second["text"] == '=HYPERLINK("x"), "quoted";\u2028'
    assert second["published_at"] == "2022-03-01T09:30:15.123456Z"
    listed = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    assert listed == sorted(listed, key=lambda line: line[66:])
    assert {line[66:] for line in listed} == {str(path.relative_to(folder)) for path in files}
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True
    )
    assert checked.returncode == 0, checked.stdout


def told(value):
    """A value of JSON as CSV has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"))
    return "" if value is None else str(value)


TYPES = {
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "date": str,
    "datetime": str,
}


def _holds(field, value):
    limits = field.get("constraints", {})
    if value in (None, ""):
        assert not limits.get("required"), field
        return
    assert type(value) is TYPES[field["type"]], field
    assert value in limits.get("enum", [value])
    assert len(str(value)) <= limits.get("maxLength", len(str(value)))


def test_the_place_in_the_change_feed_is_told(client, tmp_path):
    published_world()

    package = json.loads((export(tmp_path).path / "datapackage.json").read_bytes())

    place = package["changes_cursor"]
    assert client.get("/api/v1/changes/", {"since": place}).json()["results"] == []
    factories.published(factories.ClaimFactory(slug="new"))
    new = client.get("/api/v1/changes/", {"since": place}).json()["results"]
    assert [row["key"] for row in new] == ["new"]


def test_the_graph_says_what_the_tables_say(tmp_path):
    odd_world()
    folder = export(tmp_path).path

    graph = rdflib.Graph().parse(folder / "counterclaim.ttl", format="turtle")

    assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)
    kinds = Counter(graph.objects(None, rdflib.RDF.type))
    rows = {one.name: len(table(folder, one.name)) for one in TABLES}
    assert kinds[SCHEMA.ClaimReview] == rows["verdicts"] + rows["external_reviews"]
    assert kinds[SCHEMA.Quotation] == rows["passages"]
    assert kinds[SCHEMA.CommunicateAction] == rows["appearances"]
    assert kinds[SCHEMA.Comment] == rows["rebuttals"]
    assert kinds[SCHEMA.SearchAction] == rows["searches"]
    assert kinds[SCHEMA.MediaObject] == rows["snapshots"]
    assert kinds[SCHEMA.CreativeWork] == rows["sources"] + rows["evidence"]
    assert kinds[SCHEMA.Rating] == rows["ratings"] + rows["external_reviews"]
    claims = set(graph.subjects(rdflib.RDF.type, SCHEMA.Claim))
    assert claims == {
        rdflib.URIRef(f"{SITE}/claims/{row['slug']}/#claim") for row in table(folder, "claims")
    }
    first, second = (rdflib.URIRef(f"{SITE}/claims/promise/verdicts/{n}/#verdict") for n in (1, 2))
    assert graph.value(second, PROV.wasRevisionOf) == first
    assert graph.value(first, PROV.invalidatedAtTime) == graph.value(second, PROV.generatedAtTime)
    withdrawn = rdflib.URIRef(f"{SITE}/claims/second/verdicts/1/#verdict")
    ending = graph.value(withdrawn, PROV.wasInvalidatedBy)
    assert str(graph.value(ending, SCHEMA.description)) == "It was hasty."
    memo = rdflib.URIRef(f"{SITE}/sources/memo/#source")
    assert graph.value(memo, SCHEMA.datePublished) == rdflib.Literal(
        "2022", datatype=rdflib.XSD.gYear
    )
    quoted = rdflib.URIRef(f"{SITE}/transcripts/remarks/?edition=2#p9-33")
    assert graph.value(quoted, SCHEMA.text) == rdflib.Literal(
        "Words “quoted” from it 😀", lang="en"
    )
    assert graph.value(rdflib.URIRef(f"{SITE}/claims/second/#claim"), SCHEMA.abstract) == (
        rdflib.Literal("Line\n\nline\ttab", lang="en")
    )
    # What is named is told of: only addresses of others, and texts, are not.
    named = {o for o in graph.objects() if isinstance(o, rdflib.URIRef) and "#" in o and SITE in o}
    assert named <= set(graph.subjects())


def test_the_graph_warns_of_translations_and_tells_whose_review_is_whose(tmp_path, settings):
    settings.DATA_LICENCE = "https://licences.example/by/"
    odd_world()
    said = {
        "rendition": "machine-translation",
        "translated_by": "An engine",
        "recording_url": "https://recordings.example/7",
        "rendition_note": "By a program.",
        "primacy": "primary",
        "declared_interest": "A party to it.",
    }
    factories.published(factories.SourceFactory(slug="translated", **said))
    folder = export(tmp_path).path

    graph = rdflib.Graph().parse(folder / "counterclaim.ttl", format="turtle")

    own = rdflib.Namespace(f"{SITE}/data/counterclaim.ttl#")

    def values(row, *terms):
        return [str(graph.value(rdflib.URIRef(f"{SITE}{row}"), own[term])) for term in terms]

    assert values(
        "/sources/translated/#source",
        *"rendition translatedBy recording renditionNote primacy declaredInterest derivation".split(),
    ) == [*said.values(), "None"]
    assert values("/sources/remarks/#source", "derivation") == ["translation"]
    assert values("/sources/memo/#source", "derivation") == ["None"]  # it rests on a draft
    assert values("/claims/first-part/#claim", "decidesWhole") == ["true"]
    assert values("/claims/part/#claim", "decidesWhole") == ["None"]  # of a draft
    verdict = "/claims/second/verdicts/1/#verdict"
    assert values(verdict, "reason", "writtenBy", "approvedBy") == [
        *("first", "Ann van Doe", "Ann van Doe")
    ]
    (evidence,) = (row for row in table(folder, "evidence") if row["claim"] == "second")
    assert values(f"/claims/second/#evidence-{evidence['id']}", "directness") == ["direct"]
    for row in table(folder, "external_reviews"):
        review = f"/claims/{row['claim']}/#external-review-{row['id']}"
        speaker = f"{SITE}/speakers/{row['claimant']}/#speaker" if row["claimant"] else None
        assert values(review, "claimantName", "claimant", "claimedOn") == [
            row["claimant_name"] or "None",
            str(speaker),
            str(row["claimed_on"]),
        ]
    # Every term that is used is described, and every one described is used.
    described = set(graph.subjects(rdflib.RDF.type, rdflib.RDF.Property))
    assert described == {verb for verb in graph.predicates() if verb in own}
    assert all(str(graph.value(term, rdflib.RDFS.comment)) for term in described)
    ours = set(
        graph.query(
            f"SELECT ?v WHERE {{ ?v a <{SCHEMA}ClaimReview> ; <{SCHEMA}author> <{SITE}/#publisher> }}"
        )
    )
    assert len(ours) == len(table(folder, "verdicts"))
    data = rdflib.URIRef(f"{SITE}/data/#data")
    assert str(graph.value(data, SCHEMA.license)) == settings.DATA_LICENCE


def test_a_term_holds_whatever_a_text_or_an_address_does():
    graph = rdflib.Graph()
    text = 'a "b" \\ \n\r\t"""\x08 \u2028 😀"'
    address = 'https://archive.example/a b<c>"{}|\\^`ж?x=1%20#f'
    line = turtle((terms.iri(address), "schema:Thing", [("schema:text", terms.text(text, "en"))]))

    graph.parse(data="@prefix schema: <http://schema.org/> ." + line, format="turtle")

    ((subject, found),) = graph.subject_objects(SCHEMA.text)
    assert str(found) == text
    assert str(subject) == (
        "https://archive.example/a%20b%3Cc%3E%22%7B%7D%7C%5C%5E%60%D0%B6?x=1%20#f"
    )


def test_a_change_makes_another_export_and_keeps_one_before(tmp_path):
    paths = []
    for slug in ("one", "two", "three"):
        factories.published(factories.ClaimFactory(slug=slug))
        done = export(tmp_path)
        assert done.changed
        paths.append(done.path)
        os.utime(done.path, (len(paths), len(paths)))

    assert (tmp_path / "current").resolve() == paths[2]
    assert [path.exists() for path in paths] == [False, True, True]
    assert not export(tmp_path).changed
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [".lock", "current", paths[1].name, paths[2].name]
    )


def test_a_failed_export_leaves_the_last_one(tmp_path, monkeypatch):
    factories.published()
    before = export(tmp_path).path
    (tmp_path / ".unfinished-killed").mkdir()
    factories.published()

    def fail(*args):
        raise OSError(28, "No space left on device", "counterclaim.ttl")

    with monkeypatch.context() as patched:
        patched.setattr(exporting.triples, "write", fail)
        with pytest.raises(CommandError, match=r"counterclaim.ttl: No space left.*as it was"):
            call_command("export_data", to=tmp_path)

    assert (tmp_path / "current").resolve() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([".lock", "current", before.name])


def test_the_nightly_job_is_an_export_that_may_be_done_twice(settings, tmp_path):
    settings.DATA_ROOT = tmp_path
    factories.published()

    told = export_data.call()

    assert told == {"path": str((tmp_path / "current").resolve()), "changed": True, "rows": 1}
    assert export_data.call() == told | {"changed": False}
    assert settings.JOBS_DAILY["claims.bulk.tasks.export_data"] == "02:30"


def test_only_one_export_at_a_time(tmp_path):
    with exporting._alone(tmp_path), pytest.raises(AlreadyRunning):
        export(tmp_path)


def test_the_command_says_what_it_did(tmp_path, capsys):
    factories.published()

    call_command("export_data", to=tmp_path)
    call_command("export_data", to=tmp_path)

    first, second = capsys.readouterr().out.splitlines()
    assert first == f"Exported 1 rows to {(tmp_path / 'current').resolve()}."
    assert second == f"Nothing has changed: {(tmp_path / 'current').resolve()} has all 1 rows."


@pytest.mark.django_db(transaction=True)
def test_an_export_sees_one_state_and_writes_nothing(django_assert_num_queries):
    n = 3 if connection.vendor == "sqlite" else 4
    with django_assert_num_queries(n) as queries, one_state():
        assert Claim.objects.count() == 0
    told = [query["sql"] for query in queries.captured_queries]
    if connection.vendor == "sqlite":  # IMMEDIATE would keep every writer waiting
        assert (told[0], told[2]) == ("BEGIN DEFERRED", "ROLLBACK")
    else:
        assert told[1] == "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with transaction.atomic():
        factories.ClaimFactory()
    assert Claim.objects.count() == 1
