"""The accounts that the seeds are loaded with: roles of the desk, no invented people."""

from __future__ import annotations

from django.contrib.auth.models import Group, User

# What takes two editors, takes a second one.
SECOND_EDITOR = "coeditor"
ROLES = ("researcher", "editor", SECOND_EDITOR)


def role_account(role: str) -> User:
    """Return the user called `role` (one of ROLES, or “administrator”); a missing one is made, in the group
    of that name (the second editor in that of editors) and without a password.

    Raises PermissionError where a user of that name is there and is no member: a name gives nobody
    rights that an administrator has not given.
    """
    group = Group.objects.get(name="editor" if role == SECOND_EDITOR else role)
    user = User.objects.filter(username=role).first()
    if user is None:
        user = User(username=role, is_staff=True)
        user.set_unusable_password()
        user.save()
        user.groups.add(group)
    elif not user.groups.filter(pk=group.pk).exists():
        raise PermissionError(
            f"There is a user “{role}” who is not in the group “{group}”: add the user to it in the "
            "admin, or rename the user."
        )
    return user
