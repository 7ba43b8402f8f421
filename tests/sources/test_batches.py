"""Many files at once: by the command, and by the form of the desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from sources.models import Snapshot, Source, Turn
from tests import factories
from tests.sources.extraction import documents
from tests.sources.test_recordings import VTT

pytestmark = pytest.mark.django_db

IMPORT = reverse("admin:sources_source_import")
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "transcripts"

TURNS = ["MR. ROE: Good afternoon.", "QUESTION: Did anybody ask?", "MR. ROE: Nobody did."]
FILES = {
    "a.txt": "\n\n".join(TURNS).encode() + b"\n",
    "b.html": f"<html><body><h1>B</h1><p>{'</p><p>'.join(TURNS)}</p></body></html>".encode(),
    "c.pdf": documents.pdf([TURNS]),
    "d.docx": documents.word(*TURNS),
    "e.vtt": VTT,
    "f.srt": b"1\n00:00:01,000 --> 00:00:02,000\nMR. ROE: Hello.\n\n"
    b"2\n00:00:02,000 --> 00:00:03,000\nQUESTION: Why?\n",
    "g.txt": b"a list\nof words\n",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / ".hidden.txt").write_text("no")
    (tmp_path / "deeper").mkdir()
    return tmp_path


def run(capsys, *paths, **options):
    with pytest.raises(CommandError) as ended:
        call_command("import_transcripts", *map(str, paths), **options)
    return capsys.readouterr().out, ended.value.returncode


def test_every_kind_of_file_becomes_the_same_turns(folder, capsys):
    told, code = run(capsys, folder)

    assert code == 2
    assert told.splitlines()[-1] == "7 files: 6 imported, 0 known, 1 refused."
    assert f"refused   {folder}/g.txt: No recognisable turns" in told
    assert f"imported  {folder}/c.pdf: edition 1 of " in told
    kinds = dict(Snapshot.objects.values_list("source__slug", "media_type"))
    assert sorted(kind.split(".")[-1] for kind in kinds.values()) == [
        "application/pdf", "application/x-subrip", "document", "text/html", "text/plain", "text/vtt",
    ]  # fmt: skip
    for snapshot in Snapshot.objects.exclude(media_type__in=["text/vtt", "application/x-subrip"]):
        turns = Turn.objects.filter(snapshot=snapshot)
        said = [f"{turn.label}: {snapshot.text[turn.start : turn.end]}" for turn in turns]
        assert said == TURNS


def test_the_same_files_again_change_nothing(folder, capsys):
    run(capsys, folder)
    told, _ = run(capsys, folder)
    assert told.splitlines()[-1] == "7 files: 0 imported, 6 known, 1 refused."
    assert Snapshot.objects.count() == 6


def test_a_dry_run_tells_the_same_and_writes_nothing(folder, capsys):
    told, code = run(capsys, folder, dry_run=True)
    assert told.splitlines()[-1] == "7 files: 6 imported, 0 known, 1 refused. Nothing was written."
    assert "a.txt: would be edition 1 of “a” (a), 3 turns." in told
    assert code == 2
    assert not Source.objects.exists()


def test_the_report_as_json(folder, capsys):
    told, _ = run(capsys, folder / "a.txt", folder / "g.txt", format="json")
    report = json.loads(told)
    assert report[0] == {
        "file": str(folder / "a.txt"), "outcome": "imported", "words": "edition 1 of “a” (a), 3 turns.",
        "source": "a", "edition": 1, "turns": 3, "unresolved": ["MR. ROE", "QUESTION"],
    }  # fmt: skip
    assert (report[1]["outcome"], "source" in report[1]) == ("refused", False)


def test_all_that_can_be_imported_ends_well(folder, capsys):
    call_command("import_transcripts", folder / "a.txt", folder / "e.vtt", language="en")
    assert "2 files: 2 imported, 0 known, 0 refused." in capsys.readouterr().out
    assert set(Source.objects.values_list("language", flat=True)) == {"en"}


def test_each_is_a_transaction_of_its_own(folder, monkeypatch):
    """What breaks in the middle, and is nobody's fault, keeps what came before."""
    from sources import batches

    whole = batches.import_transcript

    def breaking(data, **given):
        if given["filename"] == "b.html":
            raise RuntimeError("power cut")
        return whole(data, **given)

    monkeypatch.setattr(batches, "import_transcript", breaking)
    with pytest.raises(RuntimeError):
        call_command("import_transcripts", str(folder))
    assert list(Source.objects.values_list("slug", flat=True)) == ["a"]


@pytest.mark.parametrize(
    ("paths", "given", "words"),
    [
        (["nothing.txt"], {}, "nothing.txt: No such file"),
        (["deeper"], {}, "There is no file"),
        (["a.txt"], {"speakers": "nobody.yaml"}, "nobody.yaml: No such file"),
        (["a.txt"], {"speakers": "g.txt"}, "a list of speakers was expected"),
    ],
)
def test_what_the_command_does_not_begin_with(folder, monkeypatch, paths, given, words):
    monkeypatch.chdir(folder)
    given = {name: Path(value) for name, value in given.items()}
    with pytest.raises(CommandError, match=words) as ended:
        call_command("import_transcripts", *paths, **given)
    assert ended.value.returncode == 1


