"""What goes out: valid by the W3C's own schemas, complete, and behind the permission."""

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.interchange.export import collection
from claims.interchange.web_annotation import CONTEXT, MEDIA_TYPE, digest_iri, text_iri
from claims.models import Note, Rebuttal
from sources.models import Passage, Snapshot
from tests import factories
from tests.claims.world import published_world

pytestmark = pytest.mark.django_db

URI = re.compile(r"[a-z][a-z0-9+.-]*:[!#$%&'()*+,/:;=?@A-Za-z0-9._~\[\]-]+")
SCHEMAS = Path(__file__).parents[4] / "shared" / "data" / "web-annotation"


def address(snapshot, query=""):
    return reverse("admin:annotations_export", args=[snapshot.pk]) + query


def note_on(passage, body="Is this so?", **given):
    return Note.objects.create(passage=passage, body=body, author=factories.researcher(), **given)


def leave_drafts(world):
    """What only the desk may see, beside and behind what is public: all of it says “hidden”."""
    hidden = factories.ClaimFactory(slug="hidden-claim", text="A hidden promise.", context="hidden")
    speaker = factories.SpeakerFactory(slug="hidden-speaker", name="Hidden Speaker")
    made, answered = world.appearance.passage, world.rebuttal.passage
    factories.AppearanceFactory(claim=world.claim, passage=made, claimant=speaker)
    factories.AppearanceFactory(claim=hidden, passage=made, claimant=world.appearance.claimant)
    factories.RebuttalFactory(
        claim=world.claim, passage=answered, speaker=speaker, summary="A hidden answer."
    )
    factories.EvidenceFactory(
        claim=world.claim,
        source=world.snapshot.source,
        passage=made,
        locator="p. 9",
        summary="A hidden find.",
    )
    # Behind a public rebuttal, whose own columns are public.
    Rebuttal.objects.filter(pk=world.rebuttal.pk).update(counterclaim=hidden)
    factories.CitationFactory(
        rebuttal=world.rebuttal,
        invoked="A letter",
        source=factories.SourceFactory(slug="hidden-source"),
    )
    note_on(made, "A hidden note.")


@pytest.fixture
def world():
    world = published_world()
    leave_drafts(world)
    return world


def of_kind(exported, kind):
    found = [item for item in exported["first"]["items"] if item["desk"]["kind"] == kind]
    assert found
    return found[0]


# --- What the standard asks for ---


@cache
def assertions(test):
    """The schemas that the W3C's test `test` holds an annotation to, each by its name."""
    names = json.loads((SCHEMAS / test).read_text(encoding="utf-8"))["assertions"]
    return [json.loads((SCHEMAS / name).read_text(encoding="utf-8")) for name in names]


@cache
def definitions():
    from referencing import Registry
    from referencing.jsonschema import DRAFT4

    found = [json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("definitions/*.json")]
    return Registry().with_resources(
        (schema["id"], DRAFT4.create_resource(schema)) for schema in found
    )


@cache
def formats():
    """The two formats that the schemas name; jsonschema's own checks need further packages."""
    checker = pytest.importorskip("jsonschema").FormatChecker([])
    checker.checks("uri")(lambda text: not isinstance(text, str) or bool(URI.fullmatch(text)))
    checker.checks("date-time", raises=ValueError)(
        lambda text: not isinstance(text, str) or dt.datetime.fromisoformat(text).tzinfo is not None
    )
    return checker


def failures(value, test):
    """The names of those schemas of the W3C's test `test` that `value` does not meet, though it must."""
    jsonschema = pytest.importorskip("jsonschema")
    found = []
    for schema in assertions(test):
        if schema.get("assertionType") != "must":
            continue
        whole = {key: held for key, held in schema.items() if key != "id"}
        validator = jsonschema.Draft4Validator(
            whole, registry=definitions(), format_checker=formats()
        )
        valid = validator.is_valid(value)
        if valid != (schema.get("expectedResult", "valid") == "valid"):
            found.append(schema["id"])
    return found


needs_schemas = pytest.mark.skipif(
    not SCHEMAS.exists(), reason=f"the W3C's schemas are not at {SCHEMAS}"
)


@needs_schemas
@pytest.mark.parametrize("published", [False, True])
def test_it_meets_every_schema_of_the_w3c_that_it_must(world, published):
    exported = collection(world.snapshot, published=published)

    assert len(exported["first"]["items"]) == (3 if published else 8)
    assert failures(exported, "collections/collectionMusts.test") == []
    assert failures(exported, "collections/pages/pageMusts.test") == []
    for item in exported["first"]["items"]:
        alone = {"@context": exported["@context"], **item}
        assert failures(alone, "annotations/annotationMusts.test") == [], item["id"]


