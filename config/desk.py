"""The desk: Django's admin with its own name, and a first page that says what waits."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.admin.apps import AdminConfig
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework_api_key.apps import RestFrameworkApiKeyConfig

from config.sign_in import SignInSite

# As far as the first page shows a list; the rest is behind a link.
SHOWN = 10
ORDER = ["sources", "claims"]


class DeskConfig(AdminConfig):
    default_site = "config.desk.DeskSite"


class KeysConfig(RestFrameworkApiKeyConfig):
    """The package's name for it speaks of permissions; these keys give none."""

    verbose_name = "API keys"


class DeskSite(SignInSite):
    site_title = "Counterclaim desk"
    site_header = "Counterclaim desk"
    index_title = "The desk"

    def get_urls(self) -> list[Any]:
        """With the pages of the desk that belong to no one model."""
        return [
            path("claims/annotate/", include("claims.annotate.urls")),
            path("claims/queue/", include("claims.queue.urls")),
            path("claims/annotate/", include("claims.interchange.urls")),
            *super().get_urls(),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**self.waiting(request), **(extra_context or {})})

    def waiting(self, request: HttpRequest) -> dict[str, Any]:
        """What awaits a hand, as far as the user may see it: the numbers of the queues in two queries,
        and one query for each list."""
        # Not above: the admin's site is made before there are models.
        from claims.queue.queues import tabs

        may = request.user.has_perm
        waiting: dict[str, Any] = {"queues": tabs(request.user)}
        if may("claims.view_verdict"):
            verdicts = apps.get_model("claims", "Verdict").objects.in_the_making()
            verdicts = verdicts.select_related("claim", "rating", "author")
            submitted = verdicts.filter(submitted_at__isnull=False).order_by("submitted_at")
            drafts = (
                verdicts.filter(submitted_at__isnull=True).with_return().order_by("-created_at")
            )
            waiting |= {"awaiting_review": submitted[:SHOWN], "draft_verdicts": drafts[:SHOWN]}
        if may("claims.view_withdrawal"):
            proposed = apps.get_model("claims", "Withdrawal").objects.waiting().with_verdict()
            waiting["withdrawals"] = proposed.order_by("proposed_at")[:SHOWN]
        if may("claims.view_webhook"):
            waiting["given_up"] = apps.get_model("claims", "Webhook").objects.given_up()[:SHOWN]
        if may("sources.view_link"):
            # Not above, as before: the numbers of sources by what became of their addresses.
            from claims.querysets import n_verdicts_resting_on

            links = apps.get_model("sources", "Link").objects.filter(state__in=["gone", "changed"])
            relied = links.alias(n=n_verdicts_resting_on("source")).filter(n__gt=0)
            by_state = relied.order_by().values_list("state").annotate(Count("pk"))
            waiting["lost_sources"] = [(state, n) for state, n in by_state.order_by("-state")]
        if may("sources.view_relocation"):
            from claims.querysets import relocation_tasks

            tasks = relocation_tasks()
            waiting["relocations"] = tasks[:SHOWN]
            waiting["n_relocations"] = tasks.count()
        if may("claims.view_likelyduplicate"):
            pairs = apps.get_model("claims", "LikelyDuplicate").objects
            waiting["n_duplicates"] = pairs.open().count()
        if may("claims.view_readerreport"):
            # Not above, as before.
            from claims.numbers import of_open_reports

            waiting["reports"] = of_open_reports(timezone.now().date())
        if may("jobs.view_job"):
            waiting["failed_jobs"] = apps.get_model("jobs", "Job").objects.failed().count()
        if may("sources.view_snapshot"):
            # A question is asked by whoever: its label is not expected to name anybody.
            open_turns = Q(turns__speaker__isnull=True) & ~Q(turns__role="question")
            waiting["transcripts"] = (
                apps.get_model("sources", "Snapshot")
                .objects.light()
                .select_related("source")
                .annotate(n_unresolved=Count("turns", filter=open_turns))
                .order_by("-retrieved_at", "-pk")[:SHOWN]
            )
        return waiting

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The record and the judgement first; people and their rights after them."""
        listed = super().get_app_list(request, app_label)
        rank = {label: place for place, label in enumerate(ORDER)}
        return sorted(listed, key=lambda app: rank.get(app["app_label"], len(rank)))
