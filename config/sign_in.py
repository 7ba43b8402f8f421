"""The door of the desk: password, then the second factor, at every page and not only at the form.

Part of the admin site (`config.desk.DeskSite`). The pages are in sign_in_pages.py, the rules of the second
factor in second_factor.py, lock-out in lockout.py, how long a session lasts in sessions.py.
"""

from __future__ import annotations

from typing import Any, Literal

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode

# Django loads this module before the models: whatever needs those is imported where it is used.

Missing = Literal["code", "second factor"]

# The desk's words for the tables of the packages that sign-in rests on.
NAMES = {
    "AccessAttempt": "Failed sign-ins",
    "AccessLog": "Sign-ins",
    "TOTPDevice": "Second factors",
}


class SignInSite(AdminSite):
    login_template = "admin/login.html"
    logout_template = "admin/logged_out.html"

    def get_urls(self) -> list[Any]:
        """With the pages of the second factor. Each of them asks for itself who may see it: they are
        for people whom `has_permission` does not let in yet."""
        from config import sign_in_pages as pages

        return [
            path("login/code/", pages.code, name="sign_in_code"),
            # The stock address sends whoever is not let in away without signing them out.
            path("logout/", self.logout, name="logout"),
            path("second-factor/", pages.second_factor, name="second_factor"),
            path("second-factor/new/", pages.new_second_factor, name="second_factor_new"),
            path("second-factor/recovery-codes/", pages.recovery_codes, name="recovery_codes"),
            path("second-factor/remove/", pages.remove_second_factor, name="second_factor_remove"),
            *super().get_urls(),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the desk is open to the user: asked for each page."""
        return self.knows(request) and self.missing(request) is None

    def knows(self, request: HttpRequest) -> bool:
        """Whether a password of the desk's was given."""
        return super().has_permission(request)

    def missing(self, request: HttpRequest) -> Missing | None:
        """What somebody who gave a password of the desk's has still to do."""
        from config import second_factor

        user: Any = request.user
        if second_factor.is_set(user):
            return None if hasattr(user, "is_verified") and user.is_verified() else "code"
        return "second factor" if second_factor.is_required(user) else None

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from config import sign_in_pages as pages

        if request.method == "GET" and self.knows(request):
            return self.onward(request)
        return pages.password(request, {**self.each_context(request), **(extra_context or {})})

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        from config import sign_in_pages as pages

        context = {**self.each_context(request), **(extra_context or {})}
        request.current_app = self.name
        return pages.own_password(request, context)

    def onward(self, request: HttpRequest) -> HttpResponseRedirect:
        """To where somebody who gave a password has to go next."""
        missing = self.missing(request)
        if missing is None:
            return redirect("admin:index")
        name = "admin:sign_in_code" if missing == "code" else "admin:second_factor_new"
        target = request.GET.get(REDIRECT_FIELD_NAME, "")
        query = f"?{urlencode({REDIRECT_FIELD_NAME: target})}" if target else ""
        return HttpResponseRedirect(reverse(name) + query)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page of the desk is told; who is not let in is not told what there is."""
        context = super().each_context(request)
        if not context["has_permission"]:
            context |= {"available_apps": [], "is_nav_sidebar_enabled": False}
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """People with all that concerns their signing in, in one list and not by package."""
        listed = super().get_app_list(request, app_label)
        for app in listed:
            for model in app["models"]:
                model["name"] = NAMES.get(model["object_name"], model["name"])
        people = next((app for app in listed if app["app_label"] == "auth"), None)
        if people is None or app_label is not None:
            return listed
        people["name"] = "People and sign-in"
        ours = [app for app in listed if app["app_label"] not in ("axes", "otp_totp")]
        for app in listed:
            if app not in ours:
                people["models"] += app["models"]
        return ours
