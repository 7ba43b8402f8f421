"""The vectors of claims: computed from the words that a claim has, and never told of other words."""

import hashlib
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from claims.models import Claim, ClaimVector, Verdict
from claims.querysets import vector as rows_of_vectors
from claims.search import encoding, tasks, vectors
from claims.search.encoding import DIMENSIONS, MODEL, VERSION
from claims.search.vectors import embed
from jobs.models import Job
from tests.factories import ClaimFactory, VerdictFactory, approved, published, withdrawn

pytestmark = pytest.mark.django_db


def told():
    """What each vector of this model is of."""
    rows = ClaimVector.objects.of_this_model().order_by("claim__slug", "part")
    return list(rows.values_list("claim__slug", "part", "public"))


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_claim_has_a_vector_of_its_text_and_one_of_its_headline():
    open_ = ClaimFactory(slug="draft", text="The moon is made of cheese — größtenteils.")
    verdict = approved(claim__slug="judged", headline="It is made of rock.")
    VerdictFactory(claim=open_, headline="A draft of a finding.")

    report = embed()

    assert told() == [("draft", "text", False), ("judged", "text", True), ("judged", "title", True)]
    assert (report.computed, report.moved, report.removed) == (3, 0, 0)
    row = ClaimVector.objects.get(claim=open_)
    assert (row.model, row.version, row.text_sha256) == (MODEL, VERSION, digest(open_.text))
    stored = np.frombuffer(row.vector, "<f2").astype("f4")
    assert stored @ encoding.encode([open_.text])[0] == pytest.approx(1, abs=1e-3)
    title = ClaimVector.objects.get(claim=verdict.claim, part="title")
    assert title.text_sha256 == digest("It is made of rock.")


