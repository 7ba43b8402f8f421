"""The background queue in the admin: to look at, and to retry what failed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django_tasks import TaskResultStatus
from django_tasks_db.models import get_date_max

from .models import FailedAttempt, Job, Worker

STATES = {
    "queued": TaskResultStatus.READY,
    "running": TaskResultStatus.RUNNING,
    "failed": TaskResultStatus.FAILED,
    "done": TaskResultStatus.SUCCESSFUL,
}
WORDS = {status: word for word, status in STATES.items()}


def moment(at: dt.datetime | None) -> str:
    """A time as these lists show it: to the second, and in UTC."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "—"


def moment_of(field: str, label: str = "") -> Any:
    """A column for the time in `field`."""

    @admin.display(description=label or field.removesuffix("_at"), ordering=field)
    def shown(admin: Any, row: Any) -> str:
        return moment(getattr(row, field))

    return shown


class LookOnly(admin.ModelAdmin):
    """Rows that the site writes itself."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Each with its number, in one query."""
        numbers = dict(Job.objects.order_by().values_list("status").annotate(Count("pk")))
        return [(word, f"{word} ({numbers.get(status, 0)})") for word, status in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        status = STATES.get(self.value() or "")
        return queryset.filter(status=status) if status else queryset


class TaskFilter(admin.SimpleListFilter):
    title = "task"
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        paths = Job.objects.order_by("task_path").values_list("task_path", flat=True).distinct()
        return [(path, path.rpartition(".")[2]) for path in paths]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(task_path=self.value()) if self.value() else queryset


class FailedAttemptInline(admin.StackedInline):
    model = FailedAttempt
    fields = readonly_fields = ("error", "started", "ended", "worker", "how")
    started = moment_of("started_at")
    ended = moment_of("ended_at")
    extra = 0
    can_delete = False
    verbose_name_plural = "Failed attempts"

    @admin.display(description="traceback")
    def how(self, attempt: Any) -> str:
        return format_html('<pre class="desk-traceback" tabindex="0">{}</pre>', attempt.traceback)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(LookOnly):
    list_display = ("job", "state", "attempts", "enqueued", "next_or_last", "n_failed", "error")
    list_filter = (StateFilter, TaskFilter)
    list_per_page = 50
    show_full_result_count = False
    actions = ("retry",)
    fields = readonly_fields = (
        *("job", "about", "state", "attempts", "of", "enqueued", "tried_next", "started"),
        *("finished", "result", "task_path"),
    )
    enqueued = moment_of("enqueued_at")
    started = moment_of("started_at")
    finished = moment_of("finished_at")
    inlines = (FailedAttemptInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        jobs: QuerySet[Any] = super().get_queryset(request)
        jobs = jobs.annotate(n_failed=Count("failed_attempts"))
        return jobs

    @admin.display(ordering="task_path")
    def job(self, job: Any) -> str:
        values = [*job.args_kwargs["args"], *job.args_kwargs["kwargs"].values()]
        told = ", ".join(map(str, values))
        return f"{job.name.words} ({told})" if told else job.name.words

    @admin.display
    def about(self, job: Any) -> str:
        if not job.name.page:
            return "—"
        return format_html(
            '<a href="{}">What it was given</a>',
            reverse(job.name.page, args=job.args_kwargs["args"]),
        )

    @admin.display(ordering="status")
    def state(self, job: Any) -> str:
        word = WORDS[job.status]
        return "queued again" if word == "queued" and job.worker_ids else word

    @admin.display
    def attempts(self, job: Any) -> int:
        return len(job.worker_ids)

    @admin.display(description="attempts at most")
    def of(self, job: Any) -> int:
        return job.policy.attempts  # type: ignore[no-any-return]

    @admin.display(description="tried next at", empty_value="as soon as a worker is free")
    def tried_next(self, job: Any) -> Any:
        if job.status != TaskResultStatus.READY:
            return "no more" if job.status == TaskResultStatus.FAILED else "—"
        return moment(job.run_after) if job.run_after != get_date_max() else None

    @admin.display(description="next, last attempt")
    def next_or_last(self, job: Any) -> Any:
        if job.status == TaskResultStatus.READY:
            return moment(job.run_after) if job.run_after != get_date_max() else "at once"
        return moment(job.finished_at or job.started_at)

    @admin.display(description="failed attempts", ordering="n_failed")
    def n_failed(self, job: Any) -> int:
        return job.n_failed  # type: ignore[no-any-return]

    @admin.display(description="error")
    def error(self, job: Any) -> str:
        return job.exception_class_path.rpartition(".")[2] or "—"

    @admin.display
    def result(self, job: Any) -> str:
        return "—" if job.return_value is None else str(job.return_value)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.retry_job")

    @admin.action(description="Retry the selected jobs", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        put_back = 0
        for job in queryset:
            try:
                job.retry(by=request.user)
            except ValidationError as refusal:
                self.message_user(request, " ".join(refusal.messages), messages.WARNING)
            else:
                self.log_change(request, job, "Put back into the queue.")
                put_back += 1
        if put_back:
            told = f"Put back into the queue: {put_back} job{'s' * (put_back != 1)}."
            self.message_user(request, told, messages.SUCCESS)


@admin.register(Worker)
class WorkerAdmin(LookOnly):
    list_display = fields = ("host", "alive", "pid", "started", "beat")
    readonly_fields = fields
    started = moment_of("started_at")
    beat = moment_of("beat_at", "last beat")

    @admin.display(boolean=True)
    def alive(self, worker: Any) -> bool:
        return worker.is_alive  # type: ignore[no-any-return]
