"""The seeds themselves: what they have to hold, and the rules that every word of them keeps."""

import re
from collections import Counter
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from claims.models import Appearance, Claim, Evidence, Rating, Rebuttal, Search, Verdict
from claims.seeding.reading import walk
from claims.seeding.schema import read_seeds
from sources.models import Passage, Snapshot, Source, Speaker, Turn
from sources.querysets import Origin

DIRECTORY = settings.BASE_DIR / "seeds"
SEED = DIRECTORY / "transcripts" / "000_c64cec048aca3c72.txt"

RUSSIA = {
    "ukraine-threatens-russia",
    "ukraine-seeks-to-provoke-a-conflict",
    "russian-troop-buildup-is-purely-defensive",
    "ukraine-was-the-aggressor-in-2014",
    "nato-threatens-russia",
    "nato-plans-military-infrastructure-in-ukraine-to-foment-conflict",
    "nato-promised-not-to-admit-eastern-european-countries",
    "nato-broke-a-promise-not-to-enlarge",
}
PROMISE = "nato-promised-not-to-admit-eastern-european-countries"
NO_PROMISE = "nato-never-promised-not-to-accept-new-members"
NO_PROMISES = "there-were-no-promises-that-nato-would-not-expand"

# A claim and its counterclaim.
MIRRORED = [
    (PROMISE, NO_PROMISE),
    (PROMISE, NO_PROMISES),
    ("nato-broke-a-promise-not-to-enlarge", NO_PROMISES),
    ("ukraine-was-the-aggressor-in-2014", "russia-invaded-ukraine-in-2014"),
]
OPPOSITE = {"supports": "refutes", "refutes": "supports", "mixed": "mixed", "context": "context"}

# The few words of other documents that the desk may put between quotation marks.
ELSEWHERE = {"not one inch eastward", "open door", "Two Plus Four"}


