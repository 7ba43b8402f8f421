"""What the desk says to itself: the conversation on a claim, on a verdict or at a passage.

A page shows one by adding `conversation(request, row)` to its context and including
`admin/claims/_notes.html`. Writing, finishing and taking back come here, and lead back to that page.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from claims.models import Claim, Note, Verdict
from sources.admin.drafts import mark_saved
from sources.admin.filters import either
from sources.models import Passage

from .reading import ReadingAdmin

DONE = either("state", "done", Q(done_at__isnull=False), yes="done", no="open")
IMPORTED = either("origin", "imported", ~Q(iri=""), yes="imported", no="written here")

# What a note can be on, as addresses name it.
KINDS: dict[str, type[Model]] = {"claim": Claim, "verdict": Verdict, "passage": Passage}


class NoteForm(forms.Form):
    """The words, and whom they are for: a name that is ticked is as good as one that is written."""

    body = forms.CharField(
        label="New note",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="For the desk alone: readers never see it. @name tells a colleague.",
    )
    tell = forms.MultipleChoiceField(
        label="Tell", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, user: Any) -> None:
        super().__init__(data, auto_id="note_%s")
        people = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
        self.fields["tell"].choices = [  # type: ignore[attr-defined]
            (person.get_username(), name_of(person))
            for person in people.exclude(pk=user.pk).order_by("username")
        ]

    def words(self) -> str:
        """What is to be written: the body, and after it who was ticked and is not in it."""
        body: str = self.cleaned_data["body"]
        named = set(Note(body=body).mentioned())
        added = [f"@{name}" for name in self.cleaned_data["tell"] if name not in named]
        return f"{body}\n\n{' '.join(added)}" if added else body


def name_of(person: Any) -> str:
    """How a list of people names somebody: by user name, and in full where that is known."""
    full = person.get_full_name()
    return f"{person.get_username()} ({full})" if full else str(person.get_username())


def conversation(request: HttpRequest, on: Any, *, back: str = "") -> dict[str, Any]:
    """Return what `admin/claims/_notes.html` shows of the notes on the Claim, Verdict or Passage `on`,
    in three queries; nothing for who may not read notes. `back` is the address to come back to after a
    note was written, finished or taken back: if left out, where `Note.get_absolute_url` leads."""
    if not request.user.has_perm("claims.view_note"):
        return {}
    notes = list(on.notes.conversation())
    for note in notes:
        note.may_be_taken_back = request.user.has_perm("claims.delete_note") and note.deletable_by(
            request.user
        )
    may_write = request.user.has_perm("claims.add_note")
    return {
        "notes": notes,
        "note_target": {"kind": on._meta.model_name, "pk": on.pk, "back": back},
        "note_form": NoteForm(user=request.user) if may_write else None,
        "notes_open": sum(note.done_at is None for note in notes),
    }


@admin.register(Note)
class NoteAdmin(ReadingAdmin):
    list_display = ("__str__", "place", "created_at", "done_at")
    list_filter = (DONE, IMPORTED)
    search_fields = ("body", "author__username", "claim__text", "verdict__headline")
    date_hierarchy = "created_at"
    list_select_related = ("author", "claim", "verdict__claim", "passage__snapshot__source")
    deferred = ("imported", "passage__snapshot__text")
    fields = ("author", "created_at", "place", "body", "done_at", "done_by", "creator", "iri")

    @admin.display(description="on")
    def place(self, note: Note) -> Any:
        """What it is on, with the way to the conversation."""
        on: Any = note.claim or note.passage
        if note.verdict:
            on = f"{note.verdict.claim}: {note.verdict.headline}"
        return format_html('<a href="{}">{}</a>', note.get_absolute_url(), on)

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view
        return [
            path("write/<str:kind>/<int:pk>/", view(self.write_view), name="claims_note_write"),
            path("<int:pk>/finish/", view(self.finish_view), name="claims_note_finish"),
            path("<int:pk>/take-back/", view(self.take_back_view), name="claims_note_take_back"),
            *super().get_urls(),
        ]

    def write_view(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        """Write a note. What is refused is shown again with the words as they were sent."""
        if kind not in KINDS:
            raise Http404(f"There are no notes on a {kind}.")
        on = get_object_or_404(KINDS[kind]._default_manager.all(), pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        may_read = request.user.has_perm(f"{on._meta.app_label}.view_{kind}")
        if not (may_read and request.user.has_perm("claims.add_note")):
            raise PermissionDenied("Notes are for who writes them.")
        form = NoteForm(request.POST, user=request.user)
        if form.is_valid():
            written = self._written(request, Note.write(on=on, body=form.words(), by=request.user))
            mark_saved(written, f"note-{kind}-{pk}")
            return written
        context = {
            **self.admin_site.each_context(request),
            "title": f"Note on: {on}",
            "opts": self.opts,
            "note_form": form,
            "note_target": {"kind": kind, "pk": pk, "back": request.POST.get("next", "")},
        }
        return TemplateResponse(request, "admin/claims/note_write.html", context)

    def _written(self, request: HttpRequest, note: Note) -> HttpResponse:
        told = ", ".join(name_of(person) for person in note.mentions.all())
        self.message_user(
            request, f"Noted, and told {told}." if told else "Noted.", messages.SUCCESS
        )
        nobody = note.names_of_nobody()
        if nobody:
            names = ", ".join(f"@{name}" for name in nobody)
            self.message_user(
                request,
                f"Nobody at the desk is called {names}: the note is kept, but nobody was told by that "
                "name. Look at the spelling, capitals included, and write another note.",
                messages.WARNING,
            )
        return self._back(request, note)

    def finish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark a note done, or (without `done`) open again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        note = get_object_or_404(Note, pk=pk)
        done = bool(request.POST.get("done"))
        note.finish(by=request.user, done=done)
        told = "Marked done." if done else "Opened again."
        self.message_user(request, told, messages.SUCCESS)
        return self._back(request, note)

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a note that its author, or an editor, takes back."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            note = get_object_or_404(Note.objects.select_for_update(of=("self",)), pk=pk)
            if not self.has_delete_permission(request, note):
                raise PermissionDenied("A note is taken back by its author, or by an editor.")
            self.log_deletions(request, Note.objects.filter(pk=note.pk))
            back = self._back(request, note)
            note.delete()
        self.message_user(request, "Taken back.", messages.SUCCESS)
        return back

    def _back(self, request: HttpRequest, note: Note) -> HttpResponse:
        """To the page that asked, as far as it is one of this site; else to the conversation."""
        asked = request.POST.get("next", "")
        own = url_has_allowed_host_and_scheme(
            asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return redirect(asked if own else note.get_absolute_url())
