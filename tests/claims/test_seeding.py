"""Seeds: files to rows, again and again, and what is said when they are wrong."""

import datetime as dt
import hashlib
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from claims.models import (
    Appearance,
    Citation,
    Claim,
    Evidence,
    Rating,
    RatingScale,
    Rebuttal,
    Search,
    Topic,
    Verdict,
)
from claims.seeding import SeedError, load_seeds
from sources.importing import import_transcript
from sources.models import Snapshot, Source, Speaker, SpeakerName, Turn
from tests import factories

pytestmark = pytest.mark.django_db

SHA256 = hashlib.sha256(factories.TRANSCRIPT.encode()).hexdigest()

FILES = {
    "speakers.yaml": """
- slug: doe
  name: Jane Doe
  names: [SECRETARY DOE]
- slug: moscow
  name: Moscow
  kind: state
- slug: poe
  name: Pat Poe
""",
    "topics.yaml": """
- slug: alliance
  name: The Alliance
- slug: growth
  name: Growth
""",
    "ratings.yaml": """
- slug: house
  name: House scale
  worst: 1
  best: 2
  ratings:
    - slug: "true"
      label: "True"
      meaning: It is so.
      value: 2
    - slug: "false"
      label: "False"
      meaning: It is not so.
      value: 1
""",
    "sources.yaml": f"""
- slug: remarks
  title: Remarks on the Alliance
  kind: transcript
  derived_from: remarks-as-spoken
  derivation: translation
  transcript:
    file: remarks.txt
    sha256: {SHA256}
    turns:
      - quote: Did anybody ask?
        speaker: poe
- slug: remarks-as-spoken
  title: Remarks
  kind: transcript
- slug: letter
  title: A Letter
  kind: other
- slug: treaty
  title: The Treaty
  kind: treaty
  date: 1990-09-12
  date_precision: day
  url: https://archive.example/treaty
""",
    "claims.yaml": """
- slug: part
  text: The Alliance made a binding promise.
  kind: historical
  selection: part
  part_of: promise
  part_position: 1
- slug: promise
  text: The Alliance promised not to grow.
  kind: historical
  selection: repeated
  topics: [alliance]
  published_at: 2026-11-01T09:00:00Z
  appearances:
    - source: remarks
      quote: the Alliance promised not to grow
      claimant: moscow
      reported_by: doe
      manner: reported
  rebuttals:
    - source: remarks
      quote: The Alliance never promised that.
      speaker: doe
      summary: The speaker says that there was no promise.
      counterclaim: no-promise
      citations:
        - invoked: The Treaty
          source: treaty
          locator: Art. 5
  evidence:
    - source: treaty
      locator: Art. 5
      direction: refutes
      summary: It says nothing of the kind.
    - source: remarks
      quote: Nobody did
      direction: context
      summary: What the speaker says on who asked.
  searches:
    - searched_on: 2026-11-01
      place: The archive
      terms: promise
      outcome: Nothing was found.
  verdicts:
    - version: 1
      rating: "true"
      headline: It was promised.
      rationale: So it seemed.
      submitted_at: 2026-11-02T09:00:00Z
      published_at: 2026-11-03T09:00:00Z
    - version: 2
      rating: "false"
      headline: It was not promised.
      rationale: The Treaty does not say so.
      reason: error
      note: The Treaty had not been read.
      submitted_at: 2026-11-04T09:00:00Z
      published_at: 2026-11-05T09:00:00Z
- slug: no-promise
  text: The Alliance never promised not to grow.
  kind: historical
  selection: answer
  published_at: 2026-11-01T10:00:00Z
""",
}


