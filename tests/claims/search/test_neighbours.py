"""The nearest claims: right from whichever index, right without one, and never a draft for the public."""

import hashlib
from itertools import count

import numpy as np
import pytest
from django.core.management import call_command

from claims.models import Claim, ClaimVector, VectorIndex
from claims.querysets.vector import NewVector
from claims.search import encoding
from claims.search.encoding import DIMENSIONS
from claims.search.neighbours import (
    building,
    cosines,
    files,
    is_rebuild_due,
    nearest,
    newer,
    pgvector,
    rebuild,
)
from claims.search.vectors import embed
from tests.factories import ClaimFactory, approved, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_files(settings, tmp_path):
    settings.SEARCH_ROOT = tmp_path
    settings.VECTOR_INDEX = "files"


@pytest.fixture
def graph(monkeypatch):
    """A graph from the first vectors on."""
    monkeypatch.setattr(files, "EXACT", 1)


def clustered(number, *, seed=1, clusters=40):
    """Vectors of length one that lie in clusters, as those of sentences do."""
    middles = np.random.default_rng(0).normal(size=(clusters, DIMENSIONS))
    random = np.random.default_rng(seed)
    vectors = middles[random.integers(0, clusters, number)]
    vectors = vectors + 0.8 * random.normal(size=(number, DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


numbers = count()


def claims_with(vectors, *, public=True):
    """New claims, each with one of `vectors` for what its text means."""
    start = next(numbers) * 1_000_000
    made = Claim.objects.bulk_create(
        Claim(slug=f"made-{start + n}", text=f"Made claim {start + n}.", selection="repeated")
        for n in range(len(vectors))
    )
    keys = [claim.pk for claim in made]
    if public:
        user = published().published_by
        Claim.objects.filter(pk__in=keys).update(published_at=user.date_joined, published_by=user)
    put(dict(zip(made, vectors, strict=True)), public=public)
    return keys


def put(vectors, *, public=True):
    ClaimVector.objects.put(
        "text",
        [
            NewVector(
                claim.pk,
                hashlib.sha256(claim.text.encode()).hexdigest(),
                public,
                vector.astype("<f2").tobytes(),
            )
            for claim, vector in vectors.items()
        ],
    )


def by_hand(asked, limit):
    """What `nearest` is to answer, from the rows alone."""
    rows = ClaimVector.objects.current().published().order_by("pk")
    rows = list(rows.values_list("claim", "vector"))
    stored = newer.numbers([vector for _, vector in rows])
    answers = []
    for vector in asked:
        best = {}
        for (claim, _), cosine in zip(rows, (stored @ vector).tolist(), strict=True):
            best[claim] = max(cosine, best.get(claim, -2))
        answers.append(sorted(best.items(), key=lambda each: -each[1])[:limit])
    return answers


def the_same(answers, expected):
    assert [[claim for claim, _ in some] for some in answers] == [
        [claim for claim, _ in some] for some in expected
    ]
    for some, others in zip(answers, expected, strict=True):
        assert [cosine for _, cosine in some] == pytest.approx(
            [cosine for _, cosine in others], abs=1e-5
        )


# --- What is told ---


def test_the_claim_in_other_words_comes_first_with_its_cosine():
    promise = published(ClaimFactory(text="NATO promised that it would not expand to the east."))
    published(ClaimFactory(text="Inflation fell to two per cent in May."))
    embed()
    vector = encoding.encode(["The West assured Moscow the alliance would not be enlarged."])

    (found,) = nearest(vector)

    assert next(claim for claim, _ in found) == promise.pk
    text = encoding.encode([promise.text])[0]
    assert found[0][1] == pytest.approx(float(text @ vector[0]), abs=1e-3)
    assert len(found) == 2


def test_a_claim_is_found_by_the_nearer_of_its_text_and_its_headline():
    claim = approved(
        claim__text="Cheese is what the moon is made of.",
        headline="The moon is made of rock, as samples show.",
    ).claim
    embed()
    asked = encoding.encode([claim.text, claim.verdict.headline, "Samples show rock."])
    found = nearest(asked)
    assert [[key for key, _ in some] for some in found] == [[claim.pk]] * 3
    assert found[0][0][1] == pytest.approx(1, abs=1e-3)
    assert found[1][0][1] == pytest.approx(1, abs=1e-3)


def test_the_public_is_told_of_public_claims_alone():
    """The draft is nearer each time: exactly the public one comes out."""
    vectors = clustered(3)
    draft = ClaimFactory(text="A draft.")
    retired = published(ClaimFactory(text="A retired claim."))
    public = published(ClaimFactory(text="A public claim."))
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=public)
    put({draft: vectors[0], retired: vectors[0], public: vectors[1]}, public=True)

    for build in (False, True):
        if build:
            rebuild()
        assert [key for key, _ in nearest(vectors[:1])[0]] == [public.pk]
        assert [key for key, _ in nearest(vectors[:1], drafts=True)[0]] == [draft.pk, public.pk]


def test_what_is_published_is_found_though_the_index_has_it_among_the_drafts():
    vectors = clustered(2)
    claim, other = ClaimFactory(text="One claim."), published(ClaimFactory(text="Another."))
    put({claim: vectors[0]}, public=False)
    put({other: vectors[1]}, public=True)
    rebuild()
    published(claim)
    assert [key for key, _ in nearest(vectors[:1])[0]] == [other.pk]  # until the vector is moved
    put({claim: vectors[0]}, public=True)
    assert [key for key, _ in nearest(vectors[:1])[0]] == [claim.pk, other.pk]
    rebuild()
    assert [key for key, _ in nearest(vectors[:1])[0]] == [claim.pk, other.pk]


def test_other_words_and_another_model_are_not_compared(monkeypatch):
    vectors = clustered(3)
    first, second = (published(ClaimFactory(text=text)) for text in ("One.", "Two."))
    put({first: vectors[0], second: vectors[1]})
    rebuild()
    Claim.objects.filter(pk=first.pk).update(text="Not what the vector is of.")
    assert [key for key, _ in nearest(vectors[:1])[0]] == [second.pk]
    assert cosines(vectors[:1], [[first.pk, second.pk]])[0].keys() == {second.pk}

    ClaimVector.objects.filter(claim=second).update(version="another")
    assert nearest(vectors[:1]) == [[]]
    assert cosines(vectors[:1], [[second.pk]]) == [{}]


def test_nothing_asked_or_nothing_there():
    none = np.empty((0, DIMENSIONS), np.float32)
    assert nearest(none) == []
    assert nearest(clustered(2)) == [[], []]
    rebuild()
    assert nearest(none) == []
    assert nearest(clustered(2)) == [[], []]
    claims_with(clustered(2))
    assert nearest(clustered(1), limit=0) == [[]]
    assert cosines(none, []) == []
    assert cosines(clustered(1), [[]]) == [{}]


def test_cosines_tell_those_to_text_and_to_headline():
    claim = approved(claim__text="The moon is cheese.", headline="It is rock.").claim
    open_ = ClaimFactory(text="The sun is cold.")
    without = ClaimFactory()
    embed()
    ClaimVector.objects.filter(claim=without).delete()
    asked = encoding.encode(["It is rock.", "Cold is the sun."])

    first, second = cosines(asked, [[open_.pk, claim.pk, without.pk], [open_.pk]])

    vectors = encoding.encode([claim.text, "It is rock.", open_.text])
    expected = vectors @ asked.T
    assert first[claim.pk] == pytest.approx((expected[0, 0], 1), abs=2e-3)
    assert first[open_.pk] == pytest.approx((expected[2, 0], 0), abs=2e-3)
    assert first[open_.pk][1] == 0.0
    assert list(first) == [open_.pk, claim.pk]
    assert list(second) == [open_.pk]


# --- The same from each index ---


def test_each_index_answers_as_the_rows_do(monkeypatch):
    """Without an index, from vectors alone, from a graph: before and after whatever may happen to rows."""
    vectors = clustered(600)
    keys = claims_with(vectors[:400])
    asked = clustered(20, seed=2)
    expected = by_hand(asked, 20)
    the_same(nearest(asked, limit=20), expected)
    for exact in (10_000, 1):
        monkeypatch.setattr(files, "EXACT", exact)
        rebuild()
        index = building.index_in_use()
        assert (index.public.graph is not None) == (exact == 1)
        the_same(nearest(asked, limit=20), expected)
        the_same(nearest(asked[:1], limit=20), expected[:1])

    # Rows that came since, that went, that are of other words, that are of a draft, that are retired.
    claims_with(vectors[400:])
    Claim.objects.filter(pk__in=keys[:30]).delete()
    Claim.objects.filter(pk__in=keys[30:60]).update(text="Other words than were encoded.")
    hidden = claims_with(clustered(30), public=False)
    Claim.objects.filter(pk__in=keys[60:90]).update(duplicate_of=keys[399])
    expected = by_hand(asked, 20)
    assert not {key for some in expected for key, _ in some} & {*keys[:90], *hidden}
    the_same(nearest(asked, limit=20), expected)
    for exact in (1, 10_000):
        monkeypatch.setattr(files, "EXACT", exact)
        rebuild()
        the_same(nearest(asked, limit=20), expected)


def test_a_graph_finds_what_comparing_all_finds(graph):
    """Recall among 3,000 vectors in clusters, asked for the first 20."""
    claims_with(clustered(3_000))
    asked = clustered(50, seed=3)
    rebuild()
    assert building.index_in_use().public.graph is not None
    expected = by_hand(asked, 20)

    found = nearest(asked, limit=20)

    hits = sum(
        len({key for key, _ in some} & {key for key, _ in others})
        for some, others in zip(found, expected, strict=True)
    )
    assert hits / 1_000 >= 0.99


def test_a_graph_is_brought_up_to_date_and_not_built_anew(graph, monkeypatch):
    vectors = clustered(900)
    keys = claims_with(vectors[:600])
    rebuild()
    Claim.objects.filter(pk__in=keys[:50]).delete()
    claims_with(vectors[600:])
    from usearch.index import Index as Graph

    added = []
    real = Graph.add
    monkeypatch.setattr(
        Graph,
        "add",
        lambda self, keys, *args, **kw: added.extend(keys) or real(self, keys, *args, **kw),
    )

    rebuild()

    assert len(added) == 300
    asked = clustered(20, seed=2)
    the_same(nearest(asked, limit=20), by_hand(asked, 20))
    added.clear()
    rebuild(whole=True)
    assert len(added) == 850
    Claim.objects.filter(pk__in=keys[50:400]).delete()
    added.clear()
    rebuild()  # too many are gone
    assert len(added) == 500
    the_same(nearest(asked, limit=20), by_hand(asked, 20))


def test_hundreds_that_are_no_longer_right_do_not_hide_the_one_that_is():
    vectors = clustered(400, clusters=1)
    wrong = claims_with(vectors)
    far = claims_with(-vectors[:1])
    rebuild()
    Claim.objects.filter(pk__in=wrong).delete()
    assert [key for key, _ in nearest(vectors[:1], limit=1)[0]] == far
    claims_with(vectors, public=False)
    assert [key for key, _ in nearest(vectors[:1], limit=1)[0]] == far


@pytest.mark.parametrize("indexed", [False, True])
def test_many_cost_as_many_queries_as_few(django_assert_num_queries, indexed):
    for number in (1, 60):
        keys = claims_with(clustered(number))
        if indexed:
            rebuild()
        for asked in (clustered(1), clustered(30, seed=4)):
            with django_assert_num_queries(3):  # the index, what is newer, what still is right
                nearest(asked)
            with django_assert_num_queries(1):
                cosines(asked, [keys] * len(asked))


# --- The files ---


def folders():
    return sorted(path.name for path in files.root().iterdir())


def test_a_rebuild_replaces_the_index_and_sweeps_up_behind_itself():
    claims_with(clustered(5))
    asked = clustered(3, seed=2)
    for _ in range(4):
        rebuild()
        the_same(nearest(asked), by_hand(asked, 100))
    names = list(VectorIndex.objects.order_by("-pk").values_list("name", flat=True))
    assert len(names) == 4
    assert folders() == sorted(names[:2])
    assert building.index_in_use().name == names[0]


def damage_cut(folder):
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-8])


