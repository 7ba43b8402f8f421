"""WebVTT and SRT -> running text with who speaks and when."""

from __future__ import annotations

import contextlib
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.extraction import captions, extract_text
from sources.parsing import TranscriptError


def vtt(*cues: tuple[float, float, str]) -> str:
    return "WEBVTT\n\n" + "\n".join(
        f"{clock(start)} --> {clock(end)}\n{words}\n" for start, end, words in cues
    )


def srt(*cues: tuple[float, float, str]) -> str:
    return "\n".join(
        f"{number}\n{clock(start)} --> {clock(end)}\n{words}\n".replace(".", ",", 2)
        for number, (start, end, words) in enumerate(cues, start=1)
    )


def clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def read(text: str):
    return extract_text(text.encode(), filename="briefing.vtt")


def timed(extracted) -> list[tuple[int, str]]:
    """What is said from each time on, up to the next."""
    ends = [offset for offset, _ in extracted.times[1:]] + [len(extracted.text)]
    return [
        (milliseconds, extracted.text[offset:end].strip())
        for (offset, milliseconds), end in zip(extracted.times, ends, strict=True)
    ]


@pytest.mark.parametrize(("form", "kind"), [(vtt, "text/vtt"), (srt, "application/x-subrip")])
def test_cues_become_running_text_with_their_times(form, kind):
    extracted = read(
        form(
            (1, 2, "Good afternoon,"),
            (2, 3.5, "everyone. Moscow\nclaims that."),
            (3.5, 5, "It is not so."),
        )
    )
    assert extracted.media_type == kind
    assert extracted.text == "Good afternoon, everyone. Moscow claims that. It is not so.\n"
    assert timed(extracted) == [
        (1000, "Good afternoon,"),
        (2000, "everyone. Moscow claims that."),
        (3500, "It is not so."),
    ]


def test_voices_are_labels_for_certain():
    extracted = read(vtt(
        (0, 1, "<v Anna Roe>Did anybody ask?</v>"),
        (1, 2, "<v.loud Jens>Nobody did."),
        (2, 3, "<v Jens>As far as I know.\n<v Anna Roe>Thank you."),
        (3, 4, "(applause)"),
    ))  # fmt: skip
    assert extracted.text == (
        "Anna Roe: Did anybody ask?\n\nJens: Nobody did. As far as I know.\n\nAnna Roe: Thank you.\n\n"
        "(applause)\n"
    )
    assert [(voice.name, extracted.text[voice.words :][:4]) for voice in extracted.voices] == [
        ("Anna Roe", "Did "),
        ("Jens", "Nobo"),
        ("Anna Roe", "Than"),
        ("", "(app"),  # not said by whom
    ]
    assert [milliseconds for _, milliseconds in extracted.times] == [0, 1000, 2000, 3000]


def test_labels_that_are_printed_begin_paragraphs():
    extracted = read(srt(
        (0, 1, "MR. PRICE: Good afternoon."),
        (1, 2, "I have nothing."),
        (2, 3, "QUESTION: Why?"),
        (3, 4, "- MR. PRICE: Because.\n- QUESTION: Oh."),
        (4, 5, ">> REPORTER: One more."),
    ))  # fmt: skip
    assert extracted.text == (
        "MR. PRICE: Good afternoon. I have nothing.\n\nQUESTION: Why?\n\nMR. PRICE: Because.\n\n"
        "QUESTION: Oh.\n\n>> REPORTER: One more.\n"
    )
    assert extracted.voices == ()


def test_a_label_within_a_cue_takes_the_words_from_the_speaker_before():
    extracted = read(srt(
        (0, 1, "QUESTION: Did anybody ask? MR. PRICE: Nobody did. Q: Why - MR. PRICE: As I said:"),
        (1, 2, "nobody. The report says: nothing."),
    ))  # fmt: skip
    assert extracted.text == (
        "QUESTION: Did anybody ask?\n\nMR. PRICE: Nobody did.\n\nQ: Why - MR. PRICE: As I said: nobody. "
        "The report says: nothing.\n"
    )
    assert [milliseconds for _, milliseconds in extracted.times] == [0, 1000]


def test_a_colon_within_a_sentence_begins_nothing():
    extracted = read(
        vtt((0, 1, "I went to the capital of Russia,"), (1, 2, "Moscow: a city of many."))
    )
    assert extracted.text == "I went to the capital of Russia, Moscow: a city of many.\n"


def test_styles_settings_notes_and_entities():
    text = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

NOTE MR. GHOST: not this

