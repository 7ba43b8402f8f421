"""The history of a row at the desk: what changed, word by word, and the way back to an entry."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import Claim, Topic, Verdict
from sources.importing import import_transcript
from sources.models import Speaker, SpeakerName
from tests import factories
from tests.claims.browsing import text_of
from tests.claims.test_admin import messages, url
from tests.claims.test_admin_rights import MAKERS
from tests.claims.test_conflict import CHANGES

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


@pytest.fixture
def edda():
    return factories.editor(username="edda")


def go_back(client, user, row, entry, *, seen="newest"):
    client.force_login(user)
    newest = row.history.order_by("-history_id").first().pk if seen == "newest" else seen
    return client.post(url(row, "revert", entry.pk), {"_seen": newest}, follow=True)


def edit(row, by, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row._history_user = by
    row.save()


def test_a_change_is_told_word_by_word(client, rita):
    claim = factories.ClaimFactory(text="The Alliance swore an oath.", kind="factual")
    edit(claim, rita, text="The Alliance made an oath.", kind="quotation")
    client.force_login(rita)

    page = client.get(url(claim, "history"))

    words = BeautifulSoup(page.content, "html.parser").select_one(".difference-words")
    assert [part.get_text() for part in words.select("del, ins")] == [
        "removed: swore  (end)", "added: made  (end)",
    ]  # fmt: skip
    assert "Kind before: factual after: quotation" in text_of(page)


def test_long_texts_are_told_whole(client, rita):
    words = " ".join(f"word{n}" for n in range(200))
    verdict = factories.VerdictFactory(rationale=words)
    edit(verdict, rita, rationale=words + " Added.")
    client.force_login(rita)

    assert "word100 word101" in text_of(client.get(url(verdict, "history")))


def test_the_last_entry_on_a_page_is_compared_with_the_first_of_the_next(client, rita):
    topic = factories.TopicFactory(description="No. 0")
    for n in range(1, 101):
        edit(topic, rita, description=f"No. {n}")
    client.force_login(rita)

    page = client.get(url(topic, "history"))

    last = BeautifulSoup(page.content, "html.parser").select("#change-history tbody tr")[-1]
    assert "added: 1" in " ".join(last.get_text(" ").split())


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_one_goes_back_by_one_click_and_that_is_a_new_entry(client, rita, edda, name):
    field, theirs, _ = CHANGES[name]
    row = MAKERS[name]()
    if name in ("rating", "ratingscale"):
        rita = factories.editor(username="ada")  # theirs to change
    entry, before = row.history.get(), getattr(row, field)
    row.refresh_from_db()
    model_field = row._meta.get_field(field)
    edit(row, edda, **{field: model_field.to_python(theirs)})
    client.force_login(rita)
    page = BeautifulSoup(client.get(url(row, "history")).content, "html.parser")
    (form,) = page.select("form.desk-revert")
    sent = {item["name"]: item["value"] for item in form.select("input")}

    answer = client.post(form["action"], sent, follow=True)

    row.refresh_from_db()
    assert getattr(row, field) == before
    assert row.history.count() == 3
    newest = row.history.order_by("-history_id").first()
    assert newest.history_user == rita
    assert newest.history_change_reason.startswith("Went back to the version of ")
    assert newest.history_change_reason in messages(answer)
    assert entry.history_id < newest.history_id


def test_topics_go_back_too(client, rita):
    claim, old, new = factories.ClaimFactory(), factories.TopicFactory(), factories.TopicFactory()
    gone = factories.TopicFactory()
    claim.topics.set([old, gone])
    entry = claim.history.latest()
    edit(claim, rita, text="Else.")
    claim.topics.set([new])
    Topic.objects.filter(pk=gone.pk).delete()

    go_back(client, rita, claim, entry)

    claim.refresh_from_db()
    assert list(claim.topics.all()) == [old]
    assert claim.text != "Else."
    assert claim.history.latest().history_change_reason.startswith("Went back")


def test_going_back_is_no_save_where_nothing_differs(client, rita):
    claim = factories.ClaimFactory()
    entry = claim.history.get()
    edit(claim, rita)

    assert "nothing was changed" in messages(go_back(client, rita, claim, entry))
    assert claim.history.count() == 2


def test_a_history_page_that_is_out_of_date_is_refused(client, rita, edda):
    claim = factories.ClaimFactory(text="First.")
    entry = claim.history.get()
    edit(claim, rita, text="Second.")
    seen = claim.history.latest().pk
    edit(claim, edda, text="Third.")

    answer = go_back(client, rita, claim, entry, seen=seen)

    assert "saved this since you opened it" in messages(answer)
    assert Claim.objects.get().text == "Third."
    assert "saved this since" in messages(go_back(client, rita, claim, entry, seen="nonsense"))


def test_going_back_takes_no_step_back(client, edda, rita):
    claim = factories.ClaimFactory(text="First.", slug="first")
    draft = claim.history.get()
    claim.publish(by=edda)
    edit(claim, edda, text="Second.")

    assert go_back(client, rita, claim, draft).status_code == 403
    go_back(client, edda, claim, draft)

    claim.refresh_from_db()
    assert (claim.text, claim.published_by) == ("First.", edda)


def test_a_public_address_stays(client, edda):
    claim = factories.ClaimFactory(slug="first")
    draft = claim.history.get()
    edit(claim, edda, slug="second")
    claim.publish(by=edda)

    go_back(client, edda, claim, draft)

    assert Claim.objects.get().slug == "second"


@pytest.mark.parametrize("state", ["submitted", "published"])
def test_what_is_submitted_does_not_go_back(client, rita, edda, state):
    verdict = factories.VerdictFactory(author=rita, headline="First.")
    entry = verdict.history.get()
    edit(verdict, rita, headline="Second.")
    verdict.submit(by=rita)
    if state == "published":
        verdict.approve(by=edda)
    client.force_login(edda)

    assert "Go back" not in client.get(url(verdict, "history")).content.decode()
    assert go_back(client, edda, verdict, entry).status_code == 403
    assert Verdict.objects.get().headline == "Second."


def test_nothing_goes_back_to_where_one_may_not_write(client, rita, edda):
    """To the name of a public speaker: what would be public at once."""
    public, draft = factories.SpeakerFactory(), factories.SpeakerFactory()
    label = SpeakerName.objects.create(speaker=public, name="MR. DOE")
    entry = label.history.get()
    edit(label, edda, speaker=draft)
    public.publish(by=edda)

    answer = go_back(client, rita, label, entry)

    assert "an editor's to change" in messages(answer)
    assert SpeakerName.objects.get().speaker == draft


def test_what_is_no_longer_valid_is_not_brought_back(client, rita):
    speaker = factories.SpeakerFactory(wikidata_id="Q1")
    entry = speaker.history.get()
    edit(speaker, rita, wikidata_id="")
    factories.SpeakerFactory(wikidata_id="Q1")

    answer = go_back(client, rita, speaker, entry)

    assert "already has this Wikidata id" in messages(answer)
    assert Speaker.objects.get(pk=speaker.pk).wikidata_id == ""


def test_there_is_one_door_back(client, rita, edda):
    claim, other = factories.ClaimFactory(), factories.ClaimFactory()
    entry = claim.history.get()
    client.force_login(rita)

    assert client.get(url(claim, "revert", entry.pk)).status_code == 405
    assert client.post(url(claim, "revert", other.history.get().pk)).status_code == 404
    gone = reverse("admin:claims_claim_revert", args=[0, entry.pk])
    assert client.post(gone).status_code == 404
    deleted = other.history.model.objects.create(
        **{f.attname: getattr(other, f.attname) for f in other._meta.concrete_fields},
        history_date=entry.history_date, history_type="-",
    )  # fmt: skip
    assert client.post(url(other, "revert", deleted.pk)).status_code == 404
    client.force_login(factories.UserFactory())
    assert client.post(url(claim, "revert", entry.pk)).status_code == 403


def test_a_row_that_is_deleted_shows_its_history_and_no_way_back(client, rita):
    speaker = factories.SpeakerFactory()
    edit(speaker, rita, name="Else")
    address = url(speaker, "history")
    speaker.delete()
    client.force_login(rita)

    page = client.get(address)

    assert page.status_code == 200
    assert "Go back" not in page.content.decode()


def test_turns_have_a_history_from_their_import_on():
    turns = import_transcript(factories.TRANSCRIPT.encode()).snapshot.turns.all()

    assert turns.count() == 3
    for turn in turns:
        entry = turn.history.get()
        assert (entry.history_type, entry.history_change_reason) == ("+", "Imported")


def test_an_import_costs_as_many_queries_for_many_turns():
    def cost(turns):
        text = "Remarks\n\nJanuary 7, 2022\n\n" + "\n\n".join(
            f"SECRETARY DOE: Sentence {turns} {n}." if n % 2 else f"QUESTION: What {turns} {n}?"
            for n in range(turns)
        )
        with CaptureQueriesContext(connection) as queries:
            result = import_transcript(text.encode(), filename=f"{turns}.txt")
        assert len(result.turns) == turns
        return len(queries)

    cost(2)
    assert cost(40) == cost(4)
