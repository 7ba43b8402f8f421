import pytest

from sources.models import Source
from sources.querysets import within
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nato pledge", True),
        ("PLEDGE", True),
        ("обещание", True),
        ("ОБЕЩАНИЕ НАТО", True),
        ("100 %", True),
        ("(100", True),
        ("pledge broken", False),
        (".*", False),
        ("100_%", False),
    ],
)
def test_each_word_is_found_whatever_its_case_or_script(words, found):
    SourceFactory(title="A NATO pledge (100 %): Обещание НАТО")
    assert Source.objects.filter(within("title", words)).exists() is found
