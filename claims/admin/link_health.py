"""Health of sources: what became of their addresses, what rests on them, and what to do about it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import admin
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from claims.querysets import n_verdicts_resting_on
from jobs.admin import LookOnly, moment, moment_of
from sources.admin.desk import Desk
from sources.admin.filters import either
from sources.admin.steps import Step, StepsAdmin
from sources.models import Capture, Link
from sources.models.link import LinkState

SHOWN = 10  # of the captures that failed last, and of the hosts that do not let us in
TROUBLED = (LinkState.GONE, LinkState.CHANGED, LinkState.MOVED)
# Gone first, and what verdicts rest on before all else.
SEVERITY = {LinkState.GONE: 0, LinkState.CHANGED: 1, LinkState.MOVED: 2}

KEPT = Exists(Capture.objects.kept().filter(source=OuterRef("source")))
NOT_LET_IN = Q(failures=0) & ~Q(reason="")

RESTS = either(
    "verdicts", "verdicts", Q(n_verdicts__gt=0), yes="one in force rests on it", no="none"
)
ARCHIVED = either("archive", "archived", Q(KEPT), yes="archived", no="never archived")
FAILING = either(
    "last look", "failing", Q(failures__gt=0), yes="failed, which may pass", no="did not fail"
)


@admin.register(Link)
class LinkAdmin(LookOnly, StepsAdmin, Desk):
    list_filter = ("state", RESTS, ARCHIVED, FAILING)
    search_fields = ("source__title", "source__slug", "url", "moved_to", "reason")
    list_select_related = ("source",)
    actions = None
    change_list_template = "admin/sources/link/change_list.html"
    fields = readonly_fields = (
        *("source", "url", "state", "since_when", "moved_to", "status", "reason"),
        *("failures", "checked", "again", "rest_on_it"),
    )
    since_when = moment_of("since", "since")
    checked = moment_of("checked_at", "looked at")
    again = moment_of("next_at", "looked at again")
    steps = (
        Step(
            slug="look",
            label="Look again",
            permission="sources.archive_source",
            fits=lambda link: True,
            take=Link.look_again,
            done="A worker will look at it.",
        ),
        Step(
            slug="take-over",
            label="Take over the new address",
            permission="sources.change_source",
            fits=lambda link: bool(link.moved_to),
            take=Link.take_over,
            done="The source has the new address, which will be looked at from now on.",
            open_to=lambda user, link: link.source.editable_by(user),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of `n_verdicts` in force, when it was last archived, and how urgent it is."""
        captures = Capture.objects.kept().filter(source=OuterRef("source")).order_by("-ended_at")
        rows: QuerySet[Any] = (
            Link.objects.select_related("source")
            .annotate(
                n_verdicts=n_verdicts_resting_on("source"),
                archived_at=Subquery(captures.values("ended_at")[:1]),
            )
            .annotate(
                urgency=Case(
                    When(n_verdicts__gt=0, state__in=TROUBLED, then=0),
                    When(state__in=TROUBLED, then=1),
                    When(failures__gt=0, then=2),
                    default=3,
                ),
                severity=Case(
                    *(When(state=state, then=Value(n)) for state, n in SEVERITY.items()), default=3
                ),
            )
        )
        return rows

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("urgency", "severity", "-n_verdicts", "source__title", "pk")

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the buttons that the user may press."""

        @admin.display(description="what to do")
        def act(link: Any) -> str:
            return self.buttons(link, request.user)

        return ("address", "verdicts", "looked", "archived", act)

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the numbers above the list, and below it what has failed beside: three queries."""
        told = (
            {"title": "Health of sources", **health()} if self.has_view_permission(request) else {}
        )
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def buttons(self, link: Any, user: Any) -> str:
        """Of the list's own form, each sent to the step that it is for."""
        found = [
            (self.step_url(link, step), step.label)
            for step in self.steps
            if step.offered(link, user)
        ]
        if user.has_perm("sources.archive_source"):
            address = reverse("admin:sources_source_step", args=[link.source_id, "archive"])
            found.insert(0, (address, "Archive now"))
        made = format_html_join(" ", '<button class="desk-step" formaction="{}">{}</button>', found)
        if user.has_perm("sources.change_source") and link.source.editable_by(user):
            address = reverse("admin:sources_source_change", args=[link.source_id])
            made = format_html('{} <a href="{}#id_url">Edit the address</a>', made, address)
        return made

    @admin.display(description="source", ordering="source__title")
    def address(self, link: Any) -> str:
        """The source, where it was published, and what became of that."""
        return format_html(
            '<a href="{}">{}</a><br><span class="quiet">{}</span><br><a href="{}">{}</a>',
            reverse("admin:sources_source_change", args=[link.source_id]),
            link.source,
            link.url,
            reverse("admin:sources_link_change", args=[link.pk]),
            self.found(link),
        )

    def found(self, link: Any) -> str:
        """The state in words, since when, and what is amiss."""
        state = link.get_state_display()
        since = f", since {link.since:%Y-%m-%d}" if link.state != LinkState.UNCHECKED else ""
        new = f" to {link.moved_to}" if link.moved_to else ""
        failed = f" Failed {link.failures} time{'s' * (link.failures != 1)} in a row." * (
            link.failures > 0
        )
        return f"{state[0].upper()}{state[1:]}{new}{since}.{failed} {link.reason}".rstrip()

    @admin.display(description="verdicts", ordering="n_verdicts")
    def verdicts(self, link: Any) -> int:
        return link.n_verdicts  # type: ignore[no-any-return]

    @admin.display(description="looked at", ordering="checked_at")
    def looked(self, link: Any) -> str:
        return moment(link.checked_at)[:10]

    @admin.display(description="last archived", ordering="archived_at")
    def archived(self, link: Any) -> str:
        return moment(link.archived_at)[:10] if link.archived_at else "never"

    @admin.display(description="verdicts in force rest on it")
    def rest_on_it(self, link: Any) -> int:
        return link.n_verdicts  # type: ignore[no-any-return]


def health() -> dict[str, Any]:
    """How many addresses are in each state, each number with the filter that lists them; the captures that
    failed last; and the hosts that do not let us in. Three queries."""
    states: dict[str, Any] = {state: Count("pk", filter=Q(state=state)) for state in LinkState}
    counted = Link.objects.aggregate(
        **states, failing=Count("pk", filter=Q(failures__gt=0)), never=Count("pk", filter=~Q(KEPT))
    )
    numbers = [
        (str(state.label), counted[state], {"state__exact": state.value}) for state in LinkState
    ]
    numbers.append(("failing", counted["failing"], {"failing": "yes"}))
    numbers.append(("never archived", counted["never"], {"archived": "no"}))
    refused = Link.objects.filter(NOT_LET_IN).values_list("url", "reason")
    hosts = Counter((urlsplit(url).netloc, reason) for url, reason in refused.order_by("pk")[:1000])
    failed = Capture.objects.filter(outcome__in=["failed", "refused"]).select_related("source")
    return {
        "numbers": [(label, n, urlencode(asked)) for label, n, asked in numbers],
        "failed_captures": failed.order_by("-ended_at", "-pk")[:SHOWN],
        "hosts": [
            (host, reason, n, urlencode({"q": host}))
            for (host, reason), n in hosts.most_common(SHOWN)
        ],
    }
