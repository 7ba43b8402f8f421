"""Field masks: what of an answer is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.google.discovery import shape
from claims.google.fields import MaskError, pick, read

REVIEW = {
    "publisher": {"name": "Desk", "site": "desk.example"},
    "url": "https://desk.example/1",
    "title": "A title",
}
ANSWER = {
    "claims": [
        {"text": "One", "claimant": "Moscow", "claimReview": [REVIEW]},
        {"text": "Two", "claimReview": [REVIEW]},
    ],
    "nextPageToken": "abc",
}


@pytest.mark.parametrize(
    ("mask", "left"),
    [
        ("*", ANSWER),
        ("claims,nextPageToken", ANSWER),
        ("nextPageToken", {"nextPageToken": "abc"}),
        ("claims/text", {"claims": [{"text": "One"}, {"text": "Two"}]}),
        ("claims.text", {"claims": [{"text": "One"}, {"text": "Two"}]}),
        ("claims(text)", {"claims": [{"text": "One"}, {"text": "Two"}]}),
        # An entry stays one, so that those of two answers can be laid side by side.
        ("claims/claimant", {"claims": [{"claimant": "Moscow"}, {}]}),
        (
            "claims(text,claimReview/publisher/name),nextPageToken",
            {
                "claims": [
                    {"text": "One", "claimReview": [{"publisher": {"name": "Desk"}}]},
                    {"text": "Two", "claimReview": [{"publisher": {"name": "Desk"}}]},
                ],
                "nextPageToken": "abc",
            },
        ),
        (
            " claims ( text , claimReview ( url , publisher ( site ) ) ) ",
            {
                "claims": [
                    {
                        "text": text,
                        "claimReview": [
                            {"publisher": {"site": "desk.example"}, "url": REVIEW["url"]}
                        ],
                    }
                    for text in ("One", "Two")
                ]
            },
        ),
        ("*/text", {"claims": [{"text": "One"}, {"text": "Two"}]}),
        ("*/*/url", {"claims": [{"claimReview": [{"url": REVIEW["url"]}]}] * 2}),
        ("claims/*", {"claims": ANSWER["claims"]}),
        ("claims(*)", {"claims": ANSWER["claims"]}),
        (
            "claims/claimReview/*/name",
            {"claims": [{"claimReview": [{"publisher": {"name": "Desk"}}]}] * 2},
        ),
        # Selected twice is selected as often as is most.
        ("claims/text,claims", {"claims": ANSWER["claims"]}),
        ("claims,claims/text", {"claims": ANSWER["claims"]}),
        (
            "claims/text,claims/claimant",
            {"claims": [{"text": "One", "claimant": "Moscow"}, {"text": "Two"}]},
        ),
    ],
)
def test_what_is_left(mask, left):
    assert pick(ANSWER, read(mask, shape())) == left


@pytest.mark.parametrize(
    ("mask", "why"),
    [
        ("claim", "There is no field “claim” there."),
        ("text", "There is no field “text” there."),
        ("claims/texts", "There is no field “texts” there."),
        ("claims/text/length", "There is no field “length” there."),
        ("claims/text/*", "There is no field “*” there."),
        ("*/*/*/*/*", "There is no field “*” there."),
        ("claims/claimReview(publisher/name/x)", "There is no field “x” there."),
        ("", "It ends too early."),
        ("claims,", "It ends too early."),
        ("claims/", "It ends too early."),
        ("claims(", "It ends too early."),
        ("claims()", "A field's name is missing before “)”."),
        ("claims,,claims", "A field's name is missing before “,”."),
        ("/claims", "A field's name is missing before “/”."),
        ("claims(text", "A parenthesis is not closed."),
        ("claims(text))", "“)” stands where a field mask has ended."),
        ("claims(text)claims", "“claims” stands where a field mask has ended."),
        ("claims text", "“text” stands where a field mask has ended."),
        ("claims(text)/claimant", "“/” stands where a field mask has ended."),
        ("claims;text", "“;” has no meaning in a field mask."),
        ("claims\x00", "“\x00” has no meaning in a field mask."),
        ("утверждения", "“у” has no meaning in a field mask."),
        ("(" * 5_000, "A field's name is missing before “(”."),
        ("*/" * 5_000, "There is no field “*” there."),
        ("*(" * 5_000, "There is no field “*” there."),
    ],
)
def test_what_is_no_field_mask(mask, why):
    with pytest.raises(MaskError) as error:
        read(mask, shape())
    assert str(error.value) == why


@given(st.text(alphabet="ct*,/.() ", max_size=30), st.sampled_from(["claims", "text", "*"]))
def test_whatever_is_written_is_read_or_refused(mask, name):
    try:
        selected = read(mask.replace("c", name).replace("t", "claims"), shape())
    except MaskError:
        return
    assert pick(ANSWER, selected) is not None


def _fields(holds, before=""):
    """Every path that there is."""
    for name, below in (holds or {}).items():
        yield before + name
        yield from _fields(below, f"{before}{name}/")


def test_every_field_that_there_is_can_be_selected_and_nothing_else_comes():
    paths = list(_fields(shape()))
    assert "claims/claimReview/publisher/site" in paths
    assert len(paths) == 14
    for path in paths:
        mask = read(path, shape())
        for name in path.split("/"):
            assert list(mask) == [name]
            mask = mask[name]
        assert mask is None
