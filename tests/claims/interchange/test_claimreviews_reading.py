"""Reading other publishers' reviews: every form, dirt of every kind, and nothing lost in silence."""

from __future__ import annotations

import datetime as dt
import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.interchange.claim_reviews import streams
from claims.interchange.claim_reviews.dates import NoDay, day_of
from claims.interchange.claim_reviews.finding import Found, Reason, Refused, find
from claims.interchange.claim_reviews.reading import COLUMNS, Incoming, read
from claims.interchange.claim_reviews.streams import pieces
from claims.interchange.untrusted_json import FileError
from claims.models import ExternalReview

SHARED = Path(__file__).parents[4] / "shared" / "data" / "claimreview"


def review(**other):
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://reviews.example/1/",
        "claimReviewed": "The sea is made of milk.",
        "datePublished": "2022-01-07",
        "author": {"@type": "Organization", "name": "Another Desk", "url": "https://desk.example"},
        "reviewRating": {"@type": "Rating", "alternateName": "False", "ratingValue": 1},
        "itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": "A sailor"}},
    } | other


def of(data, **options):
    """What comes of a file: `data` as bytes, text, or as what is written as JSON."""
    if not isinstance(data, bytes):
        data = (data if isinstance(data, str) else json.dumps(data)).encode()
    return [
        (place, read(found) if isinstance(found, Found) else found)
        for place, found in pieces(io.BytesIO(data), **options)
    ]


def one(data, **options):
    ((_, found),) = of(data, **options)
    return found


ANSWER = {
    "claims": [
        {
            "text": "The sea is made of milk.",
            "claimant": "A sailor",
            "claimDate": "2022-01-05T00:00:00Z",
            "claimReview": [
                {
                    "publisher": {"name": "Another Desk", "site": "reviews.example"},
                    "url": "https://reviews.example/1/",
                    "title": "It is water",
                    "reviewDate": "2022-01-07T11:00:00Z",
                    "textualRating": "False",
                    "languageCode": "en",
                },
                None,
            ],
        },
        {"text": "Nobody reviewed this."},
    ],
    "nextPageToken": "CAo",
}
GRAPH = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebPage", "@id": "#page", "name": "A page"},
        {"@type": "Organization", "@id": "#desk", "name": "Another Desk"},
        review(author={"@id": "#desk"}),
    ],
}
FEED = {
    "@type": "DataFeed",
    "dataFeedElement": [
        {"@type": "DataFeedItem", "item": [review(), None]},
        {"@type": "DataFeedItem", "item": review(url="https://reviews.example/2/")},
        {"@type": "DataFeedItem", "item": None},
        None,
        "junk",
    ],
}
TAKEN, EMPTY, JUNK, NO_REVIEW = "taken", Reason.EMPTY, Reason.NO_OBJECT, Reason.NO_REVIEW
FORMS = {
    "one object": (review(), [TAKEN]),
    "a list": ([review(), None, [review()], 7], [TAKEN, EMPTY, TAKEN, JUNK]),
    "a list of types": (review(**{"@type": ["Review", "ClaimReview"]}), [TAKEN]),
    "a type with its address": (review(**{"@type": "http://schema.org/ClaimReview"}), [TAKEN]),
    "no type": ({k: v for k, v in review().items() if k != "@type"}, [TAKEN]),
    "in a page": ({"@type": "WebPage", "mainEntity": {"review": [review()]}}, [TAKEN]),
    "a graph": (GRAPH, [TAKEN]),
    "by name": ({"a": review(), "b": review()}, [TAKEN, TAKEN]),
    "a feed": (FEED, [TAKEN, EMPTY, TAKEN, EMPTY, EMPTY, JUNK]),
    "an answer": (ANSWER, [TAKEN, EMPTY, NO_REVIEW]),
    "no review": ({"@type": "Recipe", "name": "Soup"}, [NO_REVIEW]),
    "a feed of nothing": ({"dataFeedElement": None}, [EMPTY]),
    "prefixed": ({f"schema:{k}" if k[0] != "@" else k: v for k, v in review().items()}, [TAKEN]),
}


def outcomes(data, **options):
    return [
        TAKEN if isinstance(found, Incoming) else found.reason for _, found in of(data, **options)
    ]


@pytest.mark.parametrize("head", [streams.HEAD, 20])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_found_whether_it_is_read_whole_or_piece_by_piece(form, head):
    data, expected = FORMS[form]

    assert outcomes(data, head=head) == expected
    assert outcomes(json.dumps(data, indent=1), head=head) == expected
    assert outcomes("\ufeff" + json.dumps(data, indent=1), head=head) == expected


