"""Search over claims, speakers and sources: each word must occur in the text."""

from __future__ import annotations

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sources.models import Source, Speaker
from sources.querysets import within

from ..models import Claim, Topic

# Of each kind, so many are shown; the lists show the rest.
SHOWN = 20


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise BadRequest("The parameter “q” takes up to 200 characters of plain text.")
    words = form.cleaned_data["q"]
    claims = Claim.objects.published().filter(within("text", words)).with_verdict()
    found = {
        "claims": claims.with_claimants(),
        "speakers": Speaker.objects.published().filter(within("name", words)),
        "sources": Source.objects.published().filter(within("title", words)),
    }
    shown = {kind: list(rows[:SHOWN]) if words else [] for kind, rows in found.items()}
    return render(
        request,
        "claims/search.html",
        {
            "title": f"Search: {words}" if words else "Search",
            "description": "Search claims, speakers and sources.",
            "q": words,
            "found_nothing": bool(words) and not any(shown.values()),
            "limit": SHOWN,
            "topics": Topic.objects.published(),
            **shown,
        },
    )
