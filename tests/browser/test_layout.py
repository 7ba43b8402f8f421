"""Where things stand on a page."""

import pytest

pytestmark = pytest.mark.browser

CLAIM = "/claims/nato-promised-not-to-admit-eastern-european-countries/"
TRANSCRIPT = (
    "/transcripts/statement-by-secretary-of-state-anthony-blinken-during-press-release-2022-01-07/"
)


@pytest.mark.parametrize("path", ["/", "/claims/", "/sources/", "/methodology/", CLAIM, TRANSCRIPT])
def test_header_content_and_footer_share_one_left_edge(visit, path):
    page = visit(path)
    edges = {
        selector: page.locator(selector).first.bounding_box()["x"]
        for selector in (".wordmark", "main h1", ".page > *", ".colophon p")
    }

    assert len(set(edges.values())) == 1, edges