@needs_schemas
def test_the_schemas_would_notice(world):
    exported = collection(world.snapshot)
    item = {"@context": CONTEXT, **exported["first"]["items"][0]}
    item["target"] = item["target"] | {"selector": [{"type": "TextPositionSelector", "start": "0"}]}
    del item["id"]

    found = failures(item, "annotations/annotationMusts.test")

    assert "3.1-annotationIdValidated.json" in found
    assert "4.2-textDataPositionSelectorValid.json" in found
    item["target"]["source"] = "no address"
    assert "3.2-targetObjectsRecognized.json" in failures(item, "annotations/annotationMusts.test")


# --- What it says ---


def test_an_appearance_says_all_that_the_desk_has(world):
    exported = collection(world.snapshot)
    base = f"http://testserver{address(world.snapshot)}"
    item = next(
        item
        for item in exported["first"]["items"]
        if item["id"].endswith(f"#appearance-{world.appearance.pk}")
    )

    assert exported["id"] == base
    assert exported["total"] == len(exported["first"]["items"])
    assert item["id"].startswith(f"{base}#")
    assert item["motivation"] == "linking"
    assert item["body"] == [
        {
            "type": "TextualBody",
            "purpose": "classifying",
            "value": "appearance",
            "format": "text/plain",
        },
        {
            "type": "SpecificResource",
            "purpose": "linking",
            "source": "http://testserver/claims/promise/",
        },
        {
            "type": "TextualBody",
            "purpose": "describing",
            "value": "The Alliance promised not to grow.",
            "format": "text/plain",
            "language": "en",
        },
        *(
            {"type": "TextualBody", "purpose": "tagging", "value": tag, "format": "text/plain"}
            for tag in ("claimant: Moscow", "reported by: J. Doe", "manner: reported")
        ),
    ]
    passage = world.appearance.passage
    assert item["target"] == {
        "type": "SpecificResource",
        "source": "http://testserver/transcripts/remarks/?edition=1",
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": "promised not to grow",
                "prefix": passage.prefix,
                "suffix": passage.suffix,
            },
            {"type": "TextPositionSelector", "start": passage.start, "end": passage.end},
        ],
        "state": {
            "type": "TimeState",
            "sourceDate": world.snapshot.retrieved_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cached": text_iri(world.snapshot.text),
        },
    }
    assert item["desk"]["claimant"]["slug"] == "moscow"
    assert item["desk"]["reported_by"]["slug"] == "doe"


def test_a_rebuttal_and_evidence_say_theirs(world):
    exported = collection(world.snapshot)

    rebuttal = of_kind(exported, "rebuttal")
    values = [(body["purpose"], body.get("value", body.get("source"))) for body in rebuttal["body"]]
    assert rebuttal["motivation"] == "linking"
    assert ("commenting", "The speaker says that there was no such promise.") in values
    assert ("tagging", "speaker: J. Doe") in values
    assert ("identifying", "http://testserver/claims/hidden-claim/") in values
    invoked = {
        citation["invoked"]: citation["source"] for citation in rebuttal["desk"]["citations"]
    }
    assert invoked == {"A memo": "memo", "An interview": None, "A letter": "hidden-source"}

    evidence = next(item for item in exported["first"]["items"]
                    if item["desk"].get("direction") == "refutes")  # fmt: skip
    values = [(body["purpose"], body.get("value")) for body in evidence["body"]]
    assert evidence["motivation"] == "assessing"
    assert ("tagging", "direction: refutes the claim") in values
    assert ("tagging", "directness: direct") in values


def test_a_note_keeps_the_identity_that_it_has_elsewhere(world):
    note_on(world.appearance.passage, "From afar.", iri="https://notes.example/1", creator="A. Far")

    notes = [item for item in collection(world.snapshot)["first"]["items"]
             if item["desk"]["kind"] == "note"]  # fmt: skip

    told = {item["body"][0]["value"]: item for item in notes}
    assert told["From afar."]["canonical"] == "https://notes.example/1"
    assert told["From afar."]["creator"] == {"type": "Person", "name": "A. Far"}
    assert "canonical" not in told["A hidden note."]
    assert told["A hidden note."]["motivation"] == "commenting"


def test_it_says_who_made_a_row_and_when_it_was_changed(client):
    ada = factories.researcher(username="ada", first_name="Ada", last_name="Reader")
    row = factories.AppearanceFactory()
    first, *_ = row.history.all()
    first.history_user = ada
    first.save()
    item = of_kind(collection(row.passage.snapshot), "appearance")
    assert item["creator"] == {"type": "Person", "name": "Ada Reader"}
    assert "modified" not in item

    row.manner = "denied"
    row.save()
    item = of_kind(collection(row.passage.snapshot), "appearance")
    assert item["creator"] == {"type": "Person", "name": "Ada Reader"}
    assert item["modified"] >= item["created"]


