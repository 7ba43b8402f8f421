"""What speaks against two near texts saying the same: numbers, negations, opposites; and what does not."""

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims.search.analysis import analyse
from claims.search.contradiction import Contradiction, contradictions

NOT_TO = "NATO promised not to expand"
ANY = st.text(st.characters(exclude_categories=[]), max_size=150)
# Texts that have something to contradict.
LIKELY = st.lists(
    st.sampled_from(
        "NATO promised never not to expand enlarge refused denied that true false 25 % 60 1990 2014 million"
        " $5 people rose fell didn't ban allow . , не никогда обещала nicht kein".split()
    ),
    max_size=12,
).map(" ".join)


def found(one, another, language="en"):
    return [
        (each.kind, each.ours, each.theirs)
        for each in contradictions(one, another, language=language)
    ]


@pytest.mark.parametrize(
    ("one", "another", "expected"),
    [
        # negations
        ("NATO promised to expand", NOT_TO, [("negation", "", "not")]),
        (
            "NATO promised to expand",
            "After the Cold War NATO promised not to admit Eastern European countries.",
            [("negation", "", "not")],
        ),
        ("NATO never promised not to expand", NOT_TO, [("negation", "never", "")]),
        ("NATO never promised to expand", "NATO promised to expand", [("negation", "never", "")]),
        # Two negations are no assent: who never promised not to has not promised to.
        (
            "NATO never promised not to expand",
            "NATO promised to expand",
            [("negation", "never", ""), ("negation", "not", "")],
        ),
        (
            "NATO never promised to expand",
            "NATO promised never to expand",
            [("negation", "never promised", "never expand")],
        ),
        (
            "There were no promises that NATO would not expand.",
            "After the Cold War NATO promised not to admit Eastern European countries.",
            [("negation", "no", "")],
        ),
        ("It is not true that NATO promised not to expand", NOT_TO, [("negation", "not true", "")]),
        # What answers, or denies in a sentence of its own, does not take the denial back.
        ("No, Ukraine was not the aggressor", "Ukraine was the aggressor", [("negation", "not", "")]),
        ("Not true. The treaty was extended.", "The treaty was extended.", [("negation", "not true", "")]),
        (
            "Not true: Russia did not invade Georgia",
            "Russia invaded Georgia",
            [("negation", "not true", ""), ("negation", "not", "")],
        ),
        ("Russia failed to invade Georgia", "Russia invaded Georgia", [("negation", "failed to", "")]),
        ("It is a myth that Russia invaded", "Russia invaded", [("negation", "myth that", "")]),
        ("Hardly any troops stood there", "Troops stood there", [("negation", "Hardly", "")]),
        ("The treaty was terminated", "The treaty was extended", [("opposite", "terminated", "extended")]),
        # Who does what to whom.
        (
            "Georgia invaded Russia in 2008",
            "Russia invaded Georgia in 2008",
            [("order", "Georgia … Russia", "Russia … Georgia")],
        ),
        ("NATO denied that it promised not to expand", NOT_TO, [("negation", "denied", "")]),
        ("The Army is NOT contacting anyone", "The Army is contacting people", [("negation", "NOT", "")]),
        ("The alliance will expand", "NATO would not enlarge", [("negation", "", "not")]),
        ("Crime did not rise", "Crime rose", [("negation", "not", "")]),
        # numbers
        ("25 % support joining NATO", "60 % support joining NATO", [("number", "25 %", "60 %")]),
        ("A quarter of Ukrainians are for it", "60% of Ukrainians are", [("number", "A quarter", "60%")]),
        ("In 1990 NATO promised it", "In 1997 NATO promised it", [("number", "1990", "1997")]),
        ("14,000 people died", "About 7,000 people died", [("number", "14,000", "7,000")]),
        ("More than 100 people died", "Fewer than 50 people died", [("number", "100", "50")]),
        ("They paid $2.8M", "They paid $2 million", [("number", "$2.8M", "$2 million")]),
        ("Two men in 5 cars", "Three men in 5 cars", [("number", "Two", "Three")]),
        ("Article 5 binds NATO", "Article 10 binds NATO", [("number", "5", "10")]),
        # opposites
        ("Crime rose", "Crime fell", [("opposite", "rose", "fell")]),
        ("The bill bans guns", "The bill allows guns", [("opposite", "bans", "allows")]),
        ("It is legal to vote twice", "It is illegal to vote twice", [("opposite", "legal", "illegal")]),
        ("NATO agreed to expand", "NATO refused to expand", [("opposite", "agreed", "refused")]),
        ("The team won in Ohio", "The team lost in Ohio", [("opposite", "won", "lost")]),
        (
            "NATO promised to shrink in 1990",
            "NATO promised not to expand in 1991",
            [("number", "1990", "1991")],
        ),
    ],
)  # fmt: skip
def test_texts_contradict_each_other(one, another, expected):
    assert found(one, another) == expected
    assert found(another, one) == [(kind, theirs, ours) for kind, ours, theirs in expected]


