"""What a question looks for, and where it finds it: words in their forms, phrases as they stand."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.search.query import LONGEST, MOST, SNIPPET, Query, Term, nearest


def found(typed, text):
    return [piece.text for piece in Query.read(typed).marked(text) if piece.found]


@pytest.mark.parametrize(
    ("typed", "text", "words"),
    [
        ("promise", "It promised; promises, promising, a PROMISE.", 4),
        ("promised", "A promise is a promise.", 2),
        ("enlarging", "The enlargement was to enlarge it.", 2),
        ("country", "Two countries.", 1),
        ("NATO", "nato’s members, NATO", 2),
        ("Alliance’s", "the alliance", 1),
        ("обещание", "Обещания, обещаний и обещанием.", 3),
        ("договор", "в договоре, по договору", 2),
        ("расширение", "о Расширении НАТО", 1),
        ("санкції", "санкцій і санкціями", 2),
        ("об’єднання", "після об'єднання, обʼєднанням", 2),
        ("ещё", "еще раз", 1),
        ("1990", "in 1990, in 1990–91 and the 1990s", 3),
        ("25%", "25 percent, 25 %", 2),
        # Not in the middle of a word, nor in a longer one of another meaning.
        ("art", "the party started an article", 0),
        ("eu", "Europe, eureka", 0),
        ("199", "1990", 0),
        ("nation", "an international stagnation", 0),
        ("promise", "compromise", 0),
        # Signs are no pattern.
        ("a.c*", "abc", 0),
        ("(promise|.*)", "anything", 0),
    ],
)
def test_a_word_is_found_in_its_forms(typed, text, words):
    assert len(found(typed, text)) == words, found(typed, text)


@pytest.mark.parametrize("quoted", ['"{}"', "“{}”", "«{}»", "„{}“"])
def test_a_phrase_is_found_as_it_stands(quoted):
    typed = quoted.format("the open door")

    assert found(typed, "They kept an open door; open the door; the door, open.") == []
    assert found(typed, "The open doors.") == ["The open doors"]
    assert found(typed, "Through The “Open\nDoor”!") == ["The “Open\nDoor"]


def test_words_that_every_text_has_are_passed_over_unless_there_are_no_others():
    assert [term.printed for term in Query.read("the promise of an Alliance").terms] == [
        "promise",
        "Alliance",
    ]
    assert [term.printed for term in Query.read("that is not so").terms] == ["so"]
    only = Query.read("The of the")
    assert [term.printed for term in only.terms] == ["The", "of"]
    assert [p.text for p in only.marked("Of them, the offer") if p.found] == ["Of", "the"]


def test_two_forms_of_a_word_are_one_term():
    assert len(Query.read("promise promises PROMISED").terms) == 1


def test_a_long_question_is_cut_and_says_so():
    words = [f"{a}{b}{a}{b}" for a in "bcdfg" for b in "aeiou"]

    many = Query.read(" ".join(words))
    assert (len(many.terms), many.cut) == (MOST, True)
    assert [term.printed for term in many.terms] == words[:MOST]
    enough = Query.read(" ".join(words[:MOST]))
    assert (len(enough.terms), enough.cut) == (MOST, False)
    assert Query.read("x" * (LONGEST + 1)).cut


@pytest.mark.parametrize("typed", ["", " ", "\0", "???", '"" “”', "%", "_", "\\", "'", "’’’"])
def test_there_may_be_nothing_to_look_for(typed):
    question = Query.read(typed)

    assert question.terms == ()
    assert question.marked("Anything.") == [("Anything.", False)]
    assert question.marked("") == []


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 100_000,
        "a’" * 50_000,
        '"' * 100_000,
        '"' + "a " * 50_000 + '"',
        "1." * 50_000,
        "(a+)+$" * 10_000,
        "\0\x01\x1f" * 30_000,
        "word " * 20_000,
        " ".join(f"w{i}rd" for i in range(200)),
    ],
)
def test_hostile_questions_take_no_time(typed):
    began = time.process_time()
    question = Query.read(typed)
    question.snippet("aaaa a a a 1.1.1.1 word " * 1_000)

    assert time.process_time() - began < 2
    assert len(question.typed) <= LONGEST
    assert not re.search(r"[\x00-\x1f]", question.typed)


@given(st.text(max_size=80), st.text(max_size=600))
def test_pieces_make_up_the_text(typed, text):
    question = Query.read(typed)

    assert "".join(piece.text for piece in question.marked(text)) == text
    snippet = "".join(piece.text for piece in question.snippet(text))
    assert len(snippet) <= SNIPPET + len("…  …")
    assert snippet.removeprefix("… ").removesuffix(" …") in text


def test_a_long_text_is_shown_around_what_was_found():
    text = "Before that, nothing. " * 30 + "Here is the promise. " + "And so on. " * 40
    snippet = Query.read("promise").snippet(text)

    assert [piece.text for piece in snippet if piece.found] == ["promise"]
    whole = "".join(piece.text for piece in snippet)
    assert whole.startswith("… ")
    assert whole.endswith(" …")
    assert "Here is the promise. And so on." in whole


VOCABULARY = {"enlargement": 3, "promised": 5, "promises": 1, "alliance": 4, "moscow": 9, "1990": 7}


@pytest.mark.parametrize(
    ("printed", "word"),
    [
        ("enlargmnet", "enlargement"),
        ("promissed", "promised"),
        ("Promisee", "promised"),  # of two as near, the more usual
        ("Allaince", "alliance"),
        ("moskow", "moscow"),
        ("moskau", None),  # two slips in a short word are another word
        ("mos", None),
        ("1991", None),
        ("xyzzy", None),
    ],
)
def test_the_nearest_word_that_occurs(printed, word):
    assert nearest(printed, VOCABULARY) == word


@pytest.mark.parametrize(
    ("typed", "text"),
    [("Großbritannien", "Die Straße nach Großbritannien"), ("STRASSE", "Die Strasse")],
)
def test_a_sharp_s_is_found_as_it_is_written(typed, text):
    assert re.search(Term.of_word(typed).pattern, text, re.IGNORECASE)