def test_only_what_is_annotated_in_this_edition_goes_out(world):
    other = factories.transcript(slug="other")
    row = factories.AppearanceFactory(claim=world.claim, passage=factories.passage(other))

    items = collection(other)["first"]["items"]

    assert [item["id"].rpartition("#")[2] for item in items] == [f"appearance-{row.pk}"]
    assert collection(factories.transcript(slug="bare"))["total"] == 0


def test_a_text_has_one_name():
    # RFC 6920, section 8.1.
    assert (
        digest_iri(b"Hello World!") == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    )
    assert text_iri("Привет 🕊") != text_iri("Привет")


# --- Who may have it ---


def test_the_desk_downloads_it_as_json_ld(client, world):
    client.force_login(factories.researcher())

    response = client.get(address(world.snapshot))

    assert response.status_code == 200
    assert response["Content-Type"] == MEDIA_TYPE
    assert response["Content-Disposition"] == 'attachment; filename="remarks-1.jsonld"'
    assert response.json() == json.loads(json.dumps(collection(world.snapshot)))
    assert "hidden" in response.text


def test_nobody_else_does(client, world):
    response = client.get(address(world.snapshot))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))

    client.force_login(factories.UserFactory())  # on the staff, without a role
    assert client.get(address(world.snapshot)).status_code == 403

    client.force_login(factories.researcher())
    assert client.get(reverse("admin:annotations_export", args=[0])).status_code == 404
    assert client.post(address(world.snapshot)).status_code == 405


def test_what_is_public_goes_out_alone(client, world):
    client.force_login(factories.researcher(username="hidden-user"))

    response = client.get(address(world.snapshot, "?published=yes"))

    assert "hidden" not in response.text.lower()
    exported = response.json()
    assert exported["total"] == 3
    assert {item["creator"]["name"] for item in exported["first"]["items"]} == {"Counterclaim"}
    assert of_kind(exported, "rebuttal")["desk"]["counterclaim"] is None


def test_a_misspelt_option_is_no_option(client, world):
    client.force_login(factories.researcher())
    assert client.get(address(world.snapshot, "?published=1")).status_code == 400


@pytest.mark.parametrize("page", ["sources_snapshot_change", "annotate"])
def test_the_pages_of_an_edition_lead_to_it(client, world, page):
    leads = [reverse(f"admin:{name}", args=[world.snapshot.pk]) for name in
             ("annotations_export", "import_annotations")]  # fmt: skip
    for role, expected in (("researcher", [True, True]), ("administrator", [True, False])):
        client.force_login(factories.UserFactory(role=role))
        html = client.get(reverse(f"admin:{page}", args=[world.snapshot.pk])).text
        assert [f'href="{lead}"' in html for lead in leads] == expected


@pytest.mark.parametrize("n", [1, 20])
def test_the_number_of_queries_does_not_depend_on_how_much_there_is(n):
    snapshot = factories.transcript()
    for number in range(n):
        passage = Passage.objects.mark(snapshot, start=number, end=number + 5)
        factories.AppearanceFactory(passage=passage)
        rebuttal = factories.RebuttalFactory(passage=passage, counterclaim=factories.ClaimFactory())
        factories.CitationFactory(rebuttal=rebuttal)
        factories.EvidenceFactory(source=snapshot.source, passage=passage, locator=f"p. {number}")
        note_on(passage)
    snapshot = Snapshot.objects.select_related("source").get(pk=snapshot.pk)

    with CaptureQueriesContext(connection) as queries:
        exported = collection(snapshot)

    # Appearances, rebuttals, citations with their sources, evidence, notes; the history of three.
    assert len(queries) == 9
    assert exported["total"] == 4 * n


# --- The command ---


def exported_by(capsys, *args):
    call_command("export_annotations", *args)
    return json.loads(capsys.readouterr().out)


def test_the_command_writes_the_same(world, capsys, tmp_path):
    whole = json.loads(json.dumps(collection(world.snapshot)))
    assert exported_by(capsys, str(world.snapshot.pk)) == whole
    assert exported_by(capsys, "--source", "remarks") == whole
    assert exported_by(capsys, "--source", "remarks", "--edition", "1", "--published")["total"] == 3

    file = tmp_path / "out.jsonld"
    call_command("export_annotations", "--source", "remarks", "-o", str(file))
    assert json.loads(file.read_text("utf-8")) == whole


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "one of them"),
        (["1", "--source", "remarks"], "one of them"),
        (["1", "--edition", "1"], "--edition goes with --source"),
        (["0"], "There is no snapshot 0."),
        (["--source", "nowhere"], "no text of a source “nowhere”"),
        (["--source", "remarks", "--edition", "7"], "no edition 7"),
    ],
)
def test_the_command_says_what_is_missing(world, args, told):
    with pytest.raises(CommandError, match=told):
        call_command("export_annotations", *args)


def test_the_command_says_where_it_cannot_write(world, tmp_path):
    with pytest.raises(CommandError, match=r"Is a directory"):
        call_command("export_annotations", "--source", "remarks", "-o", str(tmp_path))
