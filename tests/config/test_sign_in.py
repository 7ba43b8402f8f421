"""The door of the desk: password, lock-out, second factor, and how long a session lasts."""

import datetime as dt
import re
import time
from base64 import b32decode

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import second_factor
from config.lockout import client_address
from tests.factories import UserFactory, editor, researcher

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase"
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
LOGIN, CODE, DESK = "/admin/login/", "/admin/login/code/", "/admin/"
PAGE, NEW = "/admin/second-factor/", "/admin/second-factor/new/"


def person(role="researcher", name="anna", **fields):
    user = UserFactory(username=name, role=role, **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def send(client, password=PASSWORD, name="anna", path=LOGIN, **headers):
    return client.post(path, {"username": name, "password": password}, **headers)


def enrolled(user):
    """A second factor set up some minutes ago, and its recovery codes."""
    key = second_factor.new_key()
    with time_machine.travel(time.time() - 300, tick=False):
        codes = second_factor.set_up(user, key, code_of(key))
    return key, codes


def code_of(key, drift=0):
    return f"{totp(bytes.fromhex(key), drift=drift):06d}"


def wrong(key):
    """Six digits that no step near this moment has."""
    near = {code_of(key, drift) for drift in range(-2, 3)}
    return next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in near)


def is_in(client):
    return client.get(DESK).status_code == 200


# --- Password -------------------------------------------------------------------------------------


def test_name_and_password_open_the_desk_and_lead_where_one_wanted_to_go(client):
    person()

    response = send(client, path=f"{LOGIN}?next=/admin/claims/claim/")

    assert response.status_code == 302
    assert response["Location"] == "/admin/claims/claim/"
    assert is_in(client)


def test_nobody_is_led_to_another_site(client):
    person()

    assert send(client, path=f"{LOGIN}?next=https://evil.example/")["Location"] == DESK


def test_refusal_does_not_say_whether_the_name_exists(client):
    person()
    person(name="left", is_active=False)
    person(name="reader", is_staff=False)

    pages = [
        send(client, password, name)
        for name, password in [
            ("anna", "wrong"),
            ("nobody", "wrong"),
            ("left", PASSWORD),
            ("reader", PASSWORD),
        ]
    ]

    told = {
        re.search(r'errornote"[^>]*>(.*?)</p>', page.content.decode(), re.S)[1] for page in pages
    }
    assert [page.status_code for page in pages] == [200] * 4
    assert len(told) == 1


def test_signing_out_needs_a_post_and_ends_the_session(client):
    person()
    send(client)

    assert client.get("/admin/logout/").status_code == 405
    page = client.post("/admin/logout/")

    assert "You are signed out." in page.content.decode()
    assert not is_in(client)
    assert Session.objects.count() == 0


def test_whoever_signs_in_is_noted_with_time_and_address(client):
    person()

    send(client, REMOTE_ADDR="203.0.113.7")

    (entry,) = AccessLog.objects.all()
    assert (entry.username, entry.ip_address) == ("anna", "203.0.113.7")


# --- Rules for passwords --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("elevenchars", "at least 12 characters"),
        ("telechargement", "too common"),
        ("anna-lindqvist", "too similar"),
    ],
)
def test_short_common_and_telling_passwords_are_refused(client, password, message):
    person(last_name="Anna-Lindqvist")
    send(client)
    sent = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}

    page = client.post("/admin/password_change/", sent)

    assert page.status_code == 200
    assert message in page.content.decode()
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["x" * 5 + "qjzw" * 2, "839201746583920174", "горы и море и небо", "q z" * 43],
    ids=["letters alone", "digits alone", "Cyrillic with spaces", "129 characters"],
)
def test_any_long_password_will_do_and_the_session_goes_on(client, password):
    person()
    send(client)
    sent = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}

    assert client.post("/admin/password_change/", sent).status_code == 302

    assert is_in(client)
    assert send(Client(), password).status_code == 302


def test_changing_the_password_asks_for_the_old_one(client):
    person()
    send(client)
    new = "another long phrase"
    sent = {"old_password": "wrong", "new_password1": new, "new_password2": new}

    assert "old password" in client.post("/admin/password_change/", sent).content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_guessing_the_old_password_is_locked_out(client):
    person()
    send(client)
    new = "another long phrase"
    sent = {"new_password1": new, "new_password2": new}

    for _ in range(5):
        page = client.post("/admin/password_change/", {"old_password": "wrong"} | sent)
    right = client.post("/admin/password_change/", {"old_password": PASSWORD} | sent)

    assert page.status_code == right.status_code == 429
    assert User.objects.get().check_password(PASSWORD)