def test_a_second_run_finds_nothing_to_do():
    approved()
    embed()
    before = list(ClaimVector.objects.order_by("pk").values())

    report = embed()

    assert (report.computed, report.moved, report.removed) == (0, 0, 0)
    assert list(ClaimVector.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("bare", [True, False])
def test_new_words_make_the_old_vector_useless_at_once_and_are_computed(bare):
    claim = ClaimFactory(text="The moon is made of cheese.")
    embed()
    assert ClaimVector.objects.current().count() == 1

    if bare:
        Claim.objects.filter(pk=claim.pk).update(text="The sun is cold.")
    else:
        claim.text = "The sun is cold."
        claim.save()

    assert not ClaimVector.objects.current().exists()
    assert embed().computed == 1
    assert ClaimVector.objects.get().text_sha256 == digest("The sun is cold.")
    assert ClaimVector.objects.current().count() == 1


def test_publication_moves_the_vector_without_computing_it_anew(monkeypatch):
    claim = ClaimFactory(slug="claim")
    embed()
    row = ClaimVector.objects.get()
    published(claim)
    asked = []
    real = encoding.encode
    monkeypatch.setattr(encoding, "encode", lambda texts: asked.extend(texts) or real(texts))

    report = embed()

    assert (report.computed, report.moved, asked) == (0, 1, [""])
    moved = ClaimVector.objects.get()
    assert moved.public
    assert moved.pk > row.pk
    assert bytes(moved.vector) == bytes(row.vector)


def test_the_vector_of_a_withdrawn_headline_goes():
    verdict = approved(claim__slug="judged")
    embed()
    withdrawn(verdict, why="It was wrong.")
    assert [row.part for row in ClaimVector.objects.current()] == ["text"]

    assert embed().removed == 1
    assert told() == [("judged", "text", True)]


def test_a_later_verdict_takes_the_place_of_the_one_before():
    claim = approved(headline="It is so.").claim
    embed()
    approved(claim=claim, headline="It is not so.", reason="error", note="We were wrong.")

    assert embed().computed == 1
    title = ClaimVector.objects.get(part="title")
    assert title.text_sha256 == digest("It is not so.")
    assert Verdict.objects.in_force().get().headline == "It is not so."


def test_another_version_of_the_model_computes_everything_anew(monkeypatch):
    ClaimFactory(slug="claim")
    embed()
    old = ClaimVector.objects.get()
    for module in (encoding, rows_of_vectors):
        monkeypatch.setattr(module, "VERSION", "another")

    assert not ClaimVector.objects.current().exists()
    report = embed()

    assert (report.computed, report.removed) == (1, 1)
    row = ClaimVector.objects.get()
    assert (row.version, old.version) == ("another", VERSION)


def test_many_cost_as_many_queries_as_few(django_assert_num_queries):
    # Each part: those that lack one, those that are there, a savepoint, (a lock,) which claims there still
    # are, those that go, those that come, the savepoint's end, and that there are no more; what is left over.
    from django.db import connection

    expected = 8 + (connection.vendor == "postgresql") + 1 + 1
    ClaimFactory()
    with django_assert_num_queries(expected):
        embed()
    ClaimFactory.create_batch(20)
    with django_assert_num_queries(expected):
        assert embed().computed == 20


def test_a_batch_is_written_by_itself():
    ClaimFactory.create_batch(5)
    lines = []
    assert embed(batch=2, say=lines.append).computed == 5
    assert lines == [
        "Text: 2 computed, 0 moved, 0 removed",
        "Text: 4 computed, 0 moved, 0 removed",
        "Text: 5 computed, 0 moved, 0 removed",
    ]


def test_a_claim_that_is_gone_meanwhile_is_left_out():
    claim = ClaimFactory()
    row = rows_of_vectors.NewVector(claim.pk, "0" * 64, False, bytes(2 * DIMENSIONS))
    claim.delete()
    assert ClaimVector.objects.put("text", [row]) == 0


@pytest.mark.parametrize(
    "change",
    [{"vector": b"\0" * 10}, {"part": "body"}, {"text_sha256": "A" * 64}, {}],
    ids=["length", "part", "digest", "twice"],
)
def test_the_database_refuses_what_is_no_vector(change):
    claim = ClaimFactory()
    values = {
        "claim": claim,
        "part": "text",
        "model": MODEL,
        "version": VERSION,
        "text_sha256": "0" * 64,
        "public": False,
        "vector": bytes(2 * DIMENSIONS),
    }
    if not change:
        ClaimVector.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClaimVector.objects.create(**values | change)


def run(*args):
    out = StringIO()
    call_command("embed_claims", *args, stdout=out)
    return out.getvalue()


def test_the_command_tells_what_it_did():
    verdict = approved()
    assert "Nothing was written" in run("--dry-run")
    assert "2 computed, 0 moved, 0 removed" in run("--dry-run")
    assert not ClaimVector.objects.exists()

    assert run() == "Vectors: 2 computed, 0 moved, 0 removed.\n"
    assert run() == "Vectors: 0 computed, 0 moved, 0 removed.\n"
    assert run("--all", "--batch", "1") == "Vectors: 2 computed, 0 moved, 0 removed.\n"

    withdrawn(verdict, why="It was wrong.")
    Claim.objects.update(text="Other words.")
    assert "1 computed, 0 moved, 1 removed" in run("--dry-run")
    assert run() == "Vectors: 1 computed, 0 moved, 1 removed.\n"


def test_the_command_refuses_a_batch_of_nothing_and_says_what_is_missing(monkeypatch):
    with pytest.raises(CommandError, match="--batch is 0"):
        run("--batch", "0")
    ClaimFactory()
    embed()

    def encode(texts):
        raise encoding.Unavailable("Matching by meaning is not installed.")

    monkeypatch.setattr(encoding, "encode", encode)
    Claim.objects.update(text="Other words.")
    with pytest.raises(CommandError, match="not installed"):
        run()
    assert ClaimVector.objects.count() == 1  # nothing was removed for want of a new one


def test_the_index_is_built_when_many_are_newer(monkeypatch, settings, tmp_path):
    from claims.search.neighbours import building

    settings.SEARCH_ROOT, settings.VECTOR_INDEX = tmp_path, "files"
    monkeypatch.setattr(building, "LEAST", 2)
    ClaimFactory.create_batch(3)
    assert "The index was built anew: 3 vectors." in run()


def waiting(task):
    return Job.objects.unfinished(task).count()


def test_a_glance_enqueues_one_job_for_whatever_lacks_a_vector():
    tasks.look_out()
    assert waiting(tasks.embed_missing) == 0

    ClaimFactory.create_batch(3)
    tasks.look_out()
    tasks.look_out()
    assert waiting(tasks.embed_missing) == 1

    assert tasks.embed_missing.call() == "3 computed, 0 moved, 0 removed"
    Job.objects.all().delete()
    tasks.look_out()
    assert waiting(tasks.embed_missing) == 0

    claim = Claim.objects.first()
    VerdictFactory(claim=claim)
    tasks.look_out()  # a draft of a verdict has no vector
    assert waiting(tasks.embed_missing) == 0
    published(claim)
    tasks.look_out()
    assert waiting(tasks.embed_missing) == 1


def test_a_glance_costs_the_same_with_many(django_assert_num_queries, settings):
    settings.VECTOR_INDEX = "files"
    for number in (1, 20):
        ClaimFactory.create_batch(number)
        embed()
        # The job, the claims that changed last, two parts; the job, the index, what is newer.
        with django_assert_num_queries(7):
            tasks.look_out()


def test_without_the_encoder_nothing_is_enqueued_and_the_job_says_so(monkeypatch):
    ClaimFactory()
    monkeypatch.setattr(encoding, "is_installed", lambda: False)
    tasks.look_out()
    assert not Job.objects.exists()
    assert tasks.embed_missing.call() == "not installed"


def test_the_clock_and_the_workers_look_after_it(settings):
    assert settings.JOBS_DAILY["claims.search.tasks.embed_missing"] == "03:00"
    assert "claims.search.tasks.look_out" in settings.JOBS_WATCHES


def test_a_glance_sees_only_what_changed_last(monkeypatch):
    """Else it would be no glance; the job itself, and the clock's, see everything."""
    monkeypatch.setattr(vectors, "GLANCE", 2)
    old, *_ = ClaimFactory.create_batch(3)
    embed()
    Claim.objects.filter(pk=old.pk).update(text="Other words.")
    assert not vectors.is_anything_missing()
    assert embed().computed == 1
