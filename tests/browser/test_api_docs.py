"""The reference of the API in a browser: it works, from this host alone (`visit` sees to that)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_api_can_be_tried_out(visit, viewport):
    page = visit("/api/v1/docs/", viewport=viewport)
    page.locator("#operations-claims-claims_list .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    answer = page.locator(".live-responses-table tbody")
    # The page is a program of a megabyte, and a machine that tests has little time for it.
    expect(answer.locator(".response-col_status").first).to_contain_text("200", timeout=20_000)
    expect(answer).to_contain_text("ratelimit")
    expect(answer).to_contain_text("etag")