@pytest.mark.parametrize("form", FORMS)
def test_each_form_may_stand_on_a_line(form):
    data, expected = FORMS[form]

    found = of(f"{json.dumps(review())}\r\n\n{json.dumps(data)}\n")

    assert found[0][0] == "line 1"
    assert [TAKEN if isinstance(f, Incoming) else f.reason for _, f in found[1:]] == expected
    assert all(place.startswith("line 3") for place, _ in found[1:])


def test_what_a_review_says():
    assert one(review()) == Incoming(
        publisher_name="Another Desk",
        publisher_site="reviews.example",
        url="https://reviews.example/1/",
        claim_reviewed="The sea is made of milk.",
        rating_text="False",
        rating_value="1",
        reviewed_on=dt.date(2022, 1, 7),
        claimant_name="A sailor",
    )


def test_what_an_answer_of_google_s_says():
    assert of(ANSWER)[0] == (
        "item 1",
        Incoming(
            publisher_name="Another Desk",
            publisher_site="reviews.example",
            url="https://reviews.example/1/",
            claim_reviewed="The sea is made of milk.",
            title="It is water",
            rating_text="False",
            reviewed_on=dt.date(2022, 1, 7),
            language="en",
            claimant_name="A sailor",
            claimed_on=dt.date(2022, 1, 5),
        ),
    )


def test_a_graph_is_followed_to_what_it_refers_to():
    assert one(GRAPH).publisher_name == "Another Desk"


def test_expanded_json_ld():
    found = one(
        [
            {
                "@type": ["http://schema.org/ClaimReview"],
                "http://schema.org/url": [{"@id": "https://reviews.example/1/"}],
                "http://schema.org/claimReviewed": [{"@value": "Milk."}],
                "http://schema.org/author": [{"http://schema.org/name": [{"@value": "A desk"}]}],
                "http://schema.org/reviewRating": [
                    {"http://schema.org/alternateName": [{"@value": "False"}]}
                ],
            }
        ]
    )

    assert (found.url, found.claim_reviewed) == ("https://reviews.example/1/", "Milk.")
    assert (found.publisher_name, found.rating_text) == ("A desk", "False")


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"claimReviewed": ["", " <b>A&nbsp;sea</b> \n is  5 &lt; 6 "]}, "claim_reviewed", "A sea is 5 < 6"),
        ({"claimReviewed": "5 < 6 & 7 > 3"}, "claim_reviewed", "5 < 6 & 7 > 3"),
        ({"claimReviewed": "a\x00b\ud800c"}, "claim_reviewed", "a b c"),
        ({"claimReviewed": 7}, "claim_reviewed", "7"),
        ({"url": "www.reviews.example/a b"}, "url", "https://www.reviews.example/a%20b"),
        ({"url": "", "@id": "HTTPS://reviews.example/2"}, "url", "https://reviews.example/2"),
        ({"url": [None, {"@id": "https://reviews.example/3"}]}, "url", "https://reviews.example/3"),
        ({"url": "https://www.reviews.example/"}, "publisher_site", "reviews.example"),
        ({"author": "Another Desk"}, "publisher_name", "Another Desk"),
        ({"author": [None, {"name": "A Desk"}]}, "publisher_name", "A Desk"),
        ({"author": {"@type": "Organization"}}, "publisher_name", "reviews.example"),
        ({"author": None}, "publisher_name", "reviews.example"),
        (
            {
                "author": {"@type": "Person", "name": "A journalist"},
                "publisher": {"@type": "NewsMediaOrganization", "name": "A Desk"},
            },
            "publisher_name",
            "A Desk",
        ),
        ({"reviewRating": "Mostly false"}, "rating_text", "Mostly false"),
        ({"reviewRating": [{"alternateName": "Falso"}]}, "rating_text", "Falso"),
        ({"reviewRating": {"alternateName": 5}}, "rating_text", "5"),
        ({"reviewRating": {"ratingValue": "4.50"}}, "rating_value", "4.50"),
        ({"reviewRating": None}, "rating_text", ""),
        ({"reviewRating": {"alternateName": "x" * 301}}, "rating_text", "x" * 299 + "…"),
        ({"itemReviewed": None}, "claimant_name", ""),
        ({"itemReviewed": [{"author": ["A", {"name": "B"}, None]}]}, "claimant_name", "A, B"),
        ({"inLanguage": "pt_BR"}, "language", "pt-BR"),
        ({"inLanguage": [{"@type": "Language", "alternateName": "de"}]}, "language", "de"),
        ({"inLanguage": "English, mostly"}, "language", ""),
        ({"datePublished": "7/1/2022"}, "reviewed_on", None),
        ({"datePublished": 1641513600}, "reviewed_on", dt.date(2022, 1, 7)),
        (
            {"claimReviewed": "", "itemReviewed": {"@type": "Claim", "name": "Milk it is."}},
            "claim_reviewed",
            "Milk it is.",
        ),
        (
            {
                "itemReviewed": {
                    "@type": "Claim",
                    "firstAppearance": "https://a.example/1",
                    "appearance": [{"url": "https://a.example/2"}, "1", {"@id": "https://a.example/1"}],
                }
            },
            "appearance_urls",
            ["https://a.example/1", "https://a.example/2"],
        ),
    ],
)  # fmt: skip
def test_whatever_says_the_same_is_read_the_same(given, name, value):
    assert getattr(one(review(**given)), name) == value


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"url": None}, Reason.NO_ADDRESS),
        ({"url": "javascript:alert(1)"}, Reason.NO_ADDRESS),
        ({"url": "https://"}, Reason.NO_ADDRESS),
        ({"url": "http://[bad"}, Reason.NO_ADDRESS),
        ({"url": "https://a.example/" + "x" * 2000}, Reason.LONG_ADDRESS),
        ({"url": "https://a.example/" + "x" * 9000}, Reason.LONG_ADDRESS),
        ({"url": "https://u:secret@a.example/"}, Reason.SECRET_ADDRESS),
        ({"url": ["x", {"@id": "//u@a.example/"}]}, Reason.SECRET_ADDRESS),
        ({"claimReviewed": " <br> "}, Reason.NO_CLAIM),
        ({"claimReviewed": None, "itemReviewed": {"name": "an address"}}, Reason.NO_CLAIM),
    ],
)
def test_what_is_refused_is_told_with_the_reason_and_as_it_came(given, reason):
    refused = one(review(**given))

    assert refused.reason == reason
    assert refused.value == review(**given)


