"""Transcripts in, header and turns out: every printing style that the parser promises to read."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.extraction import extract_text
from sources.parsing import Header, ParsedTranscript, TranscriptError, parse_transcript

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "seeds/transcripts/000_c64cec048aca3c72.txt"
SHARED = Path(__file__).resolve().parents[3] / "shared/data/transcripts"

NBSP = "\u00a0"


def labels(text: str) -> list[str]:
    return [turn.label for turn in parse_transcript(text).turns]


def roles(text: str) -> list[str]:
    return [turn.role for turn in parse_transcript(text).turns]


def words(text: str) -> list[str]:
    return [text[turn.start : turn.end] for turn in parse_transcript(text).turns]


def letters(transcript: ParsedTranscript) -> str:
    """The roles of a transcript as one letter each: s, q, a, m."""
    return "".join(turn.role[0] for turn in transcript.turns)


# --- the seed document -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seed() -> tuple[str, ParsedTranscript]:
    text = extract_text(SEED.read_bytes(), filename=SEED.name).text
    return text, parse_transcript(text)


def test_seed_labels_are_exactly_as_printed(seed: tuple[str, ParsedTranscript]) -> None:
    assert [turn.label for turn in seed[1].turns] == [
        "SECRETARY BLINKEN", "MR PRICE", "QUESTION", "SECRETARY BLINKEN", "QUESTION",
        "SECRETARY BLINKEN", "QUESTION", "SECRETARY BLINKEN", "QUESTION", "SECRETARY BLINKEN",
        "MR PRICE", "QUESTION", "SECRETARY BLINKEN", "PRICE", "QUESTION", "SECRETARY BLINKEN",
        "MR. PRICE", "MR PRICE",
    ]  # fmt: skip


def test_seed_roles(seed: tuple[str, ParsedTranscript]) -> None:
    assert letters(seed[1]) == "smqaqaqaqamqamqamm"


def test_seed_header(seed: tuple[str, ParsedTranscript]) -> None:
    header = seed[1].header
    assert header.title == "Statement by Secretary of State Anthony Blinken during press release"
    assert header.publisher == "U.S. Department of State"
    assert header.date == dt.date(2022, 1, 7)
    assert header.place == "Press briefing room, Washington DC"
    assert header.url == ""


def test_seed_words_begin_behind_colon_and_white_space(
    seed: tuple[str, ParsedTranscript],
) -> None:
    text, parsed = seed
    first, second, fourth, last = (parsed.turns[n] for n in (0, 1, 3, 17))
    assert text[first.start - 2 : first.start] == ":" + NBSP
    assert text[first.start : first.end].startswith(f"Good afternoon everyone.{NBSP}I am")
    assert text[first.start : first.end].endswith("happy to hear a few questions.")
    assert text[second.start : second.end] == "Christina."
    assert text[fourth.start - 1] == ":"  # printed without a space behind the colon
    assert text[fourth.start : fourth.end].startswith("I think this is definitely part")
    assert text[last.start : last.end] == "Thank you all."


# --- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "MR PATEL", "MS. JEAN-PIERRE", "MR. O'BRIEN", "MR. O’BRIEN", "MR. McDONOUGH",
        "GEN. McKENZIE", "DR. FAUCI", "AMBASSADOR THOMAS-GREENFIELD", "SECRETARY-GENERAL STOLTENBERG",
        "FOREIGN MINISTER KULEBA", "THE VICE PRESIDENT", "THE FIRST LADY", "PRIME MINISTER SUNAK",
        "SENATOR RISCH", "SENIOR ADMINISTRATION OFFICIAL", "SENIOR ADMINISTRATION OFFICIAL #1",
        "OFFICIAL ONE", "PARTICIPANT", "AIDE", "MODERATOR", "PRESIDENT ZELENSKYY",
        "PRESIDENT VON DER LEYEN", "MR. SMITH (Reuters)", "INTERPRETER", "HIGH REPRESENTATIVE BORRELL",
    ],
)  # fmt: skip
def test_label_in_capitals_is_recognised_even_once(label: str) -> None:
    text = (
        f"THE PRESIDENT: Good evening.\n\nQ\tHello?\n\n{label}: (As interpreted.) Good morning.\n"
    )
    assert labels(text) == ["THE PRESIDENT", "Q", label]
    assert words(text)[2] == "(As interpreted.) Good morning."


@pytest.mark.parametrize(
    "question",
    ["Q    Why?", f"Q{NBSP}{NBSP} Why?", "Q\tWhy?", "Q: Why?", f"Q:{NBSP} Why?", "Q:Why?", "Q Why?",
     "**Q**    Why?", "**Q:** Why?", f"{NBSP}{NBSP}{NBSP} Q{NBSP}{NBSP} Why?", "\tQ    Why?"],
)  # fmt: skip
def test_bare_q_with_and_without_colon(question: str) -> None:
    text = f"MS. PSAKI: Go ahead, please.\n\n{question}\n\nMS. PSAKI: Because.\n"
    assert labels(text) == ["MS. PSAKI", "Q", "MS. PSAKI"]
    assert words(text)[1] == "Why?"


def test_words_run_over_paragraphs_and_keep_stage_directions() -> None:
    text = "MR. X: One.  (Laughter.)\n\nTwo.\n\n(Applause.)\n\nQ    (Inaudible.)  Three?\n\nFour.\n"
    assert words(text) == [
        "One.  (Laughter.)\n\nTwo.\n\n(Applause.)",
        "(Inaudible.)  Three?\n\nFour.",
    ]


@pytest.mark.parametrize("indent", ["     ", "\t", NBSP * 8, f"\t{NBSP}{NBSP} "])
def test_indented_labels(indent: str) -> None:
    text = f"{indent}PRESIDENT BIDEN:  Yes.\n\n{indent}SECRETARY GENERAL RUTTE:  No.\n"
    assert labels(text) == ["PRESIDENT BIDEN", "SECRETARY GENERAL RUTTE"]
    assert words(text) == ["Yes.", "No."]


def test_last_words_that_sound_like_an_end_mark_stay() -> None:
    text = "THE PRESIDENT: Hello.\n\nThe war ended.\n\nThe meeting is adjourned.\n"
    assert words(text) == ["Hello.\n\nThe war ended.\n\nThe meeting is adjourned."]


def test_markdown_emphasis_is_no_part_of_label_or_words() -> None:
    text = "**MS. PSAKI:**  Hi.\n\n**MR. SINGH**: Hello.\n\n**Q:** **Really?** Yes?\n"
    assert labels(text) == ["MS. PSAKI", "MR. SINGH", "Q"]
    assert words(text) == ["Hi.", "Hello.", "**Really?** Yes?"]


def test_surname_alone_is_recognised_beside_the_full_label() -> None:
    text = "MR PRICE: Simon.\n\nQUESTION: Why?\n\nPRICE: Thank you. That is all.\n"
    assert labels(text) == ["MR PRICE", "QUESTION", "PRICE"]


def test_typist_forgot_the_colon() -> None:
    text = "PRESIDENT TRUMP:  Hello.\n\nQ    Why?\n\n     PRESIDENT TRUMP.  Yeah.  Because.\n"
    assert labels(text) == ["PRESIDENT TRUMP", "Q", "PRESIDENT TRUMP"]
    assert words(text)[2] == "Yeah.  Because."


def test_label_on_a_line_of_its_own() -> None:
    text = "SECRETARY BLINKEN:\n\nGood morning.\n\nQUESTION:\nWhy?\n"
    assert labels(text) == ["SECRETARY BLINKEN", "QUESTION"]
    assert words(text) == ["Good morning.", "Why?"]


@pytest.mark.parametrize(
    "prose",
    [
        "He said: no.", "Note: this is on background.", "https://www.state.gov/briefings",
        "10:30 was the hour.", "Moscow: the claim is false.", "First: we act.", "And then: nothing.",
        "I will say this: no.", "FACT SHEET: support for Ukraine", "READOUT: a call", "TOPICS:",
        "**TOPICS:**", "NOTE: the call is embargoed.", "“The Secretary: he lies.”",
        "The question is: who pays?", "Mr. President, one thing: thank you.", "(As to Putin: no.)",
        "Q magazine wrote this." , "COVID-19: it is not over.",
    ],
)  # fmt: skip
def test_prose_with_a_colon_is_no_label(prose: str) -> None:
    text = f"MR. PRICE: Good day.\n\n{prose}\n\nMore of it.\n\nQUESTION: Why?\n"
    if prose.startswith("Q "):  # a Q and one space at a paragraph's start may well be a question
        text = text.replace(prose, f"He laughed and read.\n{prose}")
    assert labels(text) == ["MR. PRICE", "QUESTION"]


def test_continuation_of_a_wrapped_line_is_no_label() -> None:
    text = (
        "MS. PSAKI:  We have talked about it with our friends in Europe and in\n"
        "NATO: they agree with all that we have said about it, and so does\n"
        "President Putin: he said so himself when we spoke to him.\n\n"
        "Q    Why?\n\nMS. PSAKI:  Because.\n"
    )
    assert labels(text) == ["MS. PSAKI", "Q", "MS. PSAKI"]


def test_headings_before_the_first_label_are_no_turns() -> None:
    text = (
        "FACT SHEET: Ukraine\n\nREADOUT: A call\n\nTOPICS:\nUKRAINE\n\nTRANSCRIPT:\n\n"
        "MR PATEL: Good afternoon.\n\nQUESTION: Hi?\n"
    )
    assert labels(text) == ["MR PATEL", "QUESTION"]


def test_capitals_of_unknown_people() -> None:
    text = (
        "JAKE TAPPER, CNN ANCHOR: Welcome, both of you.\n\nBIDEN: Thanks.\n\nTRUMP: Hi.\n\n"
        "TAPPER: Why?\n"
    )
    assert labels(text) == ["JAKE TAPPER, CNN ANCHOR", "BIDEN", "TRUMP", "TAPPER"]


# --- other houses ------------------------------------------------------------------------------


KREMLIN_ENGLISH = """News conference following talks

