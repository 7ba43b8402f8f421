"""The two-person rule of publication, correction and withdrawal, tried from every side, and all at once.

What each step does and refuses by itself is in test_verdict_life_cycle.py and test_withdrawals.py.
"""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from claims.models import Verdict
from tests import factories
from tests.browser.conftest import ROOT, empty_database
from tests.claims.test_admin import url

pytestmark = pytest.mark.django_db


def submitted(reason, *, author, by, rewriter):
    """A first version or a correction (by `reason`) in which three people had a hand."""
    later = (
        {"claim": factories.approved().claim, "note": "It was wrong."} if reason != "first" else {}
    )
    verdict = factories.VerdictFactory(author=author, reason=reason, **later)
    verdict.headline, verdict._history_user = "In other words.", rewriter
    verdict.save()
    verdict.submit(by=by)
    return verdict


@transaction.atomic
def publish_in_sql(verdict, by):
    for row in verdict.claim.verdicts.in_force():
        row._end("superseded", by=by, at=timezone.now(), why="It was wrong.")
    Verdict.objects.filter(pk=verdict.pk).update(published_at=timezone.now(), reviewer=by)


@pytest.mark.parametrize("reason", ["first", "error"])
@pytest.mark.parametrize("part", ["author", "by", "rewriter"])
def test_who_had_a_hand_in_a_version_publishes_it_from_no_side(reason, part):
    people = {name: factories.editor() for name in ("author", "by", "rewriter")}
    verdict = submitted(reason, **people)
    one = people[part]
    before = Verdict.objects.filter(pk=verdict.pk).values().get()

    # The model, from the row and from a copy that remembers other people.
    forged = Verdict.objects.get(pk=verdict.pk)
    forged.submitted_by = forged.author = factories.editor()
    for row in (verdict, forged):
        with pytest.raises((PermissionDenied, ValidationError)):
            row.approve(by=one)
    # The desk: two sessions, the form's own button, the step, a list's action, fields that are not asked.
    sent = {"seen": verdict.claim.edition(), "reviewer": one.pk, "author": "", "by": "1"}
    for session in (Client(), Client()):
        session.force_login(one)
        assert session.get(url(verdict, "step", "approve")).status_code == 403
        assert session.post(url(verdict, "step", "approve"), sent).status_code == 403
        assert session.post(url(verdict), sent | {"_step": "approve"}).status_code == 403
        assert session.post(url(verdict, "step", "publish"), sent).status_code == 404
        bulk = {"action": "approve", "_selected_action": [verdict.pk]}
        session.post(url(verdict).partition(f"{verdict.pk}/")[0], bulk)
    # The database, of which only the rewriter is not told: that is in the history alone.
    if part != "rewriter":
        with pytest.raises(IntegrityError, match="claims_verdict_reviewer_is_another"):
            publish_in_sql(verdict, by=one)
    assert Verdict.objects.filter(pk=verdict.pk).values().get() == before
    assert verdict.claim.verdicts.in_force().count() == (reason != "first")


