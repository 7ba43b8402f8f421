"""The house has three floors and a cellar, and its stairs lead one way: proved from the imports."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"jobs": 0, "sources": 1, "claims": 2, "config": 3}

# From a transcript to a page: each step may import those to its left.
STEPS = ["anchoring", "parsing", "extraction", "importing"]

# How the record is reached from the judgement, and must not reach into it.
ACCESSORS = sorted(
    {
        relation.get_accessor_name() or ""
        for model in apps.get_app_config("sources").get_models()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label == "claims"
    }
    - {""}
)

UNWELCOME = {"utils", "common", "core", "helpers", "services", "signals"}


def modules(package):
    return [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


def imported(path):
    """The absolute names of the modules that the file at `path` imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("floor", FLOORS)
def test_nothing_imports_from_a_floor_above(floor):
    above = [name for name in FLOORS if FLOORS[name] > FLOORS[floor]]
    offences = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(floor)
        for name in imported(path)
        if name.split(".")[0] in above
    ]
    assert modules(floor)
    assert offences == []


def names_in(step):
    """What a step of sources/ imports, be it a module or a package."""
    path = ROOT / "sources" / step
    files = list(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return {name for file in files for name in imported(file)}


@pytest.mark.parametrize("position", range(len(STEPS)))
def test_each_step_of_an_import_knows_only_the_steps_before_it(position):
    later = {f"sources.{step}" for step in STEPS[position + 1 :]}
    assert not names_in(STEPS[position]) & later


@pytest.mark.parametrize(
    "module",
    [
        "parsing",
        "anchoring",
        "reanchoring",
        "token_alignment",
        "differences",
        "extraction",
        "sentences",
        "cues",
        "traits",
        "detection_model",
        "detection",
    ],
)
def test_the_pure_steps_know_no_framework(module):
    assert "django" not in {name.split(".")[0] for name in names_in(module)}


def test_the_record_has_no_public_page_and_asks_nothing_of_the_judgement():
    for path in modules("sources"):
        text = path.read_text(encoding="utf-8")
        assert (
            "django.shortcuts" not in text or path.parts[-2] == "admin" or path.name == "admin.py"
        ), path
        found = re.search(rf"(\.|__|\")({'|'.join(ACCESSORS)})\b", text)
        assert not found, f"{path} follows a reverse accessor into claims: {found and found[0]}"
    assert not (ROOT / "sources" / "urls.py").exists()


def test_no_drawer_for_odds_and_ends_and_no_signals():
    found = [
        path.relative_to(ROOT)
        for package in FLOORS
        for path in modules(package)
        if path.stem in UNWELCOME
        or re.search(r"\b(pre|post)_(save|delete)\b|m2m_changed|@receiver", path.read_text("utf-8"))
    ]
    assert found == []
