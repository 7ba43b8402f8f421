"""What a text says that can be compared: words, names, numbers, negations; and posts cleaned to words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.search.analysis import LONGEST, Word, analyse, clean
from claims.search.quantities import numbers
from claims.search.stems import stem

ANY = st.text(st.characters(exclude_categories=[]), max_size=200)


def read(text, language="en"):
    """The numbers of a text: value and kind."""
    return [(round(number.value, 2), number.kind) for number in numbers(text, language)]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("25 %", 25, "%"),
        ("25%", 25, "%"),
        ("25 percent", 25, "%"),
        ("25 per cent", 25, "%"),
        ("twenty-five percent", 25, "%"),
        ("a quarter of voters", 25, "%"),
        ("one in four", 25, "%"),
        ("1 in 4", 25, "%"),
        ("two-thirds", 66.67, "%"),
        ("half of all", 50, "%"),
        ("3 percentage points", 3, "points"),
        ("100,000", 100_000, ""),
        ("100 000", 100_000, ""),
        ("100\u202f000", 100_000, ""),
        ("100.000", 100_000, ""),
        ("100000", 100_000, ""),
        ("100k", 100_000, ""),
        ("a hundred thousand", 100_000, ""),
        ("1,234,567.5", 1_234_567.5, ""),
        ("3.141", 3.14, ""),
        ("1.5 million", 1_500_000, ""),
        ("half a million", 500_000, ""),
        ("a hundred and five", 105, ""),
        ("three hundred thousand", 300_000, ""),
        ("a dozen", 12, ""),
        ("2000 people", 2000, ""),
        ("$2m", 2_000_000, "$"),
        ("$2 million", 2_000_000, "$"),
        ("2 million dollars", 2_000_000, "$"),
        ("£3bn", 3e9, "£"),
        ("25-year-old", 25, "years"),
        ("3 days", 3, "days"),
        ("in 1990", 1990, "year"),
        ("the 2020 Olympics", 2020, "year"),
        ("the 1990s", 1990, "decade"),
        ("the 21st century", 21, "th"),
        ("Article 10", 10, "article"),
        ("Art. 5(3)", 5, "article"),
    ],
)
def test_an_english_number_is_read_however_it_is_written(text, value, kind):
    assert read(text) == [(value, kind)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "100.000 Menschen", (100_000, "")),
        ("de", "25,5 Prozent", (25.5, "%")),
        ("de", "fünfundzwanzig Prozent", (25, "%")),
        ("de", "ein Viertel", (25, "%")),
        ("de", "1,5 Millionen Euro", (1_500_000, "€")),
        ("de", "2 Milliarden", (2e9, "")),
        ("de", "2 Billionen", (2e12, "")),
        ("de", "2000 Soldaten", (2000, "")),
        ("de", "im Jahr 1990", (1990, "year")),
        ("ru", "100 000 человек", (100_000, "")),
        ("ru", "25 процентов", (25, "%")),
        ("ru", "двадцать пять процентов", (25, "%")),
        ("ru", "1,5 млн рублей", (1_500_000, "₽")),
        ("ru", "в 1990 году", (1990, "year")),
        ("uk", "25 відсотків", (25, "%")),
        ("uk", "3 мільярди гривень", (3e9, "₴")),
    ],
)
def test_numbers_of_other_languages_are_read(language, text, expected):
    assert read(text, language) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19 F-16 G20 5G", "at 10:30", "9/11", "#5", "version 1.2.3", "192.168.0.1", "x@2.org",
        "no one", "one of them", "a third party", "the second half", "thousands of people", "",
    ],
)  # fmt: skip
def test_these_are_no_quantities(text):
    assert read(text) == []


def test_a_date_is_a_day_and_a_year():
    assert read("7 January 2022") == read("January 7, 2022") == [(7, "day"), (2022, "year")]
    assert read("7. Januar 2022", "de") == [(7, "day"), (2022, "year")]
    assert read("1990–91") == [(1990, "year")]
    assert read("14,200–14,400 killed") == [(14_200, ""), (14_400, "")]


@pytest.mark.parametrize(
    ("one", "another", "agree"),
    [
        ("25 %", "twenty-five percent", True),
        ("25 %", "60 %", False),
        ("25 %", "26 %", False),
        ("25 %", "25.3 %", True),  # rounded
        ("25 %", "25 people", False),
        ("100,000", "100 000", True),
        ("nearly 100,000", "98,500", True),
        ("nearly 100,000", "60,000", False),
        ("about 14,000", "14,268", True),
        ("14,000", "14,268", True),
        ("14,268", "14,269", False),
        ("30", "31", False),
        ("more than 3,400", "3,404", True),
        ("more than 3,400", "2,900", False),
        ("at least 3,400", "40,000", False),
        ("up to 5 million", "4.2 million", True),
        ("up to 5 million", "6 million", False),
        ("1.5 million", "1,500,000", True),
        ("in 1990", "in 1991", False),
        ("in 1990", "in 1990", True),
        ("$5", "5 euros", False),
    ],
)
def test_numbers_agree_within_what_they_are_rounded_to(one, another, agree):
    (one,), (another,) = numbers(one), numbers(another)
    assert one.agrees(another) is agree
    assert another.agrees(one) is agree


def test_a_number_knows_what_it_counts_and_how_it_is_printed():
    (number,) = numbers("Obama released 122 Guantanamo detainees of them")
    assert number.printed == "122"
    assert number.counts == {"guantanamo", "detaine"}


def test_words_have_their_stems_in_their_order():
    said = analyse("The Alliance was promising expansions; promises, promises.")
    assert list(said.words.values()) == [
        Word("allianc", "Alliance"),
        Word("promis", "promising"),
        Word("expans", "expansions"),
    ]


@pytest.mark.parametrize(
    ("language", "one", "another"),
    [
        ("en", "promised", "promises"),
        ("de", "erweiterung", "erweiterungen"),
        ("ru", "обещала", "обещал"),
        ("en", "обещала", "обещал"),  # by its letters
        ("uk", "розширенням", "розширення"),
        ("uk", "країнами", "країною"),
        ("xx", "странный", "странного"),
    ],
)
def test_forms_of_a_word_have_one_stem(language, one, another):
    assert stem(one, language) == stem(another, language) != one


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Barack Obama's office paid Angela.", "en", ["Barack", "Obama's", "Angela"]),
        ("The Kremlin denied it. Nobody asked NATO.", "en", ["Kremlin", "NATO"]),
        ("Unemployment rose. Crime fell.", "en", []),
        ("Did 122 Prisoners Released By Obama Return To Battlefields?", "en", []),
        ("WHO Warns That This New Virus Spreads", "en", ["WHO"]),
        ("Die NATO sagte, dass Angela Merkel ein Versprechen gab.", "de", ["NATO", "Angela", "Merkel"]),
        ("nothing here", "en", []),
    ],
)  # fmt: skip
def test_names_are_told_by_their_capitals(text, language, expected):
    assert [word.printed for word in analyse(text, language).names.values()] == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "NATO never promised not to expand", [("never", "promis"), ("not", "expand")]),
        ("en", "They didn't pay", [("didn't", "pay")]),
        ("en", "They can’t pay", [("can’t", "pay")]),
        ("en", "The Army is NOT contacting anyone", [("NOT", "contact")]),
        ("en", "Nobody ever died", [("Nobody", "die")]),
        ("en", "Moscow denied the attack", [("denied", "")]),
        ("en", "It isn't true that he came", [("isn't true", "")]),
        ("en", "NATO denies that it did not expand", []),
        ("en", "NATO denies that it promised not to expand", [("denies", ""), ("not", "expand")]),
        ("en", "Not only NATO came; no doubt No. 13 did", []),
        ("en", "Notable nowhereland knots", []),
        ("de", "Die NATO versprach nie, zu wachsen", [("nie", "versprach")]),
        ("de", "Es gab kein Versprechen", [("kein", "versprech")]),
        ("ru", "НАТО не обещала", [("не", "обеща")]),
        ("ru", "НАТО никогда не обещала", [("никогда", "обеща")]),
        ("ru", "НАТО не обещала никому", [("не", "обеща")]),
        ("uk", "НАТО ніколи не обіцяла не рости", [("ніколи", "обіцял"), ("не", "рост")]),
    ],
)  # fmt: skip
def test_negations_are_found_with_what_they_deny(language, text, expected):
    found = [(negation.printed, negation.denies) for negation in analyse(text, language).negations]
    assert found == expected


@pytest.mark.parametrize(
    ("language", "text", "under"),
    [
        ("en", "NATO promised not to expand", "promis"),
        ("en", "NATO did not expand", ""),
        ("de", "Die NATO versprach, sich nicht nach Osten zu erweitern", "versprach"),
        ("ru", "НАТО обещала не расширяться", "обеща"),
        ("ru", "НАТО не расширялась", ""),
    ],
)
def test_a_negated_infinitive_hangs_on_a_word(language, text, under):
    (negation,) = analyse(text, language).negations
    assert negation.under == under


def test_sentences_are_told_apart():
    said = analyse("Mr. Price spoke. It did not help! Then 5 came.")
    assert said.sentences == ({"price", "spoke"}, {"help"}, {"came"})
    assert [negation.sentence for negation in said.negations] == [1]


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (
            "Fact check: true pic.twitter.com/3S32De8ekP — U.S. Army CGSC (@USACGSC) January 8, 2020",
            "Fact check: true",
        ),
        (
            "On camera.#IranUsapic.twitter.com/TvRkHvlgby — Olaudah Equiano® (@RealOlaudah) January 6, 2020",
            "On camera. Iran Usa",
        ),
        ("@a @b #AustralianFires are bad 🔥🔥 https://t.co/x1 &amp; so", "Australian Fires are bad & so"),
        ("RT @someone: wrong, @realDonaldTrump!", "wrong, real Donald Trump!"),
        ("#COVID19 #USA #metoo", "COVID 19 USA metoo"),
        ("  two \n lines ", "two lines"),
        ("https://example.org/a", ""),
        ("NATO – not Russia – expanded by 5 °C (25 %).", "NATO – not Russia – expanded by 5 °C (25 %)."),
        ("He said “no”: why? It's $5.50, e.g. here.", "He said “no”: why? It's $5.50, e.g. here."),
    ],
)  # fmt: skip
def test_a_post_is_cleaned_to_its_words(post, words):
    assert clean(post) == words


@given(ANY, st.sampled_from(["en", "de", "ru", "uk", "xx", "", "pt-BR"]))
def test_any_text_can_be_analysed_and_cleaned(text, language):
    said = analyse(text, language)
    assert all(word.printed in text for word in said.words.values())
    assert said.names.keys() <= said.words.keys()
    assert all(number.printed in text for number in said.numbers)
    assert all(number.low <= number.value <= number.high for number in said.numbers)
    assert set().union(*said.sentences) == said.words.keys()
    assert clean(text) == clean(text).strip()


@given(
    st.from_regex(
        r"([0-9$%.,:/ –-]{1,4}|million|half a|one|twenty|of|in|Jan){1,12}", fullmatch=True
    )
)
def test_odd_numbers_are_read_or_left(text):
    for number in numbers(text):
        assert number.printed in text
        assert number.agrees(number)


def test_of_a_long_text_the_beginning_is_read():
    said = analyse("a" * LONGEST + " never 25 %")
    assert said.numbers == said.negations == ()
    assert len(said.text) == LONGEST
