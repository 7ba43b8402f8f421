"""The desk's own annotations, kept as files in `seeds/`: read, checked, and loaded into the database."""

from .accounts import ROLES, SECOND_EDITOR, role_account
from .loading import load_seeds
from .reading import Fault, SeedError
from .rows import Report

__all__ = ["ROLES", "SECOND_EDITOR", "Fault", "Report", "SeedError", "load_seeds", "role_account"]