def test_no_password_field_forbids_pasting_and_managers_know_them(client):
    person()
    fields = client.get(LOGIN).content.decode()
    send(client)
    fields += client.get("/admin/password_change/").content.decode()

    assert "onpaste" not in fields
    assert 'autocomplete="current-password"' in fields
    assert 'autocomplete="new-password"' in fields
    assert not re.search(r'type="password"[^>]*maxlength', fields)


# --- Lock-out -------------------------------------------------------------------------------------


def test_five_failures_lock_the_name_out_from_that_address_alone(client):
    person()
    with time_machine.travel(NOON, tick=False):
        for _ in range(4):
            assert send(client, "wrong").status_code == 200
        page = send(client, "wrong")
        right = send(client)
        elsewhere = send(Client(), REMOTE_ADDR="203.0.113.7")

    assert page.status_code == right.status_code == 429
    assert page["Retry-After"] == "900"
    assert "12:15 UTC" in page.content.decode()
    assert "in 15 minutes" in page.content.decode()
    assert elsewhere.status_code == 302


def test_a_name_that_does_not_exist_is_locked_out_alike(client):
    person()
    with time_machine.travel(NOON, tick=False):
        pages = {}
        for name in ("anna", "nobody"):
            for _ in range(5):
                pages[name] = send(client, "wrong", name)

    assert pages["anna"].status_code == pages["nobody"].status_code == 429
    assert pages["anna"].content == pages["nobody"].content


def test_another_browser_at_the_same_address_counts_too():
    person()
    for number in range(4):
        send(Client(), "wrong", HTTP_USER_AGENT=f"browser {number}")

    assert send(Client(), "wrong", HTTP_USER_AGENT="another").status_code == 429


def test_thirty_failures_lock_the_address_out_under_every_name(client):
    person()
    for number in range(29):
        assert send(client, "wrong", f"name-{number}").status_code == 200

    assert send(client, "wrong", "name-29").status_code == 429
    assert send(client).status_code == 429
    assert send(client, REMOTE_ADDR="203.0.113.7").status_code == 302


def test_lock_out_ends_when_the_page_says_and_trying_on_does_not_prolong_it(client):
    person()
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            page = send(client, "wrong")
        clock.shift(14 * 60)
        again = send(client)
        clock.shift(61)
        after = send(client)

    assert page.status_code == again.status_code == 429
    assert "in 1 minute." in again.content.decode()
    assert "12:15 UTC" in again.content.decode()
    assert after.status_code == 302


def test_an_address_is_let_in_as_soon_as_enough_failures_no_longer_count(client):
    person()
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(2):
            send(client, "wrong", f"early-{number}")
        clock.shift(10 * 60)
        for number in range(28):
            page = send(client, "wrong", f"late-{number}")
        assert page.status_code == 429
        assert "12:15 UTC" in page.content.decode()
        clock.shift(5 * 60 + 1)

        assert send(client).status_code == 302


def test_signing_in_forgets_the_failures_under_that_name_but_not_the_address_s(client):
    person()
    for number in range(4):
        send(client, "wrong", f"name-{number}")
        send(client, "wrong")

    send(client)

    assert AccessAttempt.objects.filter(username="anna").count() == 0
    assert AccessAttempt.objects.count() == 4


def test_no_password_and_no_token_is_kept_of_a_failed_attempt(client):
    send(client, "not quite my password")

    kept = " ".join(map(str, AccessAttempt.objects.values_list().get()))
    assert "not quite my password" not in kept