@pytest.mark.parametrize(
    ("one", "another"),
    [
        (NOT_TO, NOT_TO),
        (NOT_TO, "NATO promised not to enlarge"),
        (NOT_TO, "After the Cold War, did the West promise Moscow it would not enlarge the alliance?"),
        (NOT_TO, "NATO has promised never to expand"),
        ("There were no promises that NATO would not expand", "NATO never promised not to admit anyone"),
        ("There is no evidence that NATO promised", "NATO never promised"),
        ("NATO denied promising not to expand", "NATO never promised not to expand"),
        ("NATO denies that it did not expand", "NATO expanded"),
        ("It is false that NATO did not expand", "NATO expanded"),
        ("Don't believe them. NATO promised not to expand. I wasn't there.", NOT_TO),
        ("In 1990 NATO promised not to expand", NOT_TO),  # in one of them only
        ("25 % of Ukrainians support joining NATO", "Ukrainians support joining NATO"),
        ("25 % then and 60 % now support joining NATO", "60 percent support joining NATO"),
        ("Nearly 100,000 troops", "98,500 troops"),
        ("10 soldiers died in 2014", "Soldiers died in tanks in 2014"),
        ("10 years in prison", "5 people in prison"),
        ("Crime did not rise", "Crime fell"),
        ("Crime rose and then fell", "Crime fell"),
        ("Not only NATO expanded", "NATO expanded"),
        ("Georgia was invaded by Russia", "Russia invaded Georgia"),
        ("In January Russian troops came", "Russian troops came in January"),
        ("More than 100 people died", "100 people died"),
        ("", ""),
        ("", "NATO never promised 25 %"),
    ],
)  # fmt: skip
def test_texts_do_not_contradict_each_other(one, another):
    assert found(one, another) == found(another, one) == []


@pytest.mark.parametrize(
    ("language", "one", "another", "expected"),
    [
        (
            "de",
            "Die NATO versprach, sich nicht zu erweitern",
            "Die NATO versprach, sich zu erweitern",
            [("negation", "nicht", "")],
        ),
        (
            "de",
            "Die NATO hat nie versprochen, sich nicht zu erweitern",
            "Die NATO hat versprochen, sich nicht zu erweitern",
            [("negation", "nie", "")],
        ),
        ("de", "Es gab kein Versprechen", "Es gab nie ein Versprechen", []),
        ("de", "Die Preise stiegen nicht", "Die Preise stiegen", [("negation", "nicht", "")]),
        ("de", "Der Umsatz stieg", "Der Umsatz sank", [("opposite", "stieg", "sank")]),
        ("de", "25,5 Prozent der Wähler", "25.5 Prozent der Wähler", []),
        ("ru", "НАТО обещала расшириться", "НАТО обещала не расширяться", [("negation", "", "не")]),
        ("ru", "НАТО никогда не обещала этого", "НАТО не обещала этого", []),
        ("ru", "НАТО никогда не обещала этого", "НАТО обещала это", [("negation", "никогда", "")]),
        ("ru", "Экспорт вырос", "Экспорт упал", [("opposite", "вырос", "упал")]),
        ("uk", "НАТО ніколи не обіцяла цього", "НАТО обіцяла це", [("negation", "ніколи", "")]),
        ("uk", "Це 25 відсотків", "Це 60 відсотків", [("number", "25 відсотків", "60 відсотків")]),
    ],
)  # fmt: skip
def test_other_languages_contradict_likewise(language, one, another, expected):
    assert found(one, another, language) == expected


def test_texts_may_come_analysed():
    one, another = analyse("NATO promised to expand"), NOT_TO
    assert contradictions(one, another) == [Contradiction("negation", "", "not")]


def test_a_contradiction_can_be_read():
    number, negation = contradictions("25 % never came", "60 % came")
    assert str(number) == "one says “25 %”, the other “60 %”"
    assert str(negation) == "only one says “never”: it may deny the other"


@pytest.mark.parametrize("name", ["analysis", "contradiction"])
def test_texts_are_compared_without_a_framework(name):
    program = f"import sys; import claims.search.{name}; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@given(ANY | LIKELY, ANY | LIKELY, st.sampled_from(["en", "de", "ru", "uk", "xx"]))
@example("25 % 60 %", "26 % 61 %", "en")
def test_any_two_texts_can_be_asked_and_exchanged(one, another, language):
    forth = found(one, another, language)
    back = [(kind, ours, theirs) for kind, theirs, ours in found(another, one, language)]
    assert sorted(forth) == sorted(back)
    assert all(ours or theirs for _, ours, theirs in forth)


@given(ANY | LIKELY)
def test_no_text_contradicts_itself(text):
    assert contradictions(text, text) == []
