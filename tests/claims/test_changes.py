"""The change feed: what it tells, in which order, and that a copy kept by it stays equal."""

import datetime as dt
import importlib.util
import random
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, InternalError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from claims import changes
from claims.models import Claim, Rating, Topic
from sources.models import Change, Source, Speaker, SpeakerName, seen
from tests import factories
from tests.claims.world import drafts, published_world

pytestmark = pytest.mark.django_db

AT = dt.datetime(2022, 1, 10, 9, tzinfo=dt.UTC)
MIRRORED = "claims ratings sources speakers topics transcripts".split()


@pytest.fixture
def mirror(client, monkeypatch):
    """The reference client of docs/, which reads through the test's client."""
    spec = importlib.util.spec_from_file_location("mirror", Path("docs/mirror.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def read(url, key=None):
        answer = client.get(url.removeprefix(settings.SITE_URL))
        if answer.status_code == 410:
            raise module.urllib.error.HTTPError(url, 410, "Gone", {}, None)
        assert answer.status_code in (200, 301, 404), answer.content
        return answer.json() if answer.status_code == 200 else None

    monkeypatch.setattr(module, "read", read)
    return module


def feed(client, since=None):
    """All events after the cursor `since`, and the cursor after them."""
    events, url = [], "/api/v1/changes/" + (f"?since={since}" if since else "")
    while url:
        answer = client.get(url.removeprefix(settings.SITE_URL)).json()
        events += answer["results"]
        url = answer["next"]
    return events, answer["cursor"]


def told(client, since):
    return [(row["type"], row["key"], row["version"]) for row in feed(client, since)[0]]


def rows_of(client, resource):
    """Every row of a resource, read one by one, by its slug."""
    rows, url = {}, f"/api/v1/{resource}/"
    while url:
        page = client.get(url.removeprefix(settings.SITE_URL)).json()
        for row in page["results"]:
            path = urlsplit(row["api_url"]).path
            rows[row["slug"]] = client.get(path).json()
        url = page["next"]
    return rows


def copy_of(module, folder, resource):
    files = (folder / resource).glob("*.json")
    return {file.stem: module.json.loads(file.read_text()) for file in files}


# --- What is told ---


def test_the_feed_begins_with_all_that_is_public_and_no_draft(client):
    published_world()
    factories.ClaimFactory(slug="a-draft")
    factories.SpeakerFactory(slug="a-draft")
    factories.SourceFactory(slug="a-draft")
    factories.TopicFactory(slug="a-draft")
    factories.transcript(slug="a-draft-text")
    events, _ = feed(client)

    listed = {(resource, slug) for resource in MIRRORED for slug in rows_of(client, resource)}
    assert {(row["resource"], row["key"]) for row in events} == listed
    told_of_claims = [
        (row["type"], row["key"], row["version"]) for row in events if row["resource"] == "claims"
    ]
    assert sorted(told_of_claims[:5], key=str) == [
        ("claim.published", "never", None),
        ("claim.published", "part", None),
        ("claim.published", "promise", None),
        ("verdict.published", "never", 1),
        ("verdict.published", "promise", 1),
    ]
    assert sorted(told_of_claims[5:]) == [
        ("verdict.corrected", "promise", 2),
        ("verdict.superseded", "promise", 1),
    ]


def test_drafts_are_never_told_of(client):
    world = published_world()
    _, since = feed(client)
    for name, leave in drafts(world).items():
        with transaction.atomic():
            leave()
            assert (name, told(client, since)) == (name, [])
            transaction.set_rollback(True)


def test_the_life_of_a_verdict_in_order(client):
    claim = factories.published(factories.ClaimFactory(slug="c"))
    _, since = feed(client)
    false, true = factories.RatingFactory(slug="false"), factories.RatingFactory(slug="true")
    factories.approved(claim=claim, rating=false)
    second = factories.approved(claim=claim, rating=true, reason="error", note="Wrong.")
    factories.withdrawn(second, why="Wrong again.")

    assert told(client, since) == [
        ("verdict.published", "c", 1),
        ("verdict.superseded", "c", 1),
        ("verdict.corrected", "c", 2),
        ("verdict.withdrawn", "c", 2),
        ("rating.published", "false", None),
        ("rating.published", "true", None),
    ]


def test_an_edit_is_told_once_with_all_that_shows_it(client):
    world = published_world()
    _, since = feed(client)
    speaker = Speaker.objects.get(slug="doe")
    speaker.name = "Jane Doe"
    speaker.save()
    speaker.save()

    assert told(client, since) == [
        ("speaker.updated", "doe", None),
        ("claim.updated", "never", None),  # it shows whose answer it is made with
        ("claim.updated", "promise", None),
        ("transcript.updated", "remarks", None),
    ]
    _, since = feed(client, since)
    original = Source.objects.get(slug="original")
    original.url = "https://archive.example/elsewhere"
    original.save()

    assert told(client, since) == [
        ("source.updated", "original", None),
        ("source.updated", "remarks", None),
        ("claim.updated", "never", None),
        ("claim.updated", "promise", None),
        ("transcript.updated", "remarks", None),
    ]
    _, since = feed(client, since)
    world.part.text = "It said so, they say."
    world.part.save()

    assert told(client, since) == [
        ("claim.updated", "part", None),
        ("claim.updated", "promise", None),
    ]


def test_topics_and_transcripts_come_and_go_with_the_claims_that_bear_and_quote_them(client):
    by = factories.editor()
    claim = factories.published(factories.ClaimFactory(slug="c"))
    _, since = feed(client)
    topic = factories.TopicFactory(slug="t")
    snapshot = factories.transcript(slug="text")
    made = factories.AppearanceFactory(
        claim=claim,
        passage=factories.passage(snapshot),
        claimant=factories.SpeakerFactory(slug="s"),
    )
    claim.sort(by=by, into=topic)
    claim.publish(by=by)

    assert told(client, since) == [
        ("source.published", "text", None),
        ("speaker.published", "s", None),
        ("claim.updated", "c", None),
        ("transcript.published", "text", None),
        ("topic.published", "t", None),
    ]
    _, since = feed(client, since)
    claim.sort(by=by, out_of=topic)
    made.delete()

    assert told(client, since) == [
        ("claim.updated", "c", None),
        ("transcript.removed", "text", None),
        ("topic.removed", "t", None),
    ]


def test_a_merge_retires_a_claim_and_undoing_it_brings_it_back(client):
    by = factories.editor()
    one, two = (factories.published(factories.ClaimFactory(slug=slug)) for slug in ("one", "two"))
    _, since = feed(client)
    merge = one.merge_into(two, by=by)
    assert told(client, since) == [("claim.retired", "one", None), ("claim.updated", "two", None)]
    _, since = feed(client, since)
    merge.undo(by=by)
    assert told(client, since) == [("claim.published", "one", None), ("claim.updated", "two", None)]


def test_what_happened_last_is_told_last(client):
    by = factories.editor()
    one, two = (factories.published(factories.ClaimFactory(slug=slug)) for slug in ("one", "two"))
    _, since = feed(client)
    one.merge_into(two, by=by).undo(by=by)
    Claim.objects.get(slug="one").merge_into(two, by=by)

    of_one = [row for row in told(client, since) if row[1] == "one"]
    assert of_one == [("claim.published", "one", None), ("claim.retired", "one", None)]


def test_a_topic_that_goes_or_moves_changes_the_claims_that_bear_it(client):
    topic = factories.TopicFactory(slug="t")
    claim = factories.ClaimFactory(slug="c")
    claim.topics.add(topic)
    factories.published(claim)
    _, since = feed(client)
    topic.slug = "u"
    topic.save()
    assert told(client, since) == [
        ("claim.updated", "c", None),
        ("topic.published", "u", None),
        ("topic.removed", "t", None),
    ]
    _, since = feed(client, since)
    topic.delete()
    assert told(client, since) == [("claim.updated", "c", None), ("topic.removed", "u", None)]


# --- How it is asked ---


def test_it_is_read_in_pages_and_goes_on_where_it_stopped(client):
    published_world()
    events, end = feed(client)
    seen, url = [], "/api/v1/changes/?page_size=4"
    while url:
        page = client.get(url.removeprefix(settings.SITE_URL)).json()
        assert len(page["results"]) == 4 or page["next"] is None
        assert page["cursor"] == page["results"][-1]["cursor"]
        seen += page["results"]
        url = page["next"]
    assert seen == events
    assert client.get(f"/api/v1/changes/?since={end}").json() == {
        "results": [],
        "cursor": end,
        "next": None,
    }


def test_an_event_says_where_the_row_is(client):
    factories.published(factories.ClaimFactory(slug="c"), at=AT)
    (event,) = [row for row in feed(client)[0] if row["resource"] == "claims"]
    assert event.pop("cursor").startswith("1-")
    assert event == {
        "type": "claim.published",
        "at": "2022-01-10T09:00:00Z",
        "resource": "claims",
        "key": "c",
        "version": None,
        "api_url": "http://testserver/api/v1/claims/c/",
    }


@pytest.mark.parametrize("since", ["", "x", "-", "1x-abc", "9" * 30, "\0", "１"])
def test_what_is_no_cursor_is_refused(client, since):
    answer = client.get("/api/v1/changes/", {"since": since})
    assert answer.status_code == 400
    assert "since" in answer.content.decode()


@pytest.mark.parametrize("since", ["1-abcdef", "7", "7-", "999-abcdef"])
def test_a_cursor_of_another_feed_is_gone(client, since):
    factories.published()
    answer = client.get("/api/v1/changes/", {"since": since})
    assert answer.status_code == 410
    assert answer.json()["detail"].startswith("This cursor is not of this feed")


@pytest.mark.parametrize(
    "query", ["colour=red", "page_size=0", "page_size=1001", "page_size=x", "cursor=1"]
)
def test_an_unknown_parameter_or_a_bad_value_is_refused(client, query):
    answer = client.get(f"/api/v1/changes/?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.content.decode()


@pytest.mark.parametrize("n", [1, 20])
def test_reading_costs_the_same_for_few_and_for_many(client, django_assert_num_queries, n):
    for _ in range(n):
        factories.published()
    client.get("/api/v1/changes/")
    with django_assert_num_queries(3):  # whether there is news (two halves), and the page
        client.get("/api/v1/changes/")


@pytest.mark.parametrize("n", [1, 20])
def test_numbering_costs_the_same_for_few_and_for_many(client, django_assert_num_queries, n):
    factories.published()
    changes.number_changes()
    for _ in range(n):
        factories.published()
    with CaptureQueriesContext(connection) as asked:
        changes.number_changes()
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) <= 20


def test_a_place_in_the_feed_stays_what_it_is(client):
    published_world()
    events, _ = feed(client)
    Speaker.objects.get(slug="doe").save()
    again, _ = feed(client)
    assert again[: len(events)] == events
    assert len(again) > len(events)
    assert list(Change.objects.numbered().values_list("position", flat=True)) == [
        *range(1, len(again) + 1)
    ]


@pytest.mark.parametrize("trouble", [OperationalError, InternalError])
def test_who_reads_while_a_long_write_goes_on_or_from_a_replica_gets_what_is_numbered(
    client, monkeypatch, caplog, trouble
):
    factories.published(factories.ClaimFactory(slug="c"))
    before, _ = feed(client)
    factories.published(factories.ClaimFactory(slug="d"))

    def locked():
        raise trouble("database is locked")

    monkeypatch.setattr(Change.objects, "unnumbered", locked)
    assert feed(client)[0] == before
    assert "could not be numbered" in caplog.text
    monkeypatch.undo()
    assert ("claim.published", "d") in {(row["type"], row["key"]) for row in feed(client)[0]}


# --- A copy ---


def alter(chance, by):
    """Change something at random, as the desk would; a step that the rules refuse changes nothing."""
    claim = chance.choice(list(Claim.objects.order_by("pk")))
    speaker = chance.choice(list(Speaker.objects.order_by("pk")))
    source = chance.choice(list(Source.objects.order_by("pk")))
    rating = chance.choice(list(Rating.objects.order_by("pk")))
    word = f"{chance.random():.6f}"

    def new_claim():
        part_of = chance.choice([None, claim])
        factories.published(
            factories.ClaimFactory(slug=f"c{word[2:]}", part_of=part_of, part_position=1), by=by
        )

    def edit(row, name, value):
        setattr(row, name, value)
        row.full_clean()
        row.save()

    def new_verdict():
        version = claim.verdicts.count() + 1
        later = {"reason": "error", "note": "Wrong."} if version > 1 else {}
        factories.approved(claim=claim, rating=rating, **later)

    def add_appearance():
        snapshot = factories.transcript(
            slug=f"text-{word[2:]}", derived_from=source, derivation="report"
        )
        factories.AppearanceFactory(
            claim=claim, claimant=speaker, passage=factories.passage(snapshot)
        )
        claim.publish(by=by)

    def add_rebuttal():
        other = chance.choice(list(Claim.objects.exclude(pk=claim.pk)))
        rebuttal = factories.RebuttalFactory(claim=claim, speaker=speaker, counterclaim=other)
        factories.CitationFactory(rebuttal=rebuttal, source=source)
        claim.publish(by=by)

    def add_evidence():
        factories.EvidenceFactory(claim=claim, source=source, locator=word)
        claim.publish(by=by)

    def lose(rows):
        row = rows.first()
        if row is not None:
            row.delete()

    def merge():
        claim.merge_into(chance.choice(list(Claim.objects.exclude(pk=claim.pk))), by=by)

    def undo():
        claim.merges_away.get(undone_at=None).undo(by=by)

    def review():
        draft = factories.SpeakerFactory(slug=f"s{word[2:]}")
        factories.ExternalReviewFactory(claim=claim, claimant=draft)
        claim.publish(by=by)
        draft.publish(by=by)

    def back():
        entry = chance.choice(list(claim.history.all()))
        seen.go_back(claim, entry, fields={"topics"}, by=by, seen=seen.newest_entry(claim))

    def name_turn():
        turn = source.snapshots.get().turns.first()
        turn.speaker = speaker
        turn.save()

    steps = [
        new_claim,
        new_verdict,
        new_verdict,
        add_appearance,
        add_rebuttal,
        add_evidence,
        merge,
        undo,
        name_turn,
        lambda: factories.withdrawn(claim.verdicts.in_force().get(), why="Wrong.", by=by),
        lambda: edit(claim, "text", f"The text is {word}."),
        lambda: edit(claim, "part_of", None),
        lambda: edit(speaker, "name", f"Speaker {word}"),
        lambda: edit(source, "title", f"Source {word}"),
        lambda: edit(source, "url", f"https://archive.example/{word}"),
        lambda: edit(rating, "meaning", f"It means {word}."),
        lambda: edit(rating.scale, "name", f"Scale {word}"),
        lambda: edit(claim.rebuttals.first(), "counterclaim", None),
        lambda: speaker.names.create(name=word),
        lambda: source.glossary.create(printed=word, meant="Another word"),
        lambda: claim.sort(by=by, into=chance.choice(list(Topic.objects.all()))),
        lambda: claim.sort(by=by, out_of=claim.topics.first()),
        lambda: edit(Topic.objects.first(), "name", f"Topic {word}"),
        lambda: edit(Topic.objects.last(), "slug", f"topic-{word[2:]}"),
        lambda: chance.choice(list(Topic.objects.all())).delete(),
        lambda: edit(SpeakerName.objects.first(), "speaker", speaker),
        review,
        back,
        lambda: lose(claim.evidence),
        lambda: lose(claim.appearances),
        lambda: lose(claim.rebuttals),
        lambda: factories.ClaimFactory(),
        lambda: factories.TopicFactory(),
    ]
    step = chance.choice(steps)
    try:
        with transaction.atomic():
            step()
    except (ValidationError, ObjectDoesNotExist, AttributeError, IndexError, IntegrityError):
        return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_a_copy_that_follows_a_changing_knowledge_base_ends_equal(client, mirror, tmp_path, seed):
    published_world()
    chance, by, altered = random.Random(seed), factories.editor(), 0
    for _ in range(60):
        altered += alter(chance, by)
        if chance.random() < 0.2:
            mirror.follow(settings.SITE_URL, tmp_path / "copy")
    mirror.follow(settings.SITE_URL, tmp_path / "copy")

    assert altered > 25
    for resource in MIRRORED:
        assert copy_of(mirror, tmp_path / "copy", resource) == rows_of(client, resource)
    assert mirror.follow(settings.SITE_URL, tmp_path / "copy") == 0


def test_a_copy_begins_anew_where_the_site_does(client, mirror, tmp_path):
    factories.published(factories.ClaimFactory(slug="old"))
    mirror.follow(settings.SITE_URL, tmp_path / "copy")
    (tmp_path / "copy" / "thesis.txt").write_text("Somebody's own.")
    Change.objects.all().delete()
    Claim.objects.filter(slug="old").update(slug="new")
    mirror.follow(settings.SITE_URL, tmp_path / "copy")

    assert set(copy_of(mirror, tmp_path / "copy", "claims")) == {"new"}
    assert (tmp_path / "copy" / "thesis.txt").exists()