class SeedDirectory:
    """Seed files on disk that a test can change."""

    def __init__(self, path):
        self.path = path
        for name, text in FILES.items():
            (path / name).write_text(text.lstrip(), encoding="utf-8")
        (path / "remarks.txt").write_text(factories.TRANSCRIPT, encoding="utf-8")

    def change(self, name, old, new):
        """Replace `old`, which must be there, and return the line it begins in."""
        text = (self.path / name).read_text()
        assert old in text
        (self.path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def load(self, **options):
        return load_seeds(self.path, **options)

    def faults(self):
        """What is wrong, with the path of the directory left out."""
        with pytest.raises(SeedError) as caught:
            self.load()
        return [str(fault).removeprefix(f"{self.path}/") for fault in caught.value.faults]


@pytest.fixture
def seeds(tmp_path):
    return SeedDirectory(tmp_path.resolve())


def dump():
    """Every row of every table, history included."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
    }


def test_loads_all_that_the_files_say(seeds):
    report = seeds.load()

    assert (report.created[Claim], report.created[Verdict], report.updated[Turn]) == (3, 2, 1)
    claim = Claim.objects.get(slug="promise")
    assert [topic.slug for topic in claim.topics.all()] == ["alliance"]
    assert claim.parts.get().slug == "part"
    appearance = claim.appearances.get()
    assert appearance.passage.exact == "the Alliance promised not to grow"
    assert (appearance.claimant.slug, appearance.reported_by.slug) == ("moscow", "doe")
    rebuttal = claim.rebuttals.get()
    assert (rebuttal.speaker.slug, rebuttal.counterclaim.slug) == ("doe", "no-promise")
    assert rebuttal.citations.get().source.slug == "treaty"
    assert [row.direction for row in claim.evidence.all()] == ["refutes", "context"]
    assert claim.evidence.last().passage.exact == "Nobody did"
    assert claim.searches.get().outcome == "Nothing was found."
    assert Source.objects.get(slug="remarks").derived_from.slug == "remarks-as-spoken"
    assert bytes(Snapshot.objects.get().content) == factories.TRANSCRIPT.encode()


def test_which_part_decides_the_whole_is_loaded(seeds):
    seeds.load()
    assert not Claim.objects.get(slug="part").decides_whole
    seeds.change("claims.yaml", "part_position: 1", "part_position: 1\n  decides_whole: true")

    seeds.load()

    assert Claim.objects.get(slug="part").decides_whole


def test_labels_and_single_turns_get_their_speakers(seeds):
    seeds.load()

    slugs = [turn.speaker.slug for turn in Turn.objects.order_by("position")]
    assert slugs == ["doe", "poe", "doe"]


def test_publishes_at_the_times_in_the_files_by_two_people(seeds):
    seeds.load()

    first, second = Verdict.objects.order_by("version")
    assert (first.state, second.state) == ("superseded", "published")
    assert first.submitted_at == dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    assert first.ended_at == second.published_at == dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC)
    assert (second.author.username, second.reviewer.username) == ("researcher", "editor")
    claim = Claim.objects.get(slug="promise")
    assert claim.published_at == dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    assert claim.updated_at == second.published_at


def test_a_claim_without_a_time_stays_a_draft(seeds):
    seeds.load()

    assert not Claim.objects.get(slug="part").is_published


def test_what_no_public_claim_needs_stays_a_draft(seeds):
    seeds.load()

    assert Source.objects.drafts().get().slug == "letter"


def test_the_accounts_are_members_of_the_desk_without_a_password(seeds):
    seeds.load()

    for role in ("researcher", "editor"):
        user = get_user_model().objects.get(username=role)
        assert user.is_staff
        assert not user.has_usable_password()
        assert [group.name for group in user.groups.all()] == [role]


def test_a_second_load_changes_nothing(seeds):
    seeds.load()
    before = dump()

    report = seeds.load()

    assert report.changed_nothing
    assert dump() == before


def test_a_dry_run_writes_nothing(seeds):
    before = dump()

    report = seeds.load(dry_run=True)

    assert report.created[Claim] == 3
    assert dump() == before


def test_a_dry_run_reports_faults(seeds):
    seeds.change("claims.yaml", "quote: Nobody did", "quote: Everybody did")

    with pytest.raises(SeedError, match="Everybody did"):
        seeds.load(dry_run=True)


def test_faults_leave_the_database_as_it_was(seeds):
    before = dump()
    seeds.change("claims.yaml", "quote: Nobody did", "quote: Everybody did")

    seeds.faults()

    assert dump() == before


# --- Later loads ---


def test_changed_words_update_the_row_and_its_history(seeds):
    seeds.load()
    seeds.change("claims.yaml", "It says nothing of the kind.", "It is silent.")

    report = seeds.load()

    evidence = Evidence.objects.get(locator="Art. 5")
    assert evidence.summary == "It is silent."
    assert dict(report.updated) == {Evidence: 1}
    assert not report.created
    latest = evidence.history.first()
    assert (latest.history_user.username, latest.summary) == ("editor", "It is silent.")
    assert Claim.objects.get(slug="promise").updated_at > dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC)


def test_a_draft_is_updated_by_the_researcher(seeds):
    seeds.load()
    seeds.change("claims.yaml", "made a binding promise", "made a promise that binds")

    seeds.load()

    assert Claim.objects.get(slug="part").history.first().history_user.username == "researcher"


def test_other_topics_replace_the_ones_loaded_before(seeds):
    seeds.load()
    seeds.change("claims.yaml", "topics: [alliance]", "topics: [growth]")

    seeds.load()

    assert Topic.objects.get(claims__slug="promise").slug == "growth"


def test_what_the_desk_has_edited_is_kept_and_named(seeds):
    seeds.load()
    claim = Claim.objects.get(slug="promise")
    claim.context = "Edited at the desk."
    claim.save()
    claim.topics.set(Topic.objects.filter(slug="growth"))
    before = dump()

    report = seeds.load()

    assert report.changed_nothing
    assert dump() == before
    assert report.kept == [
        "claim “The Alliance promised not to grow.”: context",
        "claim “The Alliance promised not to grow.”: topics",
    ]


def test_an_edit_at_the_desk_outlives_every_later_load(seeds):
    seeds.load()
    claim = Claim.objects.get(slug="promise")
    claim.context = "Edited at the desk."
    claim.save()
    claim.topics.clear()
    seeds.change("claims.yaml", "The Alliance promised not to grow.", "It promised not to grow.")
    assert seeds.load().updated == {Claim: 1}

    report = seeds.load()

    assert report.changed_nothing
    claim.refresh_from_db()
    assert (claim.context, list(claim.topics.all())) == ("Edited at the desk.", [])
    assert [line.partition("”: ")[2] for line in report.kept] == ["context", "topics"]


@pytest.mark.parametrize(
    ("model", "key", "said"),
    [
        (Evidence, {"locator": "Art. 5"}, "evidence “Art. 5” (claims.yaml:30): deleted"),
        (Search, {"terms": "promise"}, "search “The archive, promise” (claims.yaml:39): deleted"),
        (Citation, {"invoked": "The Treaty"}, "citation “The Treaty” (claims.yaml:26): deleted"),
        (Appearance, {"manner": "reported"}, "appearance (claims.yaml:14): deleted"),
        (Rebuttal, {"speaker__slug": "doe"}, "rebuttal (claims.yaml:20): deleted"),
        (SpeakerName, {"name": "SECRETARY DOE"}, "speaker name “SECRETARY DOE” (speakers.yaml:1): del"),
        (Topic, {"slug": "alliance"}, "topic “alliance” (topics.yaml:1): deleted"),
        (Source, {"slug": "letter"}, "source “letter” (sources.yaml:15): deleted"),
        (Claim, {"slug": "part"}, "claim “part” (claims.yaml:1): deleted"),
    ],
)  # fmt: skip
def test_what_the_desk_has_deleted_stays_deleted(seeds, model, key, said):
    seeds.load()
    model._default_manager.get(**key).delete()
    before = dump()

    report = seeds.load()

    assert report.changed_nothing
    assert dump() == before
    assert len(report.kept) == 1
    assert report.kept[0].replace(f"{seeds.path}/", "").startswith(said)


@pytest.mark.parametrize("model", [Appearance, Rebuttal, Evidence])
def test_what_was_deleted_with_its_passage_stays_deleted(seeds, model):
    seeds.load()
    row = model._default_manager.exclude(passage=None).get()
    row.delete()
    row.passage.delete()
    before = dump()

    report = seeds.load()

    assert report.changed_nothing
    assert dump() == before
    assert len(report.kept) == 1


@pytest.mark.parametrize(
    ("model", "key", "value"),
    [
        (Evidence, "locator", "Article 5"),
        (Search, "terms", "promise, pledge"),
        (Search, "place", "Another archive"),
        (Citation, "invoked", "The treaty of 1990"),
        (SpeakerName, "name", "MS. DOE"),
    ],
)
def test_what_the_desk_has_renamed_is_not_made_a_second_time(seeds, model, key, value):
    seeds.load()
    row = model._default_manager.order_by("pk").first()
    setattr(row, key, value)
    row.save()
    before = dump()

    report = seeds.load()

    assert report.changed_nothing
    assert dump() == before
    assert [line.rpartition(": ")[2] for line in report.kept] == ["renamed"]


def test_a_draft_with_another_address_is_still_what_others_refer_to(seeds):
    seeds.load()
    seeds.change("claims.yaml", "  part_of: promise\n  part_position: 1\n", "")
    part = Claim.objects.get(slug="part")
    part.slug = "binding"
    part.save()
    seeds.change("claims.yaml", "counterclaim: no-promise", "counterclaim: part")

    report = seeds.load()

    assert Claim.objects.get(slug="promise").rebuttals.get().counterclaim == part
    assert len(report.kept) == 1
    assert not Claim.objects.filter(slug="part").exists()


def test_what_a_person_has_deleted_before_the_first_load_is_loaded(seeds):
    factories.TopicFactory(slug="growth").delete()

    seeds.load()

    assert Topic.objects.filter(slug="growth").exists()


def test_the_retrieval_and_the_translation_are_as_the_files_say(seeds):
    seeds.change("sources.yaml", "    file:", "    retrieved_at: 2026-10-31T09:00:00Z\n    file:")
    seeds.change("sources.yaml", "  derivation:", "  rendition_note: By hand.\n  derivation:")

    seeds.load()

    snapshot = Snapshot.objects.get()
    assert snapshot.retrieved_at == dt.datetime(2026, 10, 31, 9, tzinfo=dt.UTC)
    assert snapshot.source.rendition_note == "By hand."


def test_a_glossary_and_the_translator_are_loaded_once_and_kept_as_the_desk_has_them(seeds):
    seeds.change(
        "sources.yaml",
        "  derivation:",
        "  translated_by: An engine\n  glossary:\n    - {printed: pact, meant: treaty}\n  derivation:",
    )
    seeds.load()
    note = Source.objects.get(slug="remarks").glossary.get()

    assert note.source.translated_by == "An engine"
    assert (note.printed, note.meant, note.note) == ("pact", "treaty", "")
    assert seeds.load().changed_nothing

    note.meant = "agreement"
    note.save()
    seeds.change("sources.yaml", "meant: treaty", "meant: convention")
    report = seeds.load()

    note.refresh_from_db()
    assert note.meant == "agreement"
    assert len(report.kept) == 1


def test_what_a_public_source_is_newly_derived_from_is_public_with_it(seeds):
    seeds.load()
    source = Source.objects.get(slug="remarks")
    assert source.is_published
    seeds.change(
        "sources.yaml", "  derived_from: remarks-as-spoken\n", "  derived_from: remarks-between\n"
    )
    between = (
        "- slug: remarks-between\n  title: Between\n  kind: transcript\n"
        "  derived_from: remarks-as-spoken\n  derivation: translation\n"
    )
    seeds.change("sources.yaml", "- slug: letter\n", f"{between}- slug: letter\n")

    seeds.load()

    source = Source.objects.get(slug="remarks")
    assert [step.slug for step in source.chain()] == [
        "remarks",
        "remarks-between",
        "remarks-as-spoken",
    ]
    assert all(step.is_published for step in source.chain())


def test_a_field_edited_at_the_desk_does_not_hold_up_another(seeds):
    seeds.load()
    claim = Claim.objects.get(slug="promise")
    claim.context = "Edited at the desk."
    claim.save()
    seeds.change(
        "claims.yaml", "The Alliance promised not to grow.", "The Alliance gave a promise."
    )

    seeds.load()

    claim.refresh_from_db()
    assert (claim.text, claim.context) == ("The Alliance gave a promise.", "Edited at the desk.")


def test_a_transcript_imported_by_hand_before_is_the_same_source(seeds):
    imported = import_transcript(factories.TRANSCRIPT.encode())
    seeds.change("sources.yaml", "- slug: remarks\n", f"- slug: {imported.source.slug}\n")
    for name in ("sources.yaml", "claims.yaml"):
        text = (seeds.path / name).read_text()
        (seeds.path / name).write_text(
            text.replace("source: remarks\n", f"source: {imported.source.slug}\n")
        )

    seeds.load()

    assert Snapshot.objects.get().source.derived_from.slug == "remarks-as-spoken"


def test_a_row_that_was_there_before_takes_the_words_of_the_files(seeds):
    factories.SpeakerFactory(slug="doe", name="J. Doe")

    seeds.load()

    assert Speaker.objects.get(slug="doe").name == "Jane Doe"


def test_new_evidence_on_a_public_claim_is_published(seeds):
    seeds.load()
    seeds.change(
        "claims.yaml",
        "  searches:\n",
        "    - {source: treaty, locator: Art. 6, direction: context, summary: More.}\n  searches:\n",
    )

    report = seeds.load()

    assert dict(report.created) == {Evidence: 1}
    assert Evidence.objects.get(locator="Art. 6").is_published


def test_new_evidence_does_not_publish_what_somebody_is_writing(seeds):
    seeds.load()
    draft = factories.EvidenceFactory(claim=Claim.objects.get(slug="promise"))
    assert seeds.load().changed_nothing
    seeds.change(
        "claims.yaml",
        "  searches:\n",
        "    - {source: treaty, locator: Art. 6, direction: context, summary: More.}\n  searches:\n",
    )

    faults = seeds.faults()

    assert faults == [
        "claims.yaml:7: claim: the desk has drafts on this public claim: publish or delete them first"
    ]
    draft.refresh_from_db()
    assert not draft.is_published


def test_a_later_version_is_added(seeds):
    seeds.load()
    seeds.change(
        "claims.yaml",
        "- slug: no-promise",
        """    - version: 3
      rating: "true"
      headline: It was promised after all.
      rationale: A letter says so.
      reason: new-evidence
      note: A letter was found.
      submitted_at: 2026-11-06T09:00:00Z
      published_at: 2026-11-07T09:00:00Z
- slug: no-promise""",
    )

    report = seeds.load()

    assert dict(report.created) == {Verdict: 1}
    assert Claim.objects.get(slug="promise").verdict.version == 3


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("The Treaty does not say so.", "The Treaty is silent.", "rationale"),
        ("published_at: 2026-11-05", "published_at: 2026-11-06", "published_at"),
        ('rating: "false"', 'rating: "true"', "rating"),
    ],
)
def test_a_published_verdict_is_not_changed(seeds, old, new, key):
    seeds.load()
    line = seeds.change("claims.yaml", old, new)

    assert seeds.faults() == [
        f"claims.yaml:{line}: verdict: {key}: version 2 is published and never changes; leave it as it "
        "was, and add a version with its reason and note"
    ]


def test_a_version_that_the_desk_is_writing_is_left_alone(seeds):
    seeds.load()
    factories.VerdictFactory(
        claim=Claim.objects.get(slug="no-promise"), rating__slug="unsettled", rating__value=None
    )
    verdict = FILES["claims.yaml"].partition("  verdicts:\n")[2].partition("    - version: 2")[0]
    (seeds.path / "claims.yaml").write_text(FILES["claims.yaml"] + "  verdicts:\n" + verdict)

    assert seeds.faults() == ["claims.yaml:65: verdict: version 1 is being written at the desk"]


def test_other_bytes_of_a_transcript_are_another_edition(seeds):
    seeds.load()
    text = factories.TRANSCRIPT + "\nQUESTION: Thank you.\n"
    (seeds.path / "remarks.txt").write_text(text)
    seeds.change("sources.yaml", SHA256, hashlib.sha256(text.encode()).hexdigest())
    seeds.change("claims.yaml", "quote: Nobody did", "quote: Thank you.")

    report = seeds.load()

    assert report.created[Snapshot] == 1
    assert Evidence.objects.get(source__slug="remarks").passage.snapshot.edition == 2


# --- What is wrong with the files, said with file and line ---


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("topics.yaml", "name: Growth", "name: G\n  nmae: G", "topic: unknown key “nmae”"),
        ("topics.yaml", "name: Growth", "name: [Growth]", "topic: name: give a text"),
        ("topics.yaml", "name: Growth", "name: 1", "topic: name: give a text"),
        ("topics.yaml", "name: Growth", "name: ''", "topic: name: it is empty; leave the key out"),
        ("topics.yaml", "slug: growth", "slug: Growth!", "topic: slug: “Growth!” does not have"),
        ("topics.yaml", "- slug: growth", "- slug: alliance", "topic: “alliance” is there already ("),
        ("topics.yaml", "name: Growth", "name: The Alliance", "topic: name: Topic with this Name"),
        ("topics.yaml", "name: Growth", "name: Growth\n  name: G", "name: given twice."),
        ("topics.yaml", "name: Growth", "name: ]", "not valid YAML:"),
        ("ratings.yaml", "value: 2", "value: two", "rating: value: give a whole number"),
        ("ratings.yaml", "value: 2", "value: true", "rating: value: give a whole number"),
        ("ratings.yaml", "value: 2", "value: 7", "rating: value: The scale runs from 1 to 2."),
        (
            "claims.yaml",
            "part_position: 1",
            "decides_whole: 1",
            "claim: decides_whole: give true or false",
        ),
        ("speakers.yaml", "[SECRETARY DOE]", "SECRETARY DOE", "speaker: names: give a list"),
        ("speakers.yaml", "[SECRETARY DOE]", "[DOE, DOE]", "speaker: names: “DOE” is given twice"),
        ("speakers.yaml", "kind: state", "kind: city", "speaker: kind: “city” is none of person, o"),
        ("speakers.yaml", "kind: state", "wikidata_id: X1", "speaker: wikidata_id: A Wikidata id is"),
        ("sources.yaml", "date: 1990-09-12", "date: 1990", "source: date: give a date"),
        ("sources.yaml", "url: https:", "url: ftp:", "source: url: “ftp://archive.example/treaty” d"),
        ("sources.yaml", "derived_from: remarks-as-spoken", "derived_from: x", "unknown source “x”"),
        ("sources.yaml", "file: remarks.txt", "file: lost.txt", "transcript: lost.txt: [Errno 2]"),
        ("sources.yaml", f"sha256: {SHA256}", f"sha256: {'a' * 64}", "remarks.txt has another"),
        ("sources.yaml", "quote: Did anybody ask?", "quote: Remarks on the", "words are in no turn"),
        ("claims.yaml", "kind: historical", "kind: gossip", "claim: kind: “gossip” is none of"),
        ("claims.yaml", "topics: [alliance]", "topics: [x]", "claim: unknown topic “x”"),
        ("claims.yaml", "claimant: moscow", "claimant: x", "appearance: unknown speaker “x”"),
        ("claims.yaml", "counterclaim: no-promise", "counterclaim: x", "unknown claim “x”"),
        ("claims.yaml", "remarks\n      quote: the", "treaty\n      quote: the", "the desk holds no text of"),
        ("claims.yaml", "source: treaty", "source: x", "citation: unknown source “x”"),
        ("claims.yaml", 'rating: "true"', "rating: x", "verdict: unknown rating “x”"),
        ("claims.yaml", "quote: Nobody did", "quote: Everybody", "evidence: The text does not read “E"),
        ("claims.yaml", "quote: Nobody did", "quote: Alliance", "evidence: The text reads “Alliance” in"),
        ("claims.yaml", "version: 2", "version: 4", "verdict: this is version 2 of the claim"),
        ("claims.yaml", "2026-11-05", "2026-11-01", "the times of a claim run backwards here"),
        ("claims.yaml", "2026-11-05T09:00:00Z", "2026-11-05 09:00", "published_at: give a time in UTC"),
        ("claims.yaml", "searched_on: 2026-11-01", "searched_on: soon", "searched_on: give a date"),
    ],
)  # fmt: skip
def test_a_fault_is_reported_with_file_and_line(seeds, name, old, new, message):
    line = seeds.change(name, old, new) + new.count("\n")

    faults = seeds.faults()

    assert len(faults) == 1, faults
    assert faults[0].startswith(f"{name}:{line}: "), faults
    assert message in faults[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "first", "message"),
    [
        (
            "topics.yaml",
            "  name: Growth\n",
            "",
            "- slug: growth",
            "topic: the key “name” is missing",
        ),
        (
            "topics.yaml",
            "  name: Growth",
            "  name: Growth\n- Decline",
            "- slug: alliance",
            "topic: give keys and values (slug, name, description)",
        ),
        (
            "ratings.yaml",
            "worst: 1",
            "worst: 0",
            "- slug: house",
            "scale: Constraint “claims_ratingscale_range” is violated.",
        ),
        (
            "sources.yaml",
            "date_precision: day",
            "place: Here",
            "- slug: treaty",
            "source: Give a date and its precision together, or neither.",
        ),
        (
            "claims.yaml",
            "claimant: moscow",
            "claimant: doe",
            "    - source: remarks\n      quote: the All",
            "appearance: Leave the reporter empty where the claimant speaks.",
        ),
        (
            "claims.yaml",
            "counterclaim: no-promise",
            "counterclaim: promise",
            "    - source: remarks\n      quote: The All",
            "rebuttal: A claim is not its own counterclaim.",
        ),
        (
            "claims.yaml",
            "      reason: error\n",
            "",
            "    - version: 2",
            "verdict: “First verdict” is the reason for version 1, and for no other.",
        ),
        (
            "claims.yaml",
            "  published_at: 2026-11-01T09:00:00Z\n",
            "",
            "- slug: promise",
            "claim: a claim with a verdict needs published_at",
        ),
    ],
)
def test_a_fault_of_a_whole_entry_is_reported_where_it_begins(
    seeds, name, old, new, first, message
):
    seeds.change(name, old, new)
    text = (seeds.path / name).read_text()
    line = text[: text.index(first)].count("\n") + 1

    assert seeds.faults() == [f"{name}:{line}: {message}"]


def test_all_faults_of_all_files_are_reported_at_once(seeds):
    seeds.change("topics.yaml", "name: Growth", "name: 1")
    seeds.change("claims.yaml", "topics: [alliance]", "topics: [x, y]")
    seeds.change("claims.yaml", "direction: refutes", "direction: proves")

    assert seeds.faults() == [
        "claims.yaml:11: claim: unknown topic “x”",
        "claims.yaml:11: claim: unknown topic “y”",
        "claims.yaml:32: evidence: direction: “proves” is none of supports, refutes, mixed, context",
        "topics.yaml:4: topic: name: give a text",
    ]


def test_circles_are_found(seeds):
    seeds.change("sources.yaml", "title: Remarks\n", "title: Remarks\n  derived_from: remarks\n")
    seeds.change("claims.yaml", "part_of: promise", "part_of: part")

    assert seeds.faults() == [
        "claims.yaml:1: claim: “part” leads back to itself",
        "sources.yaml:1: source: “remarks” leads back to itself",
    ]


def test_an_entry_given_twice_names_the_first(seeds):
    seeds.change("claims.yaml", "quote: Nobody did\n", "locator: Art. 5\n")
    seeds.change(
        "claims.yaml", "    - source: remarks\n      locator", "    - source: treaty\n      locator"
    )

    assert seeds.faults() == [
        f"claims.yaml:34: evidence: “treaty, Art. 5” is there already ({seeds.path}/claims.yaml:30)"
    ]


def test_a_slug_is_used_once_in_all_files_of_a_vocabulary(seeds):
    (seeds.path / "topics").mkdir()
    (seeds.path / "topics" / "more.yaml").write_text("- slug: growth\n  name: More growth\n")

    assert seeds.faults() == [
        f"topics/more.yaml:1: topic: “growth” is there already ({seeds.path}/topics.yaml:3)"
    ]


def test_several_files_of_a_vocabulary_are_read_together(seeds):
    (seeds.path / "topics").mkdir()
    (seeds.path / "topics.yaml").rename(seeds.path / "topics" / "a.yaml")
    (seeds.path / "topics" / "b.yaml").write_text("- slug: more\n  name: More\n")

    assert seeds.load().created[Topic] == 3


def test_a_directory_without_any_file_is_a_fault(tmp_path):
    with pytest.raises(SeedError) as caught:
        load_seeds(tmp_path)

    assert [fault.message for fault in caught.value.faults] == [
        "none of speakers.yaml, topics.yaml, ratings.yaml, sources.yaml, claims.yaml is here"
    ]


def test_a_missing_file_is_an_empty_one(tmp_path):
    (tmp_path / "ratings.yaml").write_text(FILES["ratings.yaml"])

    assert dict(load_seeds(tmp_path).created) == {RatingScale: 1, Rating: 2}


def test_what_a_missing_file_would_have_is_unknown(seeds):
    (seeds.path / "topics.yaml").unlink()

    assert seeds.faults() == ["claims.yaml:11: claim: unknown topic “alliance”"]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("topics.yaml", "name: Growth", "name: Gr\0wth", "not valid YAML: special characters"),
        ("topics.yaml", "name: Growth", r'name: "Gr\0wth"', "U+0000 is no character that text can"),
        ("topics.yaml", "name: Growth", r'name: "\ud800"', "U+D800 is no character that text can"),
        ("topics.yaml", "name: Growth", r'"n\0me": Growth', "U+0000 is no character that text can"),
        ("speakers.yaml", "[SECRETARY DOE]", r'["\0"]', "U+0000 is no character that text can hold"),
        ("sources.yaml", "file: remarks.txt", r'file: "tr\0x"', "U+0000 is no character that text"),
        ("topics.yaml", "name: Growth", "name: " + "[" * 5000, "not valid YAML: nested too deeply."),
    ],
)  # fmt: skip
def test_what_no_database_or_reader_can_hold_is_a_fault(seeds, name, old, new, message):
    line = seeds.change(name, old, new)

    faults = [fault for fault in seeds.faults() if fault.startswith(name)]

    assert len(faults) == 1
    assert faults[0].startswith(f"{name}:{line}: ")
    assert message in faults[0]


def test_what_would_be_attached_to_a_retired_claim_is_a_fault(seeds):
    seeds.load()
    claim = Claim.objects.get(slug="promise")
    claim.duplicate_of = Claim.objects.get(slug="no-promise")
    claim.save()
    assert seeds.load().changed_nothing
    seeds.change(
        "claims.yaml", "locator: Art. 5\n      direction", "locator: Art. 6\n      direction"
    )

    assert seeds.faults() == [
        "claims.yaml:30: evidence: That claim is retired, and nobody would see this: choose the one it "
        "leads to."
    ]


def test_an_editor_without_the_right_to_publish_is_a_fault(seeds):
    seeds.load()
    editors = Group.objects.get(name="editor")
    editors.permissions.remove(Permission.objects.get(codename="publish_claim"))
    seeds.change(
        "claims.yaml", "locator: Art. 5\n      direction", "locator: Art. 6\n      direction"
    )

    assert [fault.partition(" claim: ")[0] for fault in seeds.faults()] == ["claims.yaml:7:"]


@pytest.mark.parametrize(
    "data", [b"- slug: \xff", b"- {slug: a, name: A, description: 2022-13-45}"]
)
def test_what_yaml_cannot_build_is_a_fault(seeds, data):
    (seeds.path / "topics.yaml").write_bytes(data)

    assert seeds.faults()[0].startswith("topics.yaml:1: ")


def test_a_file_that_is_no_list_is_a_fault(seeds):
    (seeds.path / "topics.yaml").write_text("slug: a\n")

    assert "topics.yaml:1: topic: give a list, each with a dash" in seeds.faults()


def test_a_transcript_that_is_none_is_a_fault(seeds):
    text = "1, 2, 3\n"
    (seeds.path / "remarks.txt").write_text(text)
    line = seeds.change("sources.yaml", SHA256, hashlib.sha256(text.encode()).hexdigest())

    assert seeds.faults()[0].startswith(
        f"sources.yaml:{line - 1}: transcript: remarks.txt: No recog"
    )


def test_a_user_who_only_bears_the_name_is_given_no_rights(seeds):
    get_user_model().objects.create_user("editor")

    with pytest.raises(PermissionError, match="who is not in the group “editor”"):
        seeds.load()


# --- The command ---


def run(seeds, **options):
    out = StringIO()
    call_command("load_seeds", dir=seeds.path, stdout=out, **options)
    return out.getvalue()


def test_the_command_shows_progress_and_a_table(seeds, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    lines = run(seeds).splitlines()

    assert lines[0] == "Loading speakers …"
    table = lines[lines.index("") + 1 :]
    assert table[:-1] == [
        "Claim                               Claimant        Rating               Version",
        "-" * 80,
        "The Alliance promised not to grow.  Moscow          False                      2",
        "The Alliance never promised not to… –               open                       –",
        "-" * 80,
        "2 claims: 1 with a verdict, 1 open",
    ]
    assert "new: 3 speakers, 1 speaker name, 2 topics, 1 rating scale" in table[-1]
    assert table[-1].endswith("; updated: 1 turn.")


@pytest.mark.parametrize(("columns", "width"), [("10", 80), ("100", 100), ("300", 120)])
def test_the_table_fits_the_terminal(seeds, monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)

    assert f"\n{'-' * width}\n" in run(seeds)


def test_the_command_says_that_nothing_has_changed(seeds):
    run(seeds)

    assert "Nothing has changed: the database holds all of it already." in run(seeds)


def test_the_command_says_what_it_has_kept(seeds):
    run(seeds)
    Topic.objects.get(slug="growth").delete()
    topic = Topic.objects.get(slug="alliance")
    topic.name = "The Pact"
    topic.save()

    said = run(seeds)

    assert "Kept as the desk left it: topic “The Pact”: name" in said
    assert f"Kept as the desk left it: topic “growth” ({seeds.path}/topics.yaml:3): deleted" in said


def test_a_dry_run_of_the_command_says_so(seeds):
    out = run(seeds, dry_run=True)

    assert "Nothing was written. A load would make – new: 3 speakers" in out
    assert "Version" not in out


def test_the_quiet_command_sums_up(seeds):
    assert run(seeds, verbosity=0).startswith("Loaded – new: ")


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["topics: [alliance]"], "One thing is wrong"),
        (["topics: [alliance]", "claimant: moscow"], "2 thi"),
    ],
)
def test_the_command_lists_what_is_wrong(seeds, faults, said):
    for old in faults:
        seeds.change("claims.yaml", old, old.replace("alliance", "x").replace("moscow", "x"))

    with pytest.raises(CommandError, match=said) as caught:
        run(seeds)

    assert "claims.yaml:11: claim: unknown topic “x”" in str(caught.value)


def test_the_command_says_who_is_in_its_way(seeds):
    get_user_model().objects.create_user("editor")

    with pytest.raises(CommandError, match="rename the user"):
        run(seeds)


def test_faults_name_files_from_the_working_directory(seeds, monkeypatch):
    seeds.change("topics.yaml", "name: Growth", "name: 1")
    monkeypatch.chdir(seeds.path.parent)

    with pytest.raises(SeedError, match=f"^{seeds.path.name}/topics.yaml:4: "):
        seeds.load()
