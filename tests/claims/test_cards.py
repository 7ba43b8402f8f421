"""The pictures that pages are shared with: what they say, where they are, and that they are what they say."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from claims import cards
from claims.palette import schemes
from claims.pictures import card as drawing
from claims.pictures.card import Card, fitted, font, has, png, shortened, wrapped
from tests.claims.reading import page
from tests.factories import ClaimFactory, RatingFactory, RatingScaleFactory, approved, published

CARD = Card("Desk", "A motto.", "Claim", "There was a promise.", "False", step=1, tone="#a3212b")


def picture(content):
    image = Image.open(BytesIO(content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    return image.convert("RGB")


def test_the_same_card_is_the_same_bytes():
    first = png(CARD)
    png.cache_clear()
    font.cache_clear()

    assert png(CARD) == first
    assert len(first) < 60_000
    # The line of the rating has its colour, and the strip at the side.
    image = picture(first)
    assert image.getpixel((10, 400)) == (0xA3, 0x21, 0x2B)
    assert image.getpixel((drawing.MARGIN + drawing.DOT, drawing.RATING_Y)) == (0xA3, 0x21, 0x2B)


def dots(step):
    """Which of the places on the scale are filled."""
    image = picture(png(Card("Desk", "", "Claim", "So it is.", "x", step=step, tone="#14653d")))
    middles = [drawing.MARGIN + drawing.DOT + place * (3 * drawing.DOT - 3) for place in range(5)]
    return [image.getpixel((x, drawing.RATING_Y)) == (0x14, 0x65, 0x3D) for x in middles]


@pytest.mark.parametrize("step", range(1, 6))
def test_the_rating_shows_by_its_place_and_not_by_colour_alone(step):
    assert dots(step) == [place == step for place in range(1, 6)]


def test_every_form_is_another():
    shown = {png(Card("Desk", "", "Claim", "So it is.", "x", glyph=glyph)) for glyph in "⇄○–?"}
    assert len(shown) == 4


def test_everything_that_is_told_makes_another_address():
    others = [
        Card("Desk 2", "A motto.", "Claim", "There was a promise.", "False", 1, tone="#a3212b"),
        Card("Desk", "A motto.", "Claim", "There was none.", "False", 1, tone="#a3212b"),
        Card("Desk", "A motto.", "Claim", "There was a promise.", "True", 5, tone="#14653d"),
    ]
    assert len({CARD.digest, *(card.digest for card in others)}) == 4


@pytest.mark.parametrize(
    "text",
    ["Вони обіцяли не розширюватися: ґанок, їжак, ємність", "Größe façade łódź", "1–2 % «€»"],
)
def test_latin_and_cyrillic_are_drawn(text):
    assert all(map(has, text))
    claimed = Card("Desk", "A motto.", "Claim", text, "False", step=1)
    assert png(claimed) != png(Card("Desk", "A motto."))


@pytest.mark.parametrize("text", ["北约作出了承诺", "הייתה הבטחה", "كان هناك وعد", "so 😀"])
def test_letters_that_the_font_lacks_are_no_boxes_but_the_card_of_the_site(text):
    claimed = Card("Desk", "A motto.", "Claim", text, "False", step=1)
    assert png(claimed) == png(Card("Desk", "A motto."))
    assert png(Card("Desk", "A motto.", "Claim", "So it is.", text)) == png(
        Card("Desk", "A motto.")
    )
    assert png(Card(text, "A motto.")) == png(Card("", "A motto."))


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=500))
def test_any_text_has_room(text):
    size, lines = fitted(text)
    width = drawing.WIDTH - 2 * drawing.MARGIN
    assert size in drawing.SIZES
    assert len(lines) * size * drawing.LEADING <= drawing.TEXT_BOTTOM - drawing.TEXT_Y
    assert all(font("Bold", size).getlength(line) <= width for line in lines)


def test_a_long_text_gets_smaller_letters_and_at_last_an_ellipsis():
    short, middling, long = (
        fitted("So it is."),
        fitted("So it is. " * 12),
        fitted("So it is. " * 50),
    )

    assert (short[0], long[0]) == (max(drawing.SIZES), min(drawing.SIZES))
    assert short[0] > middling[0] > long[0]
    assert " ".join(middling[1]) == ("So it is. " * 12).strip()
    assert long[1][-1].endswith("…")


def test_words_stay_whole_unless_they_are_wider_than_a_line():
    letters = font("Bold", 36)
    assert wrapped("one two three", letters, round(letters.getlength("one two"))) == [
        "one two",
        "three",
    ]
    assert "".join(wrapped("W" * 100, letters, 400)) == "W" * 100
    assert shortened("one two", letters, round(letters.getlength("one…"))) == "one…"


def test_the_colours_are_those_of_the_pages():
    sheet = Path(finders.find("claims/site.css")).read_text()
    light = schemes(sheet)["light"]

    assert (
        tuple(light[name] for name in ("false", "mostly-false", "half", "mostly-true", "true"))
        == cards.TONES
    )
    assert (light["conflict"], light["unknown"]) == (cards.CONFLICT, cards.UNKNOWN)
    for name in ("paper", "ink", "soft", "line", "brand"):
        assert getattr(drawing, name.upper()) == light[name]


# --- Of claims ---


@pytest.mark.django_db
def test_a_card_says_claim_rating_and_publisher(settings):
    settings.PUBLISHER_NAME = "Example Fact Desk"
    verdict = approved(claim=ClaimFactory(text="There was a promise."))
    card = cards.claim_card(verdict.claim)

    assert (card.publisher, card.kicker, card.text) == (
        "Example Fact Desk",
        "Claim",
        "There was a promise.",
    )
    assert (card.rating, card.step, card.steps, card.tone) == ("False", 1, 5, "#a3212b")


@pytest.mark.django_db
def test_a_card_of_what_measures_no_truth_and_of_an_open_claim():
    def told(slug):
        rating = RatingFactory(slug=slug, value=None)
        card = cards.claim_card(approved(rating=rating).claim)
        return card.rating, card.step, card.glyph, card.tone

    assert told("conflicting-evidence") == ("Conflicting evidence", None, "⇄", "#5d3d91")
    assert told("not-checkable") == ("Not checkable", None, "–", "#47566a")
    assert told("not-enough-evidence") == ("Not enough evidence", None, "?", "#47566a")
    open_claim = cards.claim_card(published())
    assert (open_claim.rating, open_claim.step, open_claim.glyph) == (
        "Open: no verdict yet",
        None,
        "○",
    )


@pytest.mark.django_db
def test_another_scale_has_as_many_steps_as_it_has():
    scale = RatingScaleFactory(slug="three", name="Three", worst=2, best=4)
    rating = RatingFactory(slug="so-so", scale=scale, value=3)
    card = cards.claim_card(approved(rating=rating).claim)

    assert (card.step, card.steps, card.tone) == (2, 3, "#7a5c00")


def shared(soup):
    tags = soup.find_all("meta", property=re.compile("^og:image"))
    return {tag["property"].removeprefix("og:image").strip(":"): tag["content"] for tag in tags}


@pytest.mark.django_db
def test_a_page_names_its_picture_which_may_be_kept_for_ever(client, settings):
    settings.SITE_URL = "https://facts.example.org"
    claim = approved(claim=ClaimFactory(slug="promise", text="There was a promise.")).claim
    soup = page(client, "/de/claims/promise/")
    named = shared(soup)
    path = named[""].removeprefix("https://facts.example.org")
    response = client.get(path)

    assert path == f"/claims/promise/card.png?v={cards.claim_card(claim).digest}"
    assert (named["width"], named["height"]) == ("1200", "630")
    assert "There was a promise." in named["alt"]
    assert soup.find("meta", {"name": "twitter:card"})["content"] == "summary_large_image"
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    picture(response.content)

    approved(claim=claim, reason="error", note="x", rating=RatingFactory(slug="true"))
    after = shared(page(client, "/claims/promise/"))[""]
    assert after != named[""]
    # Whoever asks for the old one gets the new one, and keeps it no longer than it stands.
    stale = client.get(path)
    assert stale["Cache-Control"] == "public, no-cache"
    assert stale.content == client.get("/claims/promise/card.png").content != response.content


@pytest.mark.django_db
def test_other_pages_are_shared_with_the_card_of_the_site(client):
    named = shared(page(client, "/methodology/"))
    path = named[""].removeprefix("http://testserver")

    assert path.startswith("/card.png?v=")
    assert client.get(path)["Cache-Control"] == "public, max-age=31536000, immutable"
    picture(client.get(path).content)


@pytest.mark.django_db
def test_a_draft_has_no_card_and_a_merged_claim_that_of_the_other(client):
    kept = published(ClaimFactory(slug="kept"))
    retired = published(ClaimFactory(slug="retired"))
    retired.duplicate_of = kept
    retired.save()
    ClaimFactory(slug="draft")
    response = client.get("/claims/retired/card.png")

    assert client.get("/claims/draft/card.png").status_code == 404
    assert (response.status_code, response.url) == (301, "/claims/kept/card.png")
