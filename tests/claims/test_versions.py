"""What a reader is told of the difference between two versions of a verdict."""

from types import SimpleNamespace

from claims.versions import with_differences


def version(number, headline):
    return SimpleNamespace(version=number, headline=headline)


def test_each_version_is_compared_with_the_one_it_followed():
    first, second, fourth = version(1, "A was so."), version(2, "B was so."), version(4, "B is so.")

    assert with_differences([fourth, second, first]) == [fourth, second, first]

    assert (fourth.before, second.before, first.before) == (second, first, None)
    assert second.headline_difference == [("-", "A "), ("+", "B "), ("=", "was so.")]
    assert fourth.headline_difference == [("=", "B "), ("-", "was "), ("+", "is "), ("=", "so.")]
    assert not hasattr(first, "headline_difference")


def test_no_version_and_one_have_no_difference():
    only = version(1, "A was so.")

    assert with_differences([]) == []
    assert with_differences([only]) == [only]
    assert only.before is None
