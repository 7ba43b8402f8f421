import datetime as dt
import io
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from sources.importing import Details, SpeakerEntry, import_transcript, read_speakers
from sources.models import Snapshot, Source, Speaker, SpeakerName, Turn
from sources.parsing import TranscriptError
from sources.yaml_files import YamlError
from tests.factories import TRANSCRIPT, SourceFactory, SpeakerFactory, editor, researcher

pytestmark = pytest.mark.django_db

DATA = TRANSCRIPT.encode()
DOE = SpeakerEntry(slug="doe", name="Jane Doe", names=("SECRETARY DOE",))


def rows():
    return [model.objects.count() for model in (Source, Snapshot, Turn, Speaker, SpeakerName)]


def test_an_import_stores_bytes_text_and_turns():
    at = dt.datetime(2022, 1, 8, tzinfo=dt.UTC)
    result = import_transcript(DATA, filename="doe.txt", at=at)
    snapshot = Snapshot.objects.get()
    assert result.created
    assert bytes(snapshot.content) == DATA
    assert snapshot.text == TRANSCRIPT
    assert (snapshot.edition, snapshot.retrieved_at, snapshot.media_type) == (1, at, "text/plain")
    source = snapshot.source
    assert (source.title, source.issued_iso, source.kind) == (
        "Remarks on the Alliance",
        "2022-01-07",
        "transcript",
    )
    assert (source.rendition, source.language, source.is_published) == ("unknown", "und", False)
    assert [(turn.position, turn.label, turn.role) for turn in snapshot.turns.all()] == [
        (1, "SECRETARY DOE", "statement"),
        (2, "QUESTION", "question"),
        (3, "SECRETARY DOE", "answer"),
    ]
    first = snapshot.turns.get(position=1)
    words = snapshot.text[first.start : first.end]
    assert words.startswith("Good afternoon.")
    assert words.endswith("never promised that.")


def test_line_ends_are_unified_in_the_text_and_kept_in_the_bytes():
    data = TRANSCRIPT.replace("\n", "\r\n").encode()
    snapshot = import_transcript(data).snapshot
    assert snapshot.text == TRANSCRIPT
    assert bytes(snapshot.content) == data


def test_the_same_bytes_again_change_nothing():
    import_transcript(DATA)
    before = rows()
    again = import_transcript(DATA, speakers=[DOE])
    assert not again.created
    assert again.edition == 1
    assert rows() == before


def test_changed_text_of_a_known_source_is_its_next_edition():
    import_transcript(DATA)
    result = import_transcript(DATA.replace(b"Nobody did", b"Nobody ever did"))
    assert result.created
    assert result.edition == 2
    assert Source.objects.count() == 1
    assert Snapshot.objects.count() == 2


def test_a_source_is_known_by_its_address_even_under_another_title():
    import_transcript(DATA, details=Details(url="https://archive.example/1"))
    other = DATA.replace(b"Remarks on the Alliance", b"Remarks (as corrected)")
    assert import_transcript(other, details=Details(url="https://archive.example/1")).edition == 2


def test_one_title_and_day_at_two_addresses_are_two_sources():
    for number in (1, 2):
        details = Details(url=f"https://archive.example/{number}")
        data = DATA.replace(b"Nobody did", b"Nobody did %d" % number)
        assert import_transcript(data, details=details).edition == 1
    assert list(Source.objects.order_by("id").values_list("slug", flat=True)) == [
        "remarks-on-the-alliance-2022-01-07",
        "remarks-on-the-alliance-2022-01-07-2",
    ]


def test_titles_without_a_latin_letter_do_not_run_together():
    for title in ("Беседа", "Совещание"):
        data = DATA.replace(b"Remarks on the Alliance", title.encode())
        assert import_transcript(data).edition == 1
    assert set(Source.objects.values_list("title", "slug")) == {
        ("Беседа", "transcript-2022-01-07"),
        ("Совещание", "transcript-2022-01-07-2"),
    }


def test_a_given_source_gets_the_edition():
    source = SourceFactory(kind="transcript", slug="mine")
    assert import_transcript(DATA, source=source).source == source
    assert import_transcript(DATA).source == source


