"""What review needs of a verdict, item by item, and what the dossier knows."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.checklist import checklist, cites
from claims.dossier import Dossier
from claims.models import Claim, Evidence, Verdict
from tests import factories
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    VerdictFactory,
    approved,
    editor,
    published,
    researcher,
)

pytestmark = pytest.mark.django_db


def items(verdict, open_notes=0):
    found = checklist(verdict, Dossier.of(verdict.claim), open_notes=open_notes)
    return {item.slug: item for item in found}


def item(verdict, slug, **kwargs):
    return items(verdict, **kwargs)[slug]


def test_of_a_bare_draft_it_says_what_is_lacking_and_where_to_go():
    verdict = VerdictFactory(headline="Nothing")
    page = f"/admin/claims/claim/{verdict.claim_id}/change/"

    told = {slug: (found.state, dict(found.links)) for slug, found in items(verdict).items()}

    assert told == {
        "evidence": ("not met", {"Attach evidence": f"{page}#evidence-group"}),
        "two-origins": ("not met", {"Attach evidence": f"{page}#evidence-group"}),
        "primary-source": ("not met", {"To the reason": "#id_no_primary"}),
        "contrary-search": ("not met", {"Log a search": f"{page}#searches-group"}),
        "archived": ("not applicable", {}),
        "answer": ("not met", {"Record a rebuttal": f"{page}#rebuttals-group"}),
        "balance": ("not met", {}),
        "both-sides": ("not applicable", {}),
        "parts": ("not applicable", {}),
        "origins": ("not applicable", {}),
        "findable": ("not applicable", {}),
        "headline": ("not met", {"To the headline": "#id_headline"}),
        "cited": ("not applicable", {}),
        "links": ("not applicable", {}),
        "version": ("not applicable", {}),
        "counterclaims": ("not applicable", {}),
        "unchanged": ("not applicable", {}),
        "notes": ("met", {}),
    }
    assert all(found.note for found in items(verdict).values() if found.state == "not met")


def test_each_state_has_a_symbol_of_its_own():
    assert {found.state: found.symbol for found in items(VerdictFactory()).values()} == {
        "met": "✓",
        "not met": "✗",
        "not applicable": "–",
    }


def test_a_reader_can_find_each_piece():
    verdict = VerdictFactory()
    passage = factories.passage()
    EvidenceFactory(claim=verdict.claim, source=passage.snapshot.source, passage=passage)
    EvidenceFactory(claim=verdict.claim, locator="p. 7")
    assert item(verdict, "findable").state == "met"
    nowhere = EvidenceFactory(claim=verdict.claim, source=SourceFactory(title="N"))
    book = EvidenceFactory(
        claim=verdict.claim, source=SourceFactory(title="B", url=""), locator="p. 9"
    )

    found = item(verdict, "findable")

    assert found.state == "not met"
    assert found.links == (
        ("N: no locator", f"/admin/claims/evidence/{nowhere.pk}/change/"),
        ("B, p. 9: no address of the source", f"/admin/claims/evidence/{book.pk}/change/"),
    )


@pytest.mark.parametrize(
    ("headline", "state"),
    [
        ("There was no promise.", "met"),
        ("Was there a promise?", "met"),
        ("It is “not so.”", "met"),
        ("The U.S. Government and Mr. Doe, Gen. Roe and Art. 5 say so.", "met"),
        ("In 1990 3.5 million came; Article 5(3) applies.", "met"),
        ("There was no promise", "not met"),
        ("There was no promise. Leaders gave assurances.", "not met"),
        ("It is “not so.” Nobody said it.", "not met"),
    ],
)
def test_a_headline_is_one_sentence(headline, state):
    assert item(VerdictFactory(headline=headline), "headline").state == state


def test_the_rationale_cites_the_evidence():
    verdict = VerdictFactory(
        rationale="The [treaty](/sources/treaty/), Art. 5, and A minute of 1990 say so."
    )
    source = SourceFactory(slug="treaty", title="The treaty")
    five = EvidenceFactory(claim=verdict.claim, source=source, locator="Art. 5")
    minute = EvidenceFactory(claim=verdict.claim, source__title="A minute of 1990", locator="l. 1")
    assert item(verdict, "cited").state == "met"
    ten = EvidenceFactory(claim=verdict.claim, source=source, locator="Art. 10")
    other = EvidenceFactory(claim=verdict.claim, source__title="Other")

    found = item(verdict, "cited")

    assert found.note.startswith("2 of 4 cited.")
    assert found.links == (
        ("The treaty, Art. 10", f"#evidence-{ten.pk}"),
        ("Other", f"#evidence-{other.pk}"),
    )
    evidence = Evidence.objects.select_related("source")
    assert cites(verdict.rationale, evidence) == {five.pk, minute.pk}


def test_links_lead_to_what_is_public_or_becomes_so():
    verdict = VerdictFactory()
    evidence = EvidenceFactory(claim=verdict.claim, source__slug="record")
    public, draft = published(), ClaimFactory(slug="draft")
    hidden, shown = SourceFactory(slug="hidden"), SourceFactory(slug="shown")
    shown.publish(by=editor())
    verdict.rationale = " ".join(
        f"[x]({row.get_absolute_url()})" for row in (evidence.source, public, shown, verdict.claim)
    )
    assert item(verdict, "links").state == "met"
    verdict.rationale += "[d](/claims/draft/history/) [h](/sources/hidden/) [n](/claims/none/)"
    found = item(verdict, "links")
    assert found.state == "not met"
    assert "/claims/draft/, /claims/none/, /sources/hidden/:" in found.note
    verdict.rationale = "[m](/methodology/) [all](/claims/)"
    assert item(verdict, "links").state == "not applicable"
    assert (draft.is_published, hidden.is_published) == (False, False)


def test_a_later_version_says_and_makes_a_change():
    first = approved()
    same = VerdictFactory(
        claim=first.claim, rating=first.rating, headline=first.headline, rationale=first.rationale,
        reason="wording", note="Why.",
    )  # fmt: skip
    assert "are those of version 1" in item(same, "version").note
    same.headline = "Another finding."
    assert item(same, "version").state == "met"
    same.note = " "
    assert item(same, "version").links == (("To what changed", "#id_note"),)
    same.note = "Why."
    factories.withdrawn(first, why="Forged.")
    same.headline = first.headline
    assert item(same, "version").state == "met"


def test_counterclaims_that_stay_drafts_are_told():
    verdict = VerdictFactory()
    RebuttalFactory(claim=verdict.claim, counterclaim=published())
    assert item(verdict, "counterclaims").state == "met"
    draft = ClaimFactory(text="Never.")
    for _ in range(2):
        RebuttalFactory(claim=verdict.claim, counterclaim=draft)
    link = ("Never.", f"/admin/claims/claim/{draft.pk}/change/")
    assert item(verdict, "counterclaims").links == (link,)


def test_open_notes_are_told():
    verdict = VerdictFactory()
    assert item(verdict, "notes", open_notes=1).note == "1 note is open."
    assert item(verdict, "notes", open_notes=2).note == "2 notes are open."


def test_what_came_after_the_submission_is_told_and_mere_publication_is_not():
    author = researcher(username="rita")
    verdict = VerdictFactory()
    claim = verdict.claim
    source = SourceFactory(title="A minute")
    kept = EvidenceFactory(claim=claim, source=source)
    gone = EvidenceFactory(claim=claim, summary="It is gone.")
    rebuttal = RebuttalFactory(claim=claim, speaker__name="Doe")
    invoked = CitationFactory(rebuttal=rebuttal, invoked="A remark")
    EvidenceFactory()  # of another claim
    verdict.submit(by=verdict.author)
    assert item(verdict, "unchanged").state == "met"

    claim.publish(by=editor())
    assert item(verdict, "unchanged").state == "met"

    kept.locator, kept._history_user = "p. 1", author
    kept.save()
    gone.delete()
    passing = SearchFactory(claim=claim)
    passing.delete()
    SearchFactory(claim=claim, place="Archive", terms="oath")
    AppearanceFactory(claim=claim, claimant__name="Moscow")
    invoked.note = "Not found."
    invoked.save()

    found = item(verdict, "unchanged")

    assert found.state == "not met"
    told = found.note.partition("Since then, ")[2].rstrip(".").split("; ")
    assert told == [
        "evidence changed by rita: A minute, p. 1",
        "evidence removed: It is gone.",
        "search added: Archive: oath",
        "appearance added: Moscow: “promised not to grow”",
        "citation changed: A remark",
    ]
    Claim.objects.filter(pk=claim.pk).update(text="Reworded.")
    verdict.refresh_from_db()
    assert "the claim was reworded" in item(verdict, "unchanged").note


def test_the_history_of_many_rows_costs_what_that_of_one_does():
    verdict = VerdictFactory(rationale="[a](/claims/a/) [b](/sources/b/)")
    verdict.submit(by=verdict.author)

    def attach(n):
        for _ in range(n):
            claim = verdict.claim
            EvidenceFactory(claim=claim)
            AppearanceFactory(claim=claim)
            SearchFactory(claim=claim)
            rebuttal = RebuttalFactory(claim=claim, counterclaim=ClaimFactory())
            CitationFactory(rebuttal=rebuttal)
            RebuttalFactory(counterclaim=claim)
            approved(claim=ClaimFactory(part_of=claim))

    def cost():
        claim = Claim.objects.get(pk=verdict.claim_id)
        found = Verdict.objects.get(pk=verdict.pk)
        with CaptureQueriesContext(connection) as read:
            dossier = Dossier.of(claim)
        with CaptureQueriesContext(connection) as checked:
            checklist(found, dossier, open_notes=0)
        with CaptureQueriesContext(connection) as below:
            dossier.published_with_it()
        return len(read), len(checked), len(below)

    # Of those for the checklist, two read the rating and its scale, and one what is archived.
    attach(1)
    assert cost() == (9, 11, 8)
    attach(29)
    assert cost() == (9, 11, 8)


def test_what_an_approval_makes_public():
    verdict = VerdictFactory()
    public = EvidenceFactory(claim=verdict.claim)
    verdict.claim.publish(by=editor())
    record = SourceFactory(title="Record")
    report = SourceFactory(title="Report", derived_from=record, derivation="report")
    added = EvidenceFactory(claim=verdict.claim, source=report)
    appearance = AppearanceFactory(claim=verdict.claim)
    turn = appearance.passage.snapshot.turns.first()
    turn.speaker = factories.SpeakerFactory(name="Named in a turn")
    turn.save()

    found = Dossier.of(verdict.claim).published_with_it()
    verdict.submit(by=verdict.author)
    before = timezone.now()
    verdict.approve(by=editor())

    assert {str(row) for row in found["sources"]} == {
        "Record", "Report", str(appearance.passage.snapshot.source)
    }  # fmt: skip
    assert {str(row) for row in found["speakers"]} == {str(appearance.claimant), "Named in a turn"}
    assert set(found["annotations"]) == {added, appearance}
    for row in [row for rows in found.values() for row in rows]:
        row.refresh_from_db()
        assert row.published_at > before
    public.refresh_from_db()
    assert public.published_at < before


def test_what_changed_is_told_in_the_order_of_time():
    verdict = VerdictFactory()
    at = timezone.now() - dt.timedelta(days=1)
    first, second = SearchFactory(claim=verdict.claim), EvidenceFactory(claim=verdict.claim)
    told = Dossier.of(verdict.claim).changes_since(at)
    assert [change.label for change in told] == [str(first), str(second.source)]