# Each test runs in a savepoint of the load. The mark also brings them before the tests that empty the
# database, with which the roles go that the load needs.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup, django_db_blocker):
    """The seeds, loaded once for all tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_seeds", stdout=StringIO())
        yield
        transaction.set_rollback(True)


def in_force():
    return Verdict.objects.in_force().filter(claim__in=Claim.objects.published())


def test_eight_claims_are_attributed_to_russia_and_each_is_rebutted():
    claims = Claim.objects.published().claimed_by("russia")

    assert set(claims.values_list("slug", flat=True)) == RUSSIA
    for claim in claims:
        appearance = claim.appearances.get()
        assert (appearance.manner, appearance.reported_by.slug) == ("reported", "antony-blinken")
        assert {rebuttal.speaker.slug for rebuttal in claim.rebuttals.all()} == {"antony-blinken"}


def test_each_claim_of_russia_is_rated_or_open_and_rated_only_on_evidence():
    for claim in Claim.objects.published().claimed_by("russia"):
        assert claim.verdict is None or claim.evidence.exists()


def test_the_speaker_has_twelve_checkable_claims_of_his_own():
    own = Claim.objects.published().claimed_by("antony-blinken")

    assert own.exclude(kind__in=["opinion", "prediction"]).filter(part_of=None).count() >= 12
    assert set(Appearance.objects.filter(claim__in=own).values_list("manner", flat=True)) == {
        "asserted"
    }


def test_ten_verdicts_are_in_force_with_five_different_ratings():
    slugs = set(in_force().values_list("rating__slug", flat=True))

    assert in_force().count() >= 10
    assert slugs == set(Rating.objects.values_list("slug", flat=True))
    assert {"conflicting-evidence", "not-enough-evidence"} < slugs


def test_not_enough_evidence_rests_on_a_logged_search():
    for verdict in in_force().filter(rating__slug="not-enough-evidence"):
        assert verdict.claim.searches.published().exists()


def test_each_verdict_rests_on_a_search_made_before_it():
    for verdict in Verdict.objects.select_related("claim"):
        searches = verdict.claim.searches.published()
        before = searches.filter(searched_on__lte=verdict.submitted_at.date())
        assert before.exists(), verdict.claim.slug
    for search in Search.objects.all():
        assert "2026-11-16" <= search.searched_on.isoformat() <= "2026-11-22"
        assert "dossier" in search.place


def test_the_document_was_retrieved_before_anything_was_said_of_it():
    retrieved_at = Snapshot.objects.get().retrieved_at

    assert retrieved_at.isoformat() == "2026-11-14T09:00:00+00:00"
    assert not Claim.objects.filter(published_at__lte=retrieved_at).exists()


def test_russia_speaks_through_another_and_has_no_invented_identity():
    russia = Speaker.objects.get(slug="russia")

    assert russia.wikidata_id == ""
    assert "no statement by Russia is held" in russia.description


def test_conflicting_evidence_rests_on_evidence_for_and_against():
    for verdict in in_force().filter(rating__slug="conflicting-evidence"):
        directions = set(verdict.claim.evidence.values_list("direction", flat=True))
        assert {"supports", "refutes"} <= directions


def test_the_compound_claim_has_three_parts_with_different_ratings():
    claim = Claim.objects.read(PROMISE)

    ratings = [part.verdict.rating.slug for part in claim.public_parts]
    assert ratings == ["true", "conflicting-evidence", "false"]
    assert claim.verdict.rating.slug == "mostly-false"
    assert {row.direction for row in claim.public_evidence} == {
        "supports", "refutes", "mixed", "context",
    }  # fmt: skip
    assert {row.counterclaim.slug for row in claim.public_rebuttals if row.counterclaim} == {
        NO_PROMISE,
        NO_PROMISES,
    }


def test_both_sides_compounds_are_rated():
    for slug in (PROMISE, "russia-invaded-two-neighbours-and-keeps-troops-in-moldova"):
        claim = Claim.objects.read(slug)
        assert claim.verdict
        assert all(part.verdict for part in claim.public_parts)


@pytest.mark.parametrize(("one", "other"), MIRRORED)
def test_a_claim_and_its_counterclaim_rest_on_the_same_evidence(one, other):
    def rows(slug):
        evidence = Evidence.objects.filter(claim__slug=slug).select_related("source")
        return {(row.source.slug, row.locator): row for row in evidence}

    here, there = rows(one), rows(other)

    assert here.keys() == there.keys()
    for place, row in here.items():
        mirrored = there[place]
        assert mirrored.direction == OPPOSITE[row.direction], place
        if mirrored.directness != row.directness:
            assert "Direct here, because" in mirrored.summary, place


def test_what_gives_context_is_not_direct():
    assert not Evidence.objects.filter(direction="context", directness="direct").exists()


def test_a_rating_that_measures_truth_has_evidence_to_match():
    for verdict in in_force().filter(rating__value__gt=1):
        directions = set(verdict.claim.evidence.values_list("direction", flat=True))
        assert directions & {"supports", "mixed"}, verdict.claim.slug
    for verdict in in_force().filter(rating__slug="false"):
        assert verdict.claim.evidence.filter(direction="refutes").exists()


def test_a_verdict_finds_against_the_use_of_a_source():
    verdict = in_force().get(claim__slug="gorbachev-said-enlargement-was-not-discussed")

    assert verdict.rating.slug == "half-true"
    assert "half of his answer" in verdict.headline
    assert verdict.claim.evidence.filter(source__slug="gorbachev-interview-rbth-2014").exists()


def test_a_correction_says_why():
    verdict = Verdict.objects.corrections().get()

    assert (verdict.version, verdict.reason) == (2, "scope")
    assert "27 January 2022" in verdict.note
    assert verdict.claim.verdicts.get(version=1).ending_reason == verdict.note


def test_nobody_has_approved_a_verdict_of_their_own():
    assert {(v.author.username, v.reviewer.username) for v in Verdict.objects.all()} == {
        ("researcher", "editor")
    }


def test_what_cannot_be_checked_gets_no_truth_rating():
    claims = Claim.objects.filter(kind__in=["opinion", "prediction"])

    assert claims.count() >= 3
    assert not in_force().filter(claim__in=claims, rating__value__isnull=False).exists()


def test_claims_for_which_nothing_was_found_stay_open():
    searched = Claim.objects.filter(searches__isnull=False)

    assert {claim.slug for claim in searched if claim.verdict is None} == {
        "nato-did-not-reinforce-in-europe-until-2014",
        "nearly-100000-russian-troops-near-ukraine",
    }


def test_all_that_the_seeds_hold_is_public():
    for model in (Claim, Source, Speaker, Evidence, Appearance, Rebuttal, Search):
        assert not model.objects.drafts().exists(), model


def test_every_passage_reads_as_the_seed_does():
    text = SEED.read_text(encoding="utf-8")
    snapshot = Snapshot.objects.get()

    assert bytes(snapshot.content) == SEED.read_bytes()
    assert Passage.objects.count() > 25
    for passage in Passage.objects.all():
        assert text[passage.start : passage.end] == passage.exact
        assert passage.turn is not None


def test_every_passage_is_spoken_by_the_one_who_is_said_to_speak():
    for appearance in Appearance.objects.all():
        speaks = appearance.reported_by or appearance.claimant
        assert appearance.passage.turn.speaker == speaks
    for rebuttal in Rebuttal.objects.all():
        assert rebuttal.passage.turn.speaker == rebuttal.speaker


def test_the_seed_has_eighteen_turns_and_one_spokesperson():
    turns = Turn.objects.order_by("position")

    assert turns.count() == 18
    assert {t.label for t in turns.filter(speaker__slug="ned-price")} == {
        "MR PRICE", "PRICE", "MR. PRICE",
    }  # fmt: skip
    assert turns.get(speaker__slug="myroslava-gongadze").label == "QUESTION"
    assert Counter(t.speaker is None for t in turns) == {False: 13, True: 5}


def test_the_seed_is_a_translation_and_leads_to_the_original():
    source = Snapshot.objects.get().source

    text, between, original = source.chain()
    assert text.rendition == "machine-translation"
    assert (between.language, between.rendition, between.url) == ("ru", "unknown", "")
    assert "The desk has not seen this text" in between.rendition_note
    assert original.rendition == "original"
    assert original.url.startswith("https://state.gov/")
    assert text.derivation == between.derivation == "translation"
    assert text.is_published
    assert between.is_published
    assert original.is_published
    assert Source.objects.filter(pk=source.pk).values_list(Origin("pk", field="slug")).get() == (
        original.slug,
    )
    assert "every quotation leads to the original" in source.rendition_note


def test_what_the_translation_misprints_is_noted():
    source = Snapshot.objects.get().source

    assert dict(source.glossary.values_list("printed", "meant")) == {
        "START III": "New START",
        "He": "NATO",
        "She": "Moscow",
        "Anthony": "Antony",
    }


def test_two_reports_of_one_interview_have_one_origin():
    evidence = Evidence.objects.filter(claim__slug=PROMISE, source__slug__contains="bild")

    assert evidence.count() == 2
    assert evidence.annotate(origin=Origin("source")).values("origin").distinct().count() == 1


def test_evidence_that_came_after_the_briefing_says_when():
    late = Evidence.objects.filter(source__date__gt="2022-01-07")

    assert {row.available_on for row in late} == {Source.objects.get(slug__startswith="ohchr").date}


# --- Rules for every word of the files ---


@pytest.fixture(scope="module")
def entries():
    seeds = read_seeds(DIRECTORY)
    return list(
        walk([*seeds.speakers, *seeds.topics, *seeds.scales, *seeds.sources, *seeds.claims])
    )


def own_words(entries):
    """(where, text) of all that the desk says itself."""
    for entry in entries:
        for key, value in entry.values.items():
            if isinstance(value, str) and key not in {"quote", "prefix", "suffix", "names"}:
                yield f"{entry.file}:{entry.lines[key]}", value


def test_every_address_is_secure(entries):
    urls = [entry["url"] for entry in entries if "url" in entry.values]

    assert len(urls) == 7
    assert [url for url in urls if not url.startswith("https://")] == []


def test_nothing_is_quoted_but_the_seed(entries):
    text = SEED.read_text(encoding="utf-8")

    quoted = [
        (where, words)
        for where, said in own_words(entries)
        for words in re.findall(r"“([^”]*)”", said)
        if words not in ELSEWHERE and words not in text
    ]
    assert quoted == []
    assert [where for where, said in own_words(entries) if re.search(r"[\"„«»]", said)] == []


def test_the_desk_takes_over_nobodys_vocabulary(entries):
    loaded = re.compile(
        r"\b(regime|junta|so-called|special (military )?operation|propaganda|terroris\w*|puppet|"
        r"liberat\w*|unprovoked|blatant\w*|absurd|liar|kremlin’s|aggression against)\b",
        re.IGNORECASE,
    )

    assert [
        (where, found.group())
        for where, said in own_words(entries)
        if (found := loaded.search(said))
    ] == []


def test_each_rationale_has_a_readable_length(entries):
    for entry in entries:
        if entry.schema.name == "verdict":
            words = len(entry["rationale"].split())
            assert 80 <= words <= 250, (entry.file, entry.line, words)


def test_loading_again_changes_nothing():
    def dump():
        return {
            model._meta.label: list(model._base_manager.order_by("pk").values())
            for model in apps.get_models(include_auto_created=True)
        }

    before = dump()
    out = StringIO()

    call_command("load_seeds", stdout=out)

    assert "Nothing has changed" in out.getvalue()
    assert dump() == before


# What the parity page says of the seeds, counted by hand from `claims/*.yaml`, and by no program of ours:
#
# - Whose a claim is: the `claimant` of its appearances (none is a denial). Russia: the eight of RUSSIA. The
#   Secretary: all others but five parts without an appearance (three of the promise, two of the poisoning).
# - In answer: what stands under `counterclaim` of a rebuttal. These are six, all his: nato-never-promised…,
#   there-were-no-promises…, nato-reduced-its-forces-and…, russias-account…, russia-invaded-ukraine… and
#   nearly-100000….
# - Evidence: lines with that direction, without `ria-novosti-on-gorbachev-bild-2009` where the interview that
#   it reports (`derived_from`, the only one among them) stands beside it in the same direction: four times of
#   Russia's and nobody's, twice in answer, once of his own. Origins: the different sources left.
# - Days: from `published_at` of the claim to that of version 1. In answer: 2 days and 30, 40, 80 and 160
#   minutes, so between the two in the middle 2 days and 60 minutes: 2.0. Of Russia: 2 days less 10 minutes; 2
#   days; 2 days and 22:10. Of nobody: 23:50; 1 day 0:10; 1 day 0:30; 3 days 0:10: in the middle 1 day 0:20.
#   His own twelve: 3:00; 2 days and 0:50, 1:00, 2:00, 2:20, 3:00, three times 23:40; twice 3 days; 4 days:
#   in the middle 2 days 3:00 and 2 days 23:40, so 2.6. All 15 made: the eighth is 2 days 3:00, so 2.1. All
#   23: the twelfth is 2 days and 2:00, so 2.1.
# - Rules set aside: the gates under `overrides` of the newest version of each claim. Of version 1 of
#   war-in-eastern-ukraine… they count no more.
# - Corrections: the one version 2, on war-in-eastern-ukraine… (scope). Nothing is withdrawn.
PARITY = {
    (None, "made"): {
        "claims": 25, "rebuttals_received": 12, "selected_document": 21, "selected_part": 4,
        "rating_true": 2, "rating_mostly-true": 3, "rating_half-true": 5, "rating_mostly-false": 2,
        "rating_not-enough-evidence": 2, "rating_not-checkable": 1, "open": 10,
        "evidence_supports": 13, "evidence_refutes": 9, "evidence_mixed": 8, "evidence_context": 10,
        "origins": 21, "first_verdicts": 15, "median_days": 2.1, "corrections": 1,
        "corrections_scope": 1,
        "overridden": 18, "overridden_two-origins": 8, "overridden_answer": 10,
    },
    (None, "answer"): {
        "claims": 6, "rebuttals_given": 12, "selected_answer": 5, "selected_part": 1,
        "rating_half-true": 2, "rating_conflicting-evidence": 1, "rating_not-checkable": 1, "open": 2,
        "evidence_supports": 9, "evidence_refutes": 6, "evidence_mixed": 2, "evidence_context": 3,
        "origins": 11, "first_verdicts": 4, "median_days": 2.0,
        "overridden": 1, "overridden_two-origins": 1,
    },
    (None, "nobody"): {
        "claims": 5, "selected_part": 5, "rating_true": 2, "rating_false": 1,
        "rating_conflicting-evidence": 1, "open": 1,
        "evidence_supports": 7, "evidence_refutes": 6, "evidence_mixed": 2, "evidence_context": 5,
        "origins": 10, "first_verdicts": 4, "median_days": 1.0,
        "overridden": 4, "overridden_two-origins": 1, "overridden_answer": 3,
    },
    (None, "all"): {
        "claims": 36, "rebuttals_received": 12, "rebuttals_given": 12,
        "selected_document": 21, "selected_part": 10, "selected_answer": 5,
        "rating_true": 4, "rating_mostly-true": 3, "rating_half-true": 7, "rating_mostly-false": 2,
        "rating_false": 1, "rating_conflicting-evidence": 2, "rating_not-enough-evidence": 2,
        "rating_not-checkable": 2, "open": 13,
        "evidence_supports": 29, "evidence_refutes": 21, "evidence_mixed": 12, "evidence_context": 18,
        "origins": 22, "first_verdicts": 23, "median_days": 2.1, "corrections": 1,
        "corrections_scope": 1,
        "overridden": 23, "overridden_two-origins": 10, "overridden_answer": 13,
    },
    ("antony-blinken", "made"): {
        "claims": 17, "selected_document": 13, "selected_part": 4,
        "rating_true": 2, "rating_mostly-true": 3, "rating_half-true": 5,
        "rating_not-enough-evidence": 1, "rating_not-checkable": 1, "open": 5,
        "evidence_supports": 7, "evidence_mixed": 6, "evidence_context": 6,
        "origins": 17, "first_verdicts": 12, "median_days": 2.6, "corrections": 1,
        "corrections_scope": 1,
        "overridden": 18, "overridden_two-origins": 8, "overridden_answer": 10,
    },
    ("antony-blinken", "answer"): {
        "claims": 6, "rebuttals_given": 12, "selected_answer": 5, "selected_part": 1,
        "rating_half-true": 2, "rating_conflicting-evidence": 1, "rating_not-checkable": 1, "open": 2,
        "evidence_supports": 9, "evidence_refutes": 6, "evidence_mixed": 2, "evidence_context": 3,
        "origins": 11, "first_verdicts": 4, "median_days": 2.0,
        "overridden": 1, "overridden_two-origins": 1,
    },
    ("russia", "made"): {
        "claims": 8, "rebuttals_received": 12, "selected_document": 8,
        "rating_mostly-false": 2, "rating_not-enough-evidence": 1, "open": 5,
        "evidence_supports": 6, "evidence_refutes": 9, "evidence_mixed": 2, "evidence_context": 4,
        "origins": 11, "first_verdicts": 3, "median_days": 2.0,
    },
    ("russia", "answer"): {},
}  # fmt: skip


def test_parity_figures_are_those_counted_by_hand(client):
    rows = client.get("/data/parity.json").json()["rows"]

    found = {
        (row.pop("speaker"), row.pop("side")): {
            name: value for name, value in row.items() if value and name != "name"
        }
        for row in rows
    }
    assert found == PARITY