def test_administrator_ends_a_lock_out_in_the_admin_and_so_does_a_command(client):
    person()
    person("administrator", "boss")
    boss = Client()
    send(boss, name="boss")
    for _ in range(5):
        send(client, "wrong", REMOTE_ADDR="203.0.113.7")
    attempt = AccessAttempt.objects.get()
    page = f"/admin/axes/accessattempt/{attempt.pk}"

    assert "203.0.113.7" in boss.get(f"{page}/change/").content.decode()
    assert boss.post(f"{page}/delete/", {"post": "yes"}).status_code == 302
    assert send(client, REMOTE_ADDR="203.0.113.7").status_code == 302

    for _ in range(5):
        send(Client(), "wrong", REMOTE_ADDR="203.0.113.7")
    call_command("axes_reset_username", "anna", verbosity=0)
    assert send(Client(), REMOTE_ADDR="203.0.113.7").status_code == 302


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "address"),
    [
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (1, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the first is made up
        (2, "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "10.0.0.1"),  # came past a proxy
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (1, "10.0.0.1", "1.1.1.1, ", "10.0.0.1"),
        (1, "", "unknown", None),
        (1, "10.0.0.1", "198.51.100.1:51234", "198.51.100.1"),
        (1, "10.0.0.1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::"),
        (1, "10.0.0.1", "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"),
        (1, "10.0.0.1", "[", "10.0.0.1"),
        (0, "", "", None),
        (0, "::ffff:203.0.113.7", "", "203.0.113.7"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        (0, "::1", "", "::"),
    ],
)
def test_address_of_a_visitor(settings, trusted, remote, forwarded, address):
    settings.TRUST_X_FORWARDED_FOR = trusted
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    request = RequestFactory().get("/", REMOTE_ADDR=remote, **headers)

    assert client_address(request) == address


def test_a_made_up_header_opens_no_lock(client):
    person()
    for number in range(5):
        page = send(client, "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")

    assert page.status_code == 429


def test_visitors_without_an_address_are_counted_together(client):
    person()
    for _ in range(5):
        page = send(client, "wrong", REMOTE_ADDR="")

    assert page.status_code == 429


# --- Setting up a second factor -------------------------------------------------------------------


def secret_on(page):
    shown = re.search(r"second-factor-key\">([A-Z2-7 ]+)<", page.content.decode())[1]
    return b32decode(shown.replace(" ", "")).hex()


def set_up(client):
    key = secret_on(client.get(NEW))
    page = client.post(NEW, {"code": code_of(key), "password": PASSWORD})
    return key, re.findall(r"<li><code>(.*?)</code>", page.content.decode())


def test_second_factor_is_set_up_with_a_code_and_the_password(client):
    user = person()
    send(client)
    assert client.get(PAGE)["Location"] == NEW
    page = client.get(NEW)
    key = secret_on(page)
    text = page.content.decode()
    assert re.search(r'<svg[^>]* class="desk-qr"', text)
    assert "style=" not in text.split("<main", 1)[1]
    assert "no-store" in page["Cache-Control"]

    shown = client.post(NEW, {"code": code_of(key), "password": PASSWORD})
    codes = re.findall(r"<li><code>(.*?)</code>", shown.content.decode())

    assert len(set(codes)) == 10
    assert "no-store" in shown["Cache-Control"]
    device = TOTPDevice.objects.get(user=user)
    assert (device.key, device.confirmed) == (key, True)
    assert is_in(client)  # this session has proved it
    told = client.get(PAGE).content.decode()
    assert "10 of 10 are left" in told
    assert not any(code in told for code in codes)
    history = client.get(f"/admin/auth/user/{user.pk}/history/")
    assert history.status_code == 403  # a researcher has no business there
    assert "Set up a second factor." in [entry.change_message for entry in user_log(user)]


def user_log(user):
    return LogEntry.objects.filter(object_id=str(user.pk), content_type__model="user")


def test_secret_stays_the_same_until_it_is_confirmed(client):
    person()
    send(client)

    assert secret_on(client.get(NEW)) == secret_on(client.get(NEW))


def test_key_in_the_qr_code_is_the_one_that_is_spelled_out():
    user = person()
    key = "3132333435363738393031323334353637383930"

    assert second_factor.spelled(key) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    address = second_factor.address(user, key)
    assert address.startswith("otpauth://totp/Counterclaim%20desk%3Aanna?secret=GEZDGNBV")
    assert "issuer=Counterclaim%20desk" in address


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "wrong"}, "not the code which belongs to this secret"),
        ({"code": ""}, "This field is required."),
        ({"code": "letters"}, "not the code which belongs to this secret"),
        ({"password": "wrong"}, "That is not your password."),
        ({"password": ""}, "This field is required."),
    ],
)
def test_without_the_right_code_and_password_nothing_is_set_up(client, change, message):
    person()
    send(client)
    key = secret_on(client.get(NEW))
    sent = {"code": code_of(key), "password": PASSWORD} | change
    if change == {"code": "wrong"}:
        sent["code"] = wrong(key)

    page = client.post(NEW, sent)

    assert message in page.content.decode()
    assert TOTPDevice.objects.count() == 0
    assert secret_on(page) == key


