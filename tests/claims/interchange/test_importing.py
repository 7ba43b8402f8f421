"""What comes in is stored where it belongs, once; what has no one place is told and not stored."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from claims.interchange.export import collection
from claims.interchange.importing import import_annotations
from claims.interchange.untrusted_json import MAX_BYTES, FileError
from claims.interchange.web_annotation import text_iri
from claims.models import Appearance, Note
from sources.models import Passage
from tests import factories
from tests.claims.interchange.examples import (
    PAGE,
    hypothesis_row,
    quoting,
    recogito,
    web_annotation,
)
from tests.claims.world import published_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot():
    return factories.transcript(slug="remarks", title="Remarks")


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


def run(value, snapshot, by, **given):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return import_annotations(data, snapshot, by=by, **given)


def told(report):
    return [(outcome.status.value, outcome.new) for outcome in report.outcomes]


def rows():
    return Passage.objects.count(), Note.objects.count()


# --- What is found is stored ---


def test_a_web_annotation_becomes_a_note_on_its_passage(snapshot, rita):
    report = run(web_annotation(), snapshot, rita)

    note = Note.objects.get()
    assert told(report) == [("FOUND", True)]
    assert report.complete
    assert note.passage.exact == "promised not to grow"
    assert note.passage.turn == snapshot.turns.get(position=1)
    assert note.passage == Passage.objects.quote(snapshot, "promised not to grow")
    assert (note.author, note.creator, note.iri) == (rita, "A. Far", "https://notes.example/1")
    assert note.body == "Who says so?"
    assert note.imported == web_annotation()
    assert report.outcomes[0].span == (note.passage.start, note.passage.end)


@pytest.mark.parametrize("annotation", [recogito(), hypothesis_row()])
def test_so_do_those_of_other_programs(snapshot, rita, annotation):
    report = run([annotation], snapshot, rita)

    assert told(report) == [("FOUND", True)]
    assert "Tags: promise" in Note.objects.get().body


def test_the_same_file_again_changes_nothing(snapshot, rita):
    file = [web_annotation(), recogito(), hypothesis_row(), web_annotation(id=None)]
    run(file, snapshot, rita)
    before = list(Note.objects.values())

    report = run(file, snapshot, factories.researcher())

    assert told(report) == [("FOUND", False)] * 4
    assert {outcome.reason for outcome in report.outcomes} == {"It is there already."}
    assert list(Note.objects.values()) == before
    assert Passage.objects.count() == 1


def test_one_that_has_changed_elsewhere_is_told(snapshot, rita):
    run(web_annotation(), snapshot, rita)

    report = run(web_annotation(value="Who said so?"), snapshot, rita)

    assert told(report) == [("FOUND", False)]
    assert "as it read when it was imported" in report.outcomes[0].reason
    assert Note.objects.get().body == "Who says so?"
    # What stands elsewhere now is in the report, as it came.
    assert report.as_dict()["annotations"][0]["annotation"]["body"]["value"] == "Who said so?"
    assert "Who said so?" in report.outcomes[0].kept


def test_twice_in_one_file_is_once(snapshot, rita):
    assert told(run([web_annotation()] * 2, snapshot, rita)) == [("FOUND", True), ("FOUND", False)]


def test_with_several_targets_it_is_a_note_on_each(snapshot, rita):
    targets = [
        {"source": PAGE, "selector": quoting(exact)}
        for exact in ("Moscow claims", "not there", "Nobody")
    ]

    report = run(web_annotation(target=targets), snapshot, rita)

    assert told(report) == [("FOUND", True), ("ORPHANED", False), ("FOUND", True)]
    assert [outcome.where for outcome in report.outcomes] == ["1.1", "1.2", "1.3"]
    assert Note.objects.values("iri").distinct().count() == 1


def test_a_check_writes_nothing(snapshot, rita):
    report = run(web_annotation(), snapshot, rita, dry_run=True)

    assert told(report) == [("FOUND", True)]
    assert report.summary == "1 FOUND, 0 AMBIGUOUS, 0 ORPHANED, 0 REFUSED; 1 would be stored."
    assert rows() == (0, 0)


def test_whom_somebody_elsewhere_names_is_nobody_here(snapshot, rita):
    run(web_annotation(value="@rita look"), snapshot, rita)
    assert not Note.objects.get().mentions.exists()


def test_a_passage_that_is_marked_already_is_used(snapshot, rita):
    passage = factories.passage(snapshot)
    run([web_annotation(), web_annotation("Moscow claims")], snapshot, rita)
    assert Passage.objects.count() == 2
    assert passage.notes.count() == 1


def test_the_number_of_queries_does_not_depend_on_how_many_there_are(snapshot, rita):
    words = snapshot.text.split()
    found = []
    for n in (1, 8):
        file = [web_annotation(" ".join(words[i : i + 3]), id=f"x:{n}-{i}") for i in range(n)]
        with CaptureQueriesContext(connection) as queries:
            assert run(file, snapshot, rita).n_new == n
        found.append(len(queries))
        rita = type(rita).objects.get(pk=rita.pk)
    # The user's and the group's permissions; savepoint, lock, notes there; turns, marked spans, new
    # passages, all of them; notes; release.
    assert found == [11, 11]


# --- What is not ---


def test_what_has_no_one_place_is_told_and_not_stored(snapshot, rita):
    file = [
        web_annotation("The Alliance never"),
        web_annotation("the"),
        web_annotation("nowhere"),
        7,
    ]

    report = run(file, snapshot, rita)

    assert [status for status, _ in told(report)] == ["FOUND", "AMBIGUOUS", "ORPHANED", "REFUSED"]
    assert report.totals == {"FOUND": 1, "AMBIGUOUS": 1, "ORPHANED": 1, "REFUSED": 1}
    assert not report.complete
    assert rows() == (1, 1)
    # Nothing is lost: what was not stored is in the report, as it came.
    kept = [told.get("annotation") for told in report.as_dict()["annotations"]]
    assert kept == [None, *file[1:]]
    assert json.loads(report.as_json()) == report.as_dict()


def test_a_report_holds_even_what_no_encoding_does(snapshot, rita):
    report = run(b'[{"body": "\\ud800"}, {"a": NaN}, {"\\ud800": 1e999}]', snapshot, rita)

    assert report.totals["REFUSED"] == 3
    kept = [told["annotation"] for told in json.loads(report.as_json().encode())["annotations"]]
    assert kept == [{"body": "\ud800"}, {"a": "NaN"}, {"\ud800": "1e999"}]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_report_holds_what_is_nested_deeply_as_far_as_it_can(snapshot, rita, opening):
    closing = {"[": "]"}.get(opening, "}")
    deep = opening * 900 + "7" + closing * 900

    report = run(f'[{{"target": {deep}}}]'.encode(), snapshot, rita)

    assert report.totals["REFUSED"] == 1
    assert "nested more than 40 levels deep" in report.outcomes[0].reason
    assert "…" in report.outcomes[0].kept
    assert json.loads(report.as_json())


def test_only_what_was_made_on_one_address(snapshot, rita):
    elsewhere = hypothesis_row("Moscow claims", identity="b")
    elsewhere["target"][0]["source"] = "https://other.example/"

    report = run([hypothesis_row(), elsewhere], snapshot, rita, made_on=f"{PAGE}/")

    assert [status for status, _ in told(report)] == ["FOUND", "ORPHANED"]
    assert "another address: https://other.example/" in report.outcomes[1].reason
    assert report.made_on == {PAGE: 1, "https://other.example/": 1}


def test_offsets_of_another_text_do_not_count(rita):
    snapshot = factories.SnapshotFactory(text="yes yes yes yes")
    selectors = quoting("yes", prefix="yes ", suffix=" yes", start=4, end=7)
    target = {"source": PAGE, "selector": selectors}
    assert run(web_annotation(target=target), snapshot, rita).totals["FOUND"] == 1

    target["state"] = {"type": "TimeState", "cached": "ni:///sha-256;another"}
    report = run(web_annotation(id="x:2", target=target), snapshot, rita)
    assert report.totals["AMBIGUOUS"] == 1


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (PAGE, "It quotes nothing"),
        ({"source": PAGE, "selector": quoting("x", start=0, end=5)[1:]}, "nothing can verify them"),
        (
            {"source": PAGE, "selector": quoting("Moscow")[0] | {"refinedBy": quoting("M")[0]}},
            "refined by another",
        ),
    ],
)
def test_what_quotes_nothing_is_orphaned(snapshot, rita, target, reason):
    (outcome,) = run(web_annotation(target=target), snapshot, rita).outcomes
    assert outcome.status == "ORPHANED"
    assert reason in outcome.reason


def test_what_a_note_cannot_hold_is_refused(snapshot, rita, monkeypatch):
    # A column may become narrower than what `reading` lets pass.
    def too_long(note, exclude):
        raise ValidationError({"creator": "It has more than 3 characters."})

    monkeypatch.setattr(Note, "clean_fields", too_long)
    (outcome,) = run(web_annotation(), snapshot, rita).outcomes
    assert (outcome.status, outcome.span) == ("REFUSED", None)
    assert outcome.reason == "creator: It has more than 3 characters."
    assert rows() == (0, 0)


def test_it_takes_the_right_to_mark_and_to_write(snapshot):
    for user in (factories.UserFactory(), factories.UserFactory(role="administrator")):
        with pytest.raises(PermissionDenied):
            run(web_annotation(), snapshot, user)
    assert rows() == (0, 0)


def test_a_killed_import_leaves_nothing(snapshot, rita, monkeypatch):
    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("claims.interchange.importing.Note.objects.bulk_create", killed)
    with pytest.raises(KeyboardInterrupt):
        run(web_annotation(), snapshot, rita)
    assert rows() == (0, 0)


def test_an_annotation_of_many_targets_is_told_once(snapshot, rita):
    selectors = [quoting(f"zz{number}") for number in range(1_000)]
    selectors[1] = quoting("promised not to grow")
    item = web_annotation(target=[{"source": PAGE, "selector": each} for each in selectors])
    report = run([web_annotation("nowhere", id="https://notes.example/2"), item], snapshot, rita)

    assert len(report.as_json()) < 6 * len(json.dumps(item))
    rows = report.as_dict()["annotations"]
    assert rows[0]["annotation"]["id"] == "https://notes.example/2"
    assert rows[1]["annotation"] == item
    assert not {"annotation", "annotation_with_target"} & set(rows[2])  # it is stored
    assert {row["annotation_with_target"] for row in rows[3:]} == {1}
    assert [bool(outcome.kept) for outcome in report.outcomes[:4]] == [True, True, False, False]
    assert [remark for remark in report.remarks if "nearly reads the same" in remark]


def test_a_small_file_does_not_fill_the_database_with_copies(snapshot, rita):
    target = {"source": PAGE, "selector": quoting("promised not to grow")}
    large = "x" * 300_000
    item = web_annotation(value=large, target=[target] * 200)
    with pytest.raises(FileError, match="with the 200 of annotation 2 "):
        run([web_annotation(value=large, id="https://notes.example/2"), item], snapshot, rita)
    assert rows() == (0, 0)


def test_what_was_tried_on_another_address_names_it_briefly(snapshot, rita):
    item = web_annotation(target={"source": f"https://{'x' * 5_000}.example/"})
    report = run(item, snapshot, rita, made_on="https://archive.example/remarks")
    assert len(report.outcomes[0].reason) < 300


def test_white_space_alone_is_not_marked(snapshot, rita):
    start = next(place for place, letter in enumerate(snapshot.text) if letter.isspace())
    position = {"type": "TextPositionSelector", "start": start, "end": start + 1}
    state = {"type": "TimeState", "cached": text_iri(snapshot.text)}
    blank = web_annotation(target={"source": PAGE, "selector": position, "state": state})
    report = run([blank, web_annotation(id="https://notes.example/2")], snapshot, rita)
    assert told(report) == [("ORPHANED", False), ("FOUND", True)]


# --- Our own, coming back ---


def test_our_own_export_finds_everything_there(rita):
    world = published_world()
    note = Note.objects.create(passage=world.appearance.passage, body="A note.", author=rita)
    run(web_annotation("Did anybody ask?"), world.snapshot, rita)
    before = rows()

    report = run(collection(world.snapshot), world.snapshot, rita)

    assert told(report) == [("FOUND", False)] * 5
    assert all("It is there already." in outcome.reason for outcome in report.outcomes)
    assert rows() == before
    assert Note.objects.filter(pk=note.pk).exists()


def test_our_own_row_that_has_changed_since_is_told():
    row = factories.AppearanceFactory()
    exported = collection(row.passage.snapshot)
    Appearance.objects.filter(pk=row.pk).update(manner="denied")

    (outcome,) = run(exported, row.passage.snapshot, factories.researcher()).outcomes

    assert (outcome.status, outcome.new) == ("FOUND", False)
    assert outcome.reason.endswith("It is there already, with another manner.")


def test_where_the_row_is_not_there_it_becomes_a_note_that_says_all():
    world = published_world()
    exported = json.loads(json.dumps(collection(world.snapshot)))
    elsewhere = factories.transcript(slug="elsewhere")
    rita = factories.researcher()

    report = run(exported, elsewhere, rita)

    assert told(report) == [("FOUND", True)] * 3
    bodies = " ".join(
        Note.objects.filter(passage__snapshot=elsewhere).values_list("body", flat=True)
    )
    for words in (
        "The Alliance promised not to grow.", "Classified as: appearance", "claimant: Moscow",
        "reported by: J. Doe", "manner: reported", "direction: refutes the claim",
        "The speaker says that there was no such promise.", "http://testserver/claims/never/",
    ):  # fmt: skip
        assert words in bodies
    assert told(run(exported, elsewhere, rita)) == [("FOUND", False)] * 3


def test_a_desk_key_of_any_form_does_no_harm(snapshot, rita):
    run(web_annotation(), snapshot, rita)
    for number, desk in enumerate(
        [7, {}, {"kind": []}, {"kind": "note"}, {"kind": "appearance"},
         {"kind": "rebuttal", "claim": [], "speaker": {"slug": {}}}]
    ):  # fmt: skip
        report = run(web_annotation(id=f"x:{number}", desk=desk), snapshot, rita)
        assert told(report) == [("FOUND", True)]


class RoundTrip(TestCase):
    """Whatever the text and the passages, what goes out comes back to its place."""

    texts = st.text(
        st.sampled_from("ab \n.é\u0301🕊👩‍🚀שא\u00a0“”")
        | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        min_size=1,
        max_size=60,
    ).filter(str.strip)  # nobody quotes white space alone, and it is not taken in

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(texts, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
    def test_there_and_back(self, text, fractions):
        here = factories.SnapshotFactory(text=text)
        spans = set()
        for fraction in fractions:
            start, end = sorted(round(part * len(text)) for part in fraction)
            spans.add((start, end) if text[start:end].strip() else (0, len(text)))
        for passage in Passage.objects.mark_all(here, spans).values():
            factories.AppearanceFactory(passage=passage)
        exported = json.loads(json.dumps(collection(here)))
        rita = factories.researcher()

        there = factories.SnapshotFactory(text=text)
        report = run(exported, there, rita)
        assert told(report) == [("FOUND", True)] * len(spans)
        assert {outcome.span for outcome in report.outcomes} == spans
        notes = Note.objects.filter(passage__snapshot=there)
        assert set(notes.values_list("passage__start", "passage__end")) == spans

        # Without the name of the text, nothing is taken for granted, and nothing moves.
        for item in exported["first"]["items"]:
            del item["target"]["state"]
        unsure = factories.SnapshotFactory(text=text)
        items = exported["first"]["items"]
        for item, outcome in zip(items, run(exported, unsure, rita).outcomes, strict=True):
            position = item["target"]["selector"][1]
            quoted = item["target"]["selector"][0]["exact"].strip()
            assert outcome.span in (None, (position["start"], position["end"]))
            assert (outcome.status == "ORPHANED") == (not quoted)


# --- The page ---


def page(snapshot):
    return reverse("admin:import_annotations", args=[snapshot.pk])


def upload(client, snapshot, value, **given):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return client.post(page(snapshot), {"file": SimpleUploadedFile("notes.json", data), **given})


def test_an_uploaded_file_is_imported_and_told(client, snapshot, rita):
    client.force_login(rita)

    html = upload(client, snapshot, [web_annotation(), web_annotation("the", "<b>Lost?</b>")]).text

    assert Note.objects.get().author == rita
    assert "1 FOUND, 1 AMBIGUOUS, 0 ORPHANED, 0 REFUSED; 1 stored." in html
    assert "“promised not to grow”" in html
    assert f"#{Note.objects.get().passage.anchor}" in html
    assert "&lt;b&gt;Lost?" in html  # kept, as it came
    assert PAGE in html


def test_a_check_is_told_as_one_and_a_second_time_as_nothing(client, snapshot, rita):
    client.force_login(rita)
    html = upload(client, snapshot, web_annotation(), check_only="on").text
    assert "Checked, nothing written" in html
    assert rows() == (0, 0)

    upload(client, snapshot, web_annotation())
    assert "Nothing changed" in upload(client, snapshot, web_annotation()).text


def test_the_report_may_be_kept_as_a_file(client, snapshot, rita):
    client.force_login(rita)

    response = upload(client, snapshot, [web_annotation("nowhere")], as_file="on")

    assert response["Content-Disposition"] == 'attachment; filename="remarks-1-import.json"'
    assert response.json()["annotations"][0]["annotation"] == web_annotation("nowhere")


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"{", "The file is not JSON"), (b"[" * (MAX_BYTES + 1), "larger than 10 MB"), (b"", "empty")],
)
def test_what_cannot_be_read_is_said_beside_the_field(client, snapshot, rita, data, error):
    client.force_login(rita)
    html = upload(client, snapshot, data).text
    assert error in html
    assert "errornote" in html
    assert "import-report" not in html


def test_the_page_is_for_those_who_may(client, snapshot):
    assert client.get(page(snapshot))["Location"].startswith(reverse("admin:login"))
    client.force_login(factories.UserFactory(role="administrator"))
    assert client.get(page(snapshot)).status_code == 403
    client.force_login(factories.editor())
    assert client.get(page(snapshot)).status_code == 200
    assert client.get(reverse("admin:import_annotations", args=[0])).status_code == 404


def test_no_note_of_it_is_public(client, rita):
    world = published_world()
    run(web_annotation(value="A hidden word."), world.snapshot, rita)
    for path in (
        "/transcripts/remarks/", "/claims/promise/", "/sources/remarks/",
        "/api/v1/transcripts/remarks/", "/api/v1/claims/promise/",
    ):  # fmt: skip
        response = client.get(path)
        assert response.status_code == 200
        assert "hidden word" not in response.text


def test_the_list_of_notes_tells_the_imported_from_the_others(client, snapshot, rita):
    run(web_annotation(value="From afar."), snapshot, rita)
    Note.objects.create(passage=factories.passage(snapshot), body="From here.", author=rita)
    client.force_login(rita)
    address = reverse("admin:claims_note_changelist")

    imported = client.get(address, {"imported": "yes"}).text
    written = client.get(address, {"imported": "no"}).text

    assert ("From afar." in imported, "From here." in imported) == (True, False)
    assert ("From afar." in written, "From here." in written) == (False, True)


# --- The command ---


def command(path, *args):
    call_command("import_annotations", str(path), "--source", "remarks", *args)


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "notes.json"
    path.write_text(json.dumps([hypothesis_row()]), encoding="utf-8")
    return path


def test_the_command_imports_and_tells(snapshot, file, capsys):
    command(file)

    out = capsys.readouterr().out
    assert Note.objects.get().author.username == "researcher"
    start, end = Note.objects.values_list("passage__start", "passage__end").get()
    assert f"1  FOUND              {start}–{end}  “promised not to grow”" in out
    assert "1 FOUND, 0 AMBIGUOUS, 0 ORPHANED, 0 REFUSED; 1 stored." in out
    assert f"Made on: {PAGE} (1)" in out


def test_the_command_tells_in_json_and_by_its_exit_status(snapshot, rita, file, capsys):
    rows = [hypothesis_row(), hypothesis_row("nowhere"), 7]
    file.write_text(json.dumps({"rows": rows, "total": 5}), encoding="utf-8")

    with pytest.raises(CommandError, match="2 of 3 not imported") as error:
        command(file, "--format", "json", "--by", "rita", "--edition", "1")

    assert error.value.returncode == 2
    report = json.loads(capsys.readouterr().out)
    assert [told["status"] for told in report["annotations"]] == ["FOUND", "ORPHANED", "REFUSED"]
    assert report["remarks"] == ["total: 5 annotations, of which this file holds 3."]
    assert Note.objects.get().author == rita

    with pytest.raises(CommandError, match="2 of 3"):
        command(file, "--dry-run")
    out = capsys.readouterr().out
    assert "The file: total: 5" in out
    assert "(no quotation)" in out


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["--edition", "9"], "--source: There is no edition 9"),
        (["--by", "nobody"], "--by: there is no active user “nobody”"),
        (["--by", "mere"], "--by: Importing annotations takes the right"),
    ],
)
def test_the_command_says_what_is_missing(snapshot, file, args, error):
    factories.UserFactory(username="mere")
    with pytest.raises(CommandError, match=error):
        command(file, *args)
    assert rows() == (0, 0)


def test_the_command_says_what_is_wrong_with_the_file(snapshot, file, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        command(tmp_path / "absent.json")
    file.write_text("{")
    with pytest.raises(CommandError, match=r"notes\.json: The file is not JSON") as error:
        command(file)
    assert error.value.returncode == 1


def test_the_command_gives_nobody_the_name_of_a_role(snapshot, file):
    factories.UserFactory(username="researcher")
    with pytest.raises(CommandError, match="--by"):
        command(file)
