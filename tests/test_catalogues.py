"""The catalogues of the readers' pages: whole, consistent with the sources, and compiled as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("de", "ru", "uk")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append((tag, tuple(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language):
    po = catalogue(language)

    assert len(po) > 300
    assert [e.msgid for e in po if not all(translations(e)) or e.fuzzy or e.obsolete] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_what_the_sentence_fills_in_and_mark_it_up_alike(language):
    wrong = []
    for entry in catalogue(language):
        allowed = set(PLACEHOLDER.findall(entry.msgid))
        allowed |= set(PLACEHOLDER.findall(entry.msgid_plural or ""))
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in translations(entry):
            given = set(PLACEHOLDER.findall(text))
            # One form of several may say its number in words.
            whole = given == wanted or (
                entry.msgid_plural and wanted - given <= {"%(n)d", "%(n)s", "%(number)s"}
            )
            if not whole or given - allowed:
                wrong.append((entry.msgid, text))
            if sorted(Tags(entry.msgid).found) != sorted(Tags(text).found):
                wrong.append((entry.msgid, text))
            if entry.msgid[:1].isspace() != text[:1].isspace():
                wrong.append((entry.msgid, text))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_says_what_the_written_one_says(language):
    po = catalogue(language)
    mo = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))

    def said(entries):
        return {(e.msgctxt, e.msgid): (e.msgstr, dict(e.msgstr_plural)) for e in entries}

    assert said(mo) == said(po.translated_entries())


def test_the_catalogues_hold_what_the_sources_say(tmp_path):
    """Extracts anew and compares: `make messages` was run after the last change of a sentence."""
    if not shutil.which("xgettext"):
        pytest.skip("GNU gettext is not installed (Debian: gettext); .ci/run installs it")
    copy = tmp_path / "tree"
    for part in ("claims", "sources", "config", "templates", "locale", "manage.py"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(
                source, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
            )
        else:
            shutil.copy(source, copy / part)
    command = "makemessages --no-obsolete --add-location never -l de -l ru -l uk".split()
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=copy,
        env=os.environ | {"DEBUG": "on", "DATABASE_URL": "sqlite://:memory:"},
        check=True,
        capture_output=True,
    )

    for language in LANGUAGES:
        now = polib.pofile(str(copy / "locale" / language / "LC_MESSAGES" / "django.po"))
        held = {(e.msgctxt, e.msgid, e.msgid_plural) for e in catalogue(language)}
        assert {(e.msgctxt, e.msgid, e.msgid_plural) for e in now} == held
