"""What a reader is told of the difference between two versions of a verdict."""

from types import SimpleNamespace

from claims.versions import with_differences


def version(number, headline):
    return SimpleNamespace(version=number, headline=headline)


def test_each_version_is_compared_with_the_one_it_followed():
    first = version(1, "A hundred people were there.")
    second = version(2, "A thousand people were there.")
    fourth = version(4, "Nobody knows how many came.")

    assert with_differences([fourth, second, first]) == [fourth, second, first]

    assert (fourth.before, second.before, first.before) == (second, first, None)
    assert second.headline_difference == [
        ("=", "A "),
        ("-", "hundred "),
        ("+", "thousand "),
        ("=", "people were there."),
    ]
    # Marks in every word would hide what either sentence says.
    assert fourth.headline_difference == [
        ("-", "A thousand people were there. "),
        ("+", "Nobody knows how many came."),
    ]
    assert not hasattr(first, "headline_difference")


def test_no_version_and_one_have_no_difference():
    only = version(1, "A was so.")

    assert with_differences([]) == []
    assert with_differences([only]) == [only]
    assert only.before is None