def test_guessing_the_password_of_an_unattended_desk_is_locked_out(client):
    person()
    send(client)
    key = secret_on(client.get(NEW))

    for _ in range(5):
        page = client.post(NEW, {"code": code_of(key), "password": "wrong"})

    assert page.status_code == 429
    assert client.post(NEW, {"code": code_of(key), "password": PASSWORD}).status_code == 429
    assert TOTPDevice.objects.count() == 0


def test_replacing_ends_the_old_one_and_the_old_recovery_codes(client):
    user = person()
    old, old_codes = enrolled(user)
    send(client)
    client.post(CODE, {"code": code_of(old)})

    new, _ = set_up(client)

    assert TOTPDevice.objects.get().key == new
    assert is_in(client)
    other = Client()
    send(other)
    assert other.post(CODE, {"code": old_codes[0]}).status_code == 200
    assert "Replaced the second factor." in [entry.change_message for entry in user_log(user)]


def test_new_recovery_codes_make_the_old_ones_void(client):
    user = person()
    key, old = enrolled(user)
    send(client)
    client.post(CODE, {"code": code_of(key)})

    refused = client.post(f"{PAGE}recovery-codes/", {"codes-password": "wrong"})
    page = client.post(f"{PAGE}recovery-codes/", {"codes-password": PASSWORD})
    new = re.findall(r"<li><code>(.*?)</code>", page.content.decode())

    assert "That is not your password." in refused.content.decode()
    assert len(new) == 10
    assert is_in(client)
    other = Client()
    send(other)
    assert other.post(CODE, {"code": old[0]}).status_code == 200
    with time_machine.travel(time.time() + 5):
        assert other.post(CODE, {"code": new[0]}).status_code == 302


def test_recovery_codes_are_not_stored_as_they_are():
    _, codes = enrolled(person())

    stored = set(StaticToken.objects.values_list("token", flat=True))

    assert len(stored) == 10
    assert not stored & {second_factor.plain(code) for code in codes}


def test_removing_asks_for_the_password_and_is_not_open_to_whose_role_needs_it(client, settings):
    user = person("editor")
    key, _ = enrolled(user)
    send(client)
    client.post(CODE, {"code": code_of(key)})

    refused = client.post(f"{PAGE}remove/", {"remove-password": "wrong"})
    settings.SECOND_FACTOR = "editors"
    forbidden = client.post(f"{PAGE}remove/", {"remove-password": PASSWORD})
    not_offered = client.get(PAGE).content.decode()
    settings.SECOND_FACTOR = "optional"
    done = client.post(f"{PAGE}remove/", {"remove-password": PASSWORD})

    assert "That is not your password." in refused.content.decode()
    assert forbidden.status_code == 403
    assert "Remove the second factor" not in not_offered
    assert "Your role needs it." in not_offered
    assert done["Location"] == DESK
    assert (TOTPDevice.objects.count(), StaticDevice.objects.count()) == (0, 0)
    assert is_in(client)
    assert "Removed the second factor." in [entry.change_message for entry in user_log(user)]


def test_pages_that_only_make_sense_with_a_second_factor_lead_to_setting_one_up(client):
    person()
    send(client)

    answer = client.post(f"{PAGE}recovery-codes/", {"codes-password": PASSWORD})

    assert answer["Location"] == NEW
    assert client.get(f"{PAGE}remove/").status_code == 405
    assert client.get(f"{PAGE}recovery-codes/").status_code == 405


# --- Signing in with a second factor --------------------------------------------------------------


def test_password_alone_opens_nothing_and_the_code_opens_the_desk(client):
    key, _ = enrolled(person())

    first = send(client, path=f"{LOGIN}?next=/admin/claims/claim/")
    assert first["Location"] == f"{CODE}?next=%2Fadmin%2Fclaims%2Fclaim%2F"
    assert not is_in(client)
    assert client.get(PAGE)["Location"].startswith(LOGIN)
    assert client.get(first["Location"]).status_code == 200
    second = client.post(first["Location"], {"code": code_of(key)})

    assert second["Location"] == "/admin/claims/claim/"
    assert is_in(client)


