"""What became of the addresses of sources: on public pages, in the API, and at the desk."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import Claim
from jobs.models import Job
from sources import tasks
from sources.models import Capture, Link, Source
from tests import factories

pytestmark = pytest.mark.django_db

SINCE = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
KEPT = dt.datetime(2026, 1, 7, 9, tzinfo=dt.UTC)
URL, NEW = "https://old.example.org/record", "https://new.example.org/record"


def known(source, state, **fields):
    """Let the address of `source` be in the `state` since May 2026."""
    if state == "moved":
        fields |= {"moved_to": NEW}
    Link.objects.filter(source=source).update(
        state=state, since=SINCE, checked_at=SINCE + dt.timedelta(days=1), **fields
    )


def archived(source):
    """An edition of `source` that was captured at its address in January 2026."""
    snapshot = factories.SnapshotFactory(source=source, text="As it stood.", retrieved_at=KEPT)
    factories.CaptureFactory(
        source=source, snapshot=snapshot, outcome="new", asked_at=KEPT, sha256=snapshot.sha256
    )
    return snapshot


def quoted(url=URL, claim=None, **source):
    """A public claim that is made, and refuted, by the words of a source."""
    claim = claim or factories.ClaimFactory()
    passage = factories.passage(factories.transcript(url=url, **source))
    factories.AppearanceFactory(claim=claim, passage=passage)
    factories.EvidenceFactory(claim=claim, source=passage.snapshot.source, passage=passage)
    factories.approved(claim=claim)
    return claim, passage.snapshot


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def pages_with(claim, snapshot):
    return {
        "claim": claim.get_absolute_url(),
        "source": snapshot.source.get_absolute_url(),
        "transcript": snapshot.source.get_transcript_url(),
        "search": "/search/?q=promised+not+to+grow",
    }


PAGES = ["claim", "source", "transcript", "search"]


@pytest.mark.parametrize("name", PAGES)
def test_a_dead_address_leads_to_our_copy_with_its_date_and_hash(client, name):
    claim, snapshot = quoted()
    known(snapshot.source, "gone")

    text = page(client, pages_with(claim, snapshot)[name])

    copy = reverse("edition", args=[snapshot.source.slug, 1])
    assert f'<a href="{copy}">' in text
    assert 'gone since <time datetime="2026-05-03">3 May 2026</time>' in text
    assert f"{snapshot.sha256[:8]}…" in text
    assert f'href="{URL}"' not in text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("changed", 'reads differently since <time datetime="2026-05-03">'),
        ("moved", f'has moved to <a href="{NEW}" rel="external">'),
    ],
)
def test_what_else_became_of_an_address_is_said_beside_it(client, name, state, words):
    claim, snapshot = quoted()
    known(snapshot.source, state)

    text = page(client, pages_with(claim, snapshot)[name])

    assert words in text
    assert f'<a href="{URL}" rel="external">' in text


@pytest.mark.parametrize("state", ["ok", "unchecked"])
def test_of_an_address_that_holds_nothing_is_said(client, state):
    claim, snapshot = quoted()
    known(snapshot.source, state)

    for address in pages_with(claim, snapshot).values():
        text = page(client, address)
        assert not any(words in text for words in ("gone since", "our copy", "has moved"))
        assert f'<a href="{URL}" rel="external">' in text


def test_without_a_copy_a_dead_address_is_led_to_and_said_to_be_dead(client):
    evidence = factories.EvidenceFactory(source__url=URL)
    factories.approved(claim=evidence.claim)
    known(evidence.source, "gone")

    for address in (evidence.claim.get_absolute_url(), evidence.source.get_absolute_url()):
        text = page(client, address)
        assert f'<a href="{URL}" rel="external">' in text
        assert "we hold no copy" in text


def test_the_newest_copy_is_led_to_that_was_captured_and_no_file_that_was_handed_in(client):
    evidence = factories.EvidenceFactory(source__url=URL)
    factories.approved(claim=evidence.claim)
    captured = archived(evidence.source)
    factories.SnapshotFactory(source=evidence.source, edition=2, text="Handed in, and not quoted.")
    known(evidence.source, "gone")

    text = page(client, evidence.source.get_absolute_url())

    assert reverse("edition", args=[evidence.source.slug, captured.edition]) in text
    assert '<time datetime="2026-01-07">7 January 2026</time>' in text
    assert reverse("edition", args=[evidence.source.slug, 2]) not in text


def test_a_dead_original_leads_to_our_copy_of_the_original(client):
    original = factories.SourceFactory(url=URL, published_at=KEPT, published_by=factories.editor())
    copy = archived(original)
    claim, _ = quoted(
        url="https://translation.example.org/", derived_from=original, derivation="translation",
        rendition="machine-translation",
    )  # fmt: skip
    known(original, "gone")

    text = page(client, claim.get_absolute_url())

    address = reverse("edition", args=[original.slug, copy.edition])
    assert f'<a href="{address}">Read the original</a>' in text


def test_what_was_found_of_an_earlier_address_is_not_said_of_the_next(client):
    claim, snapshot = quoted()
    known(snapshot.source, "gone")
    Source.objects.filter(pk=snapshot.source_id).update(url=NEW)  # past `save`, as in bulk

    text = page(client, claim.get_absolute_url())

    assert "gone since" not in text
    assert f'<a href="{NEW}" rel="external">' in text


def test_pages_cost_the_same_whether_addresses_hold_or_not(client):
    claim, snapshot = quoted()
    counts = []
    for state in ("ok", "gone", "moved"):
        known(snapshot.source, state)
        with CaptureQueriesContext(connection) as queries:
            page(client, claim.get_absolute_url())
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 8


# --- API ---


def test_the_api_tells_of_the_address_of_a_source(client):
    _, snapshot = quoted()
    address = f"/api/v1/sources/{snapshot.source.slug}/"

    before = client.get(address).json()["link"]
    known(snapshot.source, "moved")
    moved = client.get(address).json()["link"]

    copy = {
        "archived_url": "http://testserver"
        + reverse("edition", args=[snapshot.source.slug, snapshot.edition]),
        "archived_at": snapshot.retrieved_at.isoformat().replace("+00:00", "Z"),
        "archived_sha256": snapshot.sha256,
    }
    assert before == {
        "state": "unchecked", "checked_at": None, "since": None, "moved_to": None, **copy
    }  # fmt: skip
    assert moved == {
        "state": "moved",
        "checked_at": "2026-05-04T12:00:00Z",
        "since": "2026-05-03T12:00:00Z",
        "moved_to": NEW,
        **copy,
    }


def test_a_source_without_an_address_has_no_link(client):
    evidence = factories.EvidenceFactory(source__url="")
    factories.approved(claim=evidence.claim)

    assert client.get(f"/api/v1/sources/{evidence.source.slug}/").json()["link"] is None


# --- The desk ---

LIST = reverse("admin:sources_link_changelist")


@pytest.fixture
def troubled():
    """Five addresses, named by what became of them; a verdict in force rests on the last two."""
    found = {}
    for name, state in {
        "ok": "ok", "gone": "gone", "moved": "moved", "relied-changed": "changed", "relied-gone": "gone"
    }.items():  # fmt: skip
        found[name] = factories.SourceFactory(
            slug=name, title=name, url=f"https://{name}.example.org/"
        )
        known(found[name], state)
        if name.startswith("relied"):
            evidence = factories.EvidenceFactory(source=found[name])
            factories.approved(claim=evidence.claim)
    return found


def listed(client, **asked):
    response = client.get(LIST, asked)
    assert response.status_code == 200
    return [link.source.slug for link in response.context["cl"].result_list]


def test_what_verdicts_rest_on_comes_first_and_what_is_gone_before_what_has_changed(
    client, troubled
):
    client.force_login(factories.researcher())

    assert listed(client) == ["relied-gone", "relied-changed", "gone", "moved", "ok"]
    assert listed(client, verdicts="yes", state__exact="gone") == ["relied-gone"]
    assert listed(client, verdicts="no") == ["gone", "moved", "ok"]
    assert listed(client, q="relied-changed") == ["relied-changed"]


def test_a_withdrawn_verdict_rests_on_nothing_any_more(client, troubled):
    claim = Claim.objects.get(evidence__source=troubled["relied-gone"])
    factories.withdrawn(claim.verdicts.get(), why="An error.")
    client.force_login(factories.researcher())

    assert listed(client, verdicts="yes") == ["relied-changed"]


def test_what_was_never_archived_and_what_fails_is_listed(client, troubled):
    archived(troubled["ok"])
    Link.objects.filter(source=troubled["moved"]).update(failures=2, failing_since=SINCE)
    client.force_login(factories.researcher())

    assert "ok" not in listed(client, archived="no")
    assert listed(client, archived="yes") == ["ok"]
    assert listed(client, failing="yes") == ["moved"]


def test_the_numbers_and_what_failed_beside(client, troubled):
    factories.CaptureFactory(
        source=troubled["moved"], outcome="failed", reason="Nobody answers.", sha256="", warc_sha256="",
    )  # fmt: skip
    Link.objects.filter(source=troubled["ok"]).update(reason="The server answered 403 Forbidden.")
    client.force_login(factories.researcher())

    response = client.get(LIST)

    assert {str(label): n for label, n, _ in response.context["numbers"]} == {
        "not checked yet": 0, "answers as archived": 1, "has moved": 1, "answers with another text": 1,
        "gone": 2, "failing": 0, "never archived": 5,
    }  # fmt: skip
    assert [row.source for row in response.context["failed_captures"]] == [troubled["moved"]]
    assert response.context["hosts"][0][:3] == (
        "ok.example.org", "The server answered 403 Forbidden.", 1,
    )  # fmt: skip


def test_each_row_has_the_way_to_act_for_who_may(client, troubled):
    link = Link.objects.get(source=troubled["moved"])
    client.force_login(factories.researcher())
    text = client.get(LIST).content.decode()

    assert reverse("admin:sources_source_step", args=[link.source_id, "archive"]) in text
    assert reverse("admin:sources_link_step", args=[link.pk, "take-over"]) in text
    assert reverse("admin:sources_link_step", args=[link.pk, "look"]) in text

    client.force_login(factories.UserFactory(role="administrator"))
    assert "formaction" not in client.get(LIST).content.decode()


def test_the_buttons_do_what_they_say(client, troubled):
    link = Link.objects.get(source=troubled["moved"])
    client.force_login(factories.researcher())

    client.post(reverse("admin:sources_link_step", args=[link.pk, "look"]))
    assert Job.objects.unfinished(tasks.check_link).count() == 1
    client.post(reverse("admin:sources_source_step", args=[link.source_id, "archive"]))
    assert Capture.objects.waiting().get().source == troubled["moved"]
    told = client.post(reverse("admin:sources_link_step", args=[link.pk, "take-over"]), follow=True)

    assert told.status_code == 200
    assert Source.objects.get(pk=link.source_id).url == NEW
    assert Link.objects.get(pk=link.pk).state == "unchecked"


def test_the_first_page_tells_of_what_verdicts_rest_on(client, troubled):
    client.force_login(factories.researcher())

    text = page(client, reverse("admin:index"))

    assert "1 source that verdicts in force rest on</a> is gone" in text
    assert "1 source that verdicts in force rest on</a> answers with another text" in text
    Link.objects.update(state="ok")
    assert "verdicts in force rest on" not in page(client, reverse("admin:index"))


@pytest.mark.parametrize("address", [LIST, reverse("admin:index")])
def test_the_desk_costs_the_same_with_one_troubled_source_and_with_thirty(client, address):
    client.force_login(factories.editor())

    def add(n):
        evidence = factories.EvidenceFactory(source__url=f"https://host-{n}.example.org/")
        factories.approved(claim=evidence.claim)
        known(evidence.source, "gone", reason="Gone.")
        factories.CaptureFactory(
            source=evidence.source, outcome="failed", sha256="", warc_sha256=""
        )

    add(0)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for n in range(1, 30):
        add(n)
    with CaptureQueriesContext(connection) as thirty:
        client.get(address)

    assert len(thirty) == len(one)