def damage_remove(folder):
    (folder / "public.vectors").unlink()


def damage_graph(folder):
    path = folder / "public.graph"
    path.write_bytes(b"\xff" * path.stat().st_size)


def damage_all(folder):
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.mark.parametrize("damage", [damage_cut, damage_remove, damage_graph, damage_all])
def test_without_its_files_or_with_damaged_ones_the_answer_is_the_same(graph, damage):
    claims_with(clustered(50))
    asked = clustered(5, seed=2)
    rebuild()
    damage(files.folder_of(VectorIndex.objects.get().name))
    building._opened.clear()

    the_same(nearest(asked), by_hand(asked, 100))

    rebuild()
    the_same(nearest(asked), by_hand(asked, 100))
    assert building.index_in_use().name == VectorIndex.objects.first().name


def test_the_index_before_stands_in_for_one_that_is_not_here():
    claims_with(clustered(5))
    rebuild()
    first = VectorIndex.objects.get()
    claims_with(clustered(5, seed=5))
    rebuild()
    damage_all(files.folder_of(VectorIndex.objects.first().name))
    building._opened.clear()
    assert building.index_in_use().name == first.name
    asked = clustered(5, seed=2)
    the_same(nearest(asked), by_hand(asked, 100))


def test_files_without_a_row_are_not_used():
    """As after the database was restored: the same keys may be of other claims."""
    keys = claims_with(clustered(5))
    rebuild()
    VectorIndex.objects.all().delete()
    Claim.objects.filter(pk__in=keys).delete()
    building._opened.clear()
    assert building.index_in_use().through == 0
    assert nearest(clustered(5)) == [[]] * 5


