"""Say what each turn of a transcript is: a statement, a question, an answer or moderation.

Printed role words decide first ("QUESTION:", "MODERATOR:"). What they leave open follows from
behaviour: a person who only opens, closes and hands over moderates, whatever the office; a person
who asks again and again, where no questioner is labelled, is an interviewer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sources.label_shapes import (
    FLOOR_WORDS,
    MODERATION_WORDS,
    QUESTION_WORDS,
    person_key,
    role_word,
)

Role = Literal["statement", "question", "answer", "moderation"]

LONGEST_INTRODUCTION = 160  # words; who says more in one turn makes a statement
LONGEST_HANDOVER = 60
LONGEST_FAREWELL = 8
_ASKS = re.compile(r"\?[\s\"”’»)\]]*(?:\[\d+\]\s*|\([^()]{1,60}\)\s*)*\Z")
_NAME_ALONE = re.compile(
    r"(?!(?:yes|no|sure|right|wrong|thanks?|okay|ok|yeah|so|well|да|нет|спасибо|хорошо)\b)"
    r"\w[\w’'-]*(?: \w[\w’'-]*){0,2}[.,]?",
    re.IGNORECASE,
)
_HANDS_OVER = re.compile(
    r"\b(?:questions?|go ahead|next|over to|turn (?:it|this|the call)|floor|call on|please)\b"
    r"|вопрос|пожалуйста|слово|будь ласка|питання|запитання",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Spoken:
    """A turn as the roles see it: its label, whether that was numbered, and its words."""

    label: str
    words: str
    numbered: bool = False


def assign_roles(turns: Sequence[Spoken]) -> list[Role]:
    """One role for each turn, in order."""
    people = [person_key(turn.label) for turn in turns]
    roles = [_printed_role(turn) for turn in turns]
    if any(turn.numbered for turn in turns):
        return _oral_questions(turns, people, roles)
    asking = [role == "question" for role in roles]
    for person in _interviewers(turns, people, roles):
        asking = [was or who == person for was, who in zip(asking, people, strict=True)]
    moderators = _moderators(turns, people, asking, roles) if "question" in roles else set()
    result: list[Role] = []
    asked = False
    for person, role, asks in zip(people, roles, asking, strict=True):
        asked = asked or asks
        if role:
            result.append(role)
        elif asks:
            result.append("question")
        elif person in moderators:
            result.append("moderation")
        else:
            result.append("answer" if asked else "statement")
    return result


def _printed_role(turn: Spoken) -> Role | None:
    word = role_word(turn.label)
    if word in QUESTION_WORDS:
        return "question"
    if word in FLOOR_WORDS:
        return "question" if "?" in turn.words else "statement"
    in_the_chair = "(in the chair)" in turn.label.casefold()
    return "moderation" if in_the_chair or word in MODERATION_WORDS else None


def _oral_questions(
    turns: Sequence[Spoken], people: list[str], roles: list[Role | None]
) -> list[Role]:
    """Question time in a parliament: numbered questions, answered by whoever speaks next.

    Between two numbered questions the same minister goes on answering; everyone else asks.
    """
    ministers: set[str] = set()
    result: list[Role] = []
    expecting = started = False
    for turn, person, role in zip(turns, people, roles, strict=True):
        if role:
            result.append(role)
        elif turn.numbered:
            started = expecting = True
            result.append("question")
        elif not started:
            result.append("statement")
        elif expecting or person in ministers:
            ministers.add(person)
            expecting = False
            result.append("answer")
        else:
            result.append("question")
    return result


def _interviewers(
    turns: Sequence[Spoken], people: list[str], roles: list[Role | None]
) -> list[str]:
    """Named people who ask: most of their turns end with one, hardly any of the others' do."""
    ends: defaultdict[str, list[bool]] = defaultdict(list)
    for turn, person, role in zip(turns, people, roles, strict=True):
        if role is None:
            ends[person].append(bool(_ASKS.search(turn.words[-200:])))
    labelled = "question" in roles
    askers = [who for who, asks in ends.items() if len(asks) > 1 and sum(asks) >= 0.6 * len(asks)]
    rest = [asked for who, asks in ends.items() if who not in askers for asked in asks]
    if not askers or not rest or sum(rest) > 0.3 * len(rest):
        return []
    if labelled:  # beside reporters, who asks every time
        return [who for who in askers if all(ends[who])]
    return [who for who in askers if len(ends[who]) > 2 and len(ends[who]) * 4 >= len(turns)]


def _moderators(
    turns: Sequence[Spoken], people: list[str], asking: list[bool], roles: list[Role | None]
) -> set[str]:
    """People who answer nothing: they open the meeting, close it, or hand over to a questioner."""
    named = [
        number
        for number, (asks, role) in enumerate(zip(asking, roles, strict=True))
        if not asks and role is None
    ]
    by_person: defaultdict[str, list[int]] = defaultdict(list)
    for number in named:
        by_person[people[number]].append(number)
    length = {number: len(turns[number].words.split()) for number in named}
    if len(by_person) < 2:
        return set()
    busiest = max(by_person, key=lambda who: sum(length[number] for number in by_person[who]))
    first_question = asking.index(True)
    last_question = len(asking) - 1 - asking[::-1].index(True)
    found: set[str] = set()
    for person, numbers in by_person.items():
        if person == busiest or max(length[number] for number in numbers) > LONGEST_INTRODUCTION:
            continue
        handing = [
            n
            for n in numbers
            if n + 1 < len(turns) and asking[n + 1] and length[n] <= LONGEST_HANDOVER
        ]
        closing = [
            n
            for n in numbers
            if n > last_question and (not asking[n - 1] or length[n] <= LONGEST_FAREWELL)
        ]
        says_so = {n for n in numbers if _HANDS_OVER.search(turns[n].words)}
        answers = {n for n in numbers if n and asking[n - 1]} - {
            *closing,
            *says_so.intersection(handing),
        }
        opening = [n for n in numbers if n == 0 and n < first_question]
        duties = {*handing, *opening, *closing}
        calls = any(n > first_question and _NAME_ALONE.fullmatch(turns[n].words) for n in handing)
        often = len(handing) > 1 or bool(opening and closing)
        dutiful = len(answers) * 4 <= len(numbers) and len(duties) >= 0.6 * len(numbers)
        if dutiful and (often or ((handing or opening) and (says_so or calls))):
            found.add(person)
    return found