def test_code_may_be_typed_with_spaces(client):
    key, _ = enrolled(person())
    send(client)
    code = code_of(key)

    assert client.post(CODE, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302


def test_wrong_code_is_refused_and_makes_one_wait_longer_each_time(client):
    with time_machine.travel(NOON, tick=False) as clock:
        key, _ = enrolled(person())
        send(client)
        first = client.post(CODE, {"code": wrong(key)})
        at_once = client.post(CODE, {"code": code_of(key)})
        clock.shift(2)
        client.post(CODE, {"code": wrong(key)})
        later = client.post(CODE, {"code": code_of(key)})
        clock.shift(3)
        right = client.post(CODE, {"code": code_of(key)})

    assert "That code is not right" in first.content.decode()
    assert "Too many wrong codes. Wait 1 second," in at_once.content.decode()
    assert "Wait 2 seconds," in later.content.decode()
    assert right.status_code == 302


def test_the_wait_after_many_wrong_codes_is_told_in_minutes(client):
    user = person()
    key, _ = enrolled(user)
    with time_machine.travel(NOON, tick=False):
        TOTPDevice.objects.update(throttling_failure_count=10, throttling_failure_timestamp=NOON)
        send(client)

        page = client.post(CODE, {"code": code_of(key)})

    assert "Wait 9 minutes," in page.content.decode()


def test_code_is_good_once(client):
    with time_machine.travel(NOON, tick=False):
        key, _ = enrolled(person())
        other = Client()
        send(client)
        send(other)
        code = code_of(key)

        assert client.post(CODE, {"code": code}).status_code == 302
        assert other.post(CODE, {"code": code}).status_code == 200
    assert not is_in(other)


def test_recovery_code_signs_in_once(client):
    user = person()
    _, codes = enrolled(user)
    send(client)

    assert client.post(CODE, {"code": codes[3].upper()}).status_code == 302
    assert is_in(client)
    assert "9 of 10 are left" in client.get(PAGE).content.decode()
    assert "Signed in with a recovery code." in [entry.change_message for entry in user_log(user)]
    other = Client()
    send(other)
    assert other.post(CODE, {"code": codes[3]}).status_code == 200
    assert not is_in(other)


def test_codes_of_somebody_else_do_not_sign_in(client):
    _, codes = enrolled(person(name="berta"))
    enrolled(person())
    send(client)

    assert client.post(CODE, {"code": codes[0]}).status_code == 200


def test_session_from_before_the_second_factor_is_asked_for_the_code(client):
    user = person()
    send(client)
    assert is_in(client)
    key, _ = enrolled(user)  # in another browser

    assert client.get("/admin/claims/claim/")["Location"] == f"{LOGIN}?next=/admin/claims/claim/"
    led = client.get(f"{LOGIN}?next=/admin/claims/claim/")["Location"]
    assert led == f"{CODE}?next=%2Fadmin%2Fclaims%2Fclaim%2F"
    assert client.post(led, {"code": code_of(key)})["Location"] == "/admin/claims/claim/"
    assert is_in(client)


def test_code_is_not_asked_of_who_gave_no_password_or_too_long_ago(client):
    enrolled(person())
    assert client.get(f"{CODE}?next=/admin/claims/claim/")["Location"] == (
        f"{LOGIN}?next=%2Fadmin%2Fclaims%2Fclaim%2F"
    )
    with time_machine.travel(NOON, tick=False) as clock:
        send(client)
        assert client.get(CODE).status_code == 200
        clock.shift(601)

        assert client.get(CODE)["Location"] == LOGIN


@pytest.mark.parametrize("change", ["password", "deactivation"])
def test_code_is_not_taken_after_the_password_changed_or_the_account_ended(client, change):
    user = person()
    key, _ = enrolled(user)
    send(client)
    if change == "password":
        user.set_password("another long phrase")
    else:
        user.is_active = False
    user.save()

    assert client.post(CODE, {"code": code_of(key)})["Location"] == LOGIN
    assert not is_in(client)


def test_whoever_is_in_already_has_nothing_to_do_at_the_door(client):
    key, _ = enrolled(person())
    send(client)
    client.post(CODE, {"code": code_of(key)})

    assert client.get(LOGIN)["Location"] == DESK
    assert client.get(CODE)["Location"] == LOGIN


def test_somebody_else_may_sign_in_over_a_session(client):
    person()
    key, _ = enrolled(person(name="berta"))
    send(client)

    send(client, name="berta")

    assert not is_in(client)  # anna is out, berta not yet in
    client.post(CODE, {"code": code_of(key)})
    assert client.get(DESK).context["user"].username == "berta"


def test_session_ends_with_the_second_factor_that_it_rests_on(client, settings):
    settings.SECOND_FACTOR = "everybody"
    user = person()
    _, codes = enrolled(user)
    send(client)
    client.post(CODE, {"code": codes[0]})
    assert is_in(client)

    second_factor.remove(user)

    assert not is_in(client)


# --- Who needs one --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("required_of", "role", "needed"),
    [
        ("optional", "editor", False),
        ("optional", "superuser", False),
        ("editors", "researcher", False),
        ("editors", "editor", True),
        ("editors", "administrator", True),
        ("editors", "superuser", True),
        ("everybody", "researcher", True),
    ],
)
def test_who_has_to_have_a_second_factor(client, settings, required_of, role, needed):
    settings.SECOND_FACTOR = required_of
    role = {"is_superuser": True, "role": None} if role == "superuser" else {"role": role}
    person(**role)

    send(client)

    assert is_in(client) is not needed


