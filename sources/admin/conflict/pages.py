"""The pages that ask, or tell, what is to become of what was typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from .comparison import Comparison
from .differing import readable
from .sent import MANAGEMENT, SEEN, Sent, entry_id


def conflict_page(
    desk: Any, request: HttpRequest, row: Any, compared: Comparison, *, can_save: bool
) -> HttpResponse:
    """Nothing is saved: both versions of `row`, and of its inline rows, to choose from."""
    context = {
        **desk.admin_site.each_context(request),
        "title": "Somebody else has saved this meanwhile",
        "opts": desk.opts,
        "original": row,
        "conflicts": compared.conflicts,
        "hidden": list(compared.sent.hidden()),
        "unanswered": compared.unanswered,
        "can_save": can_save,
        "draft_key": None,
    }
    return TemplateResponse(request, "admin/conflict.html", context, status=409)


def gone_page(desk: Any, request: HttpRequest, form: Any, *, add_url: str | None) -> HttpResponse:
    """What was typed into the form of a row that has been deleted meanwhile, to copy or to add anew."""
    sent = Sent(request.POST)
    sent.tidy()
    for inline, _ in desk.get_formsets_with_inlines(request):
        prefix = inline.get_default_prefix()
        count = entry_id(sent.data.get(f"{prefix}-INITIAL_FORMS")) or 0
        if count:
            sent.rearrange(prefix, without=set(), anew=set(range(count)))
        for i in range(entry_id(sent.data.get(f"{prefix}-TOTAL_FORMS")) or 0):
            sent.data[f"{prefix}-{i}-{inline.fk.name}"] = ""  # that of the new row
    sent.data.pop(SEEN, None)
    context = {
        **desk.admin_site.each_context(request),
        "title": "Somebody else has deleted this meanwhile",
        "opts": desk.opts,
        "typed": [(form[name].label, readable(form.fields[name], form[name].data))
                  for name in form.fields],
        "rows": [(name, value) for name, value in sent.hidden()
                 if value and "-" in name and not name.endswith(MANAGEMENT)],
        "hidden": list(sent.hidden()),
        "add_url": add_url,
    }  # fmt: skip
    return TemplateResponse(request, "admin/gone.html", context, status=409)
