"""Who may open what below /admin/: docs/permissions.md says it, and the site is asked whether it is so.

The table is read from the document, so that the two cannot differ. A new address needs a row there (this
file says which is missing); only what the site cannot work out itself is said here: MAKERS knows how to make
an object of a model, ABOUT which model an address is about whose name does not say so, SENT what a POST has
to carry to be more than an empty form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from itertools import product
from operator import attrgetter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import SUCCESS, WARNING, get_messages
from django.db import connection, transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_api_key.models import APIKey

from claims.annotate.forms import FORMS
from claims.models import Note, Verdict
from jobs.models import Worker
from sources.admin.conflict import SEEN
from sources.admin.steps import StepsAdmin
from sources.models import GlossaryNote, Host, Link, Relocation, SpeakerName
from tests import factories
from tests.claims.browsing import form_on
from tests.claims.test_admin_rights import publish

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
ROLES = ("anonymous", "researcher", "editor", "administrator", "superuser")
ANSWERS = {"yes", "no", "sign in"}

# What a request has to carry, by the end of the address's name: an empty one would only show a form,
# or be refused for what it lacks. Called with the object.
NEW_PASSWORD = {
    "password1": "a long enough phrase",
    "password2": "a long enough phrase",
    "usable_password": "true",
}
SENT: dict[str, Any] = {
    "_delete": lambda row: {"post": "yes"},
    "autocomplete": lambda row: {
        "app_label": "claims",
        "model_name": "appearance",
        "field_name": "claim",
    },
    "claims_claim_merge": lambda row: {"claim": row.pk, "into": factories.ClaimFactory().pk},
    "claims_claim_assign": lambda row: {"to": "nobody", "priority": "1"},
    "auth_user_add": lambda row: NEW_PASSWORD | {"username": "newcomer"},
    "auth_user_password_change": lambda row: NEW_PASSWORD,
    "claims_likelyduplicate_step:reject": lambda row: {"read": row.wording},
    "claims_note_write": lambda row: {"body": "Look at the date."},
    "_step:approve": lambda row: {"seen": row.claim.edition()},
    "_step:send-back": lambda row: {"why": "The date is missing."},
    "claims_readerreport_step:settle": lambda row: {
        "outcome": "no-error",
        "answer": "It is right.",
    },
    "claims_readerreport_step:hand": lambda row: {"to": factories.researcher().pk},
    "claims_readerreport_step:withhold": lambda row: {"why": "It names a child."},
    "claims_webhook_step:switch-off": lambda row: {"why": "They asked for it."},
    "claims_webhook_step:replay": lambda row: {"position": row.deliveries.get().position},
    "claims_verdict_step:override": lambda row: {
        "gate": "contrary-search",
        "why": "There was no time.",
    },
    "claims_verdict_step:take-back": lambda row: {"gate": "contrary-search"},
    "_step:propose-withdrawal": lambda row: {"why": "The source was wrong."},
    "claims_withdrawal_step:confirm": lambda row: {"seen": row.verdict.claim.edition()},
    "claims_withdrawal_step:decline": lambda row: {"why": "The source is genuine."},
    "sources_source_step:take-over": lambda row: {"take": "title=As printed"},
    "_revert": lambda row: {SEEN: row.history.first().pk},
    "rest_framework_api_key_apikey_add": lambda row: {"name": "Mirror"},
    "sources_snapshot_align": lambda row: {
        "with": factories.rendition_of(row).pk,
        "turn-1": "none",
        "initial-turn-1": "",
    },
    "sources_relocation_step:another": lambda row: {"quotation": "Nobody did"},
    "queue_many": lambda row: {"claim": row.pk, "do": "on", "priority": "1"},
    "queue_save": lambda row: {"query": "queue=mine", "name": "Mine"},
}
# Pages that only show: what is sent to them changes nothing, so that the table says GET alone.
SHOWING = re.compile(
    r"(index|app_list|_changelist|_history|autocomplete|jsi18n|view_on_site|password_change_done"
    r"|claims_verdict_readers|claims_claim_similar)$"
)
# The model that an address is about, where its name does not begin with it.
ABOUT = {
    **dict.fromkeys(
        (
            "annotate annotate_choices annotate_make annotate_passage annotate_quote annotate_similar "
            "annotate_suggestions annotations_export import_annotations"
        ).split(),
        "sources.snapshot",
    ),
    "annotate_note": "claims.note",
    "auth_user_password_change": "auth.user",
    "autocomplete": "claims.claim",
    "claims_note_write": "claims.claim",
    "queue_forget": "claims.savedfilter",
    "queue_many": "claims.claim",
    "view_on_site": "claims.claim",
}
# What stands in an address besides the object's own key. Called with the object.
PARTS: dict[str, Any] = {
    "app_label": lambda row: "claims",
    "entry": lambda row: list(row.history.all()[:2])[-1].pk,  # the one before the newest
    "kind": lambda row: "appearance" if isinstance(row, Relocation) else "claim",
    "snapshot_id": lambda row: row.passage.snapshot_id if isinstance(row, Note) else row.pk,
}
# What is done, or asked for, under one address: each has a row, `name:choice`, as steps have.
CHOICES = {"annotate_make": sorted(FORMS), "annotate_choices": ["claim", "speaker"]}


# --- The table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    page: str
    name: str  # of the address, without `admin:`; behind a colon the step or choice
    on: str  # the object: "", "draft", "public", "own", …
    method: str
    answers: tuple[str, ...]  # in the order of ROLES

    def __str__(self) -> str:
        return " ".join(filter(None, [self.method, self.name, self.on and f"({self.on})"]))


def braces(text: str) -> list[str]:
    """`claims_{claim,topic}_add` is short for two names."""
    parts = [part.split(",") for part in re.split(r"[{}]", text)]
    return ["".join(chosen) for chosen in product(*parts)]


def read_table() -> list[Row]:
    rows = []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("| ") or cells[0] == "Page" or set(cells[0]) <= set("- "):
            continue
        page, addresses, states, methods, *answers = cells
        for address in re.findall(r"`([^`]+)`", addresses):
            for name, on, method in product(
                braces(address), states.split(", "), methods.split(", ")
            ):
                rows.append(Row(page, name, on, method, tuple(answers)))
    return rows


TABLE = read_table()


# --- The addresses --------------------------------------------------------------------------------


def addresses() -> dict[str, Any]:
    """Every named address below /admin/, once for each step or choice that it has."""
    (desk,) = (known for known in get_resolver().url_patterns if str(known.pattern) == "admin/")
    found: dict[str, Any] = {}
    for pattern in below(desk):
        if pattern.name is None:
            continue
        choices = CHOICES.get(pattern.name, [])
        if pattern.name.endswith("_step"):
            choices = steps_of(pattern.name)
        if pattern.name.endswith("_changelist"):
            choices = ["", *actions_of(pattern.name)]
        for choice in choices or [""]:
            found.setdefault(":".join(filter(None, [pattern.name, choice])), pattern.pattern)
    return found


def below(resolver: Any) -> Iterator[Any]:
    for known in resolver.url_patterns:
        if hasattr(known, "url_patterns"):
            yield from below(known)
        else:
            yield known


def admin_of(name: str) -> Any:
    """The ModelAdmin that an address belongs to, or None."""
    found = (known for known in admin.site._registry.values() if model_of(name, known))
    return next(found, None)


def steps_of(name: str) -> list[str]:
    model_admin = admin_of(name)
    assert isinstance(model_admin, StepsAdmin)
    return [step.slug for step in model_admin.steps]


def actions_of(name: str) -> list[str]:
    """What a list can do with chosen rows, whoever may."""
    return [action for _, action, _ in admin_of(name)._get_base_actions()]


def model_of(name: str, model_admin: Any) -> bool:
    return name.startswith(f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_")


ADDRESSES = addresses()


def test_every_address_of_the_desk_has_a_row():
    assert sorted(set(ADDRESSES) - {row.name for row in TABLE}) == []


def test_every_row_has_an_address():
    assert sorted({row.name for row in TABLE} - set(ADDRESSES)) == []


def test_no_row_is_there_twice_and_each_answers_for_every_role():
    assert len({str(row) for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert len(row.answers) == len(ROLES), row
        assert set(row.answers) <= ANSWERS, row
        assert row.method in {"GET", "POST"}, row


def test_addresses_without_a_name_are_django_s_two_which_only_lead_on():
    (desk,) = (known for known in get_resolver().url_patterns if str(known.pattern) == "admin/")
    unnamed = {str(pattern.pattern) for pattern in below(desk) if pattern.name is None}

    assert unnamed == {"<path:object_id>/", "(?P<url>.*)$"}


def test_what_shows_and_acts_is_asked_both_ways():
    """A page that takes a POST has a row for it: none slips through that the table calls a page to read."""
    posted = {row.name for row in TABLE if row.method == "POST"}
    shown = {row.name for row in TABLE if row.method == "GET"} - posted

    assert [name for name in sorted(shown) if not SHOWING.search(name)] == sorted(ONLY_GET)


# Views that refuse a POST themselves (405): test_page_that_is_only_shown_takes_no_post asks them.
ONLY_GET = {
    *("annotate", "annotate_passage", "annotate_similar", "annotate_suggestions"),
    *("annotate_choices:claim", "annotate_choices:speaker"),
    *("annotations_export", "queue", "second_factor"),
    *("sources_capture_warc", "sources_snapshot_changes"),
}


# --- Objects --------------------------------------------------------------------------------------


def made(label: str, on: str, person: Any) -> Any:
    """An object of the model `label`, in the state that the table names, for `person` to try."""
    row = MAKERS[label](on, person)
    if "public" in on:
        whole = {
            "claims.citation": "rebuttal.claim",
            "sources.glossarynote": "source",
            "sources.link": "source",
        }.get(label)
        publish(attrgetter(whole)(row) if whole else row, factories.editor())
    if "additions" in on:
        factories.EvidenceFactory(claim=row)
    return row


def whose(on: str, person: Any) -> Any:
    return person if "own" in on and person is not None else factories.researcher()


def verdict(on: str, person: Any) -> Any:
    row = factories.VerdictFactory(author=whose(on, person))
    if "submitted" in on or on == "published":
        row.submit(by=factories.editor())
    if on == "published":
        row.approve(by=factories.editor())
    if "overridden" in on:
        held = {
            "gate": "contrary-search",
            "why": "There was no time.",
            "at": "2026-01-01T09:00:00Z",
        }
        Verdict.objects.filter(pk=row.pk).update(overrides=[held])
        row.refresh_from_db()
    return row


def webhook(on: str, person: Any) -> Any:
    row = factories.DeliveryFactory(state="arrived").webhook
    if on == "off":
        row.switch_off(by=factories.editor(), why="They asked for it.")
    return row


def moved_link(on: str, person: Any) -> Any:
    source = factories.SourceFactory(url="https://old.example.org/")
    Link.objects.update(state="moved", moved_to="https://new.example.org/")
    return source.link


def relocation(on: str, person: Any) -> Any:
    row = factories.relocation(new="The Alliance never ever promised that.")
    if "decided" in on:
        row.decide(by=factories.editor(), nowhere=True)
    if "annotated" in on:
        found = factories.AppearanceFactory(passage=row.passage)
        row.decide(by=factories.editor())
        if "quoted" in on:
            publish(found.claim, factories.editor())
    return row


def edition(on: str, person: Any) -> Any:
    """The second one of a text where the table says so."""
    return factories.relocation().snapshot if on == "later" else factories.transcript()


def account(on: str, person: Any) -> Any:
    return factories.UserFactory(is_superuser="superuser" in on)


def likely_duplicate(on: str, person: Any) -> Any:
    row = factories.LikelyDuplicateFactory()
    if on == "rejected":
        row.reject(by=factories.editor())
    return row


MAKERS: dict[str, Any] = {
    "auth.group": lambda on, person: Group.objects.create(name="interns"),
    "auth.user": account,
    "axes.accessattempt": lambda on, person: AccessAttempt.objects.create(
        username="anna", failures_since_start=5, attempt_time=timezone.now()
    ),
    "axes.accesslog": lambda on, person: AccessLog.objects.create(username="anna"),
    "claims.appearance": lambda on, person: factories.AppearanceFactory(),
    "claims.assignment": lambda on, person: factories.AssignmentFactory(),
    "claims.citation": lambda on, person: factories.CitationFactory(),
    "claims.claim": lambda on, person: factories.ClaimFactory(),
    "claims.delivery": lambda on, person: factories.DeliveryFactory(state=on or "pending"),
    "claims.evidence": lambda on, person: factories.EvidenceFactory(),
    "claims.externalreview": lambda on, person: factories.ExternalReviewFactory(),
    "claims.likelyduplicate": likely_duplicate,
    "claims.merge": lambda on, person: factories.ClaimFactory().merge_into(
        factories.ClaimFactory(), by=factories.editor()
    ),
    "claims.note": lambda on, person: factories.NoteFactory(
        author=whose(on, person),
        **({"passage": factories.passage()} if "passage" in on else {}),
    ),
    "claims.rating": lambda on, person: factories.RatingFactory(),
    "claims.ratingscale": lambda on, person: factories.RatingScaleFactory(slug="other"),
    "claims.rebuttal": lambda on, person: factories.RebuttalFactory(),
    "claims.savedfilter": lambda on, person: factories.SavedFilterFactory(
        owner=whose(on, person), shared="shared" in on
    ),
    "claims.readerreport": lambda on, person: factories.ReaderReportFactory(
        verdict=factories.VerdictFactory(author=whose(on, person)), consent=True
    ),
    "claims.search": lambda on, person: factories.SearchFactory(),
    "claims.topic": lambda on, person: factories.TopicFactory(),
    "claims.verdict": verdict,
    "claims.webhook": webhook,
    "claims.withdrawal": lambda on, person: factories.WithdrawalFactory(
        proposed_by=whose(on, person)
    ),
    "jobs.job": lambda on, person: factories.job(failed=on == "failed"),
    "jobs.worker": lambda on, person: Worker.objects.create(pk="one", host="here", pid=1),
    "rest_framework_api_key.apikey": lambda on, person: APIKey.objects.create_key(name="Mirror")[0],
    "otp_totp.totpdevice": lambda on, person: TOTPDevice.objects.create(
        user=account(on, person), name="Authenticator"
    ),
    "sources.alignment": lambda on, person: factories.alignment(),
    "sources.capture": lambda on, person: factories.CaptureFactory(),
    "sources.glossarynote": lambda on, person: GlossaryNote.objects.create(
        source=factories.SourceFactory(), printed="START III", meant="New START"
    ),
    "sources.host": lambda on, person: Host.objects.create(name="https://host.example:443"),
    "sources.link": moved_link,
    "sources.passage": lambda on, person: factories.passage(),
    "sources.relocation": relocation,
    "sources.snapshot": edition,
    "sources.source": lambda on, person: (
        factories.CaptureFactory(proposed={"title": "As printed"}).source
        if "archived" in on
        else factories.SourceFactory()
    ),
    "sources.speaker": lambda on, person: factories.SpeakerFactory(),
    "sources.speakername": lambda on, person: SpeakerName.objects.create(
        speaker=factories.SpeakerFactory(), name="MR. DOE"
    ),
    "sources.turn": lambda on, person: factories.transcript().turns.first(),
}


def target_of(row: Row, person: Any) -> Any:
    """An object for the address, made for the purpose; None where it is about none."""
    name = row.name.partition(":")[0]
    model_admin = admin_of(name)
    label = ABOUT.get(name) or (model_admin and model_admin.opts.label_lower)
    target = made(label, row.on, person) if label else None
    if name.endswith("_revert") and row.on not in {"submitted", "published"}:
        for field, value in another(target).items():  # so that there is something to go back from
            setattr(target, field, value)
            target.save()
    return target


def path_to(row: Row, target: Any) -> str:
    """The address with the object in it."""
    name, _, choice = row.name.partition(":")
    pattern = ADDRESSES[row.name]
    names = list(getattr(pattern, "converters", {})) or list(pattern.regex.groupindex)
    if name.endswith("_simple_history"):
        return reverse(f"admin:{name}", args=[target.pk, target.history.first().pk])
    if name == "view_on_site":
        return reverse(
            f"admin:{name}", args=[ContentType.objects.get_for_model(target).pk, target.pk]
        )
    known = {part: say(target) for part, say in PARTS.items() if part in names}
    if name == "sources_relocation_move":
        known |= {"object_id": target.pk, "pk": target.passage.appearances.get().pk}
    known |= dict.fromkeys(("step", "action", "what"), choice)
    return reverse(
        f"admin:{name}",
        kwargs={part: known.get(part, getattr(target, "pk", None)) for part in names},
    )


# --- Asking ---------------------------------------------------------------------------------------

# What is changed in a form, so that there is something to save: the first of these that it has.
TYPED = (
    *("text", "summary", "headline", "title", "name", "label", "meaning", "outcome", "invoked"),
    *("first_name", "description"),
)
# Or where a word more is not a value that it can have.
CHOSEN = {
    "claims.appearance": ("manner", "denied"),
    "sources.glossarynote": ("meant", "Another"),
    "sources.turn": ("role", "question"),
}
# What is posted to these writes nothing of the record, or cannot be made up here. That they are
# answered is all that is asked; the rest is in the tests of the page.
LOOKED_AT = {
    *("annotate_quote", "claims_verdict_preview", "import_annotations", "sources_source_import"),
    *(f"annotate_make:{choice}" for choice in FORMS),
    *("claims_claim_split", "sources_snapshot_speakers", "sources_snapshot_step:resolve"),
    *("login", "sign_in_code", "logout", "password_change", "second_factor_new"),
    *("recovery_codes", "second_factor_remove"),
    "claims_webhook_step:test",  # sends something, and that after the commit
    # They lead to a page that asks.
    *("claims_claim_changelist:merge_chosen", "claims_claim_changelist:hand_round"),
    # A researcher adds rows to it: tests/claims/test_admin_rights.py.
    "POST claims_claim_change (public)",
}
# Tables that say something is done, as opposed to noted.
WRITTEN = re.compile(
    r"^\s*(INSERT INTO|UPDATE|DELETE FROM) "
    r'"(claims|sources|auth|otp|axes|rest_framework_api_key|django_tasks)_',
    re.IGNORECASE,
)


# What a list offers only to those who may.
OFFERED = (":delete_selected", ":replay", ":retry")


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """One person for each role, signed in: made once, and taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        users = {
            "anonymous": None,
            "researcher": factories.researcher(),
            "editor": factories.editor(),
            "administrator": factories.UserFactory(role="administrator"),
            "superuser": factories.UserFactory(is_superuser=True),
        }
        found = {}
        for role, user in users.items():
            client = Client()
            if user:
                client.force_login(user)
            found[role] = (user, client.cookies.output(header="", sep=";"))
        yield found
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Answer:
    response: Any
    wrote: bool