The leaders made statements for the press.

February 18, 2022
17:30
The Kremlin, Moscow

President of Russia Vladimir Putin: Good afternoon.

We discussed trade: gas, oil.

Alexander Lukashenko: Thank you.

Question: Mr President, what about Donbass?

Vladimir Putin: The answer is simple.

Dmitry Peskov: Colleagues, one more question, please.

Question (retranslated): Is it so?

Alexander Lukashenko: It is.

Vladimir Putin: Yes.

<…>

See also
Another meeting

Publication status
Published in sections: News, Transcripts
"""


def test_kremlin_in_english() -> None:
    assert labels(KREMLIN_ENGLISH) == [
        "President of Russia Vladimir Putin", "Alexander Lukashenko", "Question", "Vladimir Putin",
        "Dmitry Peskov", "Question (retranslated)", "Alexander Lukashenko", "Vladimir Putin",
    ]  # fmt: skip
    assert letters(parse_transcript(KREMLIN_ENGLISH)) == "ssqamqaa"
    assert words(KREMLIN_ENGLISH)[-1] == "Yes."
    header = parse_transcript(KREMLIN_ENGLISH).header
    assert header.title == "News conference following talks"
    assert (header.date, header.place) == (dt.date(2022, 2, 18), "The Kremlin, Moscow")


def test_names_at_line_starts_without_blank_lines() -> None:
    text = (
        "Vladimir Putin: Good afternoon, I am glad\nto see you in this\nhall.\n"
        "Sergei Lavrov: Mr President,\nI reiterate: no.\nVladimir Putin: One\nmore thing.\n"
    )
    assert labels(text) == ["Vladimir Putin", "Sergei Lavrov", "Vladimir Putin"]
    assert words(text)[1] == "Mr President,\nI reiterate: no."


def test_kremlin_in_russian_with_one_label_a_line() -> None:
    text = (
        "Пресс-конференция\n\n7 февраля 2022 года\n23:55\nМосква, Кремль\n\n"
        "В.Путин: Добрый вечер!\n\nВопрос: Когда?\n\nВ.Путин: Надо сказать: завтра.\n\n"
        "Реплика: А нельзя сегодня?\n\nД.Песков: Коллеги, ещё вопрос, пожалуйста.\n\n"
        "Вопрос (как переведено): Почему?\n\nЭ.Макрон (как переведено): Потому.\n"
    )
    assert labels(text) == [
        "В.Путин", "Вопрос", "В.Путин", "Реплика", "Д.Песков", "Вопрос (как переведено)",
        "Э.Макрон (как переведено)",
    ]  # fmt: skip
    assert letters(parse_transcript(text)) == "sqaqmqa"
    header = parse_transcript(text).header
    assert (header.date, header.place) == (dt.date(2022, 2, 7), "Москва, Кремль")


def flat_kremlin_page() -> str:
    answer = "Работа идёт, и мы видим её плоды каждый день, в каждом районе. " * 12
    return (
        "Встреча с учёными\nhttp://kremlin.ru/events/president/news/1\n\n"
        "События Встреча с учёными Президент побеседовал с ними. 6 февраля 2025 года 16:15 "
        f"Москва, Кремль В.Путин: (Обращаясь к А.Ивановой.) Как дела? Смотрите также Вручение "
        f"премий 5 февраля 2025 года А.Иванова: {answer}В.Путин: Я скажу: хорошо. "
        f"Как сказал В.Путин: «да». А.Иванова: {answer}В.Путин: Спасибо. "
        "Темы Наука Статус материала Опубликован в разделе: Новости Текстовая версия"
    )


def test_kremlin_in_russian_flattened_to_one_line() -> None:
    text = flat_kremlin_page()
    assert labels(text) == ["В.Путин", "А.Иванова", "В.Путин", "А.Иванова", "В.Путин"]
    found = words(text)
    assert found[0] == "(Обращаясь к А.Ивановой.) Как дела?"
    assert found[2] == "Я скажу: хорошо. Как сказал В.Путин: «да»."
    assert found[4] == "Спасибо."
    header = parse_transcript(text).header
    assert header.title == "Встреча с учёными"
    assert header.url == "http://kremlin.ru/events/president/news/1"
    assert (header.date, header.place) == (dt.date(2025, 2, 6), "Москва, Кремль")


def test_english_page_flattened_to_one_line_keeps_its_first_label() -> None:
    answer = "We talked at length and agreed on many things today in this old hall. " * 10
    text = (
        "Events Talks The President met X. February 6, 2025 16:15 The Kremlin, Moscow "
        f"President of Russia Vladimir Putin: Hello. {answer}Ivan Roe: Yes. {answer}"
        f"Vladimir Putin: Moscow is right: we know. Ivan Roe: {answer}Vladimir Putin: Fine."
    )
    assert labels(text) == ["Vladimir Putin", "Ivan Roe"] * 2 + ["Vladimir Putin"]
    assert words(text)[2] == "Moscow is right: we know."


def test_ukrainian() -> None:
    text = "В. Зеленський: Добрий день.\n\nЗапитання: Чи буде мир?\n\nВ. Зеленський: Так.\n"
    assert labels(text) == ["В. Зеленський", "Запитання", "В. Зеленський"]
    assert roles(text) == ["statement", "question", "answer"]


HANSARD = """House of Commons

