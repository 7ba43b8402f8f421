"""Splitting a compound claim: the parts, what they take over, and what is refused."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from claims.models import Claim
from claims.models.splitting import MOST, Part
from tests import factories
from tests.claims.test_admin import count_queries, messages, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


@pytest.fixture
def whole():
    claim = factories.ClaimFactory(
        slug="oath",
        text="The Alliance swore an oath and broke it.",
        language="de",
        kind="historical",
    )
    claim.topics.add(factories.TopicFactory())
    return factories.published(claim)


TWO = [Part("The Alliance swore an oath."), Part("The Alliance broke it.", kind="factual")]


def test_parts_are_drafts_in_order_with_the_language_and_topics_of_the_whole(whole, rita):
    before = Claim.objects.get(pk=whole.pk).updated_at
    first, second = whole.split(TWO, by=rita)

    assert [(part.text, part.kind, part.part_position) for part in (first, second)] == [
        ("The Alliance swore an oath.", "historical", 1),
        ("The Alliance broke it.", "factual", 2),
    ]
    for part in (first, second):
        assert (part.part_of, part.language, part.published_at) == (whole, "de", None)
        assert list(part.topics.all()) == list(whole.topics.all())
        made = part.history.earliest()
        assert (made.history_user, made.history_change_reason) == (rita, "Split off from oath")
    assert first.slug == "the-alliance-swore-an-oath"
    assert Claim.objects.get(pk=whole.pk).updated_at == before  # drafts change nothing public

    third, _ = whole.split([Part("It did so in 1990."), Part("It did so in Bonn.")], by=rita)
    assert third.part_position == 3


def test_appearances_are_copied_as_drafts_where_that_is_asked(whole, rita):
    row = factories.AppearanceFactory(
        claim=whole, manner="reported", reported_by=factories.SpeakerFactory(), said_on="2022-01-05"
    )
    factories.AppearanceFactory(claim=whole)
    whole.publish(by=factories.editor())

    first, second = whole.split([Part("It swore.", appearances=[row.pk]), TWO[1]], by=rita)

    copied = first.appearances.get()
    for name in ("passage", "claimant", "reported_by", "manner"):
        assert getattr(copied, name) == getattr(row, name)
    assert str(copied.said_on) == "2022-01-05"
    assert copied.published_at is None
    assert copied.history.get().history_change_reason.startswith("Copied from oath")
    assert not second.appearances.exists()
    assert whole.appearances.count() == 2


def test_slugs_are_free_short_and_there_in_any_script(whole, rita):
    factories.ClaimFactory(slug="it-swore")
    long = "The Alliance promised " + "and promised " * 30

    first, second, third, fourth = whole.split(
        [Part("It swore."), Part(long), Part("Альянс дал клятву."), Part("It swore!")], by=rita
    )

    assert first.slug == "it-swore-2"
    assert fourth.slug == "it-swore-3"
    assert len(second.slug) <= 120
    assert second.slug.endswith("promised") or second.slug.endswith("and")
    assert third.slug == "part"


def refused(whole, parts, by, words):
    before = Claim.objects.count()
    with pytest.raises(ValidationError, match=words), transaction.atomic():
        whole.split(parts, by=by)
    assert Claim.objects.count() == before


@pytest.mark.parametrize("number", [0, 1, 9])
def test_a_claim_is_split_into_two_to_eight(whole, rita, number):
    refused(whole, [Part(f"Part {n}.") for n in range(number)], rita, "2 to 8 parts")


def test_parts_have_words_of_their_own(whole, rita):
    refused(whole, [TWO[0], Part(" the  alliance swore an oath. ")], rita, "Part 2 says what")
    refused(whole, [Part(whole.text), TWO[0]], rita, "Part 1 says what")
    refused(whole, [TWO[0], Part("")], rita, "Part 2: ")
    whole.split(TWO, by=rita)
    refused(whole, [Part("Another."), TWO[1]], rita, "Part 2 says what")


def test_neither_a_part_nor_a_retired_claim_is_split(whole, rita):
    part, _ = whole.split(TWO, by=rita)
    refused(part, TWO, rita, "itself a part")
    gone = factories.ClaimFactory(duplicate_of=whole)
    refused(gone, TWO, rita, "is retired")


def test_only_appearances_of_the_whole_are_copied(whole, rita):
    other = factories.AppearanceFactory()
    refused(whole, [TWO[0], Part("It broke.", appearances=[other.pk])], rita, "none of this claim")


def test_splitting_takes_the_permission(whole):
    with pytest.raises(PermissionDenied):
        whole.split(TWO, by=factories.UserFactory(role="administrator"))


# --- At the desk ---


def sent(*texts, **more):
    rows = {"parts-TOTAL_FORMS": MOST, "parts-INITIAL_FORMS": 0}
    for number in range(MOST):
        rows |= {f"parts-{number}-text": "", f"parts-{number}-kind": "historical"}
    return rows | {f"parts-{n}-text": text for n, text in enumerate(texts)} | more


def test_a_claim_is_split_on_a_page_of_its_own(client, rita, whole):
    row = factories.AppearanceFactory(claim=whole)
    client.force_login(rita)
    address = reverse("admin:claims_claim_split", args=[whole.pk])
    assert address in client.get(url(whole)).content.decode()
    page = client.get(address).content.decode()
    assert page.count('<option value="historical" selected>') == MOST
    assert "promised not to grow" in page

    answer = client.post(
        address,
        sent("It swore.", "", "It broke.", **{"parts-2-appearances": [row.pk]}),
        follow=True,
    )

    assert "Split into 2 parts" in messages(answer)
    parts = whole.parts.order_by("part_position")
    assert [part.text for part in parts] == ["It swore.", "It broke."]
    assert [part.appearances.count() for part in parts] == [0, 1]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["It swore."], "2 to 8 parts"),
        (["It swore.", "It swore."], "words of its own"),
        (["It swore.", "x" * 501], "at most 500 characters"),
    ],
)
def test_what_is_refused_is_shown_with_the_words_as_they_were_sent(client, rita, whole, rows, told):
    client.force_login(rita)

    page = client.post(
        reverse("admin:claims_claim_split", args=[whole.pk]), sent(*rows)
    ).content.decode()

    assert told in page
    assert 'value="It swore."' in page
    assert not whole.parts.exists()


def test_a_tick_without_words_is_asked_about(client, rita, whole):
    row = factories.AppearanceFactory(claim=whole)
    client.force_login(rita)
    ticked = sent("It swore.", "It broke.", **{"parts-3-appearances": [row.pk]})

    page = client.post(reverse("admin:claims_claim_split", args=[whole.pk]), ticked)

    assert "This field is required" in page.content.decode()
    assert not whole.parts.exists()


def test_the_page_is_for_who_may_split_and_for_what_can_be_split(client, rita, whole):
    part, _ = whole.split(TWO, by=rita)
    client.force_login(rita)
    answer = client.get(reverse("admin:claims_claim_split", args=[part.pk]), follow=True)
    assert "itself a part" in messages(answer)
    assert "Split into parts…" not in answer.content.decode()

    client.force_login(factories.UserFactory(role="administrator"))
    address = reverse("admin:claims_claim_split", args=[whole.pk])
    assert client.get(address).status_code == 403
    assert client.post(address, sent("It swore.", "It broke.")).status_code == 403


def test_the_page_costs_the_same_with_one_appearance_and_with_nine(client, rita, whole):
    factories.AppearanceFactory(claim=whole)
    client.force_login(rita)
    address = reverse("admin:claims_claim_split", args=[whole.pk])
    before = len(count_queries(client, address))
    factories.AppearanceFactory.create_batch(8, claim=whole)

    assert len(count_queries(client, address)) == before