def test_the_desk_s_own_reviews_are_refused():
    (found,) = find(review())

    assert read(found, ours="reviews.example").reason == Reason.OURS


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"datePublished": "7/1/2022"}, "date of the review unknown"),
        ({"inLanguage": "English, mostly"}, "language unknown"),
        ({"reviewRating": None}, "no rating"),
        ({"author": {}}, "no name of the publisher"),
        ({"name": "x" * 501}, "cut"),
        ({"itemReviewed": {"datePublished": "2022-01-08"}}, "claim dated after its review"),
    ],
)
def test_what_is_left_out_is_told(given, kind):
    assert [note.kind for note in one(review(**given)).notes] == [kind]


DAY = dt.date(2022, 1, 7)


@pytest.mark.parametrize(
    "text",
    [
        "2022-01-07", "2022-1-7", "2022/01/07", "2022.01.07", "20220107", "20220107T101500Z",
        "2022-01-07T23:59:59+14:00", "2022-01-07 10:15", "2022-01-07 10:15:00 UTC", "2022-01-07Z",
        "Jan 7, 2022", "Jan. 7 2022", "January 7th, 2022", "January 7, 2022, 10:15 AM", "7 Jan 2022",
        "07-Jan-2022", "7th of January 2022", "Fri, 07 Jan 2022 10:15:00 GMT", "Friday, January 7, 2022",
        "1641513600", "1641513600.5", "1641513600000",
    ],
)  # fmt: skip
def test_a_day_in_each_form(text):
    assert day_of(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [("31/12/2021", (2021, 12, 31)), ("12/31/2021", (2021, 12, 31)), ("7.7.2021", (2021, 7, 7)),
     ("Sept. 3, 2021", (2021, 9, 3)), ("30 May 2021", (2021, 5, 30))],
)  # fmt: skip
def test_numbers_of_which_only_one_can_be_the_month(text, day):
    assert day_of(text) == dt.date(*day)


@pytest.mark.parametrize(
    "text",
    ["7/1/2022", "01.07.2022", "2022", "2022-01", "January 2022", "2022-02-30", "99/99/2022", "yesterday",
     "0001-01-01", "9" * 400, "1" * 13, "7 Janvier 2022", "", "2022-01-07 or so", "7/1/22", "٢٠٢٢-٠١-٣٩"],
)  # fmt: skip
def test_what_names_no_single_day_is_not_guessed(text):
    if text == "1" * 13:
        assert day_of(text).year == 2005
        return
    with pytest.raises(NoDay):
        day_of(text)


@given(st.text(max_size=40) | st.from_regex(r"[0-9/.: TZ-]{4,25}", fullmatch=True))
def test_no_text_at_all_crashes_a_date(text):
    with suppress(NoDay):
        assert day_of(text).year >= 1000


