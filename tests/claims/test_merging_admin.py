"""Merging at the desk: choose, look, confirm, undo."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from claims.models import Claim, Merge
from tests import factories
from tests.claims.test_admin import count_queries, messages, url
from tests.claims.test_merging import attach_all

pytestmark = pytest.mark.django_db

PAGE = "admin:claims_claim_merge"


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


@pytest.fixture
def edda():
    return factories.editor(username="edda")


def look(client, into, *retired, **more):
    asked = {"claim": [claim.pk for claim in retired], "into": into.pk, **more}
    return client.get(reverse(PAGE), asked)


def confirm(client, into, *retired):
    sent = {"claim": [claim.pk for claim in retired], "into": into.pk}
    return client.post(reverse(PAGE), sent, follow=True)


def test_from_the_claims_page_by_search_to_the_merge_and_back(client, rita):
    retired = factories.ClaimFactory(text="The Alliance promised not to grow.")
    rows = attach_all(retired)
    into = factories.ClaimFactory(text="The Alliance promised never to grow.")
    attach_all(into)
    client.force_login(rita)
    address = f"{reverse(PAGE)}?claim={retired.pk}"
    assert address in client.get(url(retired)).content.decode()

    near = client.get(address).content.decode()
    found = client.get(f"{address}&q=NEVER grow").content.decode()
    none = client.get(f"{address}&q=nowhere").content.decode()
    page = look(client, into, retired).content.decode()

    link = f"?claim={retired.pk}&amp;into={into.pk}"
    assert "say nearly the same" in near
    assert link in near
    assert link in found
    assert "None." in none
    for words in ("Appearances", "Counterclaim".lower(), "Searches", "Parts", "Topics", "Notes"):
        assert words in page
    assert str(rows["parts"]) in page
    assert rows["notes"].body in page
    assert "Stay behind" not in page

    answer = confirm(client, into, retired)

    assert answer.redirect_chain[0][0] == url(into)
    merge = Merge.objects.get()
    assert (merge.retired, merge.into, merge.merged_by) == (retired, into, rita)
    undo = reverse("admin:claims_merge_undo", args=[merge.pk])
    assert f'Merged: “{retired}” now leads here. <form method="post" action="{undo}"' in messages(
        answer
    )
    # On the pages of both claims, too.
    assert "Undo the merge" in client.get(url(into)).content.decode()
    assert "Retired in favour of" in client.get(url(retired)).content.decode()

    answer = client.post(undo, follow=True)

    assert answer.redirect_chain[0][0] == url(retired)
    assert "The merge is undone." in messages(answer)
    assert not Merge.objects.get().stands
    assert "Undo the merge" not in answer.content.decode()


def test_the_button_in_the_message_works(rita):
    client = Client(enforce_csrf_checks=True)
    client.force_login(rita)
    retired, into = factories.ClaimFactory.create_batch(2)
    page = look(client, into, retired).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    sent = {"claim": retired.pk, "into": into.pk, "csrfmiddlewaretoken": token}
    told = messages(client.post(reverse(PAGE), sent, follow=True))

    action = re.search(r'action="([^"]+)"', told)[1]
    token = re.search(r'value="(\w+)"', told)[1]
    assert client.post(action).status_code == 403
    assert client.post(action, {"csrfmiddlewaretoken": token}).status_code == 302
    assert not Merge.objects.get().stands


def test_what_stays_behind_is_shown(client, rita):
    retired, into = factories.ClaimFactory.create_batch(2)
    row = factories.EvidenceFactory(claim=retired)
    factories.EvidenceFactory(claim=into, source=row.source)
    client.force_login(rita)

    page = look(client, into, retired).content.decode()

    assert "Stay behind, for the other has the same already" in page
    assert "Move to the claim that stays" not in page


def test_what_cannot_be_merged_is_told_before_and_after(client, rita, edda):
    retired, into = factories.published(), factories.ClaimFactory()
    client.force_login(rita)
    assert "an editor&#x27;s to merge" in look(client, into, retired).content.decode()
    assert "Not merged" in messages(confirm(client, into, retired))

    client.force_login(edda)
    page = look(client, into, retired).content.decode()
    assert "would lead nowhere" in page
    assert 'value="Merge"' not in page
    assert "would lead nowhere" in messages(confirm(client, into, retired))
    assert not Merge.objects.exists()


def test_a_retired_claim_is_not_merged_again(client, rita):
    retired, into, third = factories.ClaimFactory.create_batch(3)
    retired.merge_into(into, by=rita)
    client.force_login(rita)

    assert "is retired already" in look(client, third, retired).content.decode()
    assert "itself retired" in look(client, retired, third).content.decode()


def test_several_are_merged_into_the_one_that_is_chosen(client, edda):
    claims = factories.ClaimFactory.create_batch(3)
    stuck = factories.VerdictFactory().claim
    client.force_login(edda)
    ticked = [claim.pk for claim in (*claims, stuck)]
    action = {"action": "merge_chosen", "_selected_action": ticked}
    answer = client.post(reverse("admin:claims_claim_changelist"), action, follow=True)
    assert answer.content.decode().count('name="into"') == 4
    from_queue = client.post(reverse("admin:queue_many"), {"claim": ticked, "merge": "1"})
    assert from_queue.url == answer.redirect_chain[0][0]

    answer = confirm(client, claims[1], claims[0], claims[1], claims[2], stuck)

    assert set(Claim.objects.filter(duplicate_of=claims[1])) == {claims[0], claims[2]}
    assert messages(answer).count("now leads here") == 2
    assert f"Not merged: “{stuck}”. A verdict on" in messages(answer)


def test_what_is_told_when_undoing_is_not_possible_or_not_whole(client, rita):
    retired, into = factories.ClaimFactory.create_batch(2)
    row = factories.SearchFactory(claim=retired)
    merge = retired.merge_into(into, by=rita)
    row.refresh_from_db()
    row.delete()
    client.force_login(rita)
    undo = reverse("admin:claims_merge_undo", args=[merge.pk])

    assert client.get(undo).status_code == 405
    told = messages(client.post(undo, follow=True))
    again = messages(client.post(undo, follow=True))

    assert "deleted or moved since" in told
    assert "undone already" in again


@pytest.mark.parametrize("asked", [{}, {"claim": "x"}, {"claim": [*range(1, 31)]}])
def test_without_claims_or_with_too_many_nothing_is_merged(client, rita, asked):
    factories.ClaimFactory.create_batch(25)
    client.force_login(rita)

    answer = client.get(reverse(PAGE), asked, follow=True)

    assert "Nothing was merged" in messages(answer)


def test_merging_is_not_for_who_has_no_right_to_it(client, rita):
    retired, into = factories.ClaimFactory.create_batch(2)
    merge = factories.MergeFactory()
    client.force_login(factories.UserFactory(role="administrator"))

    assert look(client, into, retired).status_code == 403
    assert confirm(client, into, retired).status_code == 403
    undo = reverse("admin:claims_merge_undo", args=[merge.pk])
    assert client.post(undo).status_code == 403
    page = client.get(url(merge.into)).content.decode()
    assert "Merge into another claim" not in page
    assert "Undo the merge" not in page
    assert "was merged into this claim" in page


def test_looking_costs_the_same_with_one_row_of_each_kind_and_with_eight(client, rita):
    one, many, into = factories.ClaimFactory.create_batch(3)
    attach_all(one)
    for _ in range(8):
        attach_all(many)
    client.force_login(rita)
    look(client, into, one)

    def price(claim):
        return len(count_queries(client, f"{reverse(PAGE)}?claim={claim.pk}&into={into.pk}"))

    assert price(one) == price(many)
