"""What becomes of the passages of one edition in the next, and who says so where that is not certain."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sources.models import Change, Passage, Relocation, Snapshot
from sources.models.relocation import Finding
from sources.reanchoring import Finding as Found
from tests.factories import TRANSCRIPT, UserFactory, editor, passage, researcher, transcript

pytestmark = pytest.mark.django_db

CLAIMS = "Moscow claims that the Alliance promised not to grow."
DENIES = "The Alliance never promised that."
KNOWS = "Nobody did, as far as I know."


def next_edition(snapshot, text):
    later = Snapshot.objects.keep(snapshot.source, text.encode(), text=text)
    Relocation.objects.look_for(later)
    return later


def test_the_findings_of_the_model_are_those_of_the_program():
    assert Finding.values == [finding.value for finding in Found]


def test_each_passage_of_the_earlier_edition_is_looked_for():
    first = transcript()
    rows = [passage(first, words) for words in (CLAIMS, DENIES, KNOWS)]
    text = TRANSCRIPT.replace("never promised", "never ever promised").replace(KNOWS, "No.")
    later = next_edition(first, text.replace("Good afternoon.", "Good afternoon to\nall of you."))

    found = {row.passage: row for row in Relocation.objects.filter(snapshot=later)}
    assert [found[row].finding for row in rows] == ["found", "changed", "orphaned"]
    assert later.text[found[rows[0]].start : found[rows[0]].end] == CLAIMS
    assert (
        later.text[found[rows[1]].start : found[rows[1]].end]
        == "The Alliance never ever promised that."
    )
    assert 0.5 < found[rows[1]].similarity < 1
    assert found[rows[2]].span is None
    assert found[rows[2]].places == 0
    assert set(Relocation.objects.open()) == {found[rows[1]], found[rows[2]]}
    assert [row.history.count() for row in found.values()] == [1, 1, 1]


def test_looking_again_finds_nothing_new():
    first = transcript()
    passage(first, CLAIMS)
    later = next_edition(first, TRANSCRIPT + "\n(End.)\n")
    assert Relocation.objects.count() == 1
    assert Relocation.objects.look_for(later) == 0
    passage(first, DENIES)
    assert Relocation.objects.look_for(later) == 1


def test_the_first_edition_has_nothing_before_it():
    first = transcript()
    passage(first, CLAIMS)
    assert Relocation.objects.look_for(first) == 0


def test_it_takes_as_many_queries_for_many_passages():
    first = transcript()
    passage(first, CLAIMS)
    counts = []
    for edition in (2, 3):
        text = TRANSCRIPT + f"\n(Edition {edition}.)\n"
        later = Snapshot.objects.keep(first.source, text.encode(), text=text)
        with CaptureQueriesContext(connection) as queries:
            Relocation.objects.look_for(later)
        counts.append(len(queries))
        for words in (DENIES, KNOWS, "Good afternoon.", "as far as I know"):
            passage(first, words)
    # One more in the third edition: the second, from which what was found there is looked for.
    assert counts == [8, 9]


def test_it_is_looked_for_from_the_newest_place_that_is_known():
    first = transcript()
    row = passage(first, DENIES)
    second = next_edition(first, TRANSCRIPT.replace("never promised", "has never promised"))
    changed = Relocation.objects.get(passage=row, snapshot=second)
    changed.decide(by=researcher())
    # Not alike to what stood in the first edition, and the same as in the second.
    third = next_edition(first, second.text.replace("Nobody did", "Nobody ever did"))
    again = Relocation.objects.get(passage=row, snapshot=third)
    assert again.finding == "changed"
    assert third.text[again.start : again.end] == "The Alliance has never promised that."
    # The passage that it became is looked for, too, and is the same.
    assert Relocation.objects.get(passage=changed.counterpart, snapshot=third).finding == "found"
    # In the fourth, the words are again as they are cited.
    fourth = next_edition(first, third.text.replace("has never", "never"))
    assert Relocation.objects.get(passage=row, snapshot=fourth).finding == "found"


def changed_once():
    first = transcript()
    row = passage(first, DENIES)
    later = next_edition(first, TRANSCRIPT.replace("never promised", "never ever promised"))
    return Relocation.objects.get(passage=row, snapshot=later)


def test_somebody_says_that_it_is_the_place():
    relocation, by = changed_once(), researcher()
    relocation.decide(by=by)
    relocation.refresh_from_db()
    assert relocation.counterpart.exact == "The Alliance never ever promised that."
    assert relocation.counterpart.snapshot == relocation.snapshot
    assert relocation.decided_by == by
    assert not relocation.is_open
    assert relocation.history.first().history_user == by
    # Nothing has moved.
    relocation.passage.refresh_from_db()
    assert relocation.passage.exact == DENIES


def test_or_another_place_or_none():
    relocation = changed_once()
    at = relocation.snapshot.text.index("Nobody did")
    relocation.decide(by=researcher(), start=at, end=at + len("Nobody did"))
    assert relocation.counterpart.exact == "Nobody did"
    relocation.decide(by=editor(), nowhere=True)
    assert relocation.counterpart is None
    assert relocation.span is None
    assert relocation.history.count() == 3


def test_to_decide_anew_is_for_an_editor():
    relocation = changed_once()
    relocation.decide(by=researcher())
    with pytest.raises(PermissionDenied, match="editor"):
        relocation.decide(by=researcher(), nowhere=True)
    relocation.refresh_from_db()
    assert relocation.counterpart is not None


def test_two_who_decide_in_the_same_moment_do_not_undo_each_other():
    relocation = changed_once()
    stale = Relocation.objects.get(pk=relocation.pk)
    relocation.decide(by=researcher())
    with pytest.raises(PermissionDenied, match="editor"):
        stale.decide(by=researcher(), nowhere=True)


def test_who_has_no_such_right_decides_nothing():
    relocation = changed_once()
    with pytest.raises(PermissionDenied):
        relocation.decide(by=UserFactory(role="administrator"))


def test_a_decision_needs_a_place_in_the_text_or_none():
    relocation = changed_once()
    with pytest.raises(ValidationError, match="not both"):
        relocation.decide(by=researcher(), start=0, end=3, nowhere=True)
    with pytest.raises(ValidationError, match="not within the text"):
        relocation.decide(by=researcher(), start=0, end=10_000)
    Relocation.objects.filter(pk=relocation.pk).update(
        start=None, end=None, finding="orphaned", similarity=None
    )
    with pytest.raises(ValidationError, match="stands nowhere"):
        relocation.decide(by=researcher())
    assert Passage.objects.count() == 1


def test_the_feed_tells_of_a_decision_on_a_public_source_alone():
    relocation = changed_once()
    Change.objects.all().delete()
    relocation.decide(by=researcher())
    assert not Change.objects.exists()
    relocation.snapshot.source.publish(by=editor())
    Change.objects.all().delete()
    relocation.snapshot.source.refresh_from_db()
    relocation.decide(by=editor(), nowhere=True)
    assert [(row.resource, row.kind) for row in Change.objects.all()] == [("sources", "updated")]