# --- Whatever the file holds ---

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "@type @id @graph @value url name claimReviewed claimReview item dataFeedElement claims "
                "reviewRating alternateName author itemReviewed datePublished text schema:url".split()
            )
            | st.text(max_size=8),
            inner | st.sampled_from(["ClaimReview", "Claim", "https://a.example/"]),
            max_size=6,
        )
    ),
    max_leaves=25,
)


def sound(found):
    """What is taken would be stored as it is; what is refused says why."""
    if isinstance(found, Refused):
        assert found.reason in Reason
        return
    row = ExternalReview(**found.columns(), key=found.key)
    row.clean_fields(exclude=["claim", "claimant"])
    assert all(note.kind and note.told for note in found.notes)


@given(JSON)
def test_no_json_at_all_crashes_and_every_file_is_told_of(value):
    text = json.dumps(value)
    for head in (streams.HEAD, 10):
        try:
            found = of(text, head=head)
        except FileError:
            assert text[0] not in "{["
        else:
            assert found
            for _, each in found:
                sound(each)


@given(st.sampled_from(list(review())), JSON)
def test_no_value_of_any_property_crashes_and_only_two_make_a_review_invalid(name, value):
    found = list(of([review(**{name: value})]))

    assert found
    for _, each in found:
        sound(each)
    if name not in ("url", "claimReviewed", "@type"):
        assert isinstance(found[0][1], Incoming)


@given(st.lists(JSON | st.just(review()), min_size=2, max_size=6), st.data())
def test_no_valid_item_is_dropped_for_what_stands_beside_it(items, data):
    place = data.draw(st.integers(0, len(items)))
    sea = review(claimReviewed="This one is valid.", url="https://reviews.example/valid/")
    items.insert(place, sea)
    whole = json.dumps(items)
    lines = "\n".join(map(json.dumps, items))
    feed = json.dumps({"dataFeedElement": [{"item": each} for each in items]})

    for text in (whole, feed, *([lines] if whole[1] in "{[n" else [])):
        for head in (streams.HEAD, 10):
            taken = [f for _, f in of(text, head=head) if isinstance(f, Incoming)]
            assert "This one is valid." in {each.claim_reviewed for each in taken}


@given(st.lists(st.binary(max_size=60) | st.just(json.dumps(review()).encode()), max_size=8))
def test_no_line_at_all_crashes_the_lines_beside_it(lines):
    lines = [json.dumps(review()).encode(), json.dumps(review()).encode(), *lines]

    found = of(b"\n".join(lines))

    n = sum(line == lines[0] for line in lines)
    assert sum(isinstance(each, Incoming) for _, each in found) >= n
    for _, each in found:
        sound(each)


# --- The file as a whole ---


def test_a_line_that_is_no_json_is_refused_alone():
    lines = [json.dumps(review()), '{"@type": "ClaimReview", ', "NaN", json.dumps(review())]

    assert [(place, getattr(found, "reason", TAKEN)) for place, found in of("\n".join(lines))] == [
        ("line 1", TAKEN),
        ("line 2", Reason.UNREADABLE),
        ("line 3", Reason.NO_OBJECT),
        ("line 4", TAKEN),
    ]


def test_a_first_line_that_is_broken_keeps_no_other_out():
    lines = ["{broken", json.dumps(review()), json.dumps(review())]

    assert outcomes("\n".join(lines)) == [Reason.UNREADABLE, TAKEN, TAKEN]


def test_one_claim_on_a_line_of_an_answer_is_no_line_of_its_own():
    text = '{"claims":[\n' + json.dumps(ANSWER["claims"][0]) + "\n]}"

    assert outcomes(text) == [TAKEN, EMPTY]


def test_a_line_that_never_ends_is_refused_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(streams, "LONGEST_LINE", 1000)
    lines = [json.dumps(review()), json.dumps(review(name="x" * 5000)), json.dumps(review())]

    assert outcomes("\n".join(lines)) == [TAKEN, Reason.TOO_LARGE, TAKEN]


def test_an_item_of_too_many_values_is_refused_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(streams, "MOST_VALUES", 100)
    large = [["x"] * 50] * 5
    items = [review(), review(keywords=large), {"item": {"item": large}}, review()]

    assert outcomes(items, head=10) == [TAKEN, TAKEN, Reason.TOO_LARGE, TAKEN]


def test_an_item_of_too_many_levels_is_refused():
    deep = "[" * 100_000 + "]" * 100_000
    lines = [json.dumps(review()), deep, json.dumps(review())]

    assert outcomes("\n".join(lines))[::2] == [TAKEN, TAKEN]
    assert len(outcomes("\n".join(lines))) == 3
    assert outcomes(f"[{json.dumps(review())}, {deep}]", head=10)[0] == TAKEN


