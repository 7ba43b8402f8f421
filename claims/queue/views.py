from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from ..models import Note, SavedFilter
from ..models.assignment import UNCHANGED
from .forms import NOBODY, ManyForm, QueueForm, SaveForm, chosen
from .many import Outcome, change
from .queues import BY_SLUG, MENTIONS, Queue, tabs

ROWS = 50
# As many refusals as are told one by one.
TOLD = 10


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One queue, narrowed down; how much waits in each; and the saved selections."""
    return _queue(request, SaveForm() if _may(request, "claims.add_savedfilter") else None)


def _queue(request: HttpRequest, save_form: Any, asked: Any = None) -> HttpResponse:
    asked = request.GET if asked is None else asked
    shown = tabs(request.user)
    if not shown:
        raise PermissionDenied("The queue is for who may read claims.")
    slug = asked.get("queue") or shown[0]["slug"]
    tab = next((tab for tab in shown if tab["slug"] == slug), None)
    if tab is None:
        raise Http404("There is no such queue.")
    context = {
        **admin.site.each_context(request),
        "title": f"Queue: {tab['title']}",
        "tabs": shown,
        "tab": tab,
        "save_form": save_form,
        "saved": _saved(request),
        "selection": selection(asked, slug),
    }
    context |= _mentions(request, asked) if slug == MENTIONS else _claims(request, asked, slug)
    return TemplateResponse(request, "admin/claims/queue.html", context)


def _may(request: HttpRequest, permission: str) -> bool:
    return request.user.has_perm(permission)


def selection(asked: Any, slug: str) -> str:
    """The query of the address that shows the same again, from its first page; empty answers left out."""
    names = ["queue", *QueueForm.base_fields]
    given = {name: str(asked.get(name, "")).strip() for name in names} | {"queue": slug}
    return urlencode({name: value for name, value in given.items() if value})


def _claims(request: HttpRequest, asked: Any, slug: str) -> dict[str, Any]:
    queue: Queue = BY_SLUG[slug]
    form = QueueForm(asked)
    rows = queue.rows(request.user).with_work().annotate(since=queue.since)
    page = Paginator(form.narrow(rows).order_by("urgency", "since", "pk"), ROWS).get_page(
        asked.get("page")
    )
    may_change = _may(request, "claims.change_assignment") or _may(request, "claims.change_claim")
    return {
        "queue": queue,
        "form": form,
        "page": page,
        "narrowed": any(form.cleaned_data.values()) if form.is_valid() else True,
        "many_form": ManyForm() if may_change and page.object_list else None,
    }


def _mentions(request: HttpRequest, asked: Any) -> dict[str, Any]:
    notes = Note.objects.open().mentioning(request.user).conversation()
    notes = notes.select_related("author", "claim", "verdict__claim", "passage__snapshot__source")
    notes = notes.defer("imported", "passage__snapshot__text")
    return {"page": Paginator(notes, ROWS).get_page(asked.get("page"))}


def _saved(request: HttpRequest) -> QuerySet[Any]:
    if not _may(request, "claims.view_savedfilter"):
        return SavedFilter.objects.none()
    return SavedFilter.objects.visible_to(request.user).select_related("owner")


@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """Do one thing with the claims that were ticked; ask again where it is not said what."""
    if not request.user.has_perm("claims.view_claim"):
        raise PermissionDenied
    ids = request.POST.getlist("claim")
    if not ids:
        messages.warning(request, "Nothing was done: tick the claims that are meant.")
        return back(request)
    if "merge" in request.POST:
        return redirect(
            f"{reverse('admin:claims_claim_merge')}?{urlencode([('claim', pk) for pk in ids])}"
        )
    form = ManyForm(request.POST if "do" in request.POST else None)
    if form.is_valid():
        _tell(request, change(chosen(ids), by=request.user, **_deed(form.cleaned_data)))
        return back(request)
    return ask_what(request, form, chosen(ids))


def ask_what(request: HttpRequest, form: ManyForm, claims: Any) -> TemplateResponse:
    """The page that asks what is to be done with `claims`."""
    context = {
        **admin.site.each_context(request),
        "title": "Assign, prioritise, sort into topics",
        "form": form,
        "claims": claims,
        "back": way_back(request),
    }
    return TemplateResponse(request, "admin/claims/queue_many.html", context)


def _deed(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "to": None if asked["to"] == NOBODY else asked["to"] or UNCHANGED,
        "priority": asked["priority"] or UNCHANGED,
        "into": asked["into"],
        "out_of": asked["out_of"],
    }


def _tell(request: HttpRequest, outcome: Outcome) -> None:
    if outcome.changed:
        messages.success(request, f"Changed: {in_number(outcome.changed)}.")
    if outcome.unchanged:
        messages.info(request, f"So already: {in_number(outcome.unchanged)}.")
    if outcome.refused:
        reasons = list(dict.fromkeys(outcome.refused))
        more = f" And {len(reasons) - TOLD} more." if len(reasons) > TOLD else ""
        messages.warning(
            request,
            f"Left alone: {in_number(len(outcome.refused))}. {' '.join(reasons[:TOLD])}{more}",
        )


def in_number(n: int) -> str:
    return "1 claim" if n == 1 else f"{n} claims"


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save a selection under a name; what is refused is shown again on the queue as it was."""
    if not _may(request, "claims.add_savedfilter"):
        raise PermissionDenied("Selections are saved by who works with claims.")
    asked = QueryDict(request.POST.get("query", ""))
    slug = asked.get("queue", "")
    if slug not in BY_SLUG:
        raise Http404("There is no such queue.")
    user: Any = request.user
    row = SavedFilter(owner=user, query=selection(asked, slug))
    form = SaveForm(request.POST, instance=row)
    if form.is_valid():
        form.save()
        messages.success(request, f"Saved as “{row.name}”.")
        return redirect(f"{reverse('admin:queue')}?{row.query}")
    return _queue(request, form, asked)


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a saved selection of one's own."""
    row = get_object_or_404(SavedFilter, pk=pk)
    if not (_may(request, "claims.delete_savedfilter") and row.editable_by(request.user)):
        raise PermissionDenied("A saved selection is deleted by its owner.")
    row.delete()
    messages.success(request, f"“{row.name}” is no longer saved.")
    return back(request)


def way_back(request: HttpRequest) -> str:
    """The page of this site that asked, else the queue."""
    asked = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if own else reverse("admin:queue")


def back(request: HttpRequest) -> HttpResponse:
    return redirect(way_back(request))
