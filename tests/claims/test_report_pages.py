"""The form by which readers report errors, its receipt, and the page on which reports are public."""

import csv
import datetime as dt
import io
import re

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.cache import cache

from claims.models import ReaderReport
from claims.reporting import QUICKEST, new_ticket
from tests import factories
from tests.claims.reading import page, text
from tests.factories import approved, published

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2022, 1, 7, 12, 0, 30, tzinfo=dt.UTC)
FORM = "/claims/promise/report/"
SAID = {"kind": "factual", "text": "The year is wrong.\r\nIt was 1991."}


@pytest.fixture
def clock():
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def verdict(settings):
    settings.READER_REPORTS = True
    return approved(claim__slug="promise", at=FRIDAY - dt.timedelta(days=9))


def fill_in(client, clock, path=FORM, *, after=QUICKEST, headers=None, **said):
    """Open the form, and send it some seconds later; returns the answer."""
    form = page(client, path).select_one("main form")
    clock.shift(after)
    sent = SAID | {"ticket": form.find(attrs={"name": "ticket"})["value"]} | said
    return client.post(form["action"], sent, headers=headers or {})


def soup_of(response):
    return BeautifulSoup(response.content, "html.parser")


# --- The form ---


def test_the_page_of_a_claim_leads_to_the_form_and_the_form_to_a_receipt(client, clock, verdict):
    client.handler.enforce_csrf_checks = True
    (link,) = page(client, "/claims/promise/").select(f'main a[href="{FORM}"]')
    response = fill_in(
        client, clock, link["href"], source_url="example.org/a", contact="reader@example.org"
    )

    assert response.status_code == 302
    report = ReaderReport.objects.get()
    assert (report.claim, report.verdict) == (verdict.claim, verdict)
    assert report.text == "The year is wrong.\nIt was 1991."
    assert (report.source_url, report.contact) == ("https://example.org/a", "reader@example.org")
    assert report.consent is False
    receipt = client.get(response["Location"])
    assert "18 January 2022" in text(soup_of(receipt).main)
    for answer in (response, receipt, client.get(FORM)):
        assert not answer.cookies
        assert answer["Cache-Control"] in {"no-store", "private, no-cache"}
        assert "Cookie" not in answer.get("Vary", "")
    # What was written is nowhere but at the desk.
    assert "1991" not in receipt.content.decode()
    report.settle(
        by=factories.editor(), outcome="corrected", answer="It was 1991, and now says so."
    )
    told = text(soup_of(client.get(response["Location"])).main)
    assert "It was 1991, and now says so." in told
    assert "The year is wrong." not in told


@pytest.mark.parametrize("signed_in", [False, True])
def test_nobody_is_noted_who_sends_it(client, clock, signed_in):
    if signed_in:
        client.force_login(factories.editor())
    assert fill_in(client, clock).status_code == 302

    assert ReaderReport.history.get().history_user is None


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(client, clock):
    response = fill_in(
        client, clock, "/de/claims/promise/report/",
        kind="", text="a" * 5_001, source_url="ftp://example.org", contact="nobody", consent="on",
    )  # fmt: skip

    assert response.status_code == 400
    form = soup_of(response).select_one("main form")
    assert form.textarea.text.strip() == "a" * 5_001
    assert form.find(id="id_source_url")["value"] == "ftp://example.org"
    assert form.find(id="id_consent").has_attr("checked")
    for name in ("kind", "text", "source_url", "contact"):
        field = form.find(id=f"id_{name}")
        assert field["aria-invalid"] == "true"
        described = field["aria-describedby"].split()
        assert all(form.find(id=one) for one in described)
        assert text(form.find(id=f"id_{name}_error"))
    assert not ReaderReport.objects.exists()