# Real processes on a real database: a SQLite file, or the PostgreSQL that DATABASE_URL names. Each pair of
# steps is begun at the same time by two processes, over and over.
ROUNDS = 6
PROGRAM = f"""
import json, multiprocessing, sys
import django
django.setup()
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from claims import gates
from claims.models import Verdict, Withdrawal
from tests import factories

# The races are about people: what these verdicts rest on is nobody's business here.
gates.lacking = lambda verdict: []

context = multiprocessing.get_context("fork")
folder = sys.argv[1]

def child(work, *args):
    process = context.Process(target=work, args=args)
    process.start()
    return process

def begin():
    # `one` and `two` are editors; each race has a claim of its own for each round.
    one, two, other = (factories.editor(username=name) for name in ("one", "two", "other"))
    rating = factories.RatingFactory(slug="false")

    def verdict(slug, **more):
        return factories.VerdictFactory(claim__slug=slug, rating=rating, author=other, **more)

    for n in range({ROUNDS}):
        for race in ("confirmed twice", "confirmed by oneself", "superseded"):
            row = verdict(f"{{race}} {{n}}")
            row.submit(by=other)
            row.approve(by=two)
            if race == "superseded":
                later = factories.VerdictFactory(
                    claim=row.claim, rating=rating, author=other, reason="error", note="Wrong."
                )
                later.submit(by=other)
            else:
                row.propose_withdrawal(by=one, why="Forged.")
        verdict(f"proposed twice {{n}}").submit(by=other)
        Verdict.objects.get(claim__slug=f"proposed twice {{n}}").approve(by=two)
        verdict(f"approved twice {{n}}").submit(by=other)
        verdict(f"approved by oneself {{n}}")

def verdict_of(race, n, **more):
    return Verdict.objects.get(claim__slug=f"{{race}} {{n}}", **more)

def withdrawal_of(race, n):
    return Withdrawal.objects.get(verdict__claim__slug=f"{{race}} {{n}}")

def submit_and_approve(race, n, by):
    row = verdict_of(race, n)
    row.submit(by=by)
    row.approve(by=by)

# What each of the two does: (who, what).
def confirm(race, n, by):
    withdrawal_of(race, n).confirm(by=by)

def approve(race, n, by):
    verdict_of(race, n, published_at=None).approve(by=by)

def propose(race, n, by):
    verdict_of(race, n, version=1).propose_withdrawal(by=by, why="Forged.")

RACES = {{
    "confirmed twice": [("two", confirm), ("other", confirm)],
    "confirmed by oneself": [("one", confirm), ("one", confirm)],
    "superseded": [("one", propose), ("two", approve)],
    "proposed twice": [("one", propose), ("two", propose)],
    "approved twice": [("one", approve), ("two", approve)],
    "approved by oneself": [("one", submit_and_approve), ("one", submit_and_approve)],
}}

def take_part(side, barrier):
    from django.contrib.auth import get_user_model
    told = []
    people = {{user.username: user for user in get_user_model().objects.all()}}
    for race, sides in RACES.items():
        who, step = sides[side]
        for n in range({ROUNDS}):
            barrier.wait(60)
            try:
                step(race, n, people[who])
                said = "done"
            except (PermissionDenied, ValidationError, IntegrityError, Verdict.DoesNotExist) as refusal:
                said = type(refusal).__name__
            told.append((race, n, said))
    json.dump(told, open(f"{{folder}}/side{{side}}", "w"))

def end():
    found = {{}}
    for row in Verdict.objects.select_related("claim"):
        found.setdefault(row.claim.slug, {{}})[row.version] = row.state
    proposals = {{}}
    for row in Withdrawal.objects.select_related("verdict__claim"):
        proposals.setdefault(row.verdict.claim.slug, []).append(row.outcome)
    json.dump([found, proposals], open(f"{{folder}}/end", "w"))

# This process never touches the database, so that its children share no connection.
def run(*processes):
    for process in processes:
        process.join(120)
        assert process.exitcode == 0, process

run(child(begin))
barrier = context.Barrier(2)
run(*[child(take_part, side, barrier) for side in (0, 1)])
run(child(end))
"""


def test_two_at_once_are_no_more_than_one_after_the_other(tmp_path):
    with empty_database("two_people", tmp_path) as database:
        environment = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
            "DEBUG": "on",
            "ARCHIVING": "off",
            "DATABASE_URL": database,
        }
        for command in (
            [sys.executable, "manage.py", "migrate", "claims", "--verbosity=0"],
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
        ):
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=240)

    sides = [json.loads((tmp_path / f"side{side}").read_text()) for side in (0, 1)]
    said = {}
    for race, n, answer in [*sides[0], *sides[1]]:
        said.setdefault(race, {}).setdefault(n, []).append(answer)
    verdicts, proposals = json.loads((tmp_path / "end").read_text())

    for n in range(ROUNDS):
        for race in ("confirmed twice", "approved twice", "proposed twice"):
            assert said[race][n].count("done") == 1, (race, said[race][n])
        assert verdicts[f"confirmed twice {n}"] == {"1": "withdrawn"}
        assert proposals[f"confirmed twice {n}"] == ["confirmed"]
        assert proposals[f"proposed twice {n}"] == [""]
        assert verdicts[f"approved twice {n}"] == {"1": "published"}
        assert "done" not in said["confirmed by oneself"][n] + said["approved by oneself"][n]
        assert verdicts[f"confirmed by oneself {n}"] == {"1": "published"}
        assert verdicts[f"approved by oneself {n}"] == {"1": "submitted"}
        # Whichever came first: what was proposed before fell away, and after is refused.
        assert verdicts[f"superseded {n}"] == {"1": "superseded", "2": "published"}
        proposed, approved = said["superseded"][n]
        assert approved == "done"
        assert proposals.get(f"superseded {n}") == (["lapsed"] if proposed == "done" else None)
