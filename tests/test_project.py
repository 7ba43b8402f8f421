"""The files of the project agree with one another."""

import re
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_constraints_name_one_exact_version_each_and_no_host():
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []
    names = [line.split("==")[0].lower() for line in lines]
    assert len(names) == len(set(names))


def test_every_dependency_is_pinned_in_the_constraints():
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", name)[0]).lower()

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    pinned = {plain(line) for line in (ROOT / "constraints.txt").read_text().splitlines()}

    assert {plain(name) for name in wanted} - pinned == set()


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text().split("[tool.")[0]
    listed = [line for line in text.splitlines() if re.match(r'  "', line)]

    assert listed
    assert [line for line in listed if not re.search(r",\s+# \w", line)] == []
