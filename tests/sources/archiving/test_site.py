"""A site is archived, changes, and is archived again: what comes of each of its pages stands in one table."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.utils import timezone

from claims.querysets import relocation_tasks
from jobs.models import Job
from sources import store
from sources.archiving import capture
from sources.fetching import Limits
from sources.models import Capture, Passage, Relocation, Source
from sources.models.capture import Occasion
from tests.factories import EvidenceFactory, SourceFactory, approved, editor
from tests.jobs.running import work_off
from tests.sources.archiving import site
from tests.sources.archiving.test_warc import check, records

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


@dataclass(frozen=True)
class Row:
    """A page: what came of each visit, with the edition; why there is nothing; where the words that a verdict
    rests on, cited from the first edition, stand in the second; what readers are told beside them then; and
    whether that is a task at the desk."""

    path: str
    first: str
    second: str
    why: str = ""
    cited: str = ""
    note: str = ""
    task: bool = False


TABLE = [
    # The same page in every dress: one text, and the second visit finds it again.
    Row("/plain", "new 1", "same 1"),
    Row("/text", "new 1", "same 1"),
    Row("/gzip", "new 1", "same 1"),
    Row("/deflate", "new 1", "same 1"),
    Row("/raw-deflate", "new 1", "same 1"),
    Row("/brotli", "new 1", "same 1"),
    Row("/chunked", "new 1", "same 1"),
    Row("/301", "new 1", "same 1"),
    Row("/302", "new 1", "same 1"),
    Row("/307", "new 1", "same 1"),
    Row("/chain", "new 1", "same 1"),
    Row("/slow", "new 1", "same 1"),
    # Letters that are not what the server says they are.
    Row("/wrong-charset", "new 1", "same 1"),
    Row("/meta-charset", "new 1", "same 1"),
    Row("/utf-16", "new 1", "same 1"),
    Row("/latin-1", "new 1", "same 1"),
    # Other kinds of documents.
    Row("/minutes.pdf", "new 1", "same 1"),
    Row("/minutes.docx", "new 1", "same 1"),
    Row("/captions.vtt", "new 1", "same 1"),
    Row("/captions.srt", "new 1", "same 1"),
    Row("/transcript", "new 1", "same 1"),
    # Kept, though there is nothing to read.
    Row("/empty", "unreadable", "unreadable", "holds no text"),
    Row("/no-text", "unreadable", "unreadable", "no text"),
    Row("/scan.pdf", "unreadable", "unreadable", "no text"),
    # Never fetched.
    Row("/image", "refused", "refused", "no text that can be kept: image/png"),
    Row("/private/page", "refused", "refused", "robots.txt"),
    Row("/metadata", "refused", "refused", "no address of the public internet"),
    Row("/file", "refused", "refused", "A redirect leads to where we do not ask"),
    # Tried, and come to nothing.
    Row("/circle", "failed", "failed", "circle"),
    Row("/huge", "failed", "failed", "larger than 0.2 MB"),
    Row("/bomb", "failed", "failed", "larger than 0.5 MB"),
    Row("/endless", "failed", "failed", "larger than 0.2 MB"),
    Row("/never", "failed", "failed", "within|seconds"),
    Row("/broken-off", "failed", "failed", "broke off"),
    Row("/nowhere", "failed", "failed", "404"),
    # Changed.
    Row("/other-bytes", "new 1", "same 1", cited=""),
    Row("/longer-after", "new 1", "new 2", cited="found"),
    Row("/longer-before", "new 1", "new 2", cited="found"),
    Row("/reordered", "new 1", "new 2", cited="moved"),
    Row("/reworded", "new 1", "new 2", cited="changed", note="read differently", task=True),
    Row("/doubled", "new 1", "new 2", cited="ambiguous", note="it is not certain", task=True),
    Row("/removed", "new 1", "new 2", cited="orphaned", note="were not found", task=True),
    Row("/reverted", "new 1", "new 2", cited="changed", note="read differently", task=True),
    Row("/404", "new 1", "failed", "404"),
    Row("/410", "new 1", "failed", "410"),
    Row("/503", "new 1", "failed", "503"),
    Row("/now-elsewhere", "new 1", "same 1"),
]
CITED = {row.path for row in TABLE if row.cited}
# Limits so narrow that each page is done with in a moment.
NARROW = Limits(sent=200_000, decoded=500_000, read=0.3, whole=1.5)


@pytest.fixture(scope="module")
def loopback():
    with site.open_site() as opened:
        yield opened


@pytest.fixture
def archived(loopback, settings, monkeypatch):
    """Archives all sources, as a worker does, and tells what came of each page."""
    settings.FETCH_FROM_THIS_MACHINE, settings.FETCH_GAP = True, 0
    monkeypatch.setattr(capture, "LIMITS", NARROW)
    at = loopback.address
    for row in TABLE:
        kind = "transcript" if row.path.startswith(("/transcript", "/captions")) else "report"
        SourceFactory(slug=row.path.strip("/").replace("/", "-").replace(".", "-"),
                      url=at + row.path, kind=kind)  # fmt: skip

    def visit(number, sources=None):
        loopback.visit = number
        chosen = Source.objects.all() if sources is None else sources
        asked = [Capture.objects.ask(row, occasion=Occasion.ROUTINE).pk for row in chosen]
        while Capture.objects.waiting().exists():
            Job.objects.update(run_after=timezone.now())  # no waiting between attempts
            work_off()
        ended = Capture.objects.select_related("source", "snapshot").filter(pk__in=asked)
        return {row.source.url.removeprefix(at): row for row in ended}

    return visit


def rest_a_verdict_on(snapshot):
    """A claim with a verdict in force that rests on the cited words."""
    cited = Passage.objects.quote(snapshot, site.CITED)
    return approved(claim=EvidenceFactory(source=snapshot.source, passage=cited).claim).claim


def told(row):
    return f"{row.outcome} {row.snapshot.edition}" if row.snapshot else row.outcome


def test_a_site_is_archived_changes_and_is_archived_again(archived, client, tmp_path):
    assert len(TABLE) > 40
    first = archived(1)
    assert {path: told(row) for path, row in first.items()} == {r.path: r.first for r in TABLE}
    look_at_texts(first)
    look_at_proposals(first)
    claims = {path: rest_a_verdict_on(first[path].snapshot) for path in CITED}
    publisher = editor()
    for row in first.values():
        row.source.publish(by=publisher)

    second = archived(2)

    assert {path: told(row) for path, row in second.items()} == {r.path: r.second for r in TABLE}
    for row in TABLE:
        visits = (first[row.path], row.first), (second[row.path], row.second)
        for visit, outcome in visits:
            # Of a text it says at most what is odd about it.
            assert visit.reason or outcome not in ("unreadable", "refused", "failed"), row.path
        if row.why:
            words = row.why.split("|")
            assert any(word in second[row.path].reason for word in words), second[row.path].reason
    found = {
        row.passage.snapshot.source.url.rpartition("/")[2]: row.finding
        for row in Relocation.objects.select_related("passage__snapshot__source")
    }
    assert found == {r.path.strip("/"): r.cited for r in TABLE if r.cited}
    # Where it is not certain, somebody has to say, and readers are told.
    tasks = {row.passage.snapshot.source.url.rpartition("/")[2] for row in relocation_tasks()}
    assert tasks == {r.path.strip("/") for r in TABLE if r.task}
    for row in TABLE:
        if row.cited:
            page = client.get(claims[row.path].get_absolute_url()).content.decode()
            noted = re.findall(r'class="note later">(.*?)</p>', page, re.DOTALL)
            assert len(noted) == bool(row.note), row.path
            assert row.note in " ".join(noted), row.path
    # Each edition is what was read of what came; nothing stands twice.
    for row in [*first.values(), *second.values()]:
        look_at(row, tmp_path)
    checked = check(*tmp_path.iterdir())
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count(".warc.gz") == sum(row.is_kept for row in Capture.objects.all())

    third = archived(3, Source.objects.filter(slug="reverted"))
    assert told(third["/reverted"]) == "same 1"
    assert Source.objects.get(slug="reverted").snapshots.count() == 2


def look_at(row, tmp_path):
    """What the archive has of a visit is whole, and agrees with its digests; its WARC file is laid in the
    folder, for warcio to check."""
    if not row.is_kept:
        assert (row.warc_sha256, row.size, row.warc_size) == ("", None, None)
        assert not store.storage().exists(row.warc_path)
        return
    assert len(row.content) == row.size
    assert len(row.warc) == row.warc_size
    (tmp_path / f"{row.key}.warc.gz").write_bytes(row.warc)
    written = records(row.warc)
    kinds = [headers["WARC-Type"] for headers, _ in written]
    assert kinds[0] == "warcinfo"
    assert kinds.count("request") == kinds.count("response") >= 1
    if row.snapshot is None:
        assert "conversion" not in kinds
        return
    headers, text = written[-1]
    assert headers["WARC-Type"] == "conversion"
    assert store.digest(text) == row.snapshot.text_sha256
    assert text.decode() == row.snapshot.text


def look_at_texts(first):
    texts = {path: row.snapshot.text for path, row in first.items() if row.snapshot}
    same = ["/plain", "/gzip", "/deflate", "/raw-deflate", "/brotli", "/chunked", "/301", "/slow"]
    assert {texts[path] for path in same} == {texts["/chain"]}
    for path in [*same, "/text", "/minutes.pdf", "/minutes.docx", "/captions.vtt", "/captions.srt"]:
        assert site.CITED in " ".join(texts[path].split()), path
    for path in ("/wrong-charset", "/meta-charset", "/utf-16"):
        assert site.CYRILLIC in texts[path], path
    assert "l'année passée" in texts["/latin-1"]
    turns = Source.objects.get(slug="transcript").snapshots.get().turns
    assert [turn.label for turn in turns.all()] == ["SECRETARY DOE", "QUESTION", "SECRETARY DOE"]


def look_at_proposals(pages):
    """What documents say of themselves is proposed, and never taken over by itself."""
    assert pages["/plain"].proposed["title"] == "Minutes of a meeting"
    assert pages["/plain"].proposed["language"] == "en"
    for path in ("/minutes.pdf", "/minutes.docx"):
        said = pages[path].proposed
        assert (said["title"], said["authors"]) == ("Minutes as a file", "The Bureau"), path
    assert Source.objects.get(slug="plain").title.startswith("Source ")
