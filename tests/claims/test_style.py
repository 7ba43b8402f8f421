"""The colours contrast as WCAG 2.2 asks, and the living style page is for development alone."""

from pathlib import Path

import pytest

from claims.palette import contrast, pairs, schemes

SHEET = Path(__file__).parents[2] / "claims/static/claims/site.css"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colours_that_pages_show_contrasts_enough(scheme):
    found = list(pairs(schemes(SHEET.read_text())[scheme]))

    assert len(found) > 30
    assert [pair for pair in found if not pair.is_enough] == []


@pytest.mark.django_db
def test_the_style_page_shows_every_component_in_development(client, settings, argument):
    settings.DEBUG = True

    html = client.get("/style/").content.decode()

    for component in (
        "rating rating-5",
        "row-title",
        "quotation",
        "finding-",
        "side-supports",
        "map",
    ):
        assert component in html
    assert "too little" not in html


@pytest.mark.django_db
def test_there_is_no_style_page_in_production(client):
    assert client.get("/style/").status_code == 404
