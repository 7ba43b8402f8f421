"""The words that quantities.py reads numbers by: English, German, Russian and Ukrainian ones. Pure data."""

from __future__ import annotations

import re

QUALIFIERS = {
    word: meant
    for meant, words in {
        "about": "about around roughly approximately circa some etwa rund ungefähr около примерно близько",
        "nearly": "nearly almost knapp beinahe fast почти майже",
        "more": "over exceeding более больше свыше понад більше",
        "less": "under below менее меньше менше",
    }.items()
    for word in words.split()
}
QUALIFIERS_OF_TWO = {
    "more than": "more", "at least": "more", "mehr als": "more", "не менее": "more", "не менше": "more",
    "less than": "less", "fewer than": "less", "at most": "less", "up to": "less", "weniger als": "less",
    "bis zu": "less", "не более": "less", "не більше": "less", "close to": "nearly", "as many": "about",
}  # fmt: skip

SCALES = {
    r"k|thousands?|tausend|тыс|тысяч\w*|тис|тисяч\w*": 1e3,
    r"mn|mln|mio|millions?|millionen|млн|миллион\w*|мільйон\w*": 1e6,
    r"bn|billions?|milliarden?|mrd|млрд|миллиард\w*|мільярд\w*": 1e9,
    r"tn|trillions?|billionen|трлн|триллион\w*|трильйон\w*": 1e12,
}
KINDS = {
    r"%|percent|pct|prozent|процент\w*|відсот\w*": "%",
    r"dollars?|usd|доллар\w*|долар\w*": "$",
    r"euros?|eur|евро|євро": "€",
    r"pounds?|gbp|фунт\w*": "£",
    r"rubles?|roubles?|rubel|рубл\w*": "₽",
    r"hryvni\w*|uah|грив\w*": "₴",
    r"years?|jahren?|jahre|лет|років|роки": "years",
    r"months?|monaten?|месяц\w*|місяц\w*": "months",
    r"weeks?|wochen?|недел\w*|тижн\w*": "weeks",
    r"days?|tagen?|дней|дня|днів|дні": "days",
    r"hours?|stunden?|часов|часа|годин\w*": "hours",
    r"minutes?|minuten?|минут\w*|хвилин\w*": "minutes",
    r"km|kilomet\w+|километ\w+|кіломет\w+": "km",
    r"miles?|meilen?|миль|мили": "miles",
    r"met(?:er|re)s?|метр\w*": "metres",
    r"inch(?:es)?|zoll|дюйм\w*": "inches",
    r"tons?|tonnes?|tonnen?|тонн\w*": "tons",
    r"°|degrees?|grad|градус\w*": "degrees",
    r"times|раз|рази|разів": "times",
}
MONTHS = re.compile(
    r"(?:jan|feb|apr|jun|jul|aug|sep|oct|nov|dec|okt|dez)[a-z]{0,6}|mar(?:ch)?|may|märz|mai"
    r"|(?:янв|фев|март|апр|июн|июл|авг|сент|окт|нояб|дек|січ|лют|берез|квіт|трав|черв|лип|серп|верес"
    r"|жовт|листоп|груд)\w*|мая"
)
# Behind these a number is a label, not a quantity.
LABELS = {
    word: words.split()[0]
    for words in (
        "article art artikel статья статьи статті стаття §",
        "number no nr №",
        "page seite",
        "chapter kapitel",
        "paragraph para absatz",
        "section",
        "title",
        "resolution",
        "amendment",
        "phase",
    )
    for word in words.split()
}
BEFORE_YEAR = frozenset(
    "in since by until till from during before after year of and to through between im jahr seit bis vor nach"
    " в у с до после года году з від після року році".split()
)
PEOPLE = frozenset("people men women children menschen человек людей осіб солдат".split())
COUNT_ENDS = frozenset(
    "of the a an and or in on at to for from by with was were is are has have had will that which who than as"
    " der die das und oder in im auf zu für von mit war waren ist sind hat haben wird dass"
    " и или в на с от для был были что и й або у з від для був були що".split()
)


def _worth() -> dict[str, float]:
    english = (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    )
    german = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"
    russian = "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать"
    ukrainian = "один два три чотири п’ять шість сім вісім дев’ять десять одинадцять дванадцять"
    tens = (
        "twenty thirty forty fifty sixty seventy eighty ninety",
        "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
        "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
        "двадцять тридцять сорок п’ятдесят шістдесят сімдесят вісімдесят дев’яносто",
    )
    worth = {
        word: float(value)
        for line in (f"{english} sixteen seventeen eighteen nineteen", german, russian, ukrainian)
        for value, word in enumerate(line.split(), 1)
    }
    worth |= {word: 10.0 * n for line in tens for n, word in enumerate(line.split(), 2)}
    worth |= {
        f"{unit}und{ten}": 10.0 * n + value
        for n, ten in enumerate(tens[1].split(), 2)
        for value, unit in enumerate(("ein", *german.split()[1:9]), 1)
    }
    return worth | {"dozen": 12.0, "dutzend": 12.0}


WORTH = _worth()
ONE = frozenset("a an one eins один ein eine".split())
HUNDRED = frozenset("hundred hundert сто".split())
PARTS = {"half": 2, "halves": 2, "quarter": 4, "third": 3, "fifth": 5, "tenth": 10}
PARTS |= {"viertel": 4, "drittel": 3, "fünftel": 5, "hälfte": 2}
