"""People in the admin: accounts, their second factors, failed attempts to sign in; and keys of the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.models import AccessAttempt, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_tasks_db.models import DBTaskResult
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from config import second_factor
from config.sign_in import NAMES

# The packages' own pages show secrets, and let an administrator make a code for somebody else.
# Background jobs have a page with their attempts: jobs/admin.py.
for model in (User, Group, TOTPDevice, StaticDevice, DBTaskResult, APIKey):
    admin.site.unregister(model)


class ToLookAt(admin.ModelAdmin):
    """Rows that the site writes itself: to read, and where it makes sense to delete."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        named = {"title": NAMES[self.model.__name__]}
        return super().changelist_view(request, named | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "first_name", "last_name", "is_active", "roles", "second_factor")
    list_filter = ("is_active", "is_staff", "groups")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Who is made here works at the desk, and may sign in to it; a role says what they may do."""
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(
            second_factor_is_set=second_factor.is_set_condition()
        ).prefetch_related("groups")

    @admin.display
    def roles(self, person: User) -> str:
        names = [group.name for group in person.groups.all()]
        return ", ".join(names + ["superuser"] * person.is_superuser) or "none"

    @admin.display(boolean=True, ordering="second_factor_is_set")
    def second_factor(self, person: User) -> bool:
        return second_factor.is_set(person)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An administrator gives roles. What goes beyond them only a superuser gives. When somebody came
        and signed in, the site writes down itself."""
        fields = (*super().get_readonly_fields(request, obj), "last_login", "date_joined")
        if request.user.is_superuser:
            return fields
        return (*fields, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _within_reach(request, obj)


def _within_reach(request: HttpRequest, person: Any) -> bool:
    """Whether the user may set the password and take off the second factor of `person`.

    An administrator may for everybody below a superuser, whatever the roles: somebody has to help an
    editor who lost a phone. So an administrator can get into any such account; that person is told, at
    each sign-in for a while (`config.second_factor.done_by_others`).
    """
    return person is None or request.user.is_superuser or not person.is_superuser


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """What a role may do is read here. Only a superuser changes it: whoever could, would give
    themselves every right."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(TOTPDevice)
class SecondFactorAdmin(ToLookAt):
    """Of whom there is one, and since when. To delete one lets its owner in with the password alone:
    for a lost phone without recovery codes."""

    list_display = ("user", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and _within_reach(request, obj and obj.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        second_factor.remove(obj.user, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for device in queryset.select_related("user"):
            second_factor.remove(device.user, by=request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """In a bulk deletion too, only what may be deleted one by one."""
        devices: QuerySet[Any] = super().get_queryset(request)
        return devices if request.user.is_superuser else devices.filter(user__is_superuser=False)


@admin.register(AccessAttempt)
class FailedSignInAdmin(ToLookAt):
    """Failures that still count. To delete them ends the lock-out."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "failures_since_start", "user_agent")


@admin.register(AccessLog)
class SignInAdmin(ToLookAt):
    """Who signed in when and from where."""

    list_display = ("attempt_time", "username", "ip_address", "logout_time")
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "user_agent", "logout_time")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # manage.py axes_reset_logs --age 90


class ApiKeyForm(forms.ModelForm[APIKey]):
    # One field, which the browser helps with; the admin's two would have no label of their own.
    expiry_date = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text="When the key stops to work (UTC). Empty: never.",
    )

    def clean_expiry_date(self) -> dt.datetime | None:
        """A key that has expired may still be renamed; one is not made, or made to be, expired."""
        expiry: dt.datetime | None = self.cleaned_data["expiry_date"]
        if expiry and "expiry_date" in self.changed_data and expiry <= timezone.now():
            raise forms.ValidationError(
                "This time is past. Give one to come (UTC), or none; a key that must not work is revoked."
            )
        return expiry


@admin.register(APIKey)
class ApiKeyAdmin(APIKeyModelAdmin):
    """Keys that raise the limit of the API, and open nothing: whoever may publish issues them.

    A key is shown once, when it is made, and only its hash is kept. To revoke one is for good.
    """

    form = ApiKeyForm
    fields = ("name", "expiry_date", "revoked", "prefix")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ("name", "expiry_date")

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any = None, change: bool = False
    ) -> None:
        key = None if change else APIKey.objects.assign_key(obj)
        obj.save()
        if key:
            # Last and alone on its line, so that whoever copies it copies nothing else.
            told = format_html(
                "The key of {} is shown this once: store it where it is safe.<br><code>{}</code>",
                obj.name,
                key,
            )
            messages.info(request, told)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _may_issue_keys(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_issue_keys(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_issue_keys(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_issue_keys(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_issue_keys(request)


def _may_issue_keys(request: HttpRequest) -> bool:
    """Whether the user is an editor. (The package's own permissions belong to no role.)"""
    return bool(request.user.has_perm("claims.publish_claim"))