def test_details_overrule_the_header():
    details = Details(title="Another title", language="ru", rendition="human-translation")
    source = import_transcript(DATA, details=details).source
    assert (source.title, source.language, source.rendition) == (
        "Another title",
        "ru",
        "human-translation",
    )


def test_labels_resolve_through_known_spellings_and_unknown_ones_are_listed():
    speaker = SpeakerFactory()
    SpeakerName.objects.create(speaker=speaker, name="SECRETARY DOE")
    result = import_transcript(DATA)
    assert [turn.speaker for turn in Turn.objects.all()] == [speaker, None, speaker]
    assert result.unresolved == {"QUESTION": 1}


def test_a_label_that_two_speakers_bear_stays_open_unless_the_speakers_file_says_who():
    for _ in range(2):
        SpeakerName.objects.create(speaker=SpeakerFactory(), name="SECRETARY DOE")
    assert import_transcript(DATA, dry_run=True).unresolved == {"SECRETARY DOE": 2, "QUESTION": 1}
    result = import_transcript(DATA, speakers=[DOE])
    assert result.speakers["SECRETARY DOE"].slug == "doe"
    assert result.unresolved == {"QUESTION": 1}


def test_labels_that_become_known_later_are_resolved_on_request():
    snapshot = import_transcript(DATA).snapshot
    speaker = SpeakerFactory()
    SpeakerName.objects.create(speaker=speaker, name="SECRETARY DOE")
    assert snapshot.resolve_labels(by=researcher()) == 2
    assert snapshot.turns.get(position=3).speaker == speaker
    assert snapshot.resolve_labels(by=researcher()) == 0


def test_who_speaks_in_a_public_transcript_is_for_an_editor_to_say():
    snapshot = import_transcript(DATA).snapshot
    snapshot.source.publish(by=editor())
    with pytest.raises(PermissionDenied):
        snapshot.resolve_labels(by=researcher())
    assert snapshot.resolve_labels(by=editor()) == 0
    assert not snapshot.turns.first().editable_by(researcher())


def test_a_dry_run_writes_nothing():
    result = import_transcript(DATA, speakers=[DOE], dry_run=True)
    assert len(result.turns) == 3
    assert result.snapshot is None
    assert rows() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text|UTF-8"),
        (b"MR. DOE: caf\xe9 is open to all of us today.", "UTF-8"),
        (b"MR. DOE: NUL\x00 here.", "not text|control"),
        (b"milk\neggs\nbread\n", "no recognisable turns"),
        (b"MR. DOE: words. " + b"x" * (5 * 1024 * 1024), "too large"),
    ],
)
def test_what_is_no_transcript_is_refused_and_leaves_no_row(data, message):
    with pytest.raises(TranscriptError, match=f"(?i){message}"):
        import_transcript(data, speakers=[DOE])
    assert rows() == [0, 0, 0, 0, 0]


def test_details_that_do_not_fit_are_refused_and_leave_no_row():
    with pytest.raises(ValidationError) as error:
        import_transcript(DATA, speakers=[DOE], details=Details(language="not a tag"))
    assert "language" in error.value.message_dict
    assert rows() == [0, 0, 0, 0, 0]


SPEAKERS = """
- slug: doe
  name: Jane Doe
  names: [SECRETARY DOE, DOE]
"""


