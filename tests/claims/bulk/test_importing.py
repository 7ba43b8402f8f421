"""What an import refuses, naming file and line, and that nothing is then there."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor

from claims.bulk.exporting import export
from claims.bulk.importing import NotEmpty, _first_and_last, import_data
from claims.bulk.package import read_sums
from claims.bulk.reading import Refused
from claims.bulk.tables import TABLES
from tests.claims.bulk.oddities import odd_world

TIME = "takes a time in UTC: 2022-01-07T09:00:00Z."

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def exported(django_db_setup, django_db_blocker, tmp_path_factory):
    """An export of the odd world, which is then taken back: every test finds the database empty."""
    with django_db_blocker.unblock(), transaction.atomic():
        odd_world()
        path = export(tmp_path_factory.mktemp("exported")).path
        transaction.set_rollback(True)
    return path


@pytest.fixture
def folder(exported, tmp_path):
    """A copy of it, to be damaged."""
    (tmp_path / "current").symlink_to(exported.name)
    return shutil.copytree(exported, tmp_path / exported.name)


def change(folder, table, line, /, **values):
    """Change `values` in a line (from 1) of a table, and make the checksums fit."""
    path = folder / f"{table}.ndjson"
    lines = path.read_bytes().split(b"\n")
    lines[line - 1] = json.dumps(json.loads(lines[line - 1]) | values).encode()
    path.write_bytes(b"\n".join(lines))
    sum_up(folder)


def sum_up(folder):
    listed = [name for _, _, name in read_sums(folder / "SHA256SUMS")]
    (folder / "SHA256SUMS").write_text(
        "".join(
            f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in listed
            if (folder / name).exists()
        )
    )


def refusal(folder, *, by=Refused):
    """What the import says; nothing is there before or after."""
    with pytest.raises(by) as refused:
        import_data(folder)
    for table in TABLES:
        assert not table.model._default_manager.exists(), table.name
    assert not get_user_model().objects.exists()
    return str(refused.value)


def test_the_export_is_found_by_directory_link_or_descriptor(folder):
    for path in (folder, folder.parent, folder / "datapackage.json"):
        assert import_data(path, dry_run=True).rows["claims"] == 6
    assert (
        refusal(folder / "texts")
        == f"{folder / 'texts'}: there is no datapackage.json, so it is no export."
    )


def test_what_an_import_does_not_need_may_be_missing(folder):
    (folder / "claims.csv").unlink()
    (folder / "counterclaim.ttl").unlink()

    assert import_data(folder, dry_run=True).rows["claims"] == 6


def test_a_damaged_or_missing_file_is_named(folder):
    with (folder / "claims.ndjson").open("ab") as file:
        file.write(b" ")
    assert refusal(folder) == "claims.ndjson: it is damaged: its SHA-256 is not that of SHA256SUMS."
    (folder / "claims.ndjson").unlink()
    assert refusal(folder).endswith("claims.ndjson is missing.")
    sum_up(folder)
    assert refusal(folder) == "SHA256SUMS: claims.ndjson is not listed."
    (folder / "SHA256SUMS").unlink()
    assert refusal(folder) == "SHA256SUMS: it is missing, so nothing can be verified."


@pytest.mark.parametrize(
    "line",
    [
        "nonsense\n",
        "0" * 64 + "  ../../etc/passwd\n",
        "0" * 64 + "  /etc/passwd\n",
        "0" * 64 + "  snapshots/../x\n",
    ],
)
def test_a_checksum_of_another_file_is_refused(folder, line):
    (folder / "SHA256SUMS").write_text(line)

    assert refusal(folder) == (
        "SHA256SUMS: SHA256SUMS, line 1: it is no checksum of a file of an export."
    )


def test_another_version_of_the_format_is_refused(folder):
    path = folder / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace('"version": "1.1.0"', '"version": "2.0.0"'))
    sum_up(folder)

    assert refusal(folder) == ("datapackage.json: its version is 2.0.0; this program reads 1.1.0.")


@pytest.mark.parametrize(
    ("table", "line", "values", "what"),
    [
        ("speakers", 2, {"name": ""}, "“name” is empty."),
        ("speakers", 2, {"name": None}, "“name” takes a text."),
        ("speakers", 2, {"name": 7}, "“name” takes a text."),
        ("speakers", 2, {"name": "x" * 201}, "“name” is longer than 200 characters."),
        ("speakers", 2, {"name": "a\0b"}, "“name” holds a NUL character."),
        ("speakers", 2, {"name": "\ud800"}, "“name” holds half a character (a lone surrogate)."),
        ("speakers", 2, {"kind": "ghost"}, "“kind” takes one of person, organisation, state, group."),
        ("speakers", 2, {"wikidata_id": "312"}, "“wikidata_id”: A Wikidata id is Q and a number: Q312."),
        ("speakers", 2, {"id": True}, "“id” takes a whole number from 0."),
        ("speakers", 2, {"id": -1}, "“id” takes a whole number from 0."),
        ("speakers", 2, {"published_at": None}, f"“published_at” {TIME}"),
        ("speakers", 2, {"published_at": "2022-01-07"}, f"“published_at” {TIME}"),
        ("speakers", 2, {"published_at": "2022-02-30T00:00:00Z"}, f"“published_at” {TIME}"),
        ("speakers", 2, {"password": "x"}, "“password” is unknown."),
        ("turns", 1, {"times": "[]"}, "“times” takes a list."),
        ("turns", 1, {"times": [[0]]}, "“times” takes a list of pairs of whole numbers."),
        ("turns", 1, {"times": [[0, 1.5]]}, "“times” takes a whole number from 0."),
        ("sources", 1, {"url": "javascript:alert(1)"}, "“url”: Enter a valid URL."),
        ("sources", 1, {"date": "2022-02-30"}, "“date” takes a date: 2022-01-07."),
        ("claims", 1, {"decides_whole": 1}, "“decides_whole” takes true or false."),
        ("claims", 1, {"part_of": "nobody"}, "“part_of”: claims.ndjson has no 'nobody'."),
        ("appearances", 1, {"claimant": "nobody"}, "“claimant”: speakers.ndjson has no 'nobody'."),
        ("appearances", 1, {"passage": 10**6}, "“passage”: passages.ndjson has no 1000000."),
        ("snapshots", 1, {"sha256": "../../../etc/passwd"}, "“../../../etc/passwd” is no SHA-256."),
        ("snapshots", 1, {"sha256": "a" * 64}, f"snapshots/{'a' * 64} is missing."),
        ("verdicts", 4, {"author": "x" * 301}, f"the name {'x' * 40}… is longer than an account can hold."),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_taken_is_named_with_its_line(folder, table, line, values, what):
    change(folder, table, line, **values)

    assert refusal(folder) == f"{table}.ndjson, line {line}: {what}"


def test_a_date_that_is_none_and_a_number_too_large_are_named(folder):
    change(folder, "sources", 1, date="22-2-30xxx")
    assert refusal(folder).startswith("sources.ndjson, line 1: “date” ")
    change(folder, "sources", 1, date=None, date_precision="", id=2**63)
    assert refusal(folder) == "sources.ndjson, line 1: “id” takes a whole number from 0."


@pytest.mark.parametrize(
    ("table", "line", "values", "what"),
    [
        ("passages", 2, {"exact": "Nobody said so."}, "a passage reads exactly what"),
        ("sources", 2, {"derivation": ""}, "sources_source_derivation_says_how"),
        ("claims", 3, {"id": 1_000_000, "slug": "promise"}, "slug"),
        ("verdicts", 1, {"ended_at": None, "ending": "", "ending_reason": ""}, "verdict"),
        ("verdicts", 2, {"note": ""}, "claims_verdict_later_version_says_what_changed"),
    ],
)
def test_what_the_database_refuses_is_named_with_its_line(folder, table, line, values, what):
    change(folder, table, line, **values)

    told = refusal(folder)

    # Of two verdicts in force the second is one too many.
    at = 2 if "ended_at" in values else line
    assert told.startswith(f"{table}.ndjson, line {at}: the database refuses it: "), told
    assert what in told


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{", "it is not JSON in UTF-8."),
        (b"\xff", "it is not JSON in UTF-8."),
        (b"[]", "it is not an object."),
        (b"{}", "“description” is missing, “id” is missing, “name” is missing, “slug” is missing."),
    ],
)
def test_a_line_that_is_no_row_is_named(folder, line, what):
    (folder / "topics.ndjson").write_bytes(line + b"\n")
    sum_up(folder)

    assert refusal(folder) == f"topics.ndjson, line 1: {what}"


def test_bytes_that_are_others_than_their_name_says_are_refused(folder):
    (path,) = [p for p in (folder / "texts").iterdir() if p.read_text("utf-8").startswith("Second")]
    path.write_text("Something else.")
    sum_up(folder)

    assert refusal(folder) == (
        f"snapshots.ndjson, line 2: texts/{path.name} has another SHA-256 than its name says."
    )


def test_only_a_fresh_instance_is_loaded(folder):
    import_data(folder)

    with pytest.raises(NotEmpty, match=r"it has \d+ speakers, .*6 claims|it has .*7 claims"):
        import_data(folder)


def test_the_command_says_what_it_did_and_what_was_wrong(folder, capsys):
    call_command("import_data", folder, dry_run=True)
    assert capsys.readouterr().out.endswith(" rows can be imported: nothing was written.\n")
    change(folder, "topics", 1, id="1")
    with pytest.raises(CommandError, match=r"line 1: “id” takes .* Nothing was imported\."):
        call_command("import_data", folder)
    change(folder, "topics", 1, id=1)
    call_command("import_data", folder)
    assert capsys.readouterr().out.startswith("Imported ")
    with pytest.raises(CommandError, match="This instance is not empty: it has"):
        call_command("import_data", folder)


def test_a_database_without_tables_is_told_from_a_fresh_one(folder, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("one", False)])

    with pytest.raises(CommandError, match="Run migrate first"):
        call_command("import_data", folder)

    assert not get_user_model().objects.exists()


@pytest.mark.parametrize(
    "name", ["", "Ann", "Ann Doe", "Ann van Doe", f"{'a' * 150} {'b' * 150}", f"A {'b' * 148} c"]
)
def test_a_name_comes_out_of_its_account_as_it_went_in(name):
    first, last = _first_and_last(name)

    assert get_user_model()(first_name=first, last_name=last).get_full_name() == name
    assert max(len(first), len(last)) <= 150
