"""Our work goes out of one desk and comes into another as what it was: drafts of claims, and all at them."""

import copy
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from claims.interchange.export import collection
from claims.interchange.importing import import_annotations
from claims.models import Appearance, Citation, Claim, Evidence, Note, Rebuttal
from sources.models import Passage, Speaker
from tests import factories
from tests.claims.world import published_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported():
    """The export of a desk, of which this one has the text, the sources and nothing else."""
    world = published_world()
    exported = json.loads(json.dumps(collection(world.snapshot)))
    for item in exported["first"]["items"]:
        for key in ("claim", "counterclaim", "claimant", "reported_by", "speaker"):
            if item["desk"].get(key):
                item["desk"][key]["slug"] += "-there"
        if item["desk"]["kind"] == "evidence":
            item["desk"]["locator"] = "p. 3"
    return exported


@pytest.fixture
def snapshot(exported):
    return factories.transcript(slug="here")


def run(exported, snapshot, by=None, **given):
    by = by or factories.researcher()
    return import_annotations(json.dumps(exported).encode(), snapshot, by=by, claims=True, **given)


def counts():
    models = (Claim, Speaker, Appearance, Rebuttal, Citation, Evidence, Note, Passage)
    return [model.objects.count() for model in models]


def test_claims_and_all_at_them_are_made_anew_as_drafts(exported, snapshot):
    rita = factories.researcher()

    report = run(exported, snapshot, rita)

    assert report.complete
    assert {outcome.reason.rpartition("text. ")[2] for outcome in report.outcomes} == {
        "Made a draft of."
    }
    assert not Note.objects.exists()
    claim = Claim.objects.get(slug="promise-there")
    assert (claim.text, claim.context) == ("The Alliance promised not to grow.", "In 1990.")
    assert claim.history.get().history_user == rita
    appearance, rebuttal, evidence = (
        rows.get() for rows in (claim.appearances, claim.rebuttals, claim.evidence)
    )
    assert not any(row.is_published for row in (claim, appearance, rebuttal, evidence))
    assert appearance.passage == Passage.objects.quote(snapshot, "promised not to grow")
    assert (appearance.claimant.name, appearance.reported_by.name) == ("Moscow", "J. Doe")
    assert appearance.manner == "reported"
    assert rebuttal.speaker == appearance.reported_by
    assert rebuttal.counterclaim == Claim.objects.get(slug="never-there")
    assert [(c.invoked, c.source and c.source.slug) for c in rebuttal.citations.all()] == [
        ("A memo", "memo"),
        ("An interview", None),
    ]
    assert (evidence.direction, evidence.source) == ("refutes", snapshot.source)


def test_the_same_file_again_changes_nothing(exported, snapshot):
    run(exported, snapshot)
    before = counts()

    report = run(exported, snapshot)

    assert report.n_new == 0
    assert counts() == before


def test_a_check_leaves_nothing_but_tells_all(exported, snapshot):
    before = counts()

    report = run(exported, snapshot, dry_run=True)

    assert report.n_new == 3
    assert all("Made a draft of." in outcome.reason for outcome in report.outcomes)
    assert counts() == before


def test_another_claim_of_the_same_name_is_not_taken_for_it(exported, snapshot):
    factories.ClaimFactory(slug="promise-there", text="Something else.")

    report = run(exported, snapshot)

    assert report.n_new == Note.objects.count() == 3
    assert "desk.claim: here the claim “promise-there” is “Something else.”." in (
        report.outcomes[0].reason
    )
    assert not Claim.objects.filter(slug="never-there").exists()


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("claim", 7, "desk.claim: an object was expected."),
        ("claim", {"slug": []}, "desk.slug: text was expected."),
        ("claim", {"slug": "x-y", "text": ""}, "This field cannot be blank."),
        ("claimant", None, "desk.claimant: an object was expected."),
        ("manner", "sung", "is not a valid choice"),
        ("manner", 3, "desk.manner: text was expected."),
        ("said_on", "yesterday", "invalid date format"),
        ("reported_by", None, "reported and quoted say who"),
        ("direction", {}, "desk.direction: text was expected."),
        ("citations", 3, "desk.citations: an array was expected."),
        ("citations", [3], "desk.citations: objects were expected."),
        ("citations", [{"invoked": 3}], "desk.invoked: text was expected."),
        ("summary", "", "This field cannot be blank."),
    ],
)
def test_what_no_model_holds_stays_a_note_that_says_why(exported, snapshot, key, value, told):
    before = counts()
    item = copy.deepcopy(next(item for item in exported["first"]["items"] if key in item["desk"]))
    item["desk"][key] = value

    (outcome,) = run([item], snapshot).outcomes

    assert outcome.new
    assert f"As a note: {told}" in outcome.reason or told in outcome.reason
    after = counts()
    assert after[:-2] == before[:-2]  # nothing half-made
    assert Note.objects.get().imported == item


def test_what_is_no_row_of_a_desk_becomes_a_note(exported, snapshot):
    item = copy.deepcopy(exported["first"]["items"][0])
    for number, desk in enumerate([None, 7, {"kind": "note"}, {"kind": ["appearance"]}]):
        (outcome,) = run([item | {"id": f"x:{number}", "desk": desk}], snapshot).outcomes
        assert outcome.new
        assert "draft" not in outcome.reason
    assert Note.objects.count() == 4


def test_it_takes_the_right_to_add_each(exported, snapshot):
    from django.contrib.auth.models import Permission

    user = factories.UserFactory()
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["add_passage", "add_note", "add_claim"])
    )
    with pytest.raises(PermissionDenied, match="Making claims"):
        run(exported, snapshot, user)


def test_the_command_does_it_when_asked(exported, snapshot, tmp_path, capsys):
    file = tmp_path / "desk.jsonld"
    file.write_text(json.dumps(exported), encoding="utf-8")

    call_command("import_annotations", str(file), "--source", "here", "--claims")

    assert "3 FOUND, 0 AMBIGUOUS, 0 ORPHANED, 0 REFUSED; 3 stored." in capsys.readouterr().out
    assert Claim.objects.filter(slug="promise-there").exists()