def test_a_speakers_file_is_read():
    assert read_speakers(SPEAKERS, "speakers.yaml") == [
        SpeakerEntry(slug="doe", name="Jane Doe", names=("SECRETARY DOE", "DOE"))
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slug: doe", "speakers.yaml:1: a list"),
        ("- doe", "speakers.yaml:1: a speaker"),
        ("- slug: doe\n  colour: red\n  name: x", "speakers.yaml:2: colour: not a field"),
        ("- slug: doe\n  slug: dee\n  name: x", "speakers.yaml:2: slug: given twice"),
        ("- slug: doe", "speakers.yaml:1: name: missing"),
        ("- slug: doe\n  name: [x]", "speakers.yaml:2: name: text was expected"),
        ("- slug: doe\n  name: x\n  names: DOE", "speakers.yaml:3: names: a list"),
        ("- slug: doe\n  name: x\n  kind: robot", "speakers.yaml:3: kind"),
        ("- slug: doe\n  name: x\n  wikidata_id: 312", "speakers.yaml:3: wikidata_id: text"),
        ("- slug: doe\n  name: x\n  wikidata_id: P31", "speakers.yaml:3: wikidata_id"),
        ("- slug: doe\n  name: 2022-13-45", "speakers.yaml:2: name: month must be"),
        ("- 2022-13-45", "speakers.yaml:1: not valid YAML"),
        (
            '- slug: doe\n  name: x\n  names: [""]',
            "speakers.yaml:3: names: This field cannot be blank",
        ),
        (
            '- slug: doe\n  name: x\n  names: ["a\\0b"]',
            "speakers.yaml:3: ",
        ),
        (f"- slug: doe\n  name: x\n  names: [{'D' * 300}]", "speakers.yaml:3: names: Ensure"),
        ("- slug: doe\n  name: x\n  names: [QUESTION]", "speakers.yaml:3: names: Anybody who asks"),
        ("- slug: [", "speakers.yaml:1: not valid YAML"),
        ("- 1: x", "speakers.yaml:1: the key 1 is not text"),
        ("- slug: \x07", "speakers.yaml:1: not valid YAML"),
    ],
)
def test_a_mistake_in_a_speakers_file_is_told_with_its_line(text, message):
    with pytest.raises(YamlError) as error:
        read_speakers(text, "speakers.yaml")
    assert str(error.value).startswith(message)


# --- The command ------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "doe.txt"
    path.write_bytes(DATA)
    return path


def run(*arguments):
    out = io.StringIO()
    call_command("import_transcript", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_command_tells_what_it_did(file):
    out = run(file)
    assert "Imported edition 1 of “Remarks on the Alliance”" in out
    assert "QUESTION: 1 turn" in out
    assert Turn.objects.count() == 3
    assert "Nothing changed" in run(file)


def test_the_command_gives_json_and_a_dry_run_writes_nothing(file, tmp_path):
    speakers = tmp_path / "speakers.yaml"
    speakers.write_text(SPEAKERS)
    answer = json.loads(run(file, "--dry-run", "--format", "json", "--speakers", speakers))
    assert answer["header"] == {
        "title": "Remarks on the Alliance",
        "publisher": "",
        "date": "2022-01-07",
        "place": "",
        "url": "",
    }
    assert list(answer["turns"][0]) == ["position", "label", "speaker", "role", "start", "end"]
    assert [turn["speaker"] for turn in answer["turns"]] == ["doe", None, "doe"]
    assert [TRANSCRIPT[turn["start"] : turn["end"]] for turn in answer["turns"]][
        1
    ] == "Did anybody ask?"
    assert rows() == [0, 0, 0, 0, 0]


def test_the_command_adds_an_edition_to_a_named_source(file):
    SourceFactory(slug="mine")
    assert "(mine)" in run(file, "--source", "mine", "--dry-run")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-file.txt"], "no-such-file.txt: No such file"),
        (["{file}", "--source", "nowhere"], "--source: there is no source “nowhere”"),
        (["{file}", "--speakers", "no-such-file.yaml"], "no-such-file.yaml: No such file"),
        (["{file}", "--language", "?"], "language: "),
        (["{broken}"], "broken.txt: .*UTF-8"),
        (["{file}", "--speakers", "{broken}"], "broken.txt: "),
        (["{file}", "--speakers", "{list}"], "list.yaml:1: a list"),
    ],
)
def test_the_command_refuses_with_a_sentence(file, tmp_path, arguments, message):
    (tmp_path / "broken.txt").write_bytes(b"MR. DOE: \xff\xfe")
    (tmp_path / "list.yaml").write_text("a: b")
    names = {"file": file, "broken": tmp_path / "broken.txt", "list": tmp_path / "list.yaml"}
    with pytest.raises(CommandError, match=message):
        run(*(argument.format(**names) for argument in arguments))
    assert Snapshot.objects.count() == 0
