"""The annotate screen and what its panel asks for. The same views answer the script (JSON with rendered
fragments, for `X-Requested-With: fetch`) and a browser without it (whole pages)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from claims import second_claim
from claims.models import Note
from sources.detection import find
from sources.models import Snapshot, Speaker

from .fields import matching, typed
from .forms import FORMS, ActionForm, AppearanceForm, NewClaimForm, QuoteForm, claims
from .page import blocks_of
from .panel import Panel, Rows, blank, panel_of
from .selection import ENDS, Selection, SelectionError, select

VIEW = ("sources.view_snapshot", "claims.view_claim")


def for_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who may read transcripts and claims at the desk may see the screen; each action asks for more."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not all(map(request.user.has_perm, VIEW)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


@require_GET
@for_desk
def annotate(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """The page. `?start=…&end=…` (code points) opens the panel there, `&action=…` its form."""
    snapshot = _snapshot(snapshot_id)
    panel = None
    if "at" in request.GET or "start" in request.GET:
        try:
            selection = _selection(request.GET, snapshot)
        except SelectionError as refusal:
            return _page(request, snapshot, status=409, told=str(refusal))
        action = request.GET.get("action", "")
        if action and action not in FORMS:
            messages.warning(request, "The address names no form of this screen: choose one.")
        panel = panel_of(
            snapshot,
            selection,
            request.user,
            action=action,
            claim=typed(request.GET, "claim"),
        )
    return _page(request, snapshot, panel)


@require_GET
@for_desk
def passage(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """What hangs on a passage: the rows of the panel."""
    snapshot = get_object_or_404(Snapshot.objects.light(), pk=snapshot_id)
    try:
        start, end = _offsets(request.GET)
    except SelectionError as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    return JsonResponse(
        {"rows": _rows(request, snapshot, Rows.of(snapshot, start, end, request.user))}
    )


@require_POST
@for_desk
def quote(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """Find the words that were typed, and open the panel there."""
    snapshot = _snapshot(snapshot_id)
    form = QuoteForm(request.POST)
    found = form.locate(snapshot) if form.is_valid() else None
    if _is_fetch(request):
        if found is None:
            context = {"form": form, "snapshot": snapshot}
            return JsonResponse({"form": _render(request, "quote", context)}, status=422)
        return JsonResponse({"start": found.start, "end": found.end})
    if found is None:
        return _page(request, snapshot, status=422, quote=form)
    return redirect(_address(snapshot, found, request.POST.get("action", "")))


@require_POST
@for_desk
def make(request: HttpRequest, snapshot_id: int, action: str) -> HttpResponse:
    """Do what a form of the panel asks: 422 where a field is refused, 409 where the selection is."""
    if action not in FORMS:
        raise Http404
    if not FORMS[action].open_to(request.user):
        raise PermissionDenied
    snapshot = _snapshot(snapshot_id)
    try:
        # Without the words that were shown, the offsets are not believed.
        selection = _selection(request.POST, snapshot, shown=request.POST.get("exact", ""))
    except SelectionError as refusal:
        if _is_fetch(request):
            return JsonResponse({"message": str(refusal)}, status=409)
        return _page(request, snapshot, status=409, told=str(refusal))
    form = FORMS[action](request.POST)
    row = form.take(snapshot, selection, request.user) if form.is_valid() else None
    if row is None:
        return _refused(request, snapshot, selection, form)
    told = f"Saved as a draft: {row._meta.verbose_name} of “{row.claim}”"
    told += "" if told[-2] in ENDS else "."
    told += " The claim is new: a draft, too." if action == NewClaimForm.action else ""
    if not _is_fetch(request):
        messages.success(request, told)
        return redirect(_address(snapshot, selection))
    return _done(request, snapshot, selection, told)


@require_POST
@for_desk
def finish_note(request: HttpRequest, snapshot_id: int, note_id: int) -> HttpResponse:
    """Mark a note on a passage done, or (`done=no`) open again."""
    snapshot = _snapshot(snapshot_id)
    notes = Note.objects.select_related("passage")
    note = get_object_or_404(notes, pk=note_id, passage__snapshot=snapshot)
    done = request.POST.get("done") != "no"
    note.finish(by=request.user, done=done)
    told = "The note is done." if done else "The note is open again."
    at = note.passage
    assert at is not None  # noqa: S101 -- it was looked up by it
    selection = Selection(at.start, at.end)
    if not _is_fetch(request):
        messages.success(request, told)
        return redirect(_address(snapshot, selection))
    return _done(request, snapshot, selection, told)


@require_GET
@for_desk
def choices(request: HttpRequest, what: str) -> HttpResponse:
    """The claims or speakers that have the words `q`, as the options of a list."""
    words = typed(request.GET, "q")
    if what == "claim":
        rows = matching(claims(), ("text", "slug"), words) if words else []
    elif what == "speaker" and request.user.has_perm("sources.view_speaker"):
        rows = matching(Speaker.objects.all(), ("name", "names__name"), words) if words else []
    else:
        raise Http404
    return TemplateResponse(
        request, "admin/claims/annotate/options.html", {"rows": rows, "what": what}
    )


@require_GET
@for_desk
def similar(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """The claims nearest to `text`, from which an appearance can be made at `start` to `end` instead."""
    near = second_claim.near(request.GET.get("text", ""))
    context = {
        "near": near,
        "repeats": second_claim.is_repetition(near),
        "snapshot": get_object_or_404(Snapshot.objects.light(), pk=snapshot_id),
        "start": request.GET.get("start", ""),
        "end": request.GET.get("end", ""),
        "may_appear": AppearanceForm.open_to(request.user),
    }
    return JsonResponse({"similar": _render(request, "similar", context)})


@require_GET
@for_desk
def suggestions(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """The sentences worth a look, with the reasons in words; found anew each time, stored nowhere."""
    snapshot = _snapshot(snapshot_id)
    turns = snapshot.turns.order_by("start").values_list("start", "end")
    found = [
        {"start": one.start, "end": one.end, "reasons": one.reasons}
        for one in find(snapshot.text, turns)
    ]
    response = JsonResponse({"suggestions": found})
    # The text never changes, and the rules only with a release: a reload need not wait for them.
    patch_cache_control(response, private=True, max_age=300)
    return response


def _snapshot(pk: int) -> Snapshot:
    snapshot: Snapshot = get_object_or_404(Snapshot.objects.select_related("source"), pk=pk)
    return snapshot


def _offsets(data: Any) -> tuple[int, int]:
    """The code points that were sent, as `start` and `end` or, by the button of a mark, as `at`."""
    start, end = data.get("start", ""), data.get("end", "")
    if data.get("at"):
        start, _, end = data["at"].partition("-")
    # int() would also take “+1”, “1_0” and digits of other scripts.
    if not all(
        number.isascii() and number.isdigit() and len(number) < 10 for number in (start, end)
    ):
        raise SelectionError("Select the words first.")
    return int(start), int(end)


def _selection(data: Any, snapshot: Snapshot, *, shown: str | None = None) -> Selection:
    start, end = _offsets(data)
    found = select(snapshot.text, start, end, shown=shown)
    marked = Selection(start, end)
    # A passage that was marked with white space at its ends is still that passage.
    if found != marked and snapshot.passages.filter(start=start, end=end).exists():
        return marked
    return found


def _is_fetch(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _address(snapshot: Snapshot, selection: Selection, action: str = "") -> str:
    chosen = f"&action={action}" if action in FORMS else ""
    at = f"start={selection.start}&end={selection.end}{chosen}"
    return f"{reverse('admin:annotate', args=[snapshot.pk])}?{at}#annotate-panel"


def _page(
    request: HttpRequest,
    snapshot: Snapshot,
    panel: Panel | None = None,
    *,
    status: int = 200,
    told: str = "",
    quote: QuoteForm | None = None,
) -> HttpResponse:
    blocks, marks = blocks_of(snapshot, request.user)
    if told:
        messages.error(request, told)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,  # the text needs the room
        "title": snapshot.source.title,
        "snapshot": snapshot,
        "blocks": blocks,
        "marks": marks,
        "n_marks": len(marks),
        "panel": panel,
        "blank": blank(request.user, snapshot),
        "may_appear": AppearanceForm.open_to(request.user),
        "quote": quote or QuoteForm(),
        "blank_quote": QuoteForm(),
    }
    return TemplateResponse(request, "admin/claims/annotate.html", context, status=status)


def _refused(
    request: HttpRequest, snapshot: Snapshot, selection: Selection, form: ActionForm
) -> HttpResponse:
    panel = panel_of(snapshot, selection, request.user, bound=form)
    if _is_fetch(request):
        context = {
            "panel": panel,
            "form": form,
            "snapshot": snapshot,
            "may_appear": AppearanceForm.open_to(request.user),
        }
        return JsonResponse({"form": _render(request, "form", context)}, status=422)
    return _page(request, snapshot, panel, status=422)


def _done(
    request: HttpRequest, snapshot: Snapshot, selection: Selection, told: str
) -> HttpResponse:
    """The panel and the blocks that have changed, rendered anew."""
    blocks, marks = blocks_of(snapshot, request.user, touched=selection)
    panel = panel_of(snapshot, selection, request.user)
    context = {"snapshot": snapshot, "marks": marks}
    return JsonResponse(
        {
            "message": told,
            "panel": _render(request, "panel", {"panel": panel, "snapshot": snapshot}),
            "blocks": {
                block.key: _render(request, "block", {**context, "block": block})
                for block in blocks
            },
            "at": f"{selection.start}-{selection.end}",
        }
    )


def _rows(request: HttpRequest, snapshot: Snapshot, rows: Rows) -> str:
    return _render(request, "rows", {"rows": rows, "snapshot": snapshot})


def _render(request: HttpRequest, fragment: str, context: dict[str, Any]) -> str:
    return render_to_string(f"admin/claims/annotate/{fragment}.html", context, request)