def test_who_needs_one_is_led_to_it_and_can_do_nothing_else(client, settings):
    settings.SECOND_FACTOR = "editors"
    person("editor")

    response = send(client, path=f"{LOGIN}?next=/admin/claims/claim/")
    for _ in range(3):
        response = client.get(response["Location"])
        if response.status_code == 200:
            break
    text = response.content.decode()

    assert response.request["PATH_INFO"] == NEW
    assert "Your role needs a second factor." in text
    assert "/admin/claims/" not in text.replace("%2F", "")
    for path in ("/admin/claims/claim/add/", "/admin/password_change/", "/admin/jsi18n/", PAGE):
        assert client.get(path).status_code == 302, path
    set_up(client)
    assert client.get("/admin/claims/claim/").status_code == 200


def test_who_needs_one_may_leave_instead(client, settings):
    settings.SECOND_FACTOR = "everybody"
    person()
    send(client)

    assert "You are signed out." in client.post("/admin/logout/").content.decode()
    assert client.get(NEW)["Location"].startswith(LOGIN)


def test_asking_who_has_one_costs_no_query(client, django_assert_num_queries):
    client.force_login(researcher())
    client.get("/admin/jsi18n/")

    with django_assert_num_queries(2):  # session, user
        client.get("/admin/jsi18n/")

    user = editor()
    enrolled(user)
    client.force_login(user)
    session = client.session
    session["otp_device_id"] = second_factor.device_of(user).persistent_id
    session.save()
    with django_assert_num_queries(3):  # and the device that the session rests on
        assert client.get("/admin/jsi18n/").status_code == 200


# --- A lost device --------------------------------------------------------------------------------


def test_administrator_takes_a_lost_second_factor_off_and_history_says_so(client):
    boss = person("administrator", "boss")
    user = person()
    enrolled(user)
    send(client, name="boss")
    device = second_factor.device_of(user)
    page = f"/admin/otp_totp/totpdevice/{device.pk}"

    shown = client.get(f"{page}/change/").content.decode()
    assert device.key not in shown
    assert second_factor.spelled(device.key) not in shown
    assert client.get(f"{page}/config/").status_code in {302, 404}
    assert client.get(f"{page}/qrcode/").status_code in {302, 404}
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 302

    assert not second_factor.is_set(user)
    assert StaticDevice.objects.count() == 0
    (entry,) = user_log(user).filter(change_message__startswith="Removed")
    assert entry.user == boss
    told = client.get(f"/admin/auth/user/{user.pk}/history/").content.decode()
    assert "Removed the second factor." in told


