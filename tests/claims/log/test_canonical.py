"""JSON in one way only: RFC 8785, with its own examples."""

import enum
import hashlib
import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.log.canonical import CanonicalError, NotCanonical, canonical, digest, read

# §3.2.2 and what §3.2.4 makes of it.
EXAMPLE = r"""
    {
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }
"""
EXAMPLE_BYTES = bytes.fromhex(
    "7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d"
    "62 65 72 73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35"
    "2c 30 2e 30 30 32 2c 31 65 2d 32 37 5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66"
    "5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d"
)

# §3.2.3: by UTF-16 code units, the emoji comes before the Hebrew letter.
UNSORTED = {
    "€": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "😀": "Emoji: Grinning Face",
    "\x80": "Control",
    "ö": "Latin Small Letter O With Diaeresis",
}
SORTED = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]

# Appendix B: the bits of a double, and how it is written.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


def test_the_example_comes_out_to_the_byte():
    assert canonical(json.loads(EXAMPLE)) == EXAMPLE_BYTES


def test_keys_are_sorted_by_their_utf_16():
    assert list(read(canonical(UNSORTED)).values()) == SORTED


def test_keys_are_sorted_at_every_depth_and_lists_are_not():
    assert (
        canonical({"b": [{"d": 2, "c": 1}, 1, 0], "a": {}}) == b'{"a":{},"b":[{"c":1,"d":2},1,0]}'
    )


@pytest.mark.parametrize(("bits", "written"), NUMBERS)
def test_a_number_of_appendix_b_is_written_so_and_read_again(bits, written):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == written.encode()
    assert read(written.encode()) == number


@pytest.mark.parametrize("number", [0, -1, 2**53 - 1, 1 - 2**53])
def test_an_integer_is_read_as_an_integer(number):
    found = read(canonical(number))
    assert found == number
    assert type(found) is int


def test_text_stays_as_it_is_composed_or_not():
    assert canonical("é") != canonical("e\u0301")


def test_an_enumeration_of_texts_is_its_value():
    class Rating(enum.StrEnum):
        TRUE = "true"

    assert canonical({Rating.TRUE: Rating.TRUE}) == b'{"true":"true"}'


def test_the_digest_is_the_sha_256_of_the_canonical_bytes():
    assert digest(json.loads(EXAMPLE)) == hashlib.sha256(EXAMPLE_BYTES).hexdigest()


def test_order_does_not_change_the_digest_and_a_value_does():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1, "b": 2}) != digest({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("value", "where", "why"),
    [
        (math.nan, "", "no number nan"),
        ([0, math.inf], "/1", "no number inf"),
        ({"a": {"b": -math.inf}}, "/a/b", "no number -inf"),
        ({"n": 2**53}, "/n", "beyond 2^53-1"),
        ({"n": -(2**53)}, "/n", "beyond 2^53-1"),
        (["\ud800"], "/0", "U+D800"),
        ({"a": {"\udfff": 1}}, "/a", "U+DFFF"),
        ({"a": {1: 1}}, "/a", "a key is of type int"),
        ({"a/b": {"c~d": b"bytes"}}, "/a~1b/c~0d", "nothing like bytes"),
        ({"a": {1, 2}}, "/a", "nothing like set"),
        (nested(65), "/0" * 65, "more than 64 levels"),
    ],
)
def test_what_cannot_be_said_is_named(value, where, why):
    with pytest.raises(CanonicalError) as caught:
        canonical(value)
    assert caught.value.where == where
    assert why in caught.value.why
    assert (where or "The value") in str(caught.value)


def test_what_is_nested_as_deep_as_may_be_is_said_and_read():
    assert read(canonical(nested(64))) == nested(64)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_here_and_elsewhere(value):
    data = canonical(value)
    assert read(data) == value
    # A plain reader takes what is beyond 2^53 for an integer, which has other digits than the double.
    assert json.loads(data, parse_int=float) == value


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[1,]", "not JSON"),
        (b"1 2", "not JSON"),
        (b"\xef\xbb\xbf1", "not JSON"),
        (b'"\xff"', "not in UTF-8: byte 1"),
        (b"NaN", "no number NaN"),
        (b"[-Infinity]", "no number -Infinity"),
        (b"1e999", "no number inf"),
        (b"1" * 5000, "no number inf"),
        (b'"\\ud800"', "U+D800"),
        (b'{"a":1,"a":1}', "The key 'a' is given twice"),
        (b'{"a":1,"\\u0061":2}', "given twice"),
        (b'{"a":{"b":1,"b":1}}', "given twice"),
        (b"[" * 100 + b"]" * 100, "more than 64 levels"),
        (b"[" * 100_000, "more than 64 levels"),
        (b" 1", "from byte 0 on"),
        (b"1\n", "from byte 1 on"),
        (b'{"a": 1}', "from byte 5 on"),
        (b'{"b":1,"a":2}', "from byte 2 on"),
        (b"-0", "from byte 0 on"),
        (b"1.0", "from byte 1 on"),
        (b"1E2", "from byte 1 on"),
        (b"9007199254740993", "from byte 15 on"),
        (b'"\\u00e9"', "from byte 1 on"),
        (b'"\\/"', "from byte 1 on"),
        (b'"\\u000A"', "from byte 2 on"),
    ],
)
def test_bytes_that_are_not_canonical_are_refused_with_their_reason(data, why):
    with pytest.raises(NotCanonical) as caught:
        read(data)
    assert why in str(caught.value)