def test_what_is_sent_too_quickly_or_too_late_or_twice(client, clock):
    hurried = fill_in(client, clock, after=QUICKEST - 1)
    assert hurried.status_code == 400
    assert "quicker than people write" in text(soup_of(hurried).main)
    late = fill_in(client, clock, after=24 * 60 * 60 + 1)
    assert late.status_code == 400
    assert "open for more than a day" in text(soup_of(late).main)
    # Either comes back with what was typed, and with a ticket that is good.
    ticket = soup_of(late).find(attrs={"name": "ticket"})["value"]
    assert soup_of(late).textarea.text.strip().startswith("The year is wrong.")
    clock.shift(QUICKEST)
    first, second = (client.post(FORM, SAID | {"ticket": ticket}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert ReaderReport.objects.count() == 1


def test_a_ticket_is_of_one_claim_and_signed(client, clock):
    published(factories.ClaimFactory(slug="other"))
    for ticket in ("", "a:b:c", new_ticket("other")):
        clock.shift(QUICKEST)
        assert client.post(FORM, SAID | {"ticket": ticket}).status_code == 400
    assert not ReaderReport.objects.exists()


def test_whoever_fills_what_nobody_sees_is_thanked_and_nothing_is_kept(client, clock):
    trap = page(client, FORM).find(attrs={"name": "website"})
    assert trap["tabindex"] == "-1"
    assert trap.find_parent(attrs={"aria-hidden": "true", "class": "unseen"})

    thanked = client.get(fill_in(client, clock)["Location"])
    caught = client.get(fill_in(client, clock, after=0, website="https://x.example")["Location"])

    assert text(soup_of(caught).main) == text(soup_of(thanked).main)
    assert ReaderReport.objects.count() == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 302),
        ({"origin": "http://testserver"}, 302),
        ({"origin": "null"}, 302),
    ],
)
def test_another_site_does_not_have_its_visitors_send_it(client, clock, headers, status):
    assert fill_in(client, clock, headers=headers).status_code == status
    assert ReaderReport.objects.count() == (status == 302)


def test_one_address_sends_so_many_an_hour(client, clock, settings):
    settings.REPORT_LIMIT_SENT = 2
    cache.clear()
    for _ in range(2):
        assert fill_in(client, clock).status_code == 302
    clock.move_to(FRIDAY.replace(minute=50, second=0))
    refused = fill_in(client, clock, "/de/claims/promise/report/")

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == 597
    assert "10 Minuten" in text(soup_of(refused).main) or "10 minutes" in text(
        soup_of(refused).main
    )
    assert client.post("/match/", {"text": "a"}).status_code == 200
    clock.move_to(FRIDAY + dt.timedelta(hours=1))
    assert fill_in(client, clock).status_code == 302
    cache.clear()


def test_drafts_have_no_form_and_a_retired_claim_leads_to_the_form_of_the_other(
    client, clock, verdict
):
    factories.ClaimFactory(slug="draft")
    retired = published(factories.ClaimFactory(slug="retired"))
    sent = fill_in(client, clock, "/claims/retired/report/")
    retired.merge_into(verdict.claim, by=factories.editor())

    assert client.get("/claims/draft/report/").status_code == 404
    assert client.get("/claims/retired/report/")["Location"] == FORM
    # Whoever reported before still comes to the answer.
    assert client.get(sent["Location"]).status_code == 200
    assert client.get(f"{FORM}forged/").status_code == 404


# --- The public page ---


def reported(claim, *, settled=None, outcome="no-error", consent=True, words="PLUGH", **more):
    row = factories.ReaderReportFactory(
        claim=claim, text=words, consent=consent, received_at=FRIDAY, **more
    )
    if settled is not None:
        at = FRIDAY + dt.timedelta(days=settled)
        row.settle(by=factories.editor(), outcome=outcome, answer=f"{words}, answered.", at=at)
    return row


