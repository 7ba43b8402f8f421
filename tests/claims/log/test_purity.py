"""What a log is made of knows neither the framework nor the database: a monitor elsewhere can run it."""

import pytest

from tests.test_architecture import ROOT, imported


@pytest.mark.parametrize(
    "module", ["canonical", "checkpoints", "documents", "merkle", "notes", "tiles"]
)
def test_the_core_of_the_log_imports_nothing_of_ours_but_itself(module):
    found = set(imported(ROOT / "claims" / "log" / f"{module}.py"))
    assert "django" not in {name.split(".")[0] for name in found}
    assert [
        name
        for name in found
        if name.split(".")[0] in ("claims", "sources", "jobs", "config")
        and not name.startswith("claims.log.")
    ] == []
