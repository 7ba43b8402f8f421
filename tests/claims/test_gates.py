"""What a verdict needs of its evidence: each gate by itself, what holds approval up, and who overrides."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from claims import gates
from claims.dossier import Dossier
from claims.models import Verdict
from claims.models.overriding import GateName
from sources.models import Snapshot
from tests.factories import (
    CaptureFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    VerdictFactory,
    editor,
    researcher,
)

pytestmark = [pytest.mark.django_db, pytest.mark.gates]

VALUES = {"false": 1, "mostly-false": 2, "half-true": 3, "mostly-true": 4, "true": 5}
WHY = "One record alone is known."


def rated(slug="true", **verdict):
    return VerdictFactory(rating=RatingFactory(slug=slug, value=VALUES.get(slug)), **verdict)


def cited(**source):
    return SourceFactory(**{"primacy": "primary", "not_archived": "A printed book."} | source)


def whole(slug="true", **verdict):
    """A verdict whose evidence passes every gate of its rating."""
    row = rated(slug, **verdict)
    for direction in ("supports", "supports", "refutes", "refutes"):
        EvidenceFactory(claim=row.claim, source=cited(), direction=direction)
    SearchFactory(claim=row.claim)
    RebuttalFactory(claim=row.claim)
    return row


def submitted(verdict):
    verdict.submit(by=verdict.author)
    return verdict


def states(verdict):
    found = gates.results(verdict, Dossier.of(verdict.claim))
    return {result.slug: result.state for result in found}


def open_gates(verdict):
    return [slug for slug, state in states(verdict).items() if state == "not met"]


# --- Each gate fails for its own reason, and for no other ---


def only_one_origin(verdict):
    first, *others = verdict.claim.evidence.all()
    for row in others:
        row.direction = "context"
        row.save()
    copy = cited(derived_from=first.source, derivation="reprint")
    EvidenceFactory(claim=verdict.claim, source=copy)


def no_primary(verdict):
    for row in verdict.claim.evidence.all():
        row.source.primacy = "secondary"
        row.source.save()


def no_search(verdict):
    verdict.claim.searches.all().delete()


def one_not_archived(verdict):
    source = verdict.claim.evidence.first().source
    source.not_archived = ""
    source.save()


def no_answer(verdict):
    verdict.claim.rebuttals.all().delete()


def most_say_the_opposite(verdict):
    EvidenceFactory(claim=verdict.claim, source=cited(), direction="refutes")


def only_weak_evidence_against(verdict):
    for row in verdict.claim.evidence.filter(direction="refutes"):
        row.directness = "indirect"
        row.save()
        row.source.primacy = "secondary"
        row.source.save()


def a_part_without_a_verdict(verdict):
    ClaimFactory(part_of=verdict.claim)


@pytest.mark.parametrize(
    ("rating", "spoil", "gate"),
    [
        ("true", only_one_origin, "two-origins"),
        ("true", no_primary, "primary-source"),
        ("true", no_search, "contrary-search"),
        ("not-enough-evidence", no_search, "contrary-search"),
        ("true", one_not_archived, "archived"),
        ("conflicting-evidence", one_not_archived, "archived"),
        ("true", no_answer, "answer"),
        ("true", most_say_the_opposite, "balance"),
        ("conflicting-evidence", only_weak_evidence_against, "both-sides"),
        ("true", a_part_without_a_verdict, "parts"),
        ("not-enough-evidence", a_part_without_a_verdict, "parts"),
    ],
)
def test_each_gate_holds_up_what_lacks_just_that(rating, spoil, gate):
    verdict = whole(rating)
    assert open_gates(verdict) == []
    spoil(verdict)
    verdict = Verdict.objects.get(pk=verdict.pk)

    assert open_gates(verdict) == [gate]

    submitted(verdict)
    with pytest.raises(ValidationError) as refusal:
        verdict.approve(by=editor())
    (told,) = refusal.value.messages
    assert told.startswith(str(GateName(gate).label))
    assert not Verdict.objects.published().exists()


def test_which_gates_hold_up_which_ratings():
    every = {name.value for name in GateName}
    deciding = every - {"both-sides"}

    def asked(slug):
        verdict = whole(slug)
        a_part_without_a_verdict(verdict)
        return {slug for slug, state in states(verdict).items() if state != "not applicable"}

    assert asked("true") == asked("half-true") == asked("false") == deciding
    assert asked("conflicting-evidence") == {"archived", "both-sides", "parts"}
    assert asked("not-enough-evidence") == {"contrary-search", "parts"}
    assert asked("not-checkable") == set()
    assert asked("satire") == set()  # another scale's own step


def test_a_stated_reason_takes_the_place_of_a_primary_source():
    verdict = whole()
    no_primary(verdict)
    assert open_gates(verdict) == ["primary-source"]
    verdict.no_primary = "The record is lost; its historian is cited."
    assert open_gates(verdict) == []


def test_what_is_archived_needs_no_reason():
    verdict = rated("conflicting-evidence")
    for direction in ("supports", "refutes"):
        EvidenceFactory(claim=verdict.claim, source=cited(not_archived=""), direction=direction)
    assert open_gates(verdict) == ["archived"]
    first, second = (row.source for row in verdict.claim.evidence.all())
    Snapshot.objects.keep(first, b"The words.", text="The words.")
    CaptureFactory(source=second, sha256="")  # nothing came
    assert open_gates(verdict) == ["archived"]
    CaptureFactory(source=second)
    assert open_gates(verdict) == []


def test_an_answer_is_recorded_or_given_or_asked_for():
    answered, answering, asked, not_asked = (rated() for _ in range(4))
    RebuttalFactory(claim=answered.claim, counterclaim=answering.claim)
    SearchFactory(claim=asked.claim, terms="request for comment to the ministry")
    SearchFactory(claim=not_asked.claim, terms="promise", outcome="Nothing in the answer.")
    found = [states(row)["answer"] for row in (answered, answering, asked, not_asked)]
    assert found == ["met", "met", "met", "not met"]


@pytest.mark.parametrize(
    ("rating", "evidence", "state"),
    [
        ("true", ["supports"], "met"),
        ("true", ["mixed"], "met"),
        ("true", ["refutes"], "not met"),
        ("true", ["context"], "not met"),
        ("mostly-true", ["supports", "refutes"], "met"),
        ("mostly-true", ["supports", "refutes", "refutes"], "not met"),
        ("mostly-true", ["supports", "refutes", "mixed"], "met"),
        ("mostly-true", ["supports", "refutes", "refutes indirectly"], "met"),
        ("false", ["refutes", "context"], "met"),
        ("false", ["supports", "context"], "not met"),
        ("false", ["supports", "supports", "refutes"], "not met"),
        ("half-true", ["refutes"], "met"),
        ("half-true", ["refutes", "refutes"], "not met"),
        ("half-true", ["refutes", "supports"], "met"),
        ("half-true", ["context"], "not met"),
    ],
)
def test_the_balance_of_direct_evidence(rating, evidence, state):
    verdict = rated(rating)
    for words in evidence:
        direction, _, how = words.partition(" ")
        EvidenceFactory(
            claim=verdict.claim, direction=direction, directness="indirect" if how else "direct"
        )
    assert states(verdict)["balance"] == state


def test_only_the_parts_that_decide_are_asked_for_where_some_are_marked():
    verdict = whole("true")
    ClaimFactory(part_of=verdict.claim)
    deciding = ClaimFactory(part_of=verdict.claim, decides_whole=True)
    assert open_gates(verdict) == ["parts"]
    other = whole("true", claim=deciding)
    submitted(other).approve(by=editor())
    assert open_gates(verdict) == []


def test_gates_cost_the_same_with_few_rows_and_with_many(django_assert_num_queries):
    verdict = whole()
    for n in (0, 12):
        for _ in range(n):
            EvidenceFactory(claim=verdict.claim, source=cited())
            ClaimFactory(part_of=verdict.claim)
        verdict = Verdict.objects.select_related("claim", "rating__scale").get(pk=verdict.pk)
        # The dossier's nine (a claim without parts or answers needs no verdicts of others), what is archived.
        with django_assert_num_queries(9 + bool(n)):
            gates.unmet(verdict)


# --- Overriding ---


def lacking():
    verdict = whole()
    no_search(verdict)
    return submitted(verdict)


def test_an_override_is_public_with_the_verdict_and_names_nobody():
    verdict, one, other = lacking(), editor(), editor()
    verdict.override("contrary-search", by=one, why=f" {WHY} ")
    assert states(verdict)["contrary-search"] == "overridden"
    verdict.approve(by=other)

    verdict = Verdict.objects.published().get()
    (override,) = verdict.overridden
    assert (override.gate, override.why, override.by) == (GateName.CONTRARY_SEARCH, WHY, None)
    assert set(verdict.overrides[0]) == {"gate", "why", "at"}
    entry = verdict.history.filter(history_change_reason__startswith="Gate overridden").get()
    assert entry.history_user == one


def test_who_overrides_does_not_approve_and_who_approves_has_not_overridden():
    verdict, one = lacking(), editor()
    verdict.override("contrary-search", by=one, why=WHY)
    with pytest.raises(PermissionDenied, match="another person than who overrode"):
        verdict.approve(by=one)
    one.is_superuser = True
    one.save()
    with pytest.raises(PermissionDenied, match="another person than who overrode"):
        verdict.approve(by=one)
    assert not Verdict.objects.published().exists()


@pytest.mark.parametrize(
    ("gate", "why", "message"),
    [
        ("contrary-search", "  ", "tells readers why"),
        ("contrary-search", "x" * 2_001, "too long"),
        ("balance", WHY, "nothing to override"),
        ("no-such-gate", WHY, "nothing to override"),
    ],
)
def test_what_cannot_be_overridden(gate, why, message):
    verdict = lacking()
    with pytest.raises(ValidationError, match=message):
        verdict.override(gate, by=editor(), why=why)
    assert Verdict.objects.get().overrides == []


def test_who_may_override_and_when():
    verdict = lacking()
    with pytest.raises(PermissionDenied):
        verdict.override("contrary-search", by=researcher(), why=WHY)
    verdict.override("contrary-search", by=editor(), why=WHY)
    with pytest.raises(ValidationError, match="already"):
        verdict.override("contrary-search", by=editor(), why=WHY)
    with pytest.raises(PermissionDenied):
        verdict.take_back("contrary-search", by=researcher())
    verdict.take_back("contrary-search", by=editor())
    with pytest.raises(ValidationError, match="not overridden"):
        verdict.take_back("contrary-search", by=editor())
    with pytest.raises(ValidationError, match="does not hold"):
        verdict.approve(by=editor())
    draft = rated()
    with pytest.raises(ValidationError, match="Only a submitted verdict"):
        draft.override("contrary-search", by=editor(), why=WHY)


def test_sending_back_takes_overrides_back():
    verdict = lacking()
    verdict.override("contrary-search", by=editor(), why=WHY)
    verdict.send_back(by=editor(), why="Search first.")
    assert Verdict.objects.get().overrides == []


def test_an_override_of_what_is_met_by_now_is_not_published():
    verdict = lacking()
    verdict.override("contrary-search", by=editor(), why=WHY)
    SearchFactory(claim=verdict.claim)
    verdict.approve(by=editor())
    assert Verdict.objects.get().overrides == []


def test_nobody_slips_an_override_in_by_saving():
    verdict = lacking()
    verdict.overrides = [{"gate": "contrary-search", "why": WHY, "at": "2026-01-01T00:00:00Z"}]
    with pytest.raises(ValidationError, match="overrides"):
        verdict.save()


def test_one_person_in_two_sessions_does_not_override_and_approve():
    verdict, one = lacking(), editor()
    here, there = (Verdict.objects.get(pk=verdict.pk) for _ in range(2))  # read before either step
    here.override("contrary-search", by=one, why=WHY)
    with pytest.raises(PermissionDenied, match="another person than who overrode"):
        there.approve(by=one)
    assert Verdict.objects.get().published_at is None


# --- At the desk, and for readers ---


def step(verdict, slug):
    return reverse("admin:claims_verdict_step", args=[verdict.pk, slug])


def test_at_the_desk_one_editor_overrides_and_another_approves(client):
    verdict, one, other = lacking(), editor(), editor()
    client.force_login(one)
    page = client.get(step(verdict, "approve")).content.decode()
    assert "Approval is refused while a gate is not met" in page
    sent = {"seen": verdict.claim.edition()}
    refused = client.post(step(verdict, "approve"), sent, follow=True).content.decode()
    assert "What speaks against it was searched for: it does not hold." in refused
    form = client.get(step(verdict, "override")).content.decode()
    assert form.count("<option") == 1
    client.post(step(verdict, "override"), {"gate": "contrary-search", "why": WHY})

    own = client.post(step(verdict, "approve"), {"seen": verdict.claim.edition()}, follow=True)
    assert "another person than who overrode" in own.content.decode()
    client.force_login(other)
    page = client.get(step(verdict, "approve")).content.decode()
    assert WHY in page
    assert "Approval is refused" not in page
    client.post(step(verdict, "approve"), {"seen": verdict.claim.edition()})
    assert Verdict.objects.published().get().reviewer == other


def test_readers_and_programs_are_told_what_was_overridden_and_nothing_of_drafts(client):
    verdict = lacking()
    verdict.override("contrary-search", by=editor(), why=WHY)
    verdict.approve(by=editor())
    draft = whole(claim=verdict.claim, reason="error", note="x", no_primary="XYZZY")
    no_search(draft)
    submitted(draft).override("contrary-search", by=editor(), why="XYZZY")

    for address in (verdict.claim.get_absolute_url(), verdict.get_absolute_url()):
        page = client.get(address).content.decode()
        assert page.count(WHY) == 1
        assert "What speaks against it was searched for" in page
        assert "XYZZY" not in page
    (told,) = client.get("/api/v1/verdicts/").json()["results"]
    at = Verdict.objects.get(pk=verdict.pk).overridden[0].at
    assert told["overrides"] == [
        {
            "gate": "contrary-search",
            "label": "What speaks against it was searched for",
            "why": WHY,
            "at": at.isoformat().replace("+00:00", "Z"),
        }
    ]
    assert told["no_primary"] == ""


def test_the_methodology_page_has_every_gate(client):
    page = client.get("/methodology/").content.decode()
    for gate in gates.GATES:
        assert str(gate.name.label) in page
        assert str(gate.rule).split(",")[0] in page