def test_several_at_once(client):
    person("administrator", "boss")
    for name in ("anna", "berta"):
        enrolled(person(name=name))
    enrolled(person(None, "root", is_superuser=True))
    send(client, name="boss")
    listed = client.get("/admin/otp_totp/totpdevice/").content.decode()
    ids = list(TOTPDevice.objects.values_list("pk", flat=True))
    sent = {"action": "delete_selected", "_selected_action": ids, "post": "yes"}

    client.post("/admin/otp_totp/totpdevice/", sent)

    assert "root" not in listed.split('id="result_list"')[1]
    assert [device.user.username for device in TOTPDevice.objects.all()] == ["root"]


def test_a_command_takes_a_second_factor_off(capsys):
    user = person()
    enrolled(user)

    call_command("reset_second_factor", "anna")
    call_command("reset_second_factor", "anna")

    assert capsys.readouterr().out.splitlines() == [
        "The password alone signs “anna” in now.",
        "“anna” has no second factor.",
    ]
    assert "from the command line" in user_log(user).first().change_message
    with pytest.raises(CommandError, match="no user “nobody”"):
        call_command("reset_second_factor", "nobody")


# --- What others did to an account ----------------------------------------------------------------


def told_on(page):
    return [str(message) for message in page.context["messages"]]


def test_whose_password_and_second_factor_somebody_else_reset_is_told_at_each_sign_in(client):
    boss = person("administrator", "boss")
    user = person("editor")
    enrolled(user)
    boss_client = Client()
    new = "another long phrase"
    with time_machine.travel(NOON, tick=False):
        send(boss_client, name="boss")
        boss_client.post(
            f"/admin/auth/user/{user.pk}/password/",
            {"password1": new, "password2": new, "usable_password": "true"},
        )
        device = second_factor.device_of(user)
        boss_client.post(f"/admin/otp_totp/totpdevice/{device.pk}/delete/", {"post": "yes"})
    for days in (1, 13):
        with time_machine.travel(NOON + dt.timedelta(days=days), tick=False):
            send(client, new)
            told = told_on(client.get(DESK))
            assert told_on(client.get(DESK)) == []
            client.post("/admin/logout/")
        assert len(told) == 2
        assert told[0].startswith(
            "Your account, 2 March 2026, 12:00 UTC: Removed the second factor. (By “boss”."
        )
        assert "Changed password." in told[1]
    with time_machine.travel(NOON + dt.timedelta(days=15), tick=False):
        send(client, new)
        assert told_on(client.get(DESK)) == []
    assert user_log(user).filter(user=boss).count() == 2


def test_who_signs_in_with_a_code_is_told_too_but_not_what_they_did_themselves(client):
    boss = person("administrator", "boss")
    user = person()
    key, _ = enrolled(user)
    send(client)
    client.post(CODE, {"code": code_of(key)})
    assert told_on(client.get(DESK)) == []
    client.post("/admin/logout/")
    second_factor._note(user, "Changed Groups.", by=boss)
    TOTPDevice.objects.update(last_t=-1)

    send(client)
    client.post(CODE, {"code": code_of(key)})

    (told,) = told_on(client.get(DESK))
    assert "Changed Groups. (By “boss”." in told


# --- People ---------------------------------------------------------------------------------------


def test_list_of_people_says_who_has_a_second_factor_in_as_many_queries_for_many(
    client, django_assert_num_queries
):
    person("administrator", "boss")
    send(client, name="boss")
    enrolled(person())
    client.get("/admin/auth/user/")
    with django_assert_num_queries(9):
        page = client.get("/admin/auth/user/").content.decode()
    for number in range(3):
        person("editor", f"user-{number}")
    with django_assert_num_queries(9):
        client.get("/admin/auth/user/")

    # Both are active; one has a second factor.
    assert (page.count("icon-yes"), page.count("icon-no")) == (3, 1)


def test_administrator_gives_roles_but_neither_makes_nor_becomes_a_superuser(client):
    boss = person("administrator", "boss")
    root = person(None, "root", is_superuser=True)
    send(client, name="boss")
    mine = f"/admin/auth/user/{boss.pk}/change/"

    page = client.get(mine).content.decode()
    client.post(
        mine,
        {
            "username": "boss",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "groups": [group.pk for group in boss.groups.all()],
            "date_joined_0": "2026-01-01",
            "date_joined_1": "12:00",
        },
    )

    assert 'name="is_superuser"' not in page
    assert 'name="groups"' in page
    boss.refresh_from_db()
    assert boss.date_joined.year == 2026
    assert not boss.is_superuser
    for path in ("password/", "delete/"):
        assert client.get(f"/admin/auth/user/{root.pk}/{path}").status_code == 403


