"""Storing other publishers' reviews: where each belongs, what changes nothing, and what the report says."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.interchange.claim_reviews import importing
from claims.interchange.claim_reviews.finding import Reason
from claims.interchange.claim_reviews.importing import import_claim_reviews
from claims.interchange.claim_reviews.outcomes import (
    LEFT,
    NEW_CLAIM,
    OWN_ADDRESS,
    SAME_WORDS,
    TWICE,
    UNCHANGED,
    UPDATED,
    What,
)
from claims.interchange.claim_reviews.placing import Suggestions
from claims.interchange.claim_reviews.reading import Incoming
from claims.interchange.untrusted_json import FileError
from claims.models import Claim, ExternalReview, Note
from claims.models.external_review import plain
from claims.search import encoding, matching
from tests import factories

from .test_claimreviews_reading import SHARED, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


def run(items, by, **options):
    """Import `items`, and return what came of each."""
    told = []
    lines = "\n".join(json.dumps(item) for item in [*items, *([None] if len(items) == 1 else [])])
    import_claim_reviews(
        io.BytesIO(lines.encode()), by=by, origin="reviews.ndjson", tell=told.append, **options
    )
    return told[: len(items)]


def rows():
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (
            Claim,
            ExternalReview,
            Note,
            Claim.history.model,
            ExternalReview.history.model,
        )
    }


def test_a_review_becomes_a_draft_on_a_draft_claim_with_their_history(rita):
    (outcome,) = run([review(inLanguage="en", name="It is water")], rita)

    row = ExternalReview.objects.get()
    claim = row.claim
    assert (outcome.what, outcome.reason, outcome.claim) == (What.TAKEN, NEW_CLAIM, claim)
    assert (claim.text, claim.slug) == ("The sea is made of milk.", "the-sea-is-made-of-milk")
    assert (claim.language, claim.published_at, row.published_at) == ("en", None, None)
    assert (row.publisher_name, row.rating, row.claimant_name) == (
        "Another Desk",
        "False",
        "A sailor",
    )
    assert not claim.verdicts.exists()
    assert not claim.appearances.exists()
    for entry in (claim.history.get(), row.history.get()):
        assert (entry.history_type, entry.history_user) == ("+", rita)
        assert entry.history_change_reason == "Imported from reviews.ndjson"
    for each in (claim, row):
        each.full_clean()


def test_the_same_file_again_changes_nothing(rita):
    items = [review(), review(url="https://reviews.example/2/"), review(claimReviewed="Another.")]
    run(items, rita)
    before = rows()

    outcomes = run(items, rita)

    assert [(each.what, each.reason) for each in outcomes] == [(What.KNOWN, UNCHANGED)] * 3
    assert outcomes[0].claim.slug == "the-sea-is-made-of-milk"
    assert rows() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(rita):
    items = [review(), review(url=""), review(url="https://reviews.example/2/")]

    would = run(items, rita, dry_run=True)

    assert not Claim.objects.exists()
    assert not ExternalReview.history.exists()
    assert [each.as_dict() for each in would] == [each.as_dict() for each in run(items, rita)]


def test_nothing_is_written_of_a_file_that_breaks(rita):
    text = "[" + ",".join([json.dumps(review(url=f"https://r.example/{n}/")) for n in range(600)])
    text += " " * 5_000_000 + ",{]"

    with pytest.raises(FileError, match="after item 600"):
        import_claim_reviews(io.BytesIO(text.encode()), by=rita, origin="broken")

    assert not Claim.objects.exists()


def test_importing_takes_the_right_to_add(rita):
    with pytest.raises(PermissionDenied):
        run([review()], factories.UserFactory(role="administrator"))


# --- Where a review belongs ---


@pytest.mark.parametrize(
    "text",
    [
        "The sea is made of milk.",
        "“THE  SEA is made of milk”",
        "the sea is made of 'milk'.",
        "The sea is made of ｍilk",
    ],
)
def test_it_belongs_to_the_claim_that_says_the_same(rita, text):
    claim = factories.published(factories.ClaimFactory(text=text))
    factories.ClaimFactory(text="The sea is not made of milk.")
    updated_at = claim.updated_at

    (outcome,) = run([review()], rita)

    assert (outcome.claim, outcome.reason) == (claim, SAME_WORDS)
    claim.refresh_from_db()
    assert claim.external_reviews.get().published_at is None
    assert claim.updated_at == updated_at  # readers do not learn of a draft by a date


def test_what_denies_the_claim_is_another(rita):
    claim = factories.published(factories.ClaimFactory(text="The sea is not made of milk."))

    (outcome,) = run([review()], rita)

    assert outcome.claim != claim
    assert outcome.suggested == [
        (claim.slug, "shares “sea”, “made”, “milk”; only one says “not”: it may deny the other")
    ]
    assert claim.text in Note.objects.get(claim=outcome.claim, author=rita).body


def test_what_shares_a_usual_word_is_not_suggested_nor_what_was_imported(rita):
    near = factories.ClaimFactory(text="The sea of the north is made of milk.")
    factories.ClaimFactory(text="Cheese is made of milk and of much else that cows do not give.")
    run([review(url="https://other.example/1/", claimReviewed="The sea is full of milk.")], rita)

    (outcome,) = run([review()], rita)

    assert [slug for slug, _ in outcome.suggested] == [near.slug]


def test_suggesting_costs_as_many_queries_for_many_as_for_one(
    rita, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(encoding, "encode", lambda texts: pytest.fail("a review is encoded"))
    for number in range(20):
        factories.ClaimFactory(text=f"The sea is made of milk, says sailor {number}.")
    suggestions = Suggestions()
    matching.compare([], drafts=True)  # how rare words are is known now
    for number in (1, 60):
        some = [
            Incoming("A desk", "", f"https://reviews.example/{n}/", "The sea is made of milk.")
            for n in range(number)
        ]
        with django_assert_num_queries(4):
            found = suggestions.for_all(some)
        assert [len(claims) for claims in found.values()] == [3] * number


def test_two_publishers_of_one_claim_meet_on_it(rita):
    items = [
        review(),
        review(url="https://other.example/1/", claimReviewed="the sea is made of milk"),
    ]

    first, second = run(items, rita)

    assert first.claim == second.claim
    assert (first.reason, second.reason) == (NEW_CLAIM, SAME_WORDS)
    assert first.claim.external_reviews.count() == 2


def test_one_page_may_review_several_claims_and_the_same_words_of_several_people(rita):
    other = {"@type": "Claim", "author": {"name": "A captain"}}
    items = [review(), review(claimReviewed="Fish are cows."), review(itemReviewed=other)]

    first, second, third = run(items, rita)

    assert first.claim == third.claim != second.claim
    assert ExternalReview.objects.count() == 3


def test_a_claim_that_was_reworded_here_is_still_known_by_the_words_of_its_reviews(rita):
    run([review()], rita)
    claim = Claim.objects.get()
    claim.text = "Sea water is milk."
    claim.save()

    known, added = run([review(), review(url="https://other.example/1/")], rita)

    assert (known.what, added.claim) == (What.KNOWN, claim)


def test_it_belongs_to_the_claim_that_a_duplicate_leads_to(rita):
    editor = factories.editor()
    retired = factories.ClaimFactory(text="The sea is made of milk.")
    into = factories.ClaimFactory(text="Milk fills the sea.")
    retired.merge_into(into, by=editor)

    (outcome,) = run([review()], rita)

    assert outcome.claim == into


def test_of_two_claims_that_say_the_same_the_public_one_is_meant(rita):
    factories.ClaimFactory(text="The sea is made of milk.")
    public = factories.published(factories.ClaimFactory(text="The sea is made of milk"))

    assert run([review()], rita)[0].claim == public


@pytest.mark.parametrize("path", ["/claims/milk/", "/de/claims/milk", "/claims/milk/#why"])
def test_it_belongs_to_the_claim_whose_address_it_gives(rita, settings, path):
    settings.SITE_URL = "https://facts.example"
    claim = factories.ClaimFactory(slug="milk", text="Milk fills the sea.")
    item = {"@type": "Claim", "@id": f"https://facts.example{path}"}

    (outcome,) = run([review(itemReviewed=item)], rita)

    assert (outcome.claim, outcome.reason) == (claim, OWN_ADDRESS)


def test_the_desk_s_own_reviews_are_refused(rita, settings):
    settings.SITE_URL = "https://reviews.example"

    assert run([review()], rita)[0].reason == Reason.OURS


def test_what_is_near_on_the_web_is_suggested(rita):
    source = factories.SourceFactory(url="https://reviews.example/1/")
    evidence = factories.EvidenceFactory(source=source, claim__text="Cows can swim far.")
    post = factories.transcript(url="https://posts.example/9")
    appearance = factories.AppearanceFactory(
        passage=factories.passage(post), claim__text="Ships do not sink."
    )
    other = factories.ExternalReviewFactory(
        url="https://reviews.example/1/", claim__text="Whales are fish."
    )
    item = {"@type": "Claim", "appearance": ["https://posts.example/9"]}

    (outcome,) = run([review(itemReviewed=item)], rita)

    assert sorted(outcome.suggested) == sorted(
        [
            (evidence.claim.slug, "the review is among its evidence"),
            (appearance.claim.slug, "made in the same text"),
            (other.claim.slug, "another review on the same page"),
        ]
    )


def test_a_claimant_is_a_speaker_whom_exactly_that_name_names(rita):
    speaker = factories.SpeakerFactory()
    speaker.names.create(name="A sailor")
    for _ in range(2):
        factories.SpeakerFactory().names.create(name="A captain")
    captain = {"@type": "Claim", "author": {"name": "A captain"}}

    run([review(), review(itemReviewed=captain), review(itemReviewed={})], rita)

    assert list(ExternalReview.objects.order_by("pk").values_list("claimant", flat=True)) == [
        speaker.pk,
        None,
        None,
    ]
    assert ExternalReview.objects.first().public_claimant is None


def test_addresses_are_free_and_say_the_text(rita):
    factories.ClaimFactory(slug="the-sea-is-made-of-milk", text="Another.")
    texts = ["The sea is made of milk!", "The sea is made of milk?", "Молоко", "Wide " * 60, "乳"]
    items = [
        review(claimReviewed=text, url=f"https://r.example/{n}/") for n, text in enumerate(texts)
    ]

    slugs = [outcome.claim.slug for outcome in run(items, rita)]

    assert len(set(slugs)) == 5
    assert slugs[0].startswith("the-sea-is-made-of-milk-")
    assert slugs[2].startswith("claim-")
    for claim in Claim.objects.all():
        claim.full_clean()


def test_a_text_that_is_too_long_for_a_claim_is_kept_whole_with_the_review(rita):
    text = "The sea is wide. " * 60
    (outcome,) = run([review(claimReviewed=text)], rita)

    assert outcome.claim.text.endswith("wide. The…") or len(outcome.claim.text) <= 500
    assert ExternalReview.objects.get().claim_reviewed == text.strip()
    assert run([review(claimReviewed=text)], rita)[0].what == What.KNOWN
    other = review(claimReviewed=text, url="https://other.example/")
    assert run([other], rita)[0].claim == outcome.claim


# --- What is known, and has changed ---


CHANGED = {"reviewRating": {"alternateName": "Mostly false"}, "datePublished": None}


def test_a_draft_follows_its_publisher_and_what_is_left_out_erases_nothing(rita):
    run([review()], rita)

    (outcome,) = run([review(**CHANGED)], rita)

    row = ExternalReview.objects.get()
    assert (outcome.what, outcome.reason) == (What.KNOWN, UPDATED)
    assert outcome.changes == {"rating_text": {"from": "False", "to": "Mostly false"}}
    assert (row.rating_text, row.rating_value) == ("Mostly false", "1")
    assert str(row.reviewed_on) == "2022-01-07"
    assert [entry.rating_text for entry in row.history.all()] == ["Mostly false", "False"]
    assert run([review(**CHANGED)], rita)[0].reason == UNCHANGED


def test_what_is_public_is_left_to_an_editor(rita):
    run([review()], rita)
    claim = Claim.objects.get()
    claim.publish(by=factories.editor())
    claim.refresh_from_db()

    (outcome,) = run([review(**CHANGED)], rita)

    assert outcome.reason == LEFT
    assert outcome.changes
    assert ExternalReview.objects.get().rating_text == "False"
    assert Claim.objects.get().updated_at == claim.updated_at


def test_what_the_desk_has_edited_is_left_to_it(rita):
    run([review()], rita)
    row = ExternalReview.objects.get()
    row.publisher_name = "The Other Desk"
    row.save()

    (outcome,) = run([review()], rita)

    assert outcome.reason == LEFT
    assert ExternalReview.objects.get().publisher_name == "The Other Desk"


def test_of_what_stands_twice_in_a_file_the_first_is_taken(rita):
    again = review(url="http://www.reviews.example/1", datePublished=None)
    other = review(reviewRating="True")

    for _ in range(2):
        _, same, contrary = run([review(), again, other], rita)

        assert (same.what, same.reason, same.told) == (What.KNOWN, TWICE, "At line 1.")
        assert (contrary.what, contrary.reason) == (What.REFUSED, Reason.CONTRADICTS)
        assert contrary.told == "line 1 differs in: rating_text."
        assert ExternalReview.objects.get().rating_text == "False"


def test_queries_grow_with_batches_and_not_with_items(rita):
    def cost(n, start):
        items = [
            review(url=f"https://r.example/{start + i}/", claimReviewed=f"Claim {start + i}.")
            for i in range(n)
        ]
        with CaptureQueriesContext(connection) as queries:
            run(items, rita)
        return len(queries)

    cost(1, 0)

    # SQLite takes so many values at once, and no more.
    assert cost(200, 1000) <= cost(2, 2000) + 16


def test_claims_are_locked_before_reviews_and_once(rita):
    """As every other writer does it: claims first, by their keys. On SQLite, nobody else writes."""
    run([review(url=f"https://r.example/{n}/", claimReviewed=f"Claim {n}.") for n in (1, 2)], rita)
    given = [
        review(url=f"https://r.example/{n}/", claimReviewed=f"Claim {n}.", **CHANGED)
        for n in (2, 1)
    ]

    with CaptureQueriesContext(connection) as queries:
        outcomes = run(given, rita)

    assert [outcome.reason for outcome in outcomes] == [UPDATED, UPDATED]
    locks = [q["sql"] for q in queries if " FOR " in q["sql"] and " UPDATE" in q["sql"]]
    if connection.vendor == "postgresql":
        of_kind, *of_claims, of_reviews = locks
        assert "django_content_type" in of_kind
        assert of_kind.endswith("FOR NO KEY UPDATE")
        assert len(of_claims) == 1
        assert of_claims[0].endswith('ORDER BY "claims_claim"."id" ASC FOR NO KEY UPDATE')
        assert of_reviews.endswith(
            'ORDER BY "claims_externalreview"."id" ASC FOR UPDATE OF "claims_externalreview"'
        )
    else:
        assert locks == []


def test_one_that_was_retired_before_it_was_locked_leads_to_another(rita, monkeypatch):
    first = factories.ClaimFactory(text="The sea is made of milk.")
    second = factories.ClaimFactory(text="Milk fills the sea.")
    concerned, locked = importing._Run.concerned, []

    def look_and_retire(self, outcomes):
        found = concerned(self, outcomes)
        locked.extend(found)
        first.merge_into(second, by=factories.editor())
        return found

    monkeypatch.setattr(importing._Run, "concerned", look_and_retire)

    (outcome,) = run([review()], rita)

    assert locked == [first.pk]
    assert (outcome.claim, outcome.reason) == (second, SAME_WORDS)
    assert ExternalReview.objects.get().claim == second


# --- The model ---


def test_a_review_is_published_with_its_claim_and_its_speaker_is_not():
    row = factories.ExternalReviewFactory(claimant=factories.SpeakerFactory())

    row.claim.publish(by=factories.editor())

    row.refresh_from_db()
    assert row.is_published
    assert not row.claimant.is_published
    assert row.public_claimant is None


def test_a_claim_has_a_review_once():
    row = factories.ExternalReviewFactory()
    copy = factories.ExternalReviewFactory.build(
        claim=row.claim, url=row.url.replace("https", "http"), claim_reviewed="they promised IT"
    )

    with pytest.raises(ValidationError, match="has that review already"):
        copy.full_clean()


def test_plain():
    assert plain(" «The  Sea» is “made” of milk. ") == plain("the sea is made of milk")
    assert plain("It is not milk.") != plain("It is milk.")


def test_the_page_says_whose_finding_it_is(client):
    row = factories.ExternalReviewFactory(rating_text="Pants <on> fire", title="They did not")
    draft = factories.ExternalReviewFactory(claim=row.claim, publisher_name="XYZZY")
    row.claim.publish(by=factories.editor())
    ExternalReview.objects.filter(pk=draft.pk).update(published_at=None, published_by=None)

    page = client.get(f"/claims/{row.claim.slug}/").content.decode()

    assert "Reviews by other publishers" in page
    assert "None of this is this desk’s finding." in page
    assert "“<span>Pants &lt;on&gt; fire</span>”" in page
    assert f'<a href="{row.url}" rel="nofollow noopener">They did not</a>' in page
    assert "XYZZY" not in page
    assert "ClaimReview" not in page


def test_a_review_without_a_title_is_not_named_by_its_address(client):
    row = factories.ExternalReviewFactory(title="")
    row.claim.publish(by=factories.editor())

    page = client.get(f"/claims/{row.claim.slug}/").content.decode()

    link = f'<a href="{row.url}" rel="nofollow noopener">Read it where it was published</a>'
    assert f'{link} <span class="meta">{row.publisher_site}</span>' in page


def test_an_address_with_a_password_is_refused():
    row = factories.ExternalReviewFactory.build(
        claim=factories.ClaimFactory(), url="https://u:secret@a.example/"
    )

    with pytest.raises(ValidationError, match="would be published") as error:
        row.full_clean()

    assert set(error.value.message_dict) == {"url"}


def test_a_claim_without_reviews_has_no_such_section(client):
    claim = factories.published(factories.ClaimFactory())

    assert "other publishers" not in client.get(f"/claims/{claim.slug}/").content.decode()


# --- The command ---


def command(*arguments):
    out = io.StringIO()
    try:
        call_command("import_claimreviews", *map(str, arguments), stdout=out)
    except CommandError as error:
        return out.getvalue(), error
    return out.getvalue(), None


@pytest.fixture
def researcher():
    return factories.researcher(username="researcher")


@pytest.fixture
def file(tmp_path, researcher):
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps([review(), None, review(url="x"), review(inLanguage="Klingonese!")]))
    return path


def test_the_command_tells_what_came_of_the_file(file, tmp_path):
    out, error = command(file, "--report", tmp_path / "report", "--language", "de")

    assert out.splitlines() == [
        "4 items: 1 taken, 1 known, 2 refused",
        "        1  known: stands earlier in the file (item 4)",
        "        1  refused: it has no address on the web (item 3)",
        "        1  refused: it is null or empty (item 2)",
        "        1  taken: as a draft claim of its own",
    ]
    assert (str(error), error.returncode) == ("2 of 4 refused.", 2)
    report = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert [(line["place"], line["outcome"]) for line in report] == [
        ("item 1", "taken"), ("item 2", "refused"), ("item 3", "refused"), ("item 4", "known"),
    ]  # fmt: skip
    assert report[0]["claim"] == "the-sea-is-made-of-milk"
    assert report[2] == {
        "place": "item 3",
        "outcome": "refused",
        "reason": "it has no address on the web",
        "told": "It gives this instead: x",
        "item": review(url="x"),
    }
    assert Claim.objects.get().language == "de"


def test_the_command_writes_nothing_on_a_dry_run(file):
    out, _ = command(file, "--dry-run")

    assert out.endswith("Nothing was written.\n")
    assert not Claim.objects.exists()


def test_the_command_reads_standard_input(file, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))

    out, _ = command("-")

    assert out.startswith("4 items: 1 taken")
    assert Claim.history.get().history_change_reason == "Imported from standard input"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/no/such/file"], "No such file"),
        (["FILE", "--language", "German!"], "no BCP 47 language tag"),
        (["FILE", "--by", "nobody"], "--by: there is no active user “nobody”."),
        (["FILE", "--report", "/no/such/folder/report"], "--report"),
    ],
)
def test_the_command_says_what_is_wrong_with_it(file, arguments, told):
    _, error = command(*(str(file) if each == "FILE" else each for each in arguments))

    assert told in str(error)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("there", [True, False])
def test_the_command_makes_no_account(file, researcher, there):
    researcher.is_active = False
    researcher.save()
    if not there:
        researcher.delete()
    users = list(User.objects.order_by("pk").values())

    _, error = command(file, "--dry-run")

    assert str(error) == "There is no active user “researcher”: name somebody with --by."
    assert list(User.objects.order_by("pk").values()) == users
    assert not Claim.objects.exists()


def test_the_command_says_that_a_file_is_broken(tmp_path, researcher):
    path = tmp_path / "broken.json"
    path.write_text("<html>")

    _, error = command(path)

    assert "web page" in str(error)
    assert "Nothing was imported." in str(error)


def test_the_real_answer_and_the_real_items_twice(researcher):
    paths = [SHARED / "claims_search_response.json", SHARED / "claimreview_real_items.json"]
    if not all(map(Path.exists, paths)):
        pytest.skip("the real reviews are not beside the checkout")

    assert [command(path)[0].partition("\n")[0] for path in paths * 2] == [
        "7 items: 7 taken, 0 known, 0 refused",
        "6 items: 5 taken, 0 known, 1 refused",
        "7 items: 0 taken, 7 known, 0 refused",
        "6 items: 0 taken, 5 known, 1 refused",
    ]
