"""The pages of signing in, and of the second factor."""

from __future__ import annotations

import time
from typing import Any

import django_otp
import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import authenticate, get_user_model, login
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import FormView

from config import second_factor as rules

# In the session: who gave the right password and owes the code; the secret that is being set up.
OWES_CODE = "owes_code"
NEW_KEY = "second_factor_key"
PATIENCE = 10 * 60  # seconds from the password to the code


def _desk() -> Any:
    return admin.site


def _render(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    request.current_app = _desk().name
    return TemplateResponse(
        request, f"admin/{template}", {**_desk().each_context(request), **context}
    )


# --- Forms ----------------------------------------------------------------------------------------


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
                "aria-describedby": "code-help",
            }
        ),
    )


class PasswordForm(forms.Form):
    """Asks who changes the second factor for the password again: an unattended desk is not enough."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not _is_own(self.request, password):
            raise ValidationError("That is not your password.")
        return password


class OwnPasswordForm(AdminPasswordChangeForm):
    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if not _is_own(self.request, old):
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return old


def _is_own(request: HttpRequest, password: str) -> bool:
    """Asked through the front door, so that failures count towards a lock-out."""
    user: Any = request.user
    return bool(authenticate(request, username=user.get_username(), password=password) == user)


class NewSecondFactorForm(PasswordForm):
    code = forms.CharField(
        label="Code that the authenticator shows",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    field_order = ("code", "password")


# --- Signing in -----------------------------------------------------------------------------------


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class PasswordView(LoginView):
    """First step. Who has a second factor is not signed in by it: the session only notes who owes a
    code."""

    authentication_form = AdminAuthenticationForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if not rules.is_set(user):
            _tell_what_others_did(self.request, user)
            return super().form_valid(form)
        self.request.session.flush()  # whoever was signed in here before
        self.request.session[OWES_CODE] = {
            "user": user.pk,
            "password": user.get_session_auth_hash(),
            "since": int(time.time()),
        }
        query = urlencode({self.redirect_field_name: self.get_success_url()})
        return HttpResponseRedirect(f"{reverse('admin:sign_in_code')}?{query}")


@never_cache
def password(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    context = {"title": "Log in", "app_path": request.get_full_path(), **context}
    page: Any = PasswordView.as_view(extra_context=context)
    return page(request)  # type: ignore[no-any-return]


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}


def own_password(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    page: Any = OwnPasswordView.as_view(extra_context=context)
    return page(request)  # type: ignore[no-any-return]


def _owing(request: HttpRequest) -> Any:
    """The user who gave a password here and owes the code; None where nobody does."""
    if _desk().knows(request):
        # Signed in before there was a second factor.
        return request.user if _desk().missing(request) == "code" else None
    owed = request.session.get(OWES_CODE)
    if not owed or time.time() - owed["since"] > PATIENCE:
        return None
    user = get_user_model()._default_manager.filter(pk=owed["user"], is_active=True).first()
    # Not with a password that was changed in between.
    if user and constant_time_compare(user.get_session_auth_hash(), owed["password"]):
        return user
    return None


@method_decorator([never_cache, sensitive_post_parameters("code")], name="dispatch")
class CodeView(RedirectURLMixin, FormView):
    """Second step: the code signs in."""

    form_class = CodeForm
    template_name = "admin/sign_in_code.html"
    next_page = "admin:index"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.user = _owing(request)
        if self.user is None:
            return redirect(_desk_login(self.get_redirect_url()))
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            rules.verify(self.user, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error)
            return self.form_invalid(form)
        self.request.session.pop(OWES_CODE, None)
        # The session rests on the authenticator, also after a recovery code: it ends when that goes.
        self.user.otp_device = rules.device_of(self.user)
        _tell_what_others_did(self.request, self.user)
        login(self.request, self.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **_desk().each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": "Enter your code",
            "next": self.get_redirect_url(),
        }


code = CodeView.as_view()


def _tell_what_others_did(request: HttpRequest, user: Any) -> None:
    for entry in rules.done_by_others(user):
        when = date_format(entry.action_time, "j F Y, H:i e")
        messages.warning(
            request,
            f"Your account, {when}: {entry.get_change_message()} (By “{entry.user}”. "
            "If you did not ask for that, tell the other administrators.)",
        )


def _desk_login(target: str) -> str:
    return reverse("admin:login") + (f"?{urlencode({'next': target})}" if target else "")


# --- The second factor ----------------------------------------------------------------------------


def _for_its_owner(view: Any) -> Any:
    """For whoever may enter, or may not yet because a second factor has to be set up first."""

    def inner(request: HttpRequest) -> Any:
        if not _desk().knows(request) or _desk().missing(request) == "code":
            return redirect(_desk_login(request.get_full_path()))
        return view(request)

    return never_cache(sensitive_post_parameters()(inner))


@_for_its_owner
@require_GET
def second_factor(request: HttpRequest) -> HttpResponse:
    """What there is, and what can be done with it."""
    if not rules.is_set(request.user):
        return redirect("admin:second_factor_new")
    return _overview(request)


def _overview(request: HttpRequest, **forms: Any) -> TemplateResponse:
    context = {
        "title": "Your second factor",
        "device": rules.device_of(request.user),
        "codes_left": rules.recovery_codes_left(request.user),
        "required": rules.is_required(request.user),
        "codes_form": PasswordForm(request, prefix="codes"),
        "remove_form": PasswordForm(request, prefix="remove"),
    }
    return _render(request, "second_factor.html", **{**context, **forms})


@_for_its_owner
def new_second_factor(request: HttpRequest) -> HttpResponse:
    """Set one up, or another in its place: secret, confirmation by a code, recovery codes."""
    user: Any = request.user
    form = NewSecondFactorForm(request, request.POST or None)
    # The secret waits in the session until a code proves that the authenticator has it.
    key = request.session.get(NEW_KEY) or rules.new_key()
    if form.is_valid():
        try:
            codes = rules.set_up(user, key, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error)
        else:
            request.session.pop(NEW_KEY, None)
            request.session.cycle_key()
            _rest_on_device(request)
            return _codes_page(request, codes)
    request.session[NEW_KEY] = key
    qr = segno.make(rules.address(user, key), error="m", micro=False)
    return _render(
        request,
        "second_factor_new.html",
        title="Replace your second factor" if rules.is_set(user) else "Set up a second factor",
        form=form,
        key=rules.spelled(key),
        # Shapes alone, with colours as attributes: nothing that the security policy forbids.
        qr=SafeString(qr.svg_inline(scale=5, dark="#000", light="#fff", svgclass="desk-qr")),
        replaces=rules.is_set(user),
        required=_desk().missing(request) == "second factor",
    )


@_for_its_owner
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New ones in the place of those that were there."""
    if not rules.is_set(request.user):
        return redirect("admin:second_factor_new")
    form = PasswordForm(request, request.POST, prefix="codes")
    if not form.is_valid():
        return _overview(request, codes_form=form)
    return _codes_page(request, rules.renew_recovery_codes(request.user))


@_for_its_owner
@require_POST
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    if rules.is_required(request.user):
        raise PermissionDenied("Your role needs a second factor: replace it instead.")
    form = PasswordForm(request, request.POST, prefix="remove")
    if not form.is_valid():
        return _overview(request, remove_form=form)
    rules.remove(request.user)
    messages.success(request, "The second factor is removed: your password alone signs you in.")
    return redirect("admin:index")


def _rest_on_device(request: HttpRequest) -> None:
    """This session is the one that proved the new authenticator: it goes on."""
    user: Any = request.user
    django_otp.login(request, rules.device_of(user))
    user.second_factor_is_set = True


def _codes_page(request: HttpRequest, codes: list[str]) -> TemplateResponse:
    """Shown in the answer itself and kept nowhere: to reload does not show them again."""
    return _render(request, "recovery_codes.html", title="Your recovery codes", codes=codes)
