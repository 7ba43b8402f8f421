"""Likely duplicates at the desk: read both texts, merge them or say that they are two."""

import pytest
from django.urls import reverse

from claims.admin.duplicates import alone
from claims.models import Claim, LikelyDuplicate
from tests import factories
from tests.claims.test_admin import count_queries, messages

pytestmark = pytest.mark.django_db

LIST = reverse("admin:claims_likelyduplicate_changelist")


@pytest.fixture
def rita(client):
    user = factories.researcher(username="rita")
    client.force_login(user)
    return user


def pair(one="The Alliance promised not to grow.", two="The Alliance promised never to grow."):
    return factories.LikelyDuplicateFactory(first__text=one, second__text=two)


def step(row, slug):
    return reverse("admin:claims_likelyduplicate_step", args=[row.pk, slug])


def listed(client, **asked):
    answer = client.get(LIST, asked)
    return [card["row"] for card in answer.context["pairs"]]


def test_open_pairs_are_listed_the_most_probable_first_and_the_others_by_their_state(client, rita):
    likely, likelier, rejected, merged = pair(), pair(), pair(), pair()
    LikelyDuplicate.objects.filter(pk=likelier.pk).update(probability=0.95)
    rejected.reject(by=rita)
    merged.first.merge_into(merged.second, by=rita)

    assert listed(client) == [likelier, likely]
    assert listed(client, state="rejected") == [rejected]
    assert listed(client, state="merged") == [merged]
    assert set(listed(client, state="all")) == {likely, likelier, rejected, merged}
    assert listed(client, q="nowhere") == []


def test_a_pair_shows_what_each_claim_has_alone_and_leads_to_the_merge_of_both(client, rita):
    row = pair()
    text = client.get(LIST).content.decode()

    assert "The Alliance promised <mark>not</mark> to grow." in text
    assert "The Alliance promised <mark>never</mark> to grow." in text
    assert "Shares “Alliance”, “promised”." in text
    merge = f"{reverse('admin:claims_claim_merge')}?claim={row.first_id}&amp;claim={row.second_id}"
    assert merge in text
    page = client.get(merge.replace("&amp;", "&")).content.decode()
    assert "The claim that stays" in page
    assert row.first.text in page
    assert row.second.text in page


@pytest.mark.parametrize(
    ("text", "other", "marked"),
    [
        ("He says it.", "He says: “it”!", "He says it."),
        ("A Hoax invented, there", "a hoax, invented there", "A Hoax invented, there"),
        ("At 25 % now", "At 60 % now", "At [25] % now"),
        ("One of the two men", "One man", "One [of the two men]"),
        ("", "One", ""),
        ("“One”", "", "“[One]”"),
    ],
)
def test_what_one_text_has_alone_is_marked_and_not_a_space_of_it_is_lost(text, other, marked):
    pieces = alone(text, other)
    assert "".join(piece for _, piece in pieces) == text
    assert "".join(f"[{piece}]" if own else piece for own, piece in pieces) == marked


def test_verdicts_are_told_and_that_they_differ(client, rita):
    row = factories.LikelyDuplicateFactory(
        first=factories.approved(rating__slug="half-true").claim,
        second=factories.approved(rating__slug="true").claim,
    )
    warned = "Their verdicts differ:</strong> Half true and True"
    assert warned in client.get(LIST).content.decode()

    one = factories.approved(rating=row.first.verdict.rating).claim
    factories.LikelyDuplicateFactory(first=row.first, second=one)
    row.delete()
    text = client.get(LIST).content.decode()
    assert "Their verdicts differ" not in text
    assert text.count("rated Half true") == 2


def test_to_reject_one_reads_both_and_says_why(client, rita):
    row = pair()
    asked = client.get(step(row, "reject"))
    assert "promised <mark>never</mark> to grow." in asked.content.decode()
    read = asked.context["form"]["read"].value()

    answer = client.post(step(row, "reject"), {"read": read, "reason": "Two."}, follow=True)

    assert answer.redirect_chain[-1][0] == LIST
    assert "It is noted that these are two claims." in messages(answer)
    row.refresh_from_db()
    assert (row.rejected_by, row.reason) == (rita, "Two.")
    assert listed(client) == []
    told = client.get(LIST, {"state": "rejected"}).content.decode()
    assert "<strong>Two claims,</strong> says rita on" in told
    assert "Two." in told


def test_a_claim_that_was_edited_meanwhile_is_to_be_read_again(client, rita):
    row = pair()
    read = client.get(step(row, "reject")).context["form"]["read"].value()
    Claim.objects.filter(pk=row.first_id).update(text="The Alliance promised to grow.")

    answer = client.post(step(row, "reject"), {"read": read}, follow=True)

    assert "edited since you opened this" in messages(answer)
    assert listed(client) == [row]


def test_what_two_people_reject_at_once_is_the_first_one_s(client, rita):
    row = pair()
    row.reject(by=factories.editor(username="edda"), reason="Hers.")

    answer = client.post(step(row, "reject"), {"read": row.wording, "reason": "Mine"}, follow=True)

    assert "does not fit this as it is now" in messages(answer)
    row.refresh_from_db()
    assert row.reason == "Hers."


def test_a_rejected_pair_says_which_texts_it_was_rejected_for_and_is_offered_again(client, rita):
    row = pair()
    row.reject(by=rita)
    Claim.objects.filter(pk=row.first_id).update(text="The Alliance promised to grow.")
    told = client.get(LIST, {"state": "rejected"}).content.decode()
    assert "It read, when the pair was rejected: “The Alliance promised not to grow.”" in told

    client.post(step(row, "reopen"))

    assert listed(client) == [row]


def test_who_may_only_look_is_offered_nothing_to_do(client):
    row = pair()
    client.force_login(factories.UserFactory(role="administrator"))
    text = client.get(LIST).content.decode()
    assert "promised <mark>never</mark> to grow." in text
    assert step(row, "reject") not in text
    assert reverse("admin:claims_claim_merge") not in text


def test_the_first_page_leads_to_the_list_while_there_is_something_to_look_at(client, rita):
    assert "may be one" not in client.get("/admin/").content.decode()
    row = pair()
    text = client.get("/admin/").content.decode()
    assert f'<a href="{LIST}">1 pair of claims</a> may be one' in text
    row.reject(by=rita)
    assert "may be one" not in client.get("/admin/").content.decode()


def test_a_draft_can_be_deleted_with_the_pairs_that_it_is_in(client, rita):
    row = pair()
    address = reverse("admin:claims_claim_delete", args=[row.first_id])
    assert client.get(address).context["perms_lacking"] == set()

    client.post(address, {"post": "yes"})

    assert not Claim.objects.filter(pk=row.first_id).exists()
    assert not LikelyDuplicate.objects.exists()


def test_the_list_asks_the_same_for_one_pair_and_for_twenty(client, rita):
    def rated():
        row = pair()
        for claim in (row.first, row.second):
            factories.approved(claim=claim)

    rated()
    client.get(LIST)  # fills the cache of content types
    once = len(count_queries(client, LIST))

    for _ in range(19):
        rated()

    assert len(count_queries(client, LIST)) == once
