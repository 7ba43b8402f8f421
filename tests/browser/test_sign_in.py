"""The door of the desk in the browser: a second factor set up and used, by keyboard alone."""

import time
from base64 import b32decode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_otp.oath import totp
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

VIEWPORTS = pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def sound(page):
    """Nothing that axe finds, and nothing beyond the edge of the window."""
    # Without fetching style sheets, which it would resolve against the page and not find.
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def type_into(page, label, text):
    """By keyboard: go on with Tab until the field has the focus."""
    field = page.get_by_label(label, exact=True)
    for _ in range(60):
        if field.evaluate("field => field === document.activeElement"):
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.type(text)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to “{label}”.")


def press(page, role, name):
    """By keyboard: go on with Tab until the button or link has the focus, then press it."""
    target = page.get_by_role(role, name=name, exact=True).first
    for _ in range(60):
        if target.evaluate("target => target === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to “{name}”.")


def give_password(page, password):
    type_into(page, "Username:", "administrator")
    type_into(page, "Password:", password)
    page.keyboard.press("Enter")


@VIEWPORTS
@SCHEMES
def test_second_factor_is_set_up_used_and_removed_by_keyboard(visit, passwords, viewport, scheme):
    password = passwords["administrator"]
    page = visit("/admin/login/", viewport=viewport, color_scheme=scheme)
    sound(page)
    expect(page.get_by_label("Username:")).to_be_focused()
    give_password(page, password)

    press(page, "link", "Second factor")
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    sound(page)
    key = b32decode(page.locator(".second-factor-key").inner_text().replace(" ", ""))
    type_into(page, "Code that the authenticator shows:", "no code")
    type_into(page, "Your password:", password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("That is not the code which belongs to this secret")).to_be_visible()
    sound(page)
    while time.time() % 30 > 15:  # a code that is entered late would count as a clock that is slow
        page.wait_for_timeout(500)
    type_into(page, "Code that the authenticator shows:", f"{totp(key):06d}")
    type_into(page, "Your password:", password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(
        10
    )
    recovery = page.locator(".recovery-codes code").first.inner_text()
    sound(page)

    press(page, "link", "I have kept them: to the desk")
    press(page, "button", "Log out")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    sound(page)

    # A code is good once, so the next one: the clock of the phone may be half a minute ahead.
    press(page, "link", "Sign in again")
    give_password(page, password)
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    expect(page.get_by_label("Code:")).to_be_focused()
    sound(page)
    page.keyboard.type("letters")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That code is not right, or was used before.")).to_be_visible()
    sound(page)
    type_into(page, "Code:", f"{totp(key, drift=1):06d}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The desk")).to_be_visible()
    press(page, "button", "Log out")

    press(page, "link", "Sign in again")
    give_password(page, password)
    page.wait_for_timeout(1100)  # the wrong recovery code above makes one wait a second
    type_into(page, "Code:", recovery)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The desk")).to_be_visible()

    press(page, "link", "Second factor")
    expect(page.get_by_text("9 of 10 are left.")).to_be_visible()
    sound(page)
    page.locator("#id_remove-password").focus()
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The second factor is removed")).to_be_visible()


@VIEWPORTS
def test_page_of_who_is_locked_out_says_until_when(browser, site, viewport):
    # Not by `visit`: a browser notes a page of status 429 on the console.
    context = browser.new_context(base_url=site, viewport=viewport)
    page = context.new_page()
    for _ in range(5):
        page.goto("/admin/login/")
        page.get_by_label("Username:").fill(f"nobody-{viewport['width']}")
        page.get_by_label("Password:").fill("not a password")
        with page.expect_navigation():
            page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Signing in is locked for a while")).to_be_visible()
    expect(page.get_by_text("in 15 minutes")).to_be_visible()
    sound(page)
    context.close()
