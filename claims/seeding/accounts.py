"""The two accounts that the seeds are loaded with: roles of the desk, no invented people."""

from __future__ import annotations

from django.contrib.auth.models import Group, User

ROLES = ("researcher", "editor")


def role_account(role: str) -> User:
    """Return the user called `role` (one of ROLES); a missing one is made, in the group of that name
    and without a password.

    Raises PermissionError where a user of that name is there and is no member: a name gives nobody
    rights that an administrator has not given.
    """
    group = Group.objects.get(name=role)
    user = User.objects.filter(username=role).first()
    if user is None:
        user = User(username=role, is_staff=True)
        user.set_unusable_password()
        user.save()
        user.groups.add(group)
    elif not user.groups.filter(pk=group.pk).exists():
        raise PermissionError(
            f"There is a user “{role}” who is not in the group “{role}”: add the user to it in the "
            "admin, or rename the user."
        )
    return user