intro
00:01.000 --> 00:02.000 align:start position:0%
<c.yellow><b>Bread</b></c> &amp; <i>butter</i>, 5 &lt; 6 &gt; 4, a&nbsp;b,
{\\an8}<00:00:01.500>up, <font color="#fff">white</font> and 3 < 4
"""
    assert read(text).text == "Bread & butter, 5 < 6 > 4, a b, up, white and 3 < 4\n"


def test_rolled_up_captions_say_everything_once():
    """As the large platform makes them: each line is shown again, above the next."""
    lines = [
        "good afternoon everyone",
        "moscow claims that we",
        "promised not to grow",
        "we never did",
        "so there",
    ]
    cues = [(0.0, 2.0, f" \n{lines[0]}")]
    for number, (above, line) in enumerate(pairwise(lines), start=1):
        cues.append((number * 2.0, number * 2.0 + 0.01, f"{above}\n "))
        cues.append(
            (
                number * 2.0 + 0.01,
                number * 2.0 + 2,
                f"{above}\n{line.split()[0]}<00:00:01.000><c> {' '.join(line.split()[1:])}</c>",
            )
        )
    extracted = read(vtt(*cues))
    assert extracted.text.split() == " ".join(lines).split()
    assert [line for _, line in timed(extracted)] == lines
    assert [milliseconds for milliseconds, _ in timed(extracted)] == [0, 2010, 4010, 6010, 8010]


def test_captions_that_grow_word_by_word_say_everything_once():
    words = "we never promised not to grow".split()
    cues = [(n, n + 1, " ".join(words[: n + 1])) for n in range(len(words))]
    extracted = read(vtt(*cues))
    assert extracted.text == "we never promised not to grow\n"
    assert timed(extracted) == [(n * 1000, word) for n, word in enumerate(words)]


def test_who_repeats_himself_is_quoted_in_full():
    cues = [
        (n, n + 1, line)
        for n, line in enumerate(["No.", "No.", "Never.", "I said no.", "Why not?", "Ask them."])
    ]
    assert read(vtt(*cues)).text == "No. No. Never. I said no. Why not? Ask them.\n"


def test_a_pause_parts_paragraphs():
    assert (
        read(vtt((0, 1, "One."), (1.5, 2, "Two."), (9, 10, "Three."))).text
        == "One. Two.\n\nThree.\n"
    )


def test_cues_are_put_in_the_order_of_their_times():
    assert read(srt((2, 3, "second"), (1, 2, "first"))).text == "first second\n"


@pytest.mark.parametrize(
    "text",
    ["WEBVTT", "WEBVTT\n\nNOTE nothing", "WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>",
     "WEBVTT\n\nxx --> yy\nwords"],
)  # fmt: skip
def test_captions_without_words_are_refused(text):
    with pytest.raises(TranscriptError, match="captions are empty"):
        read(text)


def test_too_many_cues_are_refused(monkeypatch):
    monkeypatch.setattr(captions, "MAX_CUES", 2)
    with pytest.raises(TranscriptError, match="3 cues; at most 2"):
        read(vtt((0, 1, "a"), (1, 2, "b"), (2, 3, "c")))


def test_what_only_mentions_captions_is_plain_text():
    assert read("WEBVTTX is no such file, nor is this.").media_type == "text/plain"
    assert extract_text(b"1\nHe said --> that.\n").media_type == "text/plain"


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n" + "00:01.000 --> 00:02.000\n<v " + "a" * 1_000_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<" * 1_000_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<c>" * 600_000 + "x",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "&amp" * 600_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "{\\" * 600_000,
        "WEBVTT\n\n" + "00:00.000 --> 00:01.000\nno\n\n" * 90_000,
        "WEBVTT\n\n" + "9999999999:59:59.999 --> 9999999999:59:59.999\nno\n\n" * 3,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "a:" * 600_000,
        "1\n00:00:01,000 --> 00:00:02,000\n" + "x\n" * 900_000,
    ],
)
def test_hostile_captions_take_no_minutes(text):
    started = time.perf_counter()
    with contextlib.suppress(TranscriptError):
        extract_text(text.encode())
    assert time.perf_counter() - started < 30


PIECES = st.sampled_from(
    ["WEBVTT", "\n\n", "\n", "00:01.000 --> 00:02.000", "00:00:01,5 --> 00:00:02,000", "1", "<v Anna>",
     "</v>", "<c>", "-->", "MR. ROE: ", ">> ", "- ", "&amp;", "&#0;", "words", " ", "<00:01.000>", "\x0b",
     "\u2028", "{\\an8}", "NOTE "]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=5), max_size=40),
    st.sampled_from(["WEBVTT\n\n", "1\n00:00:01,000 --> 00:00:02,000\n"]),
)
def test_any_captions_give_text_or_a_transcript_error(pieces, opening):
    try:
        extracted = read(opening + "".join(pieces))
    except (TranscriptError, UnicodeEncodeError):
        return
    offsets = [offset for offset, _ in extracted.times]
    assert extracted.text.strip()
    assert offsets == sorted(set(offsets))
    assert all(offset < len(extracted.text) for offset in offsets)
    assert all(voice.start <= voice.words <= len(extracted.text) for voice in extracted.voices)