def ask(row: Row, target: Any, cookies: str, sent: Any = None, *, rendered: bool = True) -> Answer:
    """The answer of the site; whatever it did is undone. Without `rendered` no template is filled in:
    what the answer is was decided before."""
    client = Client(raise_request_exception=False)
    client.cookies = SimpleCookie(cookies)
    written = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        found = WRITTEN.match(sql)
        # Whose new rows are given back are counted only when they are fetched.
        if found and (found[1].upper() == "INSERT INTO" or context["cursor"].rowcount):
            written.append(sql)
        return result

    path = path_to(row, target)
    page = nullcontext() if rendered else patch.object(SimpleTemplateResponse, *NOT_RENDERED)
    with transaction.atomic(), page, connection.execute_wrapper(note):
        response = client.get(path, sent) if row.method == "GET" else client.post(path, sent)
        transaction.set_rollback(True)
    return Answer(response, bool(written))


NOT_RENDERED = ("rendered_content", "")


def sent_for(row: Row, target: Any, superuser: str) -> Any:
    """What a request carries so that there is something to do: a form as it stands on the page, with a
    change in it."""
    name, _, choice = row.name.partition(":")
    if row.method == "POST" and name.endswith("_changelist"):
        return {"action": choice, "_selected_action": target.pk, "post": "yes"}
    if row.method == "POST" and name.endswith("_change") and "password" not in name:
        return changed(form_of(row, target, superuser), target)
    if row.method == "POST" and name.endswith("_add") and name not in SENT:
        return new_like(row, target, superuser)
    said = next((say(target) for end, say in SENT.items() if row.name.endswith(end)), {})
    return said


