"""A fresh instance that was loaded from an export answers as the one that wrote it."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from claims.bulk.exporting import export
from claims.bulk.importing import import_data
from claims.models import Appearance, Claim, Verdict
from sources.models import Source
from sources.models.seen import newest_entry
from tests import factories
from tests.claims.bulk.oddities import odd_world
from tests.claims.world import RESOURCES

pytestmark = pytest.mark.django_db(transaction=True)


def answers(client):
    """What the API answers: each page of each list, every row in full, every edition of a text; and the
    page of every claim and version, retired ones with where they lead."""
    found = {}

    def ask(path):
        response = client.get(path)
        found[path] = (response.status_code, response.get("Location"), response.content)
        return response

    for resource in RESOURCES:
        path = f"/api/v1/{resource}/?page_size=20"
        while path:
            page = ask(path).json()
            path = (page["next"] or "").removeprefix("http://testserver")
            for row in page["results"]:
                detail = row["api_url"].removeprefix("http://testserver")
                ask(detail)
                for edition in row.get("editions", ()):
                    ask(f"{detail}?edition={edition['edition']}")
    for claim in Claim.objects.exclude(published_at=None):
        ask(f"/api/v1/claims/{claim.slug}/")
        ask(claim.get_absolute_url())
    for verdict in Verdict.objects.published().select_related("claim"):
        ask(verdict.get_absolute_url())
    return found


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def without_place(data):
    """A descriptor without its place in the change feed: another instance has another feed."""
    package = json.loads(data)
    assert package.pop("changes_cursor")
    return package


def exported(to):
    """The folder of an export; the database is then empty."""
    folder = export(to).path
    call_command("flush", interactive=False, verbosity=0)
    assert not Claim.objects.exists()
    return folder


def test_every_resource_answers_the_same_and_is_exported_the_same(client, tmp_path):
    call_command("load_seeds", verbosity=0)
    odd_world()
    before = answers(client)
    assert len(before) > 250
    folder = exported(tmp_path / "first")

    import_data(folder)

    after = answers(client)
    assert after.keys() == before.keys()
    for path, told in before.items():
        assert after[path] == told, path
    first, second = files(folder), files(export(tmp_path / "second").path)
    assert first.keys() == second.keys()
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {"datapackage.json", "SHA256SUMS"}
    assert without_place(first["datapackage.json"]) == without_place(second["datapackage.json"])
    assert b"XYZZY" not in b"".join(first.values())


def test_the_desk_can_go_on_from_what_was_imported(tmp_path):
    odd_world()
    import_data(exported(tmp_path))

    # Accounts that nobody can sign in to, and two people for every verdict.
    people = get_user_model().objects.all()
    assert people.count() == 4  # an author and a reviewer without a name, and two of one name
    assert not any(user.is_active or user.has_usable_password() for user in people)
    # Every row has a history to be compared with, and the next one a number of its own.
    for model in (Claim, Source, Appearance, Verdict):
        assert all(newest_entry(row) for row in model.objects.all()), model
    claim = Claim.objects.get(slug="promise")
    assert [topic.topic.slug for topic in claim.history.get().topics.all()] == ["alliance"]
    assert claim.history.get().history_date == claim.updated_at
    author, reviewer = (factories.UserFactory(is_superuser=True) for _ in range(2))
    fresh = factories.ClaimFactory(slug="fresh")
    assert fresh.pk > max(Claim.objects.exclude(pk=fresh.pk).values_list("pk", flat=True))
    verdict = factories.VerdictFactory(
        claim=claim, author=author, reason="error", note="Found later.", headline="A new finding."
    )
    verdict.submit(by=author)
    verdict.approve(by=reviewer)
    assert claim.verdicts.published().count() == 3


def rows():
    """The number of rows in each table of ours."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            inner = table.startswith(("claims_fulltext", "claims_trigrams"))  # of SQLite's indexes
            if table.startswith(("claims_", "sources_", "auth_user")) and not inner:
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
                found[table] = cursor.fetchone()[0]
    return found


def test_a_dry_run_does_everything_and_leaves_nothing(tmp_path):
    odd_world()
    folder = exported(tmp_path)
    before = rows()
    # The words of PostgreSQL's index stay until it is made anew: no model, so none that is emptied.
    assert {table for table, n in before.items() if n} <= {"claims_word"}

    counted = import_data(folder, dry_run=True).rows

    assert (counted["claims"], counted["retired_claims"]) == (6, 1)
    assert rows() == before
