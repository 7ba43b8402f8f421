"""`fields=` and `expand=`: what is asked for and nothing else, at a cost that does not grow with the rows."""

from __future__ import annotations

import pytest

from claims.api.viewsets import RESOURCES as LINKED
from claims.models import Claim
from tests import factories
from tests.claims.problems import wrong
from tests.claims.test_api import another
from tests.claims.world import RESOURCES, drafts, published_world

pytestmark = pytest.mark.django_db

API = "/api/v1"


@pytest.fixture
def world():
    return published_world()


def get(client, path, **parameters):
    answer = client.get(f"{API}/{path}", parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()


# --- fields ---------------------------------------------------------------------------------------


def test_only_the_fields_that_are_asked_for(client, world):
    asked = "slug,verdict.rating.slug,counts.evidence.refutes,topics"

    promise = get(client, "claims/", fields=asked, has_verdict="true", topic="alliance")["results"]

    assert promise == [
        {
            "slug": "promise",
            "topics": ["alliance"],
            "verdict": {"rating": {"slug": "true"}},
            "counts": {"evidence": {"refutes": 1}},
        }
    ]
    assert get(client, "claims/part/", fields="verdict.headline,parts.slug") == {
        "verdict": None,
        "parts": [],
    }
    evidence = get(client, "evidence/", fields="passage.exact,rendition.kind,origin.slug")
    assert evidence["results"] == [
        {
            "passage": None,
            "rendition": {"kind": "original"},
            "origin": {"slug": "memo"},
        },
        {
            "passage": {"exact": "Nobody did, as far as I know."},
            "rendition": {"kind": "machine-translation"},
            "origin": {"slug": "original"},
        },
    ]


def test_order_spaces_and_repetition_do_not_matter_and_the_whole_takes_in_its_parts(client, world):
    whole = get(client, "claims/promise/")

    for asked in ("verdict,slug", " slug , verdict ", "verdict.headline,slug,verdict,slug"):
        assert get(client, "claims/promise/", fields=asked) == {
            "slug": "promise",
            "verdict": whole["verdict"],
        }


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_field_can_be_asked_for_alone(client, world, resource):
    row = get(client, f"{resource}/")["results"][0]
    full = client.get(row["api_url"]).json()

    for name, value in row.items():
        alone = get(client, f"{resource}/", fields=name)["results"]
        assert alone[0] == {name: value}
    for name, value in full.items():
        assert client.get(row["api_url"], {"fields": name}).json() == {name: value}
    every = ",".join(full)
    assert client.get(row["api_url"], {"fields": every}).json() == full


EMPTY = "A name is empty: put one comma between names, one dot within them, and none at the ends."


@pytest.mark.parametrize(
    ("path", "asked", "sentence"),
    [
        ("claims/", "colour", "There is no field colour."),
        ("claims/", "slug,verdict.colour", "There is no field verdict.colour."),
        ("claims/", "slug.text", "There is no field slug.text."),
        ("claims/", "parts", "There is no field parts."),
        ("claims/", "claimants.kind", "There is no field claimants.kind."),
        ("claims/", "slug,", EMPTY),
        ("claims/", ",slug", EMPTY),
        ("claims/", "verdict..slug", EMPTY),
        ("claims/promise/", "verdicts.author", "There is no field verdicts.author."),
        ("claims/no-such-claim/", "colour", "There is no field colour."),
        ("topics/", "Slug", "There is no field Slug."),
        ("topics/", "\0", "There is no field \0."),
    ],
)
def test_a_field_that_is_not_there_is_named(client, world, path, asked, sentence):
    assert wrong(client.get(f"{API}/{path}", {"fields": asked})) == {"fields": [sentence]}


@pytest.mark.parametrize("name", ["fields", "expand"])
def test_nothing_is_no_selection(client, world, name):
    refused = ["Give a value, or leave this parameter out."]
    assert wrong(client.get(f"{API}/claims/", {name: ""})) == {name: refused}
    assert wrong(client.get(f"{API}/claims/?{name}=slug&{name}=text"))


def test_the_next_page_has_the_same_selection(client, world):
    first = get(client, "claims/", fields="slug,topics.name", expand="topics", page_size=1)

    second = client.get(first["next"]).json()

    assert [set(row) for row in second["results"]] == [{"slug", "topics"}]


def test_what_is_left_out_is_not_worked_out(client, world, monkeypatch):
    def never(*args):
        raise AssertionError

    monkeypatch.setattr("sources.serializers.PassageSerializer.get_turn", never)

    assert get(client, "appearances/", fields="id,passage.exact")["results"]


# --- expand ---------------------------------------------------------------------------------------


def listed(client, resource):
    return {row["slug"]: row for row in get(client, f"{resource}/")["results"]}


def test_a_link_becomes_what_its_list_has(client, world):
    claims, speakers = listed(client, "claims"), listed(client, "speakers")
    plain = get(client, "appearances/")["results"]

    row = get(client, "appearances/", expand="claim,claimant,reported_by")["results"][0]

    assert row == {
        **plain[0],
        "claim": claims["promise"],
        "claimant": speakers["moscow"],
        "reported_by": speakers["doe"],
    }
    in_full = client.get(row["api_url"], {"expand": "claim,claimant,reported_by"}).json()
    assert in_full == row


def test_a_slug_too_becomes_what_its_list_has(client, world):
    topics, transcripts = listed(client, "topics"), listed(client, "transcripts")

    claim = get(client, "claims/promise/", expand="topics,appearances.passage.transcript")

    assert claim["topics"] == [topics["alliance"]]
    assert [row["passage"]["transcript"] for row in claim["appearances"]] == [
        transcripts["remarks"]
    ]


def test_parts_keep_what_only_the_whole_says_of_them(client, world):
    Claim.objects.filter(slug="part").update(decides_whole=True)

    (part,) = get(client, "claims/promise/", expand="parts")["parts"]

    assert part == listed(client, "claims")["part"] | {"decides_whole": True}
    chosen = get(
        client, "claims/promise/", expand="parts", fields="parts.decides_whole,parts.counts"
    )
    assert chosen == {"parts": [{"decides_whole": True, "counts": part["counts"]}]}


def test_two_links_in_a_row(client, world):
    rows = get(client, "rebuttals/", expand="claim.claimants,counterclaim.topics,citations.source")

    (rebuttal,) = rows["results"]
    assert rebuttal["claim"]["claimants"] == [listed(client, "speakers")["moscow"]]
    assert rebuttal["claim"]["counts"]["appearances"] == 1
    assert rebuttal["counterclaim"]["topics"] == []
    assert [citation["source"] for citation in rebuttal["citations"]] == [
        listed(client, "sources")["memo"],
        None,
    ]


def test_fields_choose_within_what_is_expanded(client, world):
    rows = get(
        client,
        "rebuttals/",
        expand="claim.claimants,speaker",
        fields="claim.claimants.kind,claim.text,speaker.names",
    )

    assert rows["results"] == [
        {
            "speaker": {"names": []},
            "claim": {
                "text": "The Alliance promised not to grow.",
                "claimants": [{"kind": "state"}],
            },
        }
    ]


def test_nothing_to_expand_is_no_error(client, world):
    part = get(client, "claims/part/", expand="topics,claimants,parts,verdict.rating,part_of")

    assert (part["topics"], part["claimants"], part["parts"], part["verdict"]) == ([], [], [], None)
    assert part["part_of"] == listed(client, "claims")["promise"]
    assert get(client, "speakers/", kind="group", fields="slug")["results"] == []


@pytest.mark.parametrize(
    ("path", "asked", "sentence"),
    [
        ("claims/", "colour", "There is no field colour."),
        ("claims/", "text", "text is no link: there is nothing to expand."),
        ("claims/", "verdict", "verdict is no link: there is nothing to expand."),
        ("claims/", "topics.name", "topics.name is no link: there is nothing to expand."),
        ("claims/", "topics.colour", "There is no field topics.colour."),
        (
            "rebuttals/",
            "claim.verdict.rating,counterclaim.claimants",
            None,
        ),
        ("appearances/", ",".join(["claim"] + [f"x{n}" for n in range(20)]), "Give 20 at most."),
        ("evidence/", "claim.source", "There is no field claim.source."),
    ],
)
def test_what_cannot_be_expanded_is_named(client, world, path, asked, sentence):
    answer = client.get(f"{API}/{path}", {"expand": asked})

    if sentence is None:
        assert answer.status_code == 200
    else:
        assert wrong(answer) == {"expand": [sentence]}


def test_a_third_link_is_refused(client, world, monkeypatch):
    monkeypatch.setattr("claims.api.selection.DEEPEST", 1)

    assert wrong(client.get(f"{API}/appearances/", {"expand": "claim.topics"})) == {
        "expand": ["claim.topics is more than 1 links away."]
    }
    assert client.get(f"{API}/appearances/", {"expand": "claim"}).status_code == 200


def test_what_is_expanded_must_be_among_the_fields(client, world):
    answer = client.get(f"{API}/claims/", {"fields": "slug", "expand": "topics"})

    assert wrong(answer) == {"expand": ["topics is not among the fields."]}


def test_what_can_be_linked_has_a_slug_and_starts_from_what_is_published():
    for view in LINKED.values():
        assert view.lookup_field == "slug"


EXPANSIONS = {
    "claims": "topics,claimants,verdict.rating",
    "appearances": "claim.topics,claimant,reported_by,passage.transcript",
    "rebuttals": "claim.claimants,speaker,counterclaim.topics,citations.source",
    "evidence": "claim.topics,source,origin,passage.transcript",
    "verdicts": "claim.claimants,rating",
    "sources": "derived_from,origin",
    "transcripts": "source.origin",
}


@pytest.mark.parametrize("kind", list(drafts(None)))
def test_a_draft_changes_no_selected_answer(client, world, kind):
    def everything():
        answers = {
            path: get(client, f"{path}/", expand=asked) for path, asked in EXPANSIONS.items()
        }
        asked = "parts.topics,part_of,evidence.source.origin,rebuttals.counterclaim.claimants"
        answers["claim"] = get(
            client, "claims/promise/", expand=asked, fields="parts,part_of,evidence,rebuttals"
        )
        answers["transcript"] = get(client, "transcripts/remarks/", expand="turns.speaker")
        return answers

    before = everything()
    drafts(world)[kind]()

    assert everything() == before


def test_a_link_whose_object_is_public_no_more_stays_a_link(client, world, monkeypatch):
    speakers = LINKED["speaker"].queryset
    monkeypatch.setattr(LINKED["speaker"], "queryset", speakers.exclude(slug="moscow"))

    (row,) = get(client, "appearances/", expand="claimant,reported_by")["results"]

    assert row["claimant"] == {"slug": "moscow", "name": "Moscow"}
    assert row["reported_by"]["kind"] == "person"


# Those of the list, and then for each link those of the list that it leads to.
QUERIES = {
    "claims": 4 + 1 + 2 + 1,  # topics; speakers, names; ratings
    "appearances": 1
    + (4 + 1)
    + 2
    + 2
    + 2,  # claims, topics; claimants; reporters; transcripts, editions
    # No counterclaim here is on a topic; transcripts, editions.
    "rebuttals": 4 + (4 + 2) + 2 + (4 + 0) + 2,
    "evidence": 1 + (4 + 1) + 2 + 2 + 2,  # sources, and origins, each with editions
    "verdicts": 1 + (4 + 2) + 1,
    "sources": 2 + 2 + 2,  # each with editions
    "transcripts": 2 + 2 + 2,
}


def test_thirty_rows_cost_no_more_queries_than_one(
    client, world, subtests, django_assert_num_queries
):
    few = {}
    for resource, asked in EXPANSIONS.items():
        with subtests.test(f"few {resource}"), django_assert_num_queries(QUERIES[resource]):
            few[resource] = len(get(client, f"{resource}/", expand=asked)["results"])
    for n in range(30):
        another(world, n)
    factories.published(world.claim)
    for resource, asked in EXPANSIONS.items():
        with subtests.test(f"many {resource}"), django_assert_num_queries(QUERIES[resource]):
            rows = get(client, f"{resource}/", expand=asked, page_size=200)["results"]
        assert len(rows) >= few[resource] + 30
