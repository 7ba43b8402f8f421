"""What people say of turns of two renditions: in the model, and on the page of the two at the desk."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sources.models import Alignment, Change, Source
from tests import factories

pytestmark = pytest.mark.django_db

TEXT = "\n\n".join(f"MR. DOE: {n}. {'This is said once more. ' * 6}" for n in range(1, 6))


@pytest.fixture
def texts():
    """Two renditions of five turns each, drafts both."""
    original = factories.transcript(text=TEXT)
    return original, factories.rendition_of(original, text=TEXT)


@pytest.fixture
def by():
    return factories.researcher()


def turn(snapshot, position):
    return snapshot.turns.get(position=position)


def said(one, other):
    """(left, right) positions, None for none, whichever side it was said of."""
    found = set()
    for row in Alignment.objects.between(one, other):
        at = (row.turn.position, row.counterpart and row.counterpart.position)
        found.add(at if row.turn.snapshot_id == one.pk else at[::-1])
    return found


def test_either_turn_may_be_given_first(texts, by):
    original, translation = texts
    Alignment.objects.fix(turn(original, 2), turn(translation, 3), by=by)
    Alignment.objects.fix(turn(translation, 3), turn(original, 2), by=by)

    row = Alignment.objects.get()
    assert said(*texts) == {(2, 3)}
    assert row.set_by == by
    assert row.history.get().history_user == by


def test_what_was_said_of_a_turn_is_replaced_and_its_history_kept(texts, by):
    original, translation = texts
    Alignment.objects.fix(turn(original, 2), turn(translation, 3), by=by)
    Alignment.objects.fix(turn(original, 2), turn(translation, 2), by=by)
    assert said(*texts) == {(2, 2)}
    Alignment.objects.fix(turn(original, 2), None, other=translation, by=by)
    assert said(*texts) == {(2, None)}
    # Also from the other side: it has a counterpart now.
    Alignment.objects.fix(turn(translation, 4), turn(original, 2), by=by)
    assert said(*texts) == {(2, 4)}
    Alignment.objects.correct(original, translation, {turn(original, 2): None}, by=by)
    assert said(*texts) == set()
    assert "".join(Alignment.history.order_by("pk").values_list("history_type", flat=True)) == (
        "+-+-+-+-"
    )


def test_one_turn_may_stand_beside_two(texts, by):
    original, translation = texts
    both = [turn(translation, 2), turn(translation, 3)]
    Alignment.objects.correct(original, translation, {turn(original, 2): both}, by=by)
    assert said(*texts) == {(2, 2), (2, 3)}


def test_turns_do_not_cross_and_nothing_is_kept_of_what_is_refused(texts, by):
    original, translation = texts
    Alignment.objects.fix(turn(original, 2), turn(translation, 3), by=by)
    with pytest.raises(
        ValidationError, match="Turn 2 beside turn 3, and turn 3 beside turn 1: these cross"
    ):
        Alignment.objects.fix(turn(original, 3), turn(translation, 1), by=by)
    with pytest.raises(ValidationError, match="cross"):
        Alignment.objects.fix(turn(translation, 2), turn(original, 4), by=by)
    assert said(*texts) == {(2, 3)}
    # Both at once cross nothing.
    anew = {turn(original, 2): [turn(translation, 1)], turn(original, 3): [turn(translation, 2)]}
    Alignment.objects.correct(original, translation, anew, by=by)
    assert said(*texts) == {(2, 1), (3, 2)}


def test_none_is_no_part_of_what_stands_beside_one(texts, by):
    original, translation = texts
    Alignment.objects.fix(turn(translation, 3), None, other=original, by=by)
    around = [turn(translation, 2), turn(translation, 4)]
    with pytest.raises(ValidationError, match="Turn 3 is said to stand beside none"):
        Alignment.objects.correct(original, translation, {turn(original, 2): around}, by=by)
    assert said(*texts) == {(None, 3)}


def test_the_texts_are_of_one_family_and_the_turns_theirs(texts, by):
    original, translation = texts
    stranger = factories.transcript(text=TEXT)
    with pytest.raises(ValidationError, match="two renditions of one text"):
        Alignment.objects.fix(turn(original, 1), turn(stranger, 1), by=by)
    with pytest.raises(ValidationError, match="two renditions of one text"):
        Alignment.objects.fix(turn(original, 1), turn(original, 2), by=by)
    with pytest.raises(ValidationError, match="of another text"):
        Alignment.objects.correct(original, translation, {turn(stranger, 1): []}, by=by)
    with pytest.raises(ValidationError, match="in which edition"):
        Alignment.objects.fix(turn(original, 1), None, by=by)
    # By way of a third text, a draft too.
    third = factories.rendition_of(original, text=TEXT)
    Alignment.objects.fix(turn(third, 1), turn(translation, 1), by=by)
    assert said(third, translation) == {(1, 1)}
    assert said(original, translation) == set()


def test_it_takes_the_permission(texts):
    original, translation = texts
    with pytest.raises(PermissionDenied):
        Alignment.objects.fix(
            turn(original, 1), turn(translation, 1), by=factories.UserFactory(role="administrator")
        )
    assert not Alignment.objects.exists()


def test_readers_of_both_texts_are_told(texts, by):
    original, translation = texts
    Change.objects.all().delete()
    Alignment.objects.fix(turn(original, 1), turn(translation, 1), by=by)
    slugs = {original.source.slug, translation.source.slug}
    assert set(Change.objects.values_list("resource", "key")) == {
        ("transcripts", slug) for slug in slugs
    }


# --- The page at the desk ---


def address(snapshot, other):
    return f"{reverse('admin:sources_snapshot_align', args=[snapshot.pk])}?with={other.pk}"


def send(client, snapshot, other, **fields):
    """What a form with these values in it sends; `t2="3"` for turn 2."""
    data = {"with": other.pk, "p": "1"}
    for row in client.get(address(snapshot, other)).context["form"]:
        data[row.html_name] = row.value() or ""
        data[row.html_initial_name] = row.value() or ""
    data |= {f"turn-{name[1:]}": value for name, value in fields.items()}
    return client.post(address(snapshot, other), data, follow=True)


def test_another_rendition_is_chosen_drafts_too(client, texts, by):
    original, translation = texts
    factories.transcript(text=TEXT, title="A stranger")
    client.force_login(by)
    page = client.get(reverse("admin:sources_snapshot_align", args=[original.pk]))
    assert list(page.context["renditions"]) == [translation]
    opened = client.get(
        reverse("admin:sources_snapshot_change", args=[original.pk])
    ).content.decode()
    assert "Align with another rendition" in opened
    stranger = factories.transcript(text=TEXT)
    assert client.get(address(original, stranger)).status_code == 404


def test_the_page_shows_and_saves_what_stands_beside_what(client, texts, by):
    original, translation = texts
    client.force_login(by)
    rows = client.get(address(original, translation)).context["rows"]
    assert [(len(row["left"]), len(row["right"]), row["said"]) for row in rows] == [
        (1, 1, False)
    ] * 5

    page = send(client, original, translation, t1="2", t2="3, 4", t3="none")
    assert "Saved." in page.content.decode()
    assert said(*texts) == {(1, 2), (2, 3), (2, 4), (3, None)}
    rows = page.context["rows"]
    shown = [
        (
            [row.position for row, _ in line["left"]],
            [row.position for row in line["right"]],
            line["said"],
        )
        for line in rows
    ]
    assert shown == [
        ([], [1], False), ([1], [2], True), ([2], [3, 4], True), ([3], [], True), ([4], [5], False),
        ([5], [], False),
    ]  # fmt: skip
    # Empty again: as computed. What is left as it is stays.
    send(client, original, translation, t1="", t3="")
    assert said(*texts) == {(2, 3), (2, 4)}


@pytest.mark.parametrize("words", ["9", "two", "1 x", "none 1", "-1", "²"])
def test_what_is_no_turn_is_refused_beside_its_field(client, texts, by, words):
    client.force_login(by)
    page = send(client, *texts, t1="1", t2=words)
    assert "Numbers of turns of the other text" in page.context["form"].errors["turn-2"][0]
    assert not Alignment.objects.exists()


def test_what_crosses_is_refused_in_a_sentence_and_nothing_is_saved(client, texts, by):
    client.force_login(by)
    page = send(client, *texts, t1="3", t2="1")
    assert "these cross each other" in page.content.decode()
    assert not Alignment.objects.exists()


def test_what_somebody_else_said_meanwhile_stays(client, texts, by):
    original, translation = texts
    client.force_login(by)
    data = {
        "with": translation.pk,
        "turn-1": "",
        "initial-turn-1": "",
        "turn-2": "2",
        "initial-turn-2": "",
    }
    Alignment.objects.fix(turn(original, 1), turn(translation, 1), by=factories.editor())
    client.post(address(*texts), data)
    assert said(*texts) == {(1, 1), (2, 2)}


def test_who_may_not_say_it_sees_no_field(client, texts):
    client.force_login(factories.UserFactory(role="administrator"))
    page = client.get(address(*texts))
    assert "<input" in page.content.decode()
    assert 'name="turn-1"' not in page.content.decode()
    assert client.post(address(*texts), {"turn-1": "none"}).status_code == 403


@pytest.mark.parametrize("n", [2, 300])
def test_queries_do_not_grow_with_the_text(client, by, n):
    text = "\n\n".join(f"MR. DOE: Sentence number {i} is said." for i in range(n))
    original = factories.transcript(text=text)
    translation = factories.rendition_of(original, text=text)
    said_of = {
        one: [other]
        for one, other in zip(original.turns.all(), translation.turns.all(), strict=True)
    }
    Alignment.objects.correct(original, translation, said_of, by=by)
    assert Source.objects.count() == 2
    client.force_login(by)
    client.get(address(original, translation))
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address(original, translation))
    assert page.context["n_said"] == n
    assert len(page.context["rows"]) == min(n, 200)
    # Session, user, rights of the user and of the role; the two texts; their turns.
    assert len(captured) == 7