def form_of(row: Row, target: Any, superuser: str) -> dict[str, Any]:
    page = ask(replace(row, method="GET"), target, superuser).response
    try:
        form = form_on(page, f"{admin_of(row.name).opts.model_name}_form")
    except AttributeError:  # a page without a form: nobody may
        return {}
    return form


def new_like(row: Row, target: Any, superuser: str) -> dict[str, Any]:
    """The form of a new row that says what `target` says, which is gone then."""
    if "yes" not in row.answers:
        return {}
    opened = replace(row, name=row.name.removesuffix("_add") + "_change")
    form = form_of(opened, target, superuser)
    target.delete()
    form = {name: sent for name, sent in form.items() if not re.search(r"-\d+-|^_", name)}
    rows = {name: ["0"] for name in form if re.search(r"-(TOTAL|INITIAL)_FORMS$", name)}
    if hasattr(target, "slug"):
        form["slug"] = ["a-new-one"]
    if row.name == "claims_verdict_add":
        form["claim"] = [target.claim_id]
    if row.name == "sources_passage_add":
        form |= {"quotation": [target.exact], "snapshot": [target.snapshot_id]}
    return form | rows


def changed(form: dict[str, Any], target: Any) -> dict[str, Any]:
    return form | {name: [value] for name, value in another(target).items() if name in form}


