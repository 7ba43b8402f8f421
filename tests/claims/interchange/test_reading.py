"""What comes in is read for what it says, and what is malformed is refused by item and field."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.interchange import reading
from claims.interchange.placing import Quote
from claims.interchange.reading import Incoming, Refused, read
from claims.interchange.untrusted_json import MAX_BYTES, MAX_DEPTH, FileError
from tests.claims.interchange.examples import (
    CONTEXT,
    PAGE,
    hypothesis_row,
    quoting,
    recogito,
    web_annotation,
)

UUID = "0b6a5f2e-3c1d-4e7a-9f80-1a2b3c4d5e6f"


def reads(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read(data)


def only(value):
    (annotation,) = reads(value).annotations
    return annotation


def refused(value):
    annotation = only(value)
    assert isinstance(annotation, Refused)
    assert annotation.item == 1
    return f"{annotation.field}: {annotation.why}"


def changed(where, value):
    """A Web Annotation with one field changed, `where` being keys and indexes."""
    annotation = copy.deepcopy(web_annotation())
    annotation["target"]["selector"] += quoting("x", start=1, end=2)[1:]
    held = annotation
    for key in where[:-1]:
        held = held[key]
    held[where[-1]] = value
    return annotation


# --- What other programs give ---


def test_a_web_annotation():
    assert only(web_annotation()) == Incoming(
        item=1,
        iri="https://notes.example/1",
        creator="A. Far",
        body="Who says so?",
        targets=(reading.Target(1, PAGE, Quote("promised not to grow"), None, ()),),
        annotation=web_annotation(),
    )


def test_an_annotation_of_recogito():
    annotation = only(recogito())

    assert annotation.iri == "urn:uuid:0b6a5f2e-3c1d-4e7a-9f80-1a2b3c4d5e6f"
    assert annotation.creator == "anna"
    assert annotation.body == (
        "Who says so?\n\nTags: promise\n\nClassified as: Claim\n\n"
        "Linked to: https://www.wikidata.example/Q7184"
    )
    assert annotation.targets[0].quote == Quote("promised not to grow")
    assert annotation.targets[0].position == (4, 24)


def test_a_row_of_hypothesis():
    annotation = only({"total": 1, "rows": [hypothesis_row()]})

    assert annotation.iri == "https://hypothes.is/a/kRzGvN0qEeyX"
    assert annotation.creator == "Anna"
    assert annotation.body == "Who says *so*?\n\nTags: promise, alliance"
    assert annotation.targets[0].quote == Quote("promised not to grow")
    assert annotation.targets[0].position == (4, 24)
    assert annotation.targets[0].source == PAGE


def test_a_row_of_hypothesis_with_less():
    row = hypothesis_row(links=None, user_info=None, text="", tags=[], references=["abc"])
    row["target"] = [{"source": PAGE}]
    annotation = only([row])

    assert annotation.iri == "https://hypothes.is/a/kRzGvN0qEeyX"
    assert annotation.creator == "acct:anna@hypothes.is"
    assert annotation.body == "Highlighted, without words."
    assert "reply" in annotation.targets[0].unreadable


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda item: item,
        lambda item: [item],
        lambda item: {"rows": [item]},
        lambda item: {"@context": CONTEXT, "type": "AnnotationPage", "items": [item]},
        lambda item: {"type": "AnnotationCollection", "items": [item], "total": 1},
        lambda item: {"@context": [CONTEXT, {}], "first": {"items": [item]}, "total": 1},
        lambda item: {"type": "AnnotationCollection", "first": [{"items": [item]}]},
        lambda item: {"first": {"items": [], "next": {"items": [item]}}},
    ],
)
def test_it_may_be_wrapped_in_any_way(wrapped):
    found = reads(wrapped(web_annotation()))
    assert [annotation.iri for annotation in found.annotations] == ["https://notes.example/1"]
    assert found.remarks == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"rows": [hypothesis_row()], "total": 200}, "total: 200 annotations, of which"),
        (
            {"items": [web_annotation()], "next": "https://x.example/2"},
            "next: there is another page",
        ),
        (
            {"first": {"items": [web_annotation()], "next": "https://x.example/2"}, "total": 9},
            "first.next: there is another page",
        ),
    ],
)
def test_what_is_not_in_the_file_is_remarked(value, told):
    found = reads(value)
    assert len(found.annotations) == 1
    assert told in " ".join(found.remarks)


def test_an_empty_collection_is_empty():
    assert reads({"type": "AnnotationCollection", "total": 0}).annotations == []
    assert reads([]).annotations == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "Highlighted, without words."),
        ([], "Highlighted, without words."),
        ("https://x.example/", "Linked to: https://x.example/"),
        ({"id": "https://x.example/", "purpose": "tagging"}, "Tags: https://x.example/"),
        ({"type": "Choice", "items": [{"value": "A"}, {"value": "B"}]}, "A\n\nB"),
        ({"source": {"id": "https://x.example/"}}, "Linked to: https://x.example/"),
        ({"value": "so", "purpose": ["classifying"]}, "Classified as: so"),
        ([{"value": " a "}, {"value": "  "}], "a"),
        ({"value": "<b>so</b>", "format": "text/html"}, "<b>so</b>"),
    ],
)
def test_bodies_become_words(body, told):
    assert only(web_annotation(body=body)).body == told


def test_a_body_may_be_a_value():
    annotation = web_annotation(bodyValue=" So. ")
    del annotation["body"]
    assert only(annotation).body == "So."


@pytest.mark.parametrize(
    ("creator", "told"),
    [
        (None, ""),
        ("acct:anna@hypothes.is", "acct:anna@hypothes.is"),
        ([{"name": "A"}, {"nickname": "B"}], "A, B"),
        ({"name": ["A", "Anna"]}, "A"),
        ({"id": "https://x.example/a"}, "https://x.example/a"),
        ({}, ""),
        ({"name": "x" * 300}, "x" * 200),
    ],
)
def test_the_creator_is_taken_as_given(creator, told):
    assert only(web_annotation(creator=creator)).creator == told


@pytest.mark.parametrize(
    ("identity", "iri"),
    [
        ({"id": "https://x.example/1", "canonical": "urn:x:1"}, "urn:x:1"),
        ({"id": UUID.upper()}, f"urn:uuid:{UUID}"),
        ({"id": f"#{UUID}"}, f"urn:uuid:{UUID}"),
        ({"id": f"urn:uuid:{UUID}"}, f"urn:uuid:{UUID}"),
    ],
)
def test_its_id_names_it(identity, iri):
    assert only(web_annotation() | identity).iri == iri


@pytest.mark.parametrize("identity", [None, "#1", "", "x:" + "y" * 500, "has: blank", "x:\x7f"])
def test_without_an_id_of_use_the_whole_names_it(identity):
    one, same, other = (only(web_annotation(id=identity, value=value)) for value in "aab")
    assert one.iri.startswith("ni:///sha-256;")
    assert one.iri == same.iri != other.iri


def test_each_of_its_targets_counts():
    target = web_annotation()["target"]
    annotation = only(web_annotation(target=[target, PAGE, {"id": PAGE}, {"source": {"id": PAGE}}]))
    assert [target.number for target in annotation.targets] == [1, 2, 3, 4]
    assert {target.source for target in annotation.targets} == {PAGE}
    assert [bool(target.quote) for target in annotation.targets] == [True, False, False, False]


def test_a_text_is_named_by_its_digest():
    target = web_annotation()["target"] | {
        "state": [
            {"type": "TimeState", "cached": ["ni:///sha-256;abc", "https://x.example", 1]},
            "x:y",
        ]
    }
    assert only(web_annotation(target=target)).targets[0].digests == ("ni:///sha-256;abc",)


def test_selectors_of_other_kinds_are_passed_over_and_a_refined_one_is_not_taken_for_the_whole():
    refined = quoting("promised")[0] | {"refinedBy": quoting("p")[0]}
    others = ["https://x.example/selector", {"type": "XPathSelector", "value": "/p"}, refined]
    target = only(web_annotation(target={"source": PAGE, "selector": others})).targets[0]
    assert (target.quote, target.position) == (None, None)
    assert "refined" in target.unreadable


# --- Refused, with item and field ---


@pytest.mark.parametrize(
    ("where", "value", "told"),
    [
        (["@context"], "http://other.example", f"@context: {CONTEXT} was expected"),
        (["@context"], {"@vocab": "x"}, "@context: "),
        (["type"], "Motivation", "type: “Annotation” was expected"),
        (["id"], 7, "id: text was expected, not the number 7."),
        (["id"], {}, "id: text was expected, not an object."),
        (["creator"], 7, "creator: a name or an object"),
        (["creator"], [{"name": {}}, {"name": 7}], "creator[1]: a name was expected, not the number 7"),
        (["creator"], {"name": "A\x0bB"}, "creator: it holds the invisible control character U+000B"),
        (["body"], 1.5, "body: an object or an address was expected, not the number 1.5"),
        (["body"], [True], "body[0]: an object or an address was expected, not true"),
        (["body"], [{}], "body[0]: it has neither “value” nor"),
        (["body"], {"value": []}, "body.value: text was expected, not an array"),
        (["body"], {"value": "a\x07b"}, "body: it holds the invisible control character U+0007"),
        (["body"], {"value": "a\0b"}, "body.value: it holds U+0000"),
        (["body"], {"items": [{"value": 1}]}, "body.items[0].value: text was expected"),
        (["bodyValue"], "x", "bodyValue: it stands beside “body”"),
        (["target"], None, "target: it is empty"),
        (["target"], [], "target: it is empty"),
        (["target"], [7], "target[0]: an object or an address was expected"),
        (["target", "source"], 7, "target.source: an address was expected"),
        (["target", "selector"], 7, "target.selector: an object was expected"),
        (["target", "selector"], [[]], "target.selector[0]: an object was expected, not an array"),
        (["target", "selector", 0], {"type": "TextQuoteSelector"}, "target.selector[0].exact: it is missing"),
        (["target", "selector", 0, "exact"], None, "target.selector[0].exact: text was expected, not null"),
        (["target", "selector", 0, "prefix"], ["x"], "target.selector[0].prefix: text was expected"),
        (["target", "selector", 1, "start"], "1", "target.selector[1].start: a whole number from 0"),
        (["target", "selector", 1, "start"], True, "target.selector[1].start: a whole number from 0"),
        (["target", "selector", 1, "start"], -1, "target.selector[1].start: a whole number from 0"),
        (["target", "selector", 1, "end"], 2.0, "target.selector[1].end: a whole number from 0"),
        (["target", "selector", 1, "end"], 1, "target.selector[1].end: it is not after the start"),
        (["target", "selector", 1, "end"], 10**30, "selector[1].end: 100000000000000000000000000000 is no"),
        (["target", "selector", 1], quoting("y")[0], "target.selector: it gives 2 different quotations"),
        (["anything"], float("nan"), "anything: NaN is no number"),
        (["anything"], [1, float("inf")], "anything[1]: Infinity is no number"),
        (["any\ud800"], 1, ": it holds U+D800"),
        (["anything"], "\udfff", "anything: it holds U+DFFF"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused_by_its_field(where, value, told):
    assert told in refused([changed(where, value)])


def test_refusals_of_hypothesis_rows():
    assert "text: text was expected" in refused([hypothesis_row(text=7)])
    assert "tags[1]: text was expected" in refused([hypothesis_row(tags=["a", 1])])
    assert "user: text was expected" in refused([hypothesis_row(user_info=None, user=[1])])


def test_other_refusals():
    assert "target: it is missing" in refused([{"type": "Annotation"}])
    assert "target: it is missing" in refused({"type": "Annotation", "body": "x:y"})
    assert "only an address" in refused(["https://x.example/1"])
    assert "not an array" in refused([[]])
    assert "bodyValue: text was expected" in refused([{"target": PAGE, "bodyValue": 1}])
    assert "a.b: it is given twice" in refused(b'[{"a": {"b": 1, "c": 2, "b": 3}}]')
    assert "1e999 is no number" in refused(b'[{"a": 1e999}]')
    deep = {}
    for _ in range(MAX_DEPTH + 1):
        deep = {"a": deep}
    assert f"nested more than {MAX_DEPTH} levels" in refused([deep])


def test_one_that_is_refused_spoils_no_other():
    found = reads([web_annotation(), 7, web_annotation()]).annotations
    assert [type(annotation).__name__ for annotation in found] == [
        "Incoming",
        "Refused",
        "Incoming",
    ]
    assert (found[1].item, found[1].annotation) == (2, 7)


# --- No annotations at all ---


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON: line 1"),
        (b'{"a": 1,\n}', "not JSON: line 2"),
        (b"\xff\xfe[", "not in UTF-8: byte 0"),
        (b"7", "an object or an array"),
        (b'"x"', "an object or an array"),
        (b"{}", "neither “target”"),
        (b'{"@context": "http://other.example", "target": "x:y"}', "@context: "),
        (b'{"first": "https://x.example/page"}', "nothing is fetched"),
        (b'{"first": {"items": 7}}', "first: a page with an array"),
        (b'{"first": {"items": [], "next": {"items": {}}}}', "first.next: a page"),
        (b'{"type": "AnnotationCollection", "total": 3}', "first: missing"),
        (b'{"@graph": []}', "compact it with the context"),
        (b'{"http://www.w3.org/ns/oa#hasTarget": []}', "compact it with the context"),
        (b"[" * 100_000, "nested more than 40 levels deep, from line 1"),
        (b'{"a":\n' * 5000 + b'"]}"', "levels deep, from line 41"),
        (b" " * (MAX_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_a_file_of_something_else_is_refused_as_a_whole(data, told):
    with pytest.raises(FileError) as error:
        read(data)
    assert told in str(error.value)


def test_a_byte_order_mark_is_no_part_of_it():
    assert len(read(b"\xef\xbb\xbf[1]").annotations) == 1


def test_there_is_a_limit_to_how_many(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ITEMS", 2)
    assert len(reads([1, 2]).annotations) == 2
    with pytest.raises(FileError, match="3 annotations, more than 2"):
        reads([1, 2, 3])


def test_there_is_a_limit_to_how_many_targets_too(monkeypatch):
    def several(number):
        target = {"source": PAGE, "selector": quoting("promised")}
        return web_annotation(target=[target] * number)

    monkeypatch.setattr(reading, "MAX_ITEMS", 4)
    assert len(reads([several(2), several(2)]).annotations) == 2
    with pytest.raises(FileError, match="more than 4 targets, from annotation 2 on"):
        reads([several(2), several(3)])


# --- Whatever it is ---

KEYS = st.sampled_from(
    "@context id type body bodyValue value purpose creator name target source selector exact prefix "
    "start end state cached items first next rows total uri user text tags references links".split()
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
names = st.sampled_from(["Annotation", "TextQuoteSelector", "TextPositionSelector", CONTEXT])
json_values = st.recursive(
    scalars | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=500)
@given(json_values)
def test_anything_is_read_or_refused(value):
    try:
        found = reads(value).annotations
    except FileError:
        found = []
    for annotation in found:
        if isinstance(annotation, Refused):
            assert annotation.why
        else:
            assert annotation.body.strip()
            assert annotation.iri
            assert annotation.targets


@given(json_values, st.sampled_from([["target"], ["body"], ["creator"], ["target", "selector"],
                                     ["target", "state"], ["target", "selector", 0, "exact"]]))  # fmt: skip
def test_a_wrong_type_anywhere_is_read_or_refused(value, where):
    (annotation,) = reads([changed(where, value)]).annotations
    assert isinstance(annotation, (Incoming, Refused))


def test_an_object_of_very_many_keys_is_read_at_once():
    keys = ", ".join(f'"k{number}": 1' for number in range(200_000))
    assert "k7: it is given twice" in refused(f'[{{{keys}, "k7": 2}}]'.encode())