def figures(client):
    response = client.get("/corrections/reports.csv")
    assert response["Content-Type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(response.content.decode()))
    assert head == ["figure", "value"]
    return dict(rows)


def test_the_numbers_are_those_counted_by_hand(client, clock, verdict):
    assert figures(client)["median-working-days"] == ""
    claim = verdict.claim
    reported(claim, settled=0)  # the same day
    reported(claim, settled=3, outcome="corrected")  # Monday, one working day
    reported(claim, settled=5, outcome="not-about")  # Wednesday, three
    reported(claim, settled=12, outcome="already-corrected")  # Wednesday after, eight: late
    reported(claim).withhold(by=factories.editor(), why="It names a child.")
    reported(claim)
    clock.move_to(FRIDAY + dt.timedelta(days=11))  # the last day
    assert figures(client) == {
        "received": "6",
        "open": "2",
        "overdue": "0",
        "settled": "4",
        "settled-in-time": "3",
        "outcome-corrected": "1",
        "outcome-no-error": "1",
        "outcome-already-corrected": "1",
        "outcome-not-about": "1",
        "median-working-days": "2.0",
        "texts-withheld": "1",
    }
    clock.move_to(FRIDAY + dt.timedelta(days=12))
    assert figures(client)["overdue"] == "2"
    cells = [text(cell) for cell in page(client, "/corrections/reports/").select("td")]
    assert cells == ["6", "2", "2", "4", "3", "1", "1", "1", "1", "2", "1"]


def test_a_text_is_public_with_its_answer_once_settled_and_with_consent(client, clock, verdict):
    correction = approved(claim=verdict.claim, reason="error", note="So.", at=FRIDAY)
    report = reported(verdict.claim, source_url="https://plugh.example/", contact="a@plugh.example")
    report.settle(
        by=factories.editor(), outcome="corrected", answer="Now it is right.", correction=correction
    )

    (row,) = page(client, "/corrections/reports/").select("ol.corrections > li")
    assert text(row.h3) == verdict.claim.text
    assert text(row.blockquote) == "PLUGH"
    assert "Now it is right." in text(row)
    assert row.find("a", href=correction.get_absolute_url())
    assert "plugh.example" not in str(row)


def test_it_costs_the_same_with_one_report_and_with_many(
    client, clock, verdict, django_assert_num_queries
):
    client.get("/corrections/reports/")
    for n in (1, 5):
        for _ in range(n):
            reported(published(), settled=1)
        # The numbers; count, rows.
        with django_assert_num_queries(3):
            client.get("/corrections/reports/")
    with django_assert_num_queries(2):  # claim, verdict
        client.get(FORM)


def test_off_there_is_nothing_but_what_was_promised(client, clock, settings, verdict):
    receipt = fill_in(client, clock)["Location"]
    settings.READER_REPORTS = False

    for path in (FORM, f"/de{FORM}"):
        assert client.get(path).status_code == 404
        assert client.post(path, SAID | {"ticket": new_ticket("promise")}).status_code == 404
    assert not page(client, "/claims/promise/").select(f'a[href="{FORM}"]')
    assert client.get(receipt).status_code == 200
    # The page stands as long as there is something to tell.
    assert "No more reports are taken" in text(page(client, "/corrections/reports/").main)
    assert page(client, "/corrections/").select('a[href="/corrections/reports/"]')
    assert "/corrections/reports/" in client.get("/sitemap.xml").content.decode()


def test_off_and_never_on_there_is_no_page_at_all(client, settings):
    settings.READER_REPORTS = False

    for path in ("/corrections/reports/", "/corrections/reports.csv", FORM):
        assert client.get(path).status_code == 404
    for path in ("/corrections/", "/sitemap.xml"):
        assert "corrections/reports" not in client.get(path).content.decode()


# --- What never comes out ---


def test_nothing_else_that_readers_wrote_comes_out_anywhere(client, clock, tmp_path):
    from claims.bulk.exporting import export
    from tests.claims.knowledge_base import build

    base = build()
    clock.shift(60)
    paths = [*base.pages.values(), *base.machines.values(), "/corrections/reports/"]
    paths += ["/api/v1/claims/", "/api/v1/changes/", f"/api/v1/claims/{base.claim.slug}/"]
    paths += ["/search/?q=xyzzy", "/api/v1/claims/?q=xyzzy"]
    reported(base.claim, settled=0)

    def contents():
        found = {path: client.get(path).getvalue().replace(b"xyzzy", b"") for path in paths}
        # Only the number of reports may tell of them.
        numbers = re.compile(rb"<table>.*?</table>", re.DOTALL)
        found["/corrections/reports/"] = numbers.sub(b"", found["/corrections/reports/"])
        changed = re.compile(rb"<lastmod>[^<]*</lastmod>")
        found["/sitemap.xml"] = changed.sub(b"", found["/sitemap.xml"])
        return found

    before = contents()
    secret = {"words": "XYZZY", "source_url": "https://xyzzy.example/"}
    reported(base.claim, **secret, contact="a@xyzzy.example")  # open
    reported(base.claim, settled=0, consent=False, **secret)
    reported(base.claim, settled=0, outcome="not-about", **secret)
    withheld = reported(base.claim, settled=0, **secret)
    withheld.withhold(by=factories.editor(), why="XYZZY")
    retired = factories.ClaimFactory(slug="xyzzy")
    reported(retired, settled=0, **secret)  # on a claim that is a draft, or is public no more

    after = contents()
    assert after.keys() == before.keys()
    for path, content in after.items():
        assert b"xyzzy" not in content.lower(), path
        assert content == before[path], path
    assert b"PLUGH" in after["/corrections/reports/"]
    export(tmp_path)
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 20
    assert not [data for data in files if b"xyzzy" in data.lower() or b"plugh" in data.lower()]
