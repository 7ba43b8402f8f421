"""The demo's logins, one for each role: random passwords, printed once."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from claims.seeding import role_account

pytestmark = pytest.mark.django_db


def run():
    out = StringIO()
    call_command("create_demo_users", stdout=out)
    return out.getvalue()


def passwords(said):
    return dict(re.findall(r"^(\w+) +password (\S+)", said, re.MULTILINE))


GROUPS = {
    "researcher": "researcher",
    "editor": "editor",
    "coeditor": "editor",
    "administrator": "administrator",
}


def test_prints_passwords_that_work_and_where_to_sign_in():
    said = run()

    logins = passwords(said)
    assert set(logins) == set(GROUPS)
    for name, password in logins.items():
        user = authenticate(RequestFactory().post("/"), username=name, password=password)
        assert user.is_staff
        assert not user.is_superuser
        assert [group.name for group in user.groups.all()] == [GROUPS[name]]
    assert "http://testserver/admin/" in said


def test_passwords_are_random_and_long():
    found = passwords(run()).values()

    assert len(set(found)) == 4
    assert min(map(len, found)) >= 16


def test_gives_accounts_that_have_no_password_one():
    role_account("editor")

    assert set(passwords(run())) == set(GROUPS)


def test_a_second_run_changes_nothing_and_says_how_to_reset():
    run()
    before = list(get_user_model().objects.order_by("pk").values())

    said = run()

    assert passwords(said) == {}
    assert "The editor exists already." in said
    assert 'make manage DO="changepassword editor"' in said
    assert list(get_user_model().objects.order_by("pk").values()) == before


def test_gives_no_rights_to_a_user_who_only_bears_the_name():
    get_user_model().objects.create_user("researcher")

    with pytest.raises(CommandError, match="who is not in the group"):
        run()