def test_numbers_as_they_are_written():
    text = json.dumps(review()).replace('"ratingValue": 1', f'"ratingValue": {"9" * 40}')

    assert one(text).rating_value == "9" * 40
    assert one(text.replace("9" * 40, "NaN")).rating_value == "NaN"
    assert one(text.replace("9" * 40, "1.50"), head=10).rating_value == "1.50"


def test_a_number_of_any_length_ends_nothing():
    long = json.dumps([review(), 7]).replace(" 7]", " " + "7" * 50_000 + "]")

    assert outcomes(long, head=10) == [TAKEN, JUNK]
    assert outcomes(long) == [TAKEN, JUNK]


def test_other_encodings():
    text = json.dumps(review(claimReviewed="Молоко"), ensure_ascii=False)

    assert one(text.encode("utf-16")).claim_reviewed == "Молоко"
    broken = one(text.encode().replace("о".encode(), b"\xff", 1))
    assert broken.claim_reviewed == "М\ufffdлоко"
    assert [note.kind for note in broken.notes] == ["unreadable characters"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<html>", "web page"),
        (b"a,b\n1,2\n", "neither JSON"),
        (b"PK\x03\x04\xff", "neither JSON"),
        (b'{"a": [1, 2', "line 1"),
        (b'[{"a": 1}', "line 1"),
    ],
)
def test_a_file_of_no_known_form_says_so(data, told):
    with pytest.raises(FileError, match=told):
        of(data)


@pytest.mark.parametrize(
    "data", [b'{"a": [1, 2', b'[{"a": 1}', b"[1e" + b"9" * 30 + b"]", b"[NaN]"]
)
def test_a_long_document_that_is_broken_says_after_which_item(data):
    with pytest.raises(FileError, match="after item"):
        of(data, head=2)


COLUMNS_OF_CSV = (
    ",rating_ratingValue,rating_worstRating,rating_bestRating,rating_alternateName,creativeWork_author_name,"
    "creativeWork_datePublished,claimReview_author_name,claimReview_url,claimReview_claimReviewed,"
    "claimReview_datePublished,claimReview_source,extra_title\n"
)


def test_csv_as_claimskg_writes_it():
    rows = (
        '0,1,1,5,False,A journalist,2022-01-08,desk,https://r.example/1/,"Milk,\nit is",2022-1-7,desk,Water\n'
        "1,,,,False,A journalist,,desk,https://r.example/2/,,2022-1-7,desk,Water\n"
        "2\n"
    )

    found = of(COLUMNS_OF_CSV + rows)

    assert found[0] == (
        "line 3",
        Incoming(
            publisher_name="desk",
            publisher_site="r.example",
            url="https://r.example/1/",
            claim_reviewed="Milk, it is",
            title="Water",
            rating_text="False",
            rating_value="1",
            rating_worst="1",
            rating_best="5",
            reviewed_on=DAY,
        ),
    )
    assert [(place, each.reason) for place, each in found[1:]] == [
        ("line 4", Reason.NO_CLAIM),
        ("line 5", Reason.NO_ADDRESS),
    ]


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("claimreview_real_items.json", 5, 1),
        ("claims_search_response.json", 7, 0),
        ("politifact-claimreviews.ndjson", 9625, 0),
        ("claimskg-samples/output_sample_aap.csv", 0, 100),
        ("claimskg-samples/output_sample_afpfactcheck.csv", 54, 0),
        ("claimskg-samples/output_sample_africacheck.csv", 3, 24),
        ("claimskg-samples/output_sample_checkyourfact.csv", 38, 0),
        ("claimskg-samples/output_sample_fatabyyano.csv", 32, 0),
        ("claimskg-samples/output_sample_fullfact.csv", 44, 0),
        ("claimskg-samples/output_sample_politifact.csv", 30, 0),
        ("claimskg-samples/output_sample_snopes.csv", 33, 0),
        ("claimskg-samples/output_sample_truthorfiction.csv", 30, 0),
        ("claimskg-samples/output_sample_vishvasnews.csv", 122, 0),
    ],
)
def test_the_real_files(name, taken, refused):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the checkout")
    with path.open("rb") as file:
        found = [read(each) if isinstance(each, Found) else each for _, each in pieces(file)]

    assert sum(isinstance(each, Incoming) for each in found) == taken
    assert [each.reason for each in found if isinstance(each, Refused)] == [
        Reason.NO_CLAIM
    ] * refused
    assert set(COLUMNS) <= {field.name for field in ExternalReview._meta.fields}