Tuesday 19 July 2011

Syria

1. Mr John Roe (Delyn) (Lab): When he next expects to discuss Syria. [66855]

The Secretary of State for Foreign Affairs (Mr William Doe): I do so often.

Mr Roe: I thank him. Is it not too late?

Mr Doe: It is the hypocrisy of

19 July 2011 : Column 772

that leadership.

Mary Major (Newport, West) (Lab/Co-op): There is a need for a resolution.

Mr. Speaker: Order. The House must hear the Minister.

Mr Doe: There is.

Hon. Members: Hear, hear.

Nuclear Non-proliferation and Disarmament

Q3. [901] Ann Minor (Leeds) (Con): What progress there has been.

The Prime Minister: Some.
"""


def test_hansard() -> None:
    assert labels(HANSARD) == [
        "Mr John Roe (Delyn) (Lab)",
        "The Secretary of State for Foreign Affairs (Mr William Doe)",
        "Mr Roe", "Mr Doe", "Mary Major (Newport, West) (Lab/Co-op)", "Mr. Speaker", "Mr Doe",
        "Hon. Members", "Ann Minor (Leeds) (Con)", "The Prime Minister",
    ]  # fmt: skip
    assert letters(parse_transcript(HANSARD)) == "qaqaqmasqa"


def test_hansard_turn_runs_over_a_column_mark_but_not_into_the_next_heading() -> None:
    found = words(HANSARD)
    assert found[3].endswith("that leadership.")
    assert found[7] == "Hear, hear."


def test_interview_with_a_named_interviewer() -> None:
    text = (
        "Tucker Jones: Why did you do it?\nIvan Petrov: A long story. It began in 862.\n"
        "Tucker Jones: Are you sure?\nIvan Petrov: Yes.\nTucker Jones: May I ask again?\n"
        "Ivan Petrov: Go ahead.\n"
    )
    assert roles(text) == ["question", "answer"] * 3


# --- roles -------------------------------------------------------------------------------------


def test_press_secretary_who_answers_is_no_moderator() -> None:
    text = "MS. PSAKI: Hi.\n\nQ    Why?\n\nMS. PSAKI: Okay.  Go ahead.\n\nQ    Who?\n\nMS. PSAKI: We.\n"
    assert roles(text) == ["statement", "question", "answer", "question", "answer"]


def test_who_opens_hands_over_and_closes_moderates() -> None:
    speech = "We have a great deal to do together. " * 30
    text = (
        "MS. BARKOFF: Thanks for joining. I'd like to turn this over to Tony.\n\n"
        f"MR. BLINKEN: {speech}\n\nQ    Why?\n\nMR. BLINKEN: Mike?\n\nMR. FROMAN: {speech}\n\n"
        "Q    Who?\n\nMR. BLINKEN: We.\n\nMS. BARKOFF: That's all we have.\n"
    )
    assert roles(text) == [
        "moderation", "statement", "question", "answer", "answer", "question", "answer",
        "moderation",
    ]  # fmt: skip


def test_who_only_calls_on_reporters_moderates_though_he_once_asks_back() -> None:
    text = (
        "SECRETARY BLINKEN: Good evening. We met today and spoke of a great many things.\n\n"
        "MR PATEL: The first question is from Missy.\n\nQUESTION: Well?\n\n"
        "SECRETARY BLINKEN: Sure, it is well.\n\nMR PATEL: Teri.\n\nQUESTION: (Off-mike.)\n\n"
        "MR PATEL: Can you use the mic?\n\nQUESTION: And now?\n\n"
        "SECRETARY BLINKEN: Now as well.\n\nMR PATEL: Thank you all.\n"
    )
    assert letters(parse_transcript(text)) == "smqamqmqam"


def test_chair_of_a_debate_moderates_and_its_interventions_are_no_interview() -> None:
    text = (
        "Paul Roe (Newport) (Lab): It is a pleasure.\n\nBob Doe (Beckenham) (Con): Will he give way?"
        "\n\nPaul Roe: I will.\n\nBob Doe: Does he agree?\n\nPaul Roe: No.\n\n"
        "Several hon. Members rose—\n\nMr James Gray (in the Chair): Order.\n\n"
        "Question put and agreed to.\n"
    )
    assert letters(parse_transcript(text)) == "sssssm"
    assert words(text)[-2:] == ["No.", "Order."]


def test_short_answers_are_not_moderation() -> None:
    text = (
        "PRESIDENT TRUMP: We did well, very well, and everybody knows it.\n\nQ    Did you?\n\n"
        "PRESIDENT TRUMP: Ask him.\n\nSECRETARY HEGSETH: Yes, sir.\n\nQ    And then?\n"
    )
    assert roles(text) == ["statement", "question", "answer", "answer", "question"]


def test_without_questions_all_are_statements() -> None:
    text = (
        "SECRETARY BLINKEN: Welcome.\n\nAUDIENCE: Hear! Hear!\n\nVICE PRESIDENT HARRIS: Thanks.\n"
    )
    assert roles(text) == ["statement"] * 3


# --- end matter --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        "END 2:05 P.M. EDT", "END\n\n\t2:04 P.M. EDT", "2:02 P.M. EDT", "* * *", "# # #", "###",
        "                   END            1:20 P.M. EDT", "(End of transcript)", "-END-", "- 30 -",
        "END\n\nEditor: Jane Doe\nCopyright", "END\t\n1:56 P.M. EST\n\n\n", "https://example.org/x",
        "9.30 am", "Page 3 of 3", "(The briefing was concluded at 6 p.m.)",
    ],
)  # fmt: skip
def test_end_matter_is_nobodys_words(end: str) -> None:
    text = f"THE PRESIDENT: Hello.\n\nQ    Why?\n\nTHE PRESIDENT: Thank you all.\n\n{end}\n"
    assert words(text)[-1] == "Thank you all."


# --- header ------------------------------------------------------------------------------------


def header_of(head: str) -> Header:
    return parse_transcript(f"{head}\n\nTHE PRESIDENT:  Hello.  Thank you all.\n").header


def test_front_matter() -> None:
    header = header_of(
        "---\ndate: '2022-03-15'\nsource_url: https://example.org/a\n"
        'title: "Remarks by President\\_Biden,\\\n  \\ at Home"\n---\n \nEast Room\n\n4:44 P.M. EST  '
    )
    assert header.title == "Remarks by President Biden, at Home"
    assert header.date == dt.date(2022, 3, 15)
    assert header.url == "https://example.org/a"
    assert (header.place, header.publisher) == ("East Room", "")


@pytest.mark.parametrize(
    "block",
    ["title: Remarks: by whom", "title: [", "title: Remarks: x\ndate: 2022-13-45",
     "title: Remarks\nage: !!int ''", "title: Remarks\nwhen: !!timestamp soon", "a: " + "[" * 5000],
)  # fmt: skip
def test_broken_front_matter_does_not_crash(block: str) -> None:
    parsed = parse_transcript(f"---\n{block}\n---\n\nTHE PRESIDENT: Hello there.\n")
    assert [turn.label for turn in parsed.turns] == ["THE PRESIDENT"]
    assert parsed.header.title in {"", "[", "Remarks", "Remarks: x", "Remarks: by whom"}


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("January 7, 2022", dt.date(2022, 1, 7)),
        ("Tuesday 19 July 2011", dt.date(2011, 7, 19)),
        ("6 февраля 2025 года", dt.date(2025, 2, 6)),
        ("24 лютого 2022 року", dt.date(2022, 2, 24)),
        ("2022-02-24", dt.date(2022, 2, 24)),
        ("24.02.2022", dt.date(2022, 2, 24)),
        ("Sept. 1, 2021", dt.date(2021, 9, 1)),
        ("February 31, 2022", None),
        ("3/4/2014", None),
        ("7/28/2014", dt.date(2014, 7, 28)),
    ],
)
def test_dates(printed: str, date: dt.date | None) -> None:
    assert header_of(f"A Meeting\n\n{printed}").date == date


def test_figures_are_read_the_american_way_where_the_page_is_american() -> None:
    assert header_of("Press Gaggle, 11/5/2012\n\n1:41 P.M. EST").date == dt.date(2012, 11, 5)


def test_place_over_two_paragraphs_and_title_from_the_first_line() -> None:
    header = header_of(
        "Press Gaggle\n\nAboard Air Force One\n\n\tEn Route Columbus, Ohio   \n\n1:41 P.M. EST"
    )
    assert header.title == "Press Gaggle"
    assert header.place == "Aboard Air Force One, En Route Columbus, Ohio"


def test_institution_beside_the_hour_is_a_place() -> None:
    header = header_of("*U.S. Department of State  \nWashington, D.C.  \n12:47 P.M. EDT*")
    assert (header.publisher, header.place) == ("", "U.S. Department of State, Washington, D.C.")


def test_old_white_house_letterhead() -> None:
    header = header_of(
        "The White House\nOffice of the Press Secretary\nFor Immediate Release\nJuly 28, 2014\n\n"
        "Remarks by the President\n\nEast Room"
    )
    assert header.publisher == "The White House"
    assert (header.title, header.place) == ("Remarks by the President", "East Room")
    assert header.date == dt.date(2014, 7, 28)


def test_header_invents_nothing() -> None:
    parsed = parse_transcript("MR. PRICE: Good day.\n\nQUESTION: Why on January 3, 2020?\n")
    assert parsed.header == Header()


# --- speeches without labels, and what is refused ------------------------------------------------


def test_speech_without_labels_is_one_turn() -> None:
    text = (
        "Citizens of Russia, friends,\nI consider it necessary today to speak again about the\n"
        "tragic events and the key aspects of our security. I reiterate: it is time.\n"
        "Why is this happening? Where did this manner of talking down come from? The answer\n"
        "is simple. Everything is clear and obvious to all of us here.\n"
    )
    (turn,) = parse_transcript(text).turns
    assert (turn.label, turn.role, turn.start) == ("", "statement", 0)
    assert text[turn.start : turn.end] == text.strip()
    assert parse_transcript(text).header.title == ""


def test_header_of_a_speech_without_labels_is_not_its_words() -> None:
    speech = "We meet today at a grave hour. Nobody wished for it, and nobody is spared. " * 5
    text = f"# Address to the Nation\n\nMarch 3, 2022\n\nKyiv, Ukraine\n\n{speech}\n"
    (turn,) = parse_transcript(text).turns
    assert text[turn.start : turn.end] == speech.strip()
    header = parse_transcript(text).header
    assert (header.title, header.place) == ("Address to the Nation", "Kyiv, Ukraine")
    assert header.date == dt.date(2022, 3, 3)


@pytest.mark.parametrize(
    "text",
    [
        "", " \n\t\n", "milk\neggs\nbread\nbutter\n", "Milk: 2\nEggs: 12\nMilk: 3\nEggs: 4\n",
        "name,age\nBob,3\n" * 40, "def f(x):\n    return x\n\nclass A:\n    pass\n" * 20,
        "lorem ipsum dolor " * 60, "HOST: localhost\nPORT: 80\nHOST: a\nPORT: 81\n",
        "Name: Bob\nAge: 3\nName: Jim\nAge: 4\n", "A" * 1000, ":" * 1000, "Q " * 1000, "Hello.",
        '{"a": {"b": [1, 2, 3]}, "c": "A text. And more."}\n' * 30, "x\ty\tz\n1\t2\t3\n" * 50,
        "MR. PRICE:\n\nQUESTION:\n",
    ],
)  # fmt: skip
def test_what_is_no_transcript_is_refused(text: str) -> None:
    with pytest.raises(TranscriptError, match="No recognisable turns"):
        parse_transcript(text)


# --- properties --------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "MR. X:", "PRICE:", "Q ", "Q:", "Q\t", "QUESTION:", " ", "\n", "\n\n", "Hello there. ", "a",
        ".", "?", NBSP, "\t", "**", "_", "(", ")", ":", "---\n", "title: x\n", "January 7, 2022",
        "1:10 P.M. EDT", "END", "\r", "\x00", "\ud800", "#", "* * *", "Vladimir Putin:", "В.Путин:",
        "Вопрос:", "The Prime Minister:", "Mr A (B) (C):", "1. ", "Q1. ", "http://x.y", "5/6/2014",
        "\u2028", "\x85", "…", "”", "See also", " Publication status Published", "x" * 1600,
        "2022 года", "Москва, Кремль", ",", "ǅ", "ß", "İ", "²", "①", "\u0301", "Ⅷ", "中",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@settings(max_examples=600, deadline=None)
def test_any_text_gives_ordered_trimmed_turns_or_a_transcript_error(text: str) -> None:
    try:
        parsed = parse_transcript(text)
    except TranscriptError:
        return
    end = 0
    for position, turn in enumerate(parsed.turns, start=1):
        assert turn.position == position
        assert end <= turn.start < turn.end <= len(text)
        said = text[turn.start : turn.end]
        assert said == said.strip()
        assert turn.label == turn.label.strip()
        assert turn.label in text[: turn.start]
        assert turn.role in {"statement", "question", "answer", "moderation"}
        end = turn.end
    assert parsed.turns


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["MR. PRICE", "QUESTION", "SECRETARY BLINKEN", "MS. O’NEILL"]),
            st.sampled_from(["Yes.", "Why is it?\n\nAnd so on.", f"Well,{NBSP} (laughter) no."]),
            st.sampled_from([": ", f":{NBSP}", ":", ":\n"]),
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(deadline=None)
def test_what_is_printed_comes_back(turns: list[tuple[str, str, str]]) -> None:
    text = "\n\n".join(label + gap + said for label, said, gap in turns)
    assert labels(text) == [label for label, _, _ in turns]
    assert words(text) == [said for _, said, _ in turns]


@pytest.mark.parametrize(
    "unit",
    ["A", ":", "Q ", "Q: a\n", "AA: b.\n\n", " ", "\n", " \n", "* * *\n", "А.Б: ", "X. ", "(", "> ",
     "a: b\n", "Ab Cd ", "1. ", "See also ", "END \n", "Mr Xa: yes.\n", "May 3, 2020 ", "_"],
)  # fmt: skip
@pytest.mark.parametrize("opening", ["", "MR. X: hello.\n\n"])
def test_half_a_megabyte_of_anything_takes_seconds(unit: str, opening: str) -> None:
    text = opening + unit * (500_000 // len(unit))
    started = time.perf_counter()
    with contextlib.suppress(TranscriptError):
        parse_transcript(text)
    # Linear code needs well under two seconds; quadratic code needs minutes.
    assert time.perf_counter() - started < 20


# --- real transcripts, where they are at hand ----------------------------------------------------

SHARED_TURNS: dict[str, tuple[str, dict[str, int]]] = {
    "hansard-commons-2011-07-19.html": (
        "qaqaqaqaqa",
        {
            "Mr David Hanson (Delyn) (Lab)": 1,
            "The Secretary of State for Foreign and Commonwealth Affairs (Mr William Hague)": 1,
            "Mr Hanson": 1, "Mr Hague": 3, "Mr Philip Hollobone (Kettering) (Con)": 1,
            "Stephen Twigg (Liverpool, West Derby) (Lab/Co-op)": 1,
            "Paul Flynn (Newport West) (Lab)": 1,
            "The Parliamentary Under-Secretary of State for Foreign and Commonwealth Affairs "
            "(Alistair Burt)": 1,
        },
    ),
    "hansard-westminster-hall.html": (
        "ss", {"Andrew Gwynne (Denton and Reddish) (Lab)": 1, "Sarah Teather": 1},
    ),
    "kremlin-en-putin-2022-02-24.txt": ("s", {"": 1}),
    "kremlin-ru-2025-02-06-1.txt": (
        "s" * 143,
        {"В.Путин": 71, "Е.Корочкина": 33, "В.Попков": 6, "А.Фурсенко": 4, "К.Мартинсон": 8,
         "Н.Черкашина": 15, "К.Титов": 6},
    ),
    "obama-decoded-434.txt": ("ssq", {"MR. EARNEST": 39, "MR. BLINKEN": 14, "Q": 48}),
    "obama-psaki-800.txt": ("sqa", {"MR. CARNEY": 11, "MS. PSAKI": 31, "Q": 36}),
    "obama-raw-1024.html": (
        "msqaaqaaqaqaaqaqaaqama",
        {"MS. BARKOFF": 2, "MR. BLINKEN": 9, "MR. HUSSAIN": 1, "MR. FROMAN": 3, "Q": 7},
    ),
    "wh-background-call-2021-12-06.md": (
        "msqaqaqaqaqam", {"MODERATOR": 2, "SENIOR ADMINISTRATION OFFICIAL": 6, "Q": 5},
    ),
    "wh-biden-macron-2022-12-01.md": (
        "sssqaaaaqaaaaqaqamqaa",
        {"PRESIDENT BIDEN": 8, "PRESIDENT MACRON": 7, "Q": 5, "MS. JEAN-PIERRE": 1},
    ),
    "wh-biden-nato-2021-06-14.md": ("sqa", {"THE PRESIDENT": 30, "Q": 24}),
    "wh-biden-presser-2022-01-19.md": ("sqa", {"THE PRESIDENT": 89, "Q": 90}),
    "wh-biden-stoltenberg-2024-06-17.md": (
        "ssss", {"PRESIDENT BIDEN": 3, "SECRETARY GENERAL STOLTENBERG": 1},
    ),
    "wh-biden-zelenskyy-2022-12-21.md": (
        "sssqa", {"PRESIDENT BIDEN": 16, "PRESIDENT ZELENSKYY": 12, "Q": 8, "AIDE": 1},
    ),
    "wh-blinken-harris-luncheon-2023-10-26.md": (
        "sssssss",
        {"SECRETARY BLINKEN": 2, "PRIME MINISTER ALBANESE": 2, "VICE PRESIDENT HARRIS": 2,
         "AUDIENCE": 1},
    ),
    "wh-psaki-2022-03-15.md": ("sqa", {"MS. PSAKI": 97, "Q": 92}),
    "wh-psaki-gaggle-2022-01-11.md": ("s", {"MS. PSAKI": 50, "Q": 51}),
    "wh-psaki-singh-2022-02-22.md": ("ss", {"MS. PSAKI": 95, "MR. SINGH": 11, "Q": 97}),
    "wh-trump-rutte-2025-03-13.md": (
        "sss",
        {"PRESIDENT TRUMP": 102, "SECRETARY GENERAL RUTTE": 55, "Q": 42,
         "VICE PRESIDENT VANCE": 2, "SECRETARY BURGUM": 1, "SECRETARY WRIGHT": 1, "MR. WALTZ": 1,
         "SECRETARY HEGSETH": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED_TURNS)
def test_shared_transcripts(name: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared transcripts are not beside this work tree")
    beginning, expected = SHARED_TURNS[name]
    text = extract_text((SHARED / name).read_bytes(), filename=name).text
    parsed = parse_transcript(text)
    assert Counter(turn.label for turn in parsed.turns) == expected
    assert letters(parsed).startswith(beginning)
    last = text[parsed.turns[-1].start : parsed.turns[-1].end]
    assert not last.endswith(("EDT", "EST", "CEST", "END"))