def test_a_language_that_is_none_refuses_every_new_source(folder, capsys):
    told, _ = run(capsys, folder / "a.txt", language="no such!")
    assert "a.txt: language: Give a BCP 47 language tag" in told


# --- the form -------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client):
    client.force_login(factories.researcher())
    return client


def send(desk, *names, **given):
    files = [SimpleUploadedFile(name, FILES[name]) for name in names]
    return desk.post(IMPORT, {"file": files, **given})


def rows(response):
    return [(row.filename, row.outcome) for row in response.context["told"]]


def test_several_files_at_the_desk_with_a_report(desk):
    response = send(desk, *FILES, language="en")
    html = response.content.decode()
    assert rows(response) == [
        (name, "refused" if name == "g.txt" else "imported") for name in sorted(FILES)
    ]
    assert "7 files" in html
    assert "No recognisable turns" in html
    assert "Edition 1 of “a” (a), 3 turns." in html
    assert reverse("admin:sources_snapshot_change", args=[Snapshot.objects.first().pk]) in html
    assert Source.objects.filter(language="en").count() == 6
    assert rows(send(desk, "a.txt", "b.html")) == [("a.txt", "known"), ("b.html", "known")]


def test_a_check_of_several_writes_nothing(desk):
    response = send(desk, "a.txt", "c.pdf", "g.txt", check_only="on")
    assert [outcome for _, outcome in rows(response)] == ["imported", "imported", "refused"]
    assert "3 files: checked, nothing written" in response.content.decode()
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"title": "One"},
        {"url": "https://example.org/"},
        {"recording_url": "https://example.org/a.mp4"},
    ],
)
def test_what_is_said_of_one_document_is_not_said_of_several(desk, given):
    response = send(desk, "a.txt", "c.pdf", **given)
    assert list(response.context["form"].errors) == list(given)
    assert not Source.objects.exists()


def test_an_empty_one_among_several_is_told_of(desk):
    files = [SimpleUploadedFile("a.txt", FILES["a.txt"]), SimpleUploadedFile("none.txt", b"")]
    response = desk.post(IMPORT, {"file": files})
    assert rows(response) == [("a.txt", "imported"), ("none.txt", "refused")]


def test_too_many_at_once_are_refused(desk):
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(51)]
    response = desk.post(IMPORT, {"file": files})
    assert response.context["form"].errors == {"file": ["51 files: at most 50 at once."]}


def test_one_alone_is_shown_in_full_with_its_recording(desk):
    response = send(desk, "e.vtt", recording_url="https://example.org/a.mp4")
    assert response.context["told"] == []
    assert "MS. ROE" in response.content.decode()
    assert Source.objects.get().recording_url == "https://example.org/a.mp4"


def test_the_command_for_one_takes_the_recording(folder):
    call_command("import_transcript", folder / "e.vtt", recording="https://example.org/a.mp4")
    assert Source.objects.get().recording_url == "https://example.org/a.mp4"


# --- real transcripts -----------------------------------------------------------------------------------


@pytest.mark.skipif(not DATA.is_dir(), reason="the collection of real transcripts is not here")
def test_real_transcripts_all_come_in(capsys):
    call_command("import_transcripts", str(DATA))
    told = capsys.readouterr().out
    number = sum(1 for path in DATA.iterdir() if path.is_file())
    assert f"{number} files: {number} imported, 0 known, 0 refused." in told
    assert Turn.objects.count() > 500


@pytest.mark.skipif(not DATA.is_dir(), reason="the collection of real transcripts is not here")
@pytest.mark.parametrize("name", ["wh-psaki-2022-03-15.md", "wh-biden-nato-2021-06-14.md"])
@pytest.mark.parametrize("kind", ["docx", "srt"])
def test_a_real_transcript_has_the_same_turns_in_another_form(name, kind):
    """Written anew as a Word file, or as captions of a few words each."""
    from sources.extraction import extract_text
    from sources.parsing import parse_transcript

    text = extract_text((DATA / name).read_bytes(), filename=name).text
    turns = parse_transcript(text).turns
    said = [
        (turn.label, " ".join(text[turn.start : turn.end].split())) for turn in turns if turn.label
    ]
    paragraphs = [f"{label}: {words}" for label, words in said]
    other = documents.word(*paragraphs) if kind == "docx" else captions_of(paragraphs)
    again = extract_text(other, filename=f"again.{kind}")
    found = [
        (turn.label, " ".join(again.text[turn.start : turn.end].split()))
        for turn in parse_transcript(again.text).turns
    ]
    assert len(found) == len(said) > 20
    assert sum(one == two for one, two in zip(said, found, strict=True)) >= 0.98 * len(said)


def captions_of(paragraphs):
    cues, second = [], 0
    for paragraph in paragraphs:
        words = paragraph.split()
        for start in range(0, len(words), 9):
            line = " ".join(words[start : start + 9])
            clocks = [
                f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02},000" for s in (second, second + 2)
            ]
            cues.append(f"{len(cues) + 1}\n{clocks[0]} --> {clocks[1]}\n{line}\n")
            second += 2
    return "\n".join(cues).encode()