def test_an_index_that_could_not_be_written_leaves_the_one_before(monkeypatch):
    claims_with(clustered(5))
    rebuild()
    before = folders()

    def fail(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr(files, "write_half", fail)
    with pytest.raises(OSError, match="No space"):
        rebuild()
    assert folders() == before
    asked = clustered(5, seed=2)
    the_same(nearest(asked), by_hand(asked, 100))


def test_without_usearch_all_are_compared(monkeypatch):
    monkeypatch.setattr(files, "EXACT", 1)
    claims_with(clustered(50))
    rebuild()
    building._opened.clear()
    real = files.find_spec
    monkeypatch.setattr(files, "find_spec", lambda name: None if name == "usearch" else real(name))
    asked = clustered(5, seed=2)
    assert building.index_in_use().public.graph is None
    the_same(nearest(asked), by_hand(asked, 100))
    rebuild()
    assert building.index_in_use().public.vectors.dtype == np.float32
    the_same(nearest(asked), by_hand(asked, 100))


def test_it_is_due_when_a_quarter_is_newer_within_bounds(monkeypatch):
    monkeypatch.setattr(building, "LEAST", 4)
    monkeypatch.setattr(building, "MOST", 10)
    claims_with(clustered(4))
    assert not is_rebuild_due()
    claims_with(clustered(20))
    assert is_rebuild_due()
    rebuild()
    claims_with(clustered(6))
    assert not is_rebuild_due()
    claims_with(clustered(1))
    assert is_rebuild_due()
    claims_with(clustered(60))
    rebuild()
    claims_with(clustered(10))
    assert not is_rebuild_due()
    claims_with(clustered(1))
    assert is_rebuild_due()


@pytest.mark.django_db(transaction=True)
def test_a_process_keeps_what_is_newer_and_reads_only_what_came_since():
    vectors = clustered(12)
    asked = clustered(3, seed=2)
    claims_with(vectors[:4])
    the_same(nearest(asked), by_hand(asked, 100))
    assert len(newer.newer(0).keys) == 4
    keys = claims_with(vectors[4:])
    the_same(nearest(asked), by_hand(asked, 100))
    Claim.objects.filter(pk=keys[0]).delete()
    the_same(nearest(asked), by_hand(asked, 100))
    rebuild()
    the_same(nearest(asked), by_hand(asked, 100))
    assert not len(newer.newer(building.index_in_use().through).keys)
    claims_with(clustered(2, seed=9))
    the_same(nearest(asked), by_hand(asked, 100))


def test_two_may_build_at_once(monkeypatch):
    """Another process begins and ends while this one writes; and both are right."""
    claims_with(clustered(30))
    real = files.write_half
    others = []

    def write_half(*args, **kwargs):
        if not others:
            others.append(True)
            assert rebuild() == 30
            claims_with(clustered(10, seed=7))
        return real(*args, **kwargs)

    monkeypatch.setattr(files, "write_half", write_half)
    assert rebuild() == 30  # up to the key that it began with
    asked = clustered(5, seed=2)
    assert len(folders()) == VectorIndex.objects.count() == 2
    the_same(nearest(asked), by_hand(asked, 100))


# --- pgvector ---


def test_pgvector_is_chosen_where_the_server_offers_it_and_answers_the_same(settings):
    settings.VECTOR_INDEX = "auto"
    pgvector.prepare()
    offered = pgvector.offered()
    assert pgvector.in_use() is offered
    vectors = clustered(600)
    keys = claims_with(vectors[:400])
    asked = clustered(20, seed=2)
    assert is_rebuild_due() is offered
    assert rebuild() == 400
    assert isinstance(building.index_in_use(), pgvector.Index if offered else files.Index)
    assert not is_rebuild_due()
    the_same(nearest(asked, limit=20), by_hand(asked, 20))

    claims_with(vectors[400:])
    hidden = claims_with(clustered(30), public=False)
    Claim.objects.filter(pk__in=keys[:30]).delete()
    Claim.objects.filter(pk__in=keys[30:60]).update(text="Other words than were encoded.")
    expected = by_hand(asked, 20)
    the_same(nearest(asked, limit=20), expected)
    rebuild()
    the_same(nearest(asked, limit=20), expected)
    assert {key for key, _ in nearest(clustered(30)[:1], drafts=True)[0]} & {*hidden}
    rebuild(whole=True)
    the_same(nearest(asked, limit=20), expected)

    settings.VECTOR_INDEX = "files"
    assert not pgvector.in_use()
    assert not isinstance(building.index_in_use(), pgvector.Index)
    the_same(nearest(asked, limit=20), expected)


def test_pgvector_that_is_not_offered_is_said_and_stood_in_for(settings, caplog, monkeypatch):
    settings.VECTOR_INDEX = "pgvector"
    monkeypatch.setattr(pgvector, "offered", lambda: False)
    with caplog.at_level("WARNING"):
        pgvector.prepare()
    assert "files are used instead" in caplog.text


def test_preparing_twice_is_preparing_once(settings):
    settings.VECTOR_INDEX = "auto"
    pgvector.prepare()
    pgvector.prepare()
    assert pgvector.in_use() is pgvector.offered()


def test_the_seed_has_its_vectors_when_it_is_loaded():
    call_command("load_seeds", verbosity=0)
    assert ClaimVector.objects.current().filter(part="text").count() == Claim.objects.count()
    asked = ["After the Cold War, did the West promise Moscow it would not enlarge the alliance?"]
    found = nearest(encoding.encode(asked), limit=5)[0]
    texts = Claim.objects.in_bulk([key for key, _ in found])
    assert any("promise" in texts[key].text for key, _ in found)