def another(target: Any) -> dict[str, str]:
    """A field of `target` that a hand can change, with another value."""
    if target._meta.label_lower in CHOSEN:
        return dict([CHOSEN[target._meta.label_lower]])
    name = next((name for name in TYPED if isinstance(getattr(target, name, None), str)), None)
    return {name: f"{getattr(target, name)} again"} if name else {}


def read(answer: Answer, row: Row) -> str:
    """The answer in the words of the table. To say yes to a POST is to have written something."""
    response = answer.response
    to = response.headers.get("Location", "")
    status = response.status_code
    if status in {301, 302} and to.startswith("/admin/login/?"):
        return "sign in"
    if status in {403, 404}:
        return "no"
    if status in {301, 302}:
        # What was done may be warned of besides.
        told = {m.level for m in get_messages(response.wsgi_request)}
        if told and max(told) >= WARNING and SUCCESS not in told:
            return "no"
    if row.method == "GET" or LOOKED_AT & {row.name, str(row)}:
        # 400, 409, 422: what was sent says too little; but it was looked at.
        return "yes" if status in {200, 301, 302, 400, 409, 422} else f"status {status}"
    if answer.wrote and status in {200, 201, 301, 302}:
        return "yes"
    context = getattr(response, "context_data", None) or {}
    if row.name.endswith(OFFERED) and ("cl" in context or status == 302):
        return "no"  # the list again: it offers no such thing, or not for this row
    if context.get("perms_lacking") or context.get("protected"):
        return "no"  # the page that asks before deleting says that it cannot be done
    return f"status {status}, nothing written"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    # There is something to override only where gates are shut.
    [pytest.param(r, marks=[pytest.mark.gates] if ":override" in r.name else []) for r in TABLE],
    ids=str,
)
def test_the_site_answers_as_the_table_says(row, people):
    shared = None if "own" in row.on else target_of(row, None)
    superuser = people["superuser"][1]
    sent = sent_for(row, shared, superuser) if "own" not in row.on else None

    found = {}
    for role, (user, cookies) in people.items():
        target = target_of(row, user) if "own" in row.on else shared
        carried = sent_for(row, target, superuser) if "own" in row.on else sent
        rendered = row.method == "GET" and role in {"researcher", "administrator"}
        found[role] = read(ask(row, target, cookies, carried, rendered=rendered), row)

    assert found == dict(zip(ROLES, row.answers, strict=True)), row.page


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ONLY_GET))
def test_page_that_is_only_shown_takes_no_post(name, people):
    row = Row("", name, "", "POST", ())

    assert ask(row, target_of(row, None), people["superuser"][1]).response.status_code == 405
