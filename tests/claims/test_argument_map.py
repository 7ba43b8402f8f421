"""The map of how a claim hangs together: what it shows, and that nothing in it overlaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.models import Claim
from claims.pictures.argument_map import RECORDS, WIDTH, argument_map, broken, wide
from claims.weighing import weigh
from tests.factories import ClaimFactory, EvidenceFactory, SourceFactory, published


def drawn(slug):
    claim = Claim.objects.read(slug)
    return argument_map(claim, weigh(claim.public_evidence, said_on=None))


@pytest.mark.django_db
def test_it_shows_the_whole_the_parts_what_answers_and_the_records_of_both_sides(argument):
    picture = drawn(argument.slug)

    assert [(row.relation, row.text) for row in picture.rows] == [
        ("Its parts", part.text) for part in argument.parts.order_by("part_position")
    ] + [
        ("Answered with the claim", row.counterclaim.text)
        for row in argument.rebuttals.all()
        if row.counterclaim
    ] + [
        ("For", "A record"),
        ("For", "A report of it"),
        *[("Against", row.source.title) for row in argument.evidence.filter(direction="refutes")],
    ]
    # Copies of one record are one box.
    assert [words for *_place, words in picture.headings][-2:] == ["For (1)", "Against (1)"]
    assert sum(box.kind == "this" for box in picture.boxes) == 1
    part = argument.parts.order_by("part_position").first()
    assert drawn(part.slug).rows[0].text == argument.text


@pytest.mark.django_db
@pytest.mark.parametrize("n", [0, 1, RECORDS, 30])
def test_boxes_lie_within_the_picture_and_apart_however_many_there_are(n):
    claim = published(ClaimFactory(text="A claim of many words, " * 12))
    for i in range(n):
        source = SourceFactory(title=f"The record of the {i}th of very many things " * 3)
        EvidenceFactory(claim=claim, source=source, direction="supports")
        part = ClaimFactory(part_of=claim, part_position=i, text=f"It says {'so ' * i}.")
        EvidenceFactory(claim=claim, source=SourceFactory(), direction="refutes", locator=str(i))
        published(part)
    published(claim)

    picture = drawn(claim.slug)

    assert picture.width == WIDTH
    for box in picture.boxes:
        assert 0 <= box.x < box.x + box.width <= WIDTH
        assert 0 <= box.y < box.y + box.height <= picture.height
        for y, line in box.lines:
            assert box.y < y < box.y + box.height
            assert line
    boxes = sorted(picture.boxes, key=lambda box: (box.y, box.x))
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or one.y + one.height <= other.y
    assert len(picture.rows) == 3 * n


@given(st.text(max_size=200), st.integers(min_value=2, max_value=50))
def test_lines_are_no_longer_than_the_room_and_lose_no_letter(text, room):
    lines = list(broken(text, room))

    assert all(wide(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_text_without_spaces_is_broken_as_it_is_read():
    assert list(broken("字" * 5, 4)) == ["字字", "字字", "字"]
    # As long as a title may be, many times over: the work grows with the text, and not faster.
    assert "".join(broken("字" * 20_000, 40)) == "字" * 20_000