def test_administrator_reads_what_roles_may_do_and_cannot_take_every_right(client):
    boss = person("administrator", "boss")
    role = boss.groups.get()
    before = role.permissions.count()
    send(client, name="boss")
    everything = Permission.objects.values_list("pk", flat=True)
    page = f"/admin/auth/group/{role.pk}/change/"

    assert client.get(page).status_code == 200
    refused = [
        client.post(page, {"name": role.name, "permissions": everything}),
        client.post("/admin/auth/group/add/", {"name": "all", "permissions": everything}),
        client.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"}),
    ]

    assert [answer.status_code for answer in refused] == [403] * 3
    assert role.permissions.count() == before
    assert Group.objects.count() == 3
    root = Client()
    root.force_login(person(None, "root", is_superuser=True))
    changed = root.post(page, {"name": role.name, "permissions": everything})
    assert changed.status_code == 302
    assert role.permissions.count() == len(everything)


def test_desk_lists_people_and_sign_in_together_and_under_its_own_names(client):
    person("administrator", "boss")
    send(client, name="boss")

    listed = client.get(DESK).context["app_list"]

    assert [app["name"] for app in listed] == [
        "The record",
        "The judgement",
        "People and sign-in",
        "Background work",
    ]
    assert [model["name"] for model in listed[2]["models"]] == [
        "Groups",
        "Users",
        "Failed sign-ins",
        "Sign-ins",
        "Second factors",
    ]
    assert client.get("/admin/axes/accesslog/").context["title"] == "Sign-ins"
    (alone,) = client.get("/admin/axes/").context["app_list"]
    assert [model["name"] for model in alone["models"]] == ["Failed sign-ins", "Sign-ins"]


def test_superuser_gives_everything(client):
    root = person(None, "root", is_superuser=True)
    send(client, name="root")

    page = client.get(f"/admin/auth/user/{root.pk}/change/").content.decode()

    assert 'name="is_superuser"' in page
    assert "superuser" in client.get("/admin/auth/user/").content.decode()


# --- Sessions -------------------------------------------------------------------------------------


def test_cookies_are_hidden_from_scripts_and_end_with_the_browser(client):
    person()

    cookie = send(client).cookies["sessionid"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == cookie["expires"] == ""


def test_session_ends_two_hours_after_the_last_request(client):
    person()
    with time_machine.travel(NOON, tick=False) as clock:
        send(client)
        clock.shift(115 * 60)
        assert is_in(client)
        clock.shift(115 * 60)
        assert is_in(client)
        clock.shift(121 * 60)

        assert not is_in(client)


def test_session_ends_twelve_hours_after_it_began_however_busy(client):
    person()
    with time_machine.travel(NOON, tick=False) as clock:
        send(client)
        for _ in range(12):
            clock.shift(3600)
            assert is_in(client)
        clock.shift(1)

        assert not is_in(client)
    assert not Session.objects.filter(session_key=client.cookies["sessionid"].value).exists()


def test_a_request_writes_to_the_session_at_most_every_five_minutes(
    client, django_assert_num_queries
):
    person()
    with time_machine.travel(NOON, tick=False) as clock:
        send(client)
        clock.shift(299)
        with django_assert_num_queries(2):
            client.get("/admin/jsi18n/")
        clock.shift(2)
        with django_assert_num_queries(5):  # and the new end, in a savepoint
            client.get("/admin/jsi18n/")
        with django_assert_num_queries(2):
            client.get("/admin/jsi18n/")


@pytest.mark.parametrize("change", ["password", "deactivation", "no longer at the desk"])
def test_every_session_of_a_person_ends_with_the_password_or_the_account(client, change):
    user = person()
    send(client)
    if change == "password":
        user.set_password("another long phrase")
    else:
        user.is_active = change != "deactivation"
        user.is_staff = False
    user.save()

    assert not is_in(client)


def test_signing_in_changes_the_key_of_the_session(client):
    person()
    client.get(LOGIN)
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    send(client)

    assert client.cookies["sessionid"].value != before
