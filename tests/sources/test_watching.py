"""A folder into which files are dropped: each is imported or refused, told of, and never lost."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from jobs.models import Job
from sources import store, tasks, watching
from sources.batches import Outcome
from sources.models import Snapshot, Source
from sources.watching import Folder
from tests.browser.conftest import empty_database
from tests.factories import SourceFactory
from tests.jobs.killing import Stored, environment_of, forking, migrate
from tests.jobs.running import work_off

TEXT = "MR. X: Hello there.\n\nQUESTION: Why?\n"


def drop(folder: Path, name: str, text: str | bytes = TEXT) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def looks(folder: Folder, *, times: int = 3) -> list[tuple[str, str]]:
    """Look and work, so often that what lies there is done with; what is told of it."""
    told = []
    for _ in range(times):
        told += [(moved.path.name, moved.outcome.value) for moved in folder.look()]
        work_off()
    return told


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.django_db
def test_what_is_dropped_is_imported_moved_and_told(tmp_path):
    drop(tmp_path, "good.txt")
    drop(tmp_path, "bad.txt", "Nobody speaks here.")

    assert looks(Folder(tmp_path)) == [("bad.txt", "refused"), ("good.txt", "imported")]

    assert tree(tmp_path) == [
        "imported/good.txt", "imported/good.txt.txt", "refused/bad.txt", "refused/bad.txt.txt",
    ]  # fmt: skip
    assert Snapshot.objects.get().content == TEXT.encode()
    assert (tmp_path / "imported/good.txt").read_text() == TEXT
    why = (tmp_path / "imported/good.txt.txt").read_text()
    assert why == "good.txt\nimported: edition 1 of “good” (good), 2 turns.\n"
    assert "refused: No recognisable turns" in (tmp_path / "refused/bad.txt.txt").read_text()


@pytest.mark.django_db
def test_the_job_carries_a_digest_and_no_path(tmp_path):
    drop(tmp_path, "a.txt")
    folder = Folder(tmp_path)
    list(folder.look())
    list(folder.look())
    sha256, name, details, source = Job.objects.get().args_kwargs["args"]
    assert (sha256, name, source) == (store.digest(TEXT.encode()), "a.txt", "")
    assert store.read(sha256) == TEXT.encode()
    assert set(details.values()) == {""}


@pytest.mark.django_db
def test_a_file_that_grows_is_left_until_it_is_whole(tmp_path):
    path = drop(tmp_path, "a.txt", "MR. X: Hello")
    folder = Folder(tmp_path)
    for addition in (" there", ", all of you", ".\n"):
        assert list(folder.look()) == []
        with path.open("a") as file:
            file.write(addition)
    assert not Job.objects.exists()
    assert looks(folder) == [("a.txt", "imported")]
    assert Snapshot.objects.get().text == "MR. X: Hello there, all of you.\n"


@pytest.mark.django_db
def test_one_that_changes_while_it_waits_is_another(tmp_path):
    path = drop(tmp_path, "a.txt")
    folder = Folder(tmp_path)
    list(folder.look())
    list(folder.look())
    path.write_text(TEXT + "\nMR. X: Because.\n")
    work_off()  # the first is imported, and not moved, for it is not there any more
    assert looks(folder) == [("a.txt", "imported")]
    assert [row.edition for row in Snapshot.objects.order_by("edition")] == [1, 2]
    assert (tmp_path / "imported/a.txt").read_text().endswith("Because.\n")


@pytest.mark.django_db
def test_names_that_are_taken_get_a_number_and_nothing_is_overwritten(tmp_path):
    folder = Folder(tmp_path)
    for words in ("One.", "Two.", "Three."):
        drop(tmp_path, "a.txt", f"MR. X: {words}\n\nQUESTION: Why?\n")
        looks(folder)
    assert [path for path in tree(tmp_path) if not path.endswith(".txt.txt")] == [
        "imported/a-2.txt", "imported/a-3.txt", "imported/a.txt",
    ]  # fmt: skip
    texts = [(tmp_path / "imported" / name).read_text() for name in ("a.txt", "a-2.txt", "a-3.txt")]
    assert [text[7:].split("\n")[0] for text in texts] == ["One.", "Two.", "Three."]
    assert (tmp_path / "imported/a-2.txt.txt").exists()


@pytest.mark.django_db
def test_the_same_bytes_again_are_told_to_be_here(tmp_path):
    drop(tmp_path, "a.txt")
    drop(tmp_path, "b.txt")
    assert looks(Folder(tmp_path)) == [("a.txt", "imported"), ("b.txt", "known")]
    assert "already here: edition 1" in (tmp_path / "imported/b.txt.txt").read_text()
    assert Snapshot.objects.count() == 1


@pytest.mark.django_db
def test_links_folders_hidden_and_unfinished_files_are_left_alone(tmp_path):
    outside = drop(tmp_path, "outside.txt")
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "link.txt").symlink_to(outside)
    (folder / "deeper").mkdir()
    drop(folder / "deeper", "a.txt")
    os.mkfifo(folder / "pipe.txt")
    for name in (".hidden.txt", "a.txt.part", "a.txt~", "~$a.docx", "a.crdownload", "b.TMP"):
        drop(folder, name)
    assert looks(Folder(folder)) == []
    assert len(list(folder.iterdir())) == 11  # with imported/ and refused/
    assert outside.exists()


@pytest.mark.django_db
def test_one_that_is_too_large_is_refused_without_being_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "MAX_FILE_BYTES", 10)
    drop(tmp_path, "a.txt")
    assert looks(Folder(tmp_path)) == [("a.txt", "refused")]
    assert not Job.objects.exists()
    assert "at most 10 bytes" in (tmp_path / "refused/a.txt.txt").read_text()


@pytest.mark.django_db
def test_one_that_cannot_be_read_stays_and_is_told_once(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    drop(tmp_path, "a.txt")
    monkeypatch.setattr(watching, "read_file", refuse)
    folder = Folder(tmp_path)
    told = [moved.words for _ in range(4) for moved in folder.look()]
    assert told == ["left where it is: Permission denied."]
    assert folder.unfinished == []
    assert tree(tmp_path) == ["a.txt"]


@pytest.mark.django_db
def test_one_whose_job_fails_is_refused_with_the_way_to_try_again(tmp_path):
    drop(tmp_path, "a.txt")
    folder = Folder(tmp_path)
    list(folder.look())
    list(folder.look())
    Job.objects.update(args_kwargs={"args": ["0" * 64, "a.txt", {}], "kwargs": {}})
    work_off()
    (moved,) = folder.look()
    assert moved.outcome is Outcome.REFUSED
    assert "see the failed jobs" in moved.words
    assert (tmp_path / "refused/a.txt").read_text() == TEXT


@pytest.mark.django_db
def test_names_of_any_bytes_can_be_dropped(tmp_path):
    names = [b"\xff\xfe.txt", b"line\nbreak.txt", "Пресс-релиз.txt".encode(), b"a b'\"$(x).txt"]
    for number, name in enumerate(names):
        data = f"MR. X: Number {number}.\n\nQUESTION: Why?\n"
        (tmp_path / os.fsdecode(name)).write_text(data)
    assert [outcome for _, outcome in looks(Folder(tmp_path))] == ["imported"] * 4
    assert Source.objects.filter(title="Пресс-релиз").exists()


@pytest.mark.django_db
def test_all_are_editions_of_the_source_that_is_named(tmp_path):
    source = SourceFactory(slug="briefing", title="Briefing")
    drop(tmp_path, "a.txt")
    looks(Folder(tmp_path, source="briefing"))
    assert Snapshot.objects.get().source == source


# --- cut off at any step ---------------------------------------------------------------------------------


class Killed(BaseException):
    """As kill -9: nothing that would catch an error catches it."""


STEPS = [
    (store, "keep"),
    (tasks.import_file.__class__, "enqueue"),
    (watching, "_reserve"),
    (Path, "replace"),
    (Path, "write_text"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("where", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_watcher_that_is_killed_at_any_step_loses_nothing(
    tmp_path, monkeypatch, where, step, after
):
    path = drop(tmp_path, "a.txt")
    whole = getattr(where, step)

    def killed(*args, **kwargs):
        if after:
            whole(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, step, killed)
        folder = Folder(tmp_path)
        with pytest.raises(Killed):
            looks(folder)
    held = [path, *(tmp_path / "imported").glob("a*.txt")]
    assert TEXT in [file.read_text() for file in held if file.exists()]

    looks(Folder(tmp_path))

    assert Snapshot.objects.count() == Source.objects.count() == 1
    assert not path.exists()
    kept = [file for file in (tmp_path / "imported").glob("*") if file.read_text() == TEXT]
    assert len(kept) == 1


@pytest.mark.django_db
def test_a_job_that_waits_already_is_waited_for(tmp_path):
    drop(tmp_path, "a.txt")
    before = Folder(tmp_path)
    list(before.look())
    list(before.look())
    folder = Folder(tmp_path)
    list(folder.look())
    list(folder.look())
    assert Job.objects.count() == 1
    work_off()
    assert [moved.words for moved in folder.look()] == ["edition 1 of “a” (a), 2 turns."]


@pytest.mark.django_db
def test_two_watchers_of_one_folder_do_no_harm(tmp_path):
    drop(tmp_path, "a.txt")
    one, two = Folder(tmp_path), Folder(tmp_path)
    told = []
    for _ in range(3):
        told += [*one.look(), *two.look()]
        work_off()
    assert len(told) == 1
    assert tree(tmp_path) == ["imported/a.txt", "imported/a.txt.txt"]


FILES = 40
KILLS = 30


def test_kill_9_at_random_moments_loses_no_file_and_imports_none_twice(tmp_path):
    chance = random.Random(20261126)
    folder = tmp_path / "drop"
    folder.mkdir()
    with empty_database("dropped", tmp_path) as database:
        stored = Stored(database)
        environment = environment_of(
            database,
            ARCHIVE_ROOT=str(tmp_path / "archive"),
            TEST_FOLDER=str(folder),
            LOG_LEVEL="ERROR",
        )
        migrate(environment, "sources", "jobs")
        with forking("tests.sources.dropping", environment) as fork:
            running = {"watcher": fork("1"), "worker": fork("")}
            try:
                for number in range(max(KILLS, FILES)):
                    if number < FILES:
                        words = f"MR. X: Number {number}.\n\nQUESTION: Why?\n"
                        drop(folder, f"{number}.txt", "a list" if number % 5 == 0 else words)
                    time.sleep(chance.uniform(0, 0.15))
                    if number < KILLS:
                        who = chance.choice(["watcher", "watcher", "worker"])
                        os.kill(running[who], signal.SIGKILL)
                        running[who] = fork("1" if who == "watcher" else "")
                deadline = time.monotonic() + 90
                while list(folder.glob("*.txt")) and time.monotonic() < deadline:
                    time.sleep(0.1)
                time.sleep(0.5)
            finally:
                for process in running.values():
                    os.kill(process, signal.SIGKILL)
        assert list(folder.glob("*.txt")) == []
        moved = [path.read_text() for path in folder.glob("*/*.txt")]
        for number in range(FILES):
            if number % 5:
                assert moved.count(f"MR. X: Number {number}.\n\nQUESTION: Why?\n") == 1
        assert moved.count("a list") == FILES // 5
        imported = FILES - FILES // 5
        assert stored.number("SELECT COUNT(*) FROM sources_snapshot") == imported
        assert stored.number("SELECT COUNT(*) FROM sources_source") == imported
        assert stored.number("SELECT COUNT(*) FROM sources_turn") == 2 * imported


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def held(monkeypatch):
    """A watcher gives its connection back between two looks; a test has its transaction on it."""
    command = "sources.management.commands.watch_folder"
    monkeypatch.setattr(f"{command}.close_old_connections", lambda: None)


@pytest.fixture
def busy(monkeypatch, held):
    """A worker that works whenever the watcher sleeps."""
    monkeypatch.setattr("time.sleep", lambda seconds: work_off())


@pytest.mark.django_db
def test_the_command_once(tmp_path, busy, capsys):
    drop(tmp_path, "good.txt")
    call_command("watch_folder", tmp_path, once=True)
    assert "imported  good.txt: edition 1 of “good”" in capsys.readouterr().out
    call_command("watch_folder", tmp_path, once=True)  # nothing there
    drop(tmp_path, "bad.txt", "a list")
    with pytest.raises(CommandError, match=r"1 refused\.") as ended:
        call_command("watch_folder", tmp_path, once=True)
    assert ended.value.returncode == 2


@pytest.mark.django_db
def test_the_command_says_when_there_is_no_worker(tmp_path, held):
    drop(tmp_path, "a.txt")
    with pytest.raises(CommandError, match="1 still wait for a worker"):
        call_command("watch_folder", tmp_path, once=True, interval=0.01, patience=0.05)
    assert (tmp_path / "a.txt").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"interval": 0}, "--interval"),
        ({"source": "nothing"}, "there is no source “nothing”"),
        ({"folder": "/no/such/folder"}, "No such file"),
    ],
)
def test_what_the_command_refuses(tmp_path, given, words):
    with pytest.raises(CommandError, match=words):
        call_command("watch_folder", given.pop("folder", tmp_path), once=True, **given)
