"""The desk's side of a text that changed: what is to be looked at, and what is done about it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.querysets import relocation_tasks
from sources.models import Relocation
from tests.factories import (
    TRANSCRIPT,
    AppearanceFactory,
    approved,
    editor,
    passage,
    relocation,
    researcher,
    withdrawn,
)

from .test_later_editions import DENIES, OTHER, VERDICT, next_edition, rated

pytestmark = pytest.mark.django_db


def page(client, row):
    return client.get(reverse("admin:sources_relocation_change", args=[row.pk]))


def press(client, row, step, data=None):
    address = reverse("admin:sources_relocation_step", args=[row.pk, step])
    return client.post(address, data or {}, follow=True)


def listed(client, **asked):
    response = client.get(reverse("admin:sources_relocation_changelist"), asked)
    return [row.pk for row in response.context["cl"].result_list]


def changed(new=OTHER):
    """Of a claim with a verdict in force: what became of the words that it quotes."""
    claim, source = rated()
    next_edition(source, TRANSCRIPT.replace(DENIES, new))
    return claim, Relocation.objects.get(snapshot__source=source)


# --- What is a task ---


def test_what_a_verdict_in_force_rests_on_is_a_task_and_comes_first(client):
    other = relocation(new=OTHER)
    _, row = changed()
    client.force_login(researcher())

    assert list(relocation_tasks()) == [row]
    assert listed(client) == [row.pk, other.pk]
    assert listed(client, rested="yes") == [row.pk]
    first = client.get("/admin/").content.decode()
    assert "1 that verdicts in force rest on" in first
    assert reverse("admin:sources_relocation_change", args=[row.pk]) in first

    row.decide(by=researcher())
    assert list(relocation_tasks()) == []
    assert listed(client) == [other.pk]
    assert listed(client, state="decided") == [row.pk]
    assert (
        "Passages to look at again" not in client.get("/admin/").content.decode().split("app-")[0]
    )


def test_a_withdrawn_verdict_makes_no_task():
    claim, _ = changed()
    withdrawn(claim.verdicts.get(), why="An error.")
    assert list(relocation_tasks()) == []


def test_what_was_found_again_in_a_newer_edition_is_none_any_more():
    _claim, source = rated()
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))
    next_edition(source, TRANSCRIPT + "\n(As corrected.)\n")
    assert Relocation.objects.open().count() == 1
    assert list(relocation_tasks()) == []


def test_the_first_page_asks_the_same_for_one_and_for_many(client):
    client.force_login(researcher())
    counts = []
    for slugs in (["one"], ["two", "three", "four"]):
        for slug in slugs:
            _, source = rated(slug=slug)
            next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- The page of a decision ---


def test_the_words_stand_beside_what_they_may_have_become(client):
    claim, row = changed()
    client.force_login(researcher())
    found = page(client, row).content.decode()
    assert DENIES in found
    assert "The Alliance never <ins>ever </ins>promised that." in found
    assert claim.text in found
    for label in ("It is this place", "It is another place", "It stands nowhere in it"):
        assert label in found


def test_it_is_this_place(client):
    _, row = changed()
    client.force_login(researcher())
    press(client, row, "this")
    row.refresh_from_db()
    assert row.counterpart.exact == OTHER


def test_it_is_another_place_that_is_quoted(client):
    _, row = changed()
    client.force_login(researcher())
    found = press(client, row, "another", {"quotation": "Words that are not there"})
    assert "does not read" in found.content.decode()
    press(client, row, "another", {"quotation": "Nobody\r\ndid"})
    row.refresh_from_db()
    assert row.counterpart.exact == "Nobody did"


def test_or_one_of_several_that_could_be_meant(client):
    _, row = changed(f"{DENIES} {DENIES}")
    assert (row.finding, row.places) == ("ambiguous", 2)
    client.force_login(researcher())
    _first, second = row.candidates()
    assert "It is this place" not in page(client, row).content.decode()
    press(client, row, "another", {"place": f"{second[0]}-{second[1]}"})
    row.refresh_from_db()
    assert (row.counterpart.start, row.counterpart.end) == second


def test_it_stands_nowhere(client):
    _, row = changed("No.")
    client.force_login(researcher())
    press(client, row, "nowhere")
    row.refresh_from_db()
    assert row.decided_at
    assert row.counterpart is None
    assert "stand nowhere" in page(client, row).content.decode()


def test_whoever_looked_at_it_before_somebody_else_decided_is_told(client):
    _, row = changed()
    seen = row.history.first().pk
    row.decide(by=researcher())
    client.force_login(editor())
    found = press(client, row, "nowhere", {"_seen": seen})
    assert "Somebody has saved this" in found.content.decode()
    row.refresh_from_db()
    assert row.counterpart is not None


def test_who_has_decided_is_in_the_history_and_decides_not_again(client):
    _, row = changed()
    by = researcher()
    client.force_login(by)
    press(client, row, "this")
    row.refresh_from_db()
    assert row.history.first().history_user == by
    assert press(client, row, "nowhere").status_code == 403


# --- Annotations stay until somebody moves them ---


def test_an_annotation_is_moved_by_whoever_may_change_it(client):
    claim, row = changed()
    appearance = claim.appearances.get()
    with pytest.raises(ValidationError, match="Nobody has said"):
        appearance.move_to(row, by=editor())
    row.decide(by=researcher())
    appearance.refresh_from_db()
    assert appearance.passage == row.passage  # nothing moves by itself
    with pytest.raises(PermissionDenied):
        appearance.move_to(row, by=researcher())
    by = editor()
    client.force_login(by)
    address = reverse("admin:sources_relocation_move", args=[row.pk, "appearance", appearance.pk])
    assert "edition 2" in client.post(address, follow=True).content.decode()
    appearance.refresh_from_db()
    assert appearance.passage == row.counterpart
    assert appearance.history.first().history_user == by
    assert appearance.history.first().history_change_reason == "Moved to edition 2"
    assert claim.rebuttals.get().passage == row.passage


def test_one_that_quotes_something_else_is_not_moved():
    _, row = changed()
    row.decide(by=researcher())
    other = AppearanceFactory(passage=passage(row.passage.snapshot, "Good afternoon."))
    with pytest.raises(ValidationError, match="another passage"):
        other.move_to(row, by=editor())


def test_what_was_found_for_certain_can_be_followed_without_a_decision():
    claim, source = rated()
    next_edition(source, TRANSCRIPT + "\n(As corrected.)\n")
    row = Relocation.objects.get()
    assert row.finding == "found"
    appearance = claim.appearances.get()
    appearance.move_to(row, by=editor())
    appearance.refresh_from_db()
    assert appearance.passage.snapshot.edition == 2
    assert appearance.passage.exact == DENIES


def test_a_verdict_on_the_moved_words_has_no_note(client):
    claim, row = changed()
    row.decide(by=researcher())
    for rows in (claim.appearances, claim.rebuttals, claim.evidence):
        rows.get().move_to(row, by=editor())
    assert "In the text as retrieved" not in client.get(claim.get_absolute_url()).content.decode()
    assert claim.verdicts.get().published_at == VERDICT


# --- Drafts at the desk ---


def test_the_desk_compares_editions_that_the_public_does_not_see(client):
    _claim, source = rated()
    later = next_edition(source, TRANSCRIPT.replace(DENIES, OTHER), captured=False)
    client.force_login(researcher())
    address = reverse("admin:sources_snapshot_changes", args=[later.pk])
    assert (
        address
        in client.get(reverse("admin:sources_snapshot_change", args=[later.pk])).content.decode()
    )
    assert "<ins>ever </ins>" in client.get(address).content.decode()
    for against in ("2", "x9", "7"):
        status = client.get(address, {"against": against}).status_code
        assert status == (200 if against == "x9" else 404)
    first = reverse("admin:sources_snapshot_changes", args=[source.snapshots.get(edition=1).pk])
    assert client.get(first).status_code == 404
    assert approved(at=VERDICT + dt.timedelta(1)).published_at
