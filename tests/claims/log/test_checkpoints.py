"""What a log says of its tree, as C2SP's “tlog-checkpoint” has it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.log.checkpoints import MAX_SIZE, Checkpoint, CheckpointError
from claims.log.notes import SigningKey, VerifierKey, read, sign, verify

# The specification's example, which took the size, root and signature of the Go checksum database,
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
SIGNATURE = (
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
)
EXAMPLE = f"""example.com/behind-the-sofa
20852163
{ROOT}

— example.com/behind-the-sofa {SIGNATURE}
"""
# and that database's own words for the same, with its public key.
SIGNED = f"""go.sum database tree
20852163
{ROOT}

— sum.golang.org {SIGNATURE}
"""
KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

HASH = bytes(range(32))
HASH64 = base64.b64encode(HASH).decode()


def test_the_specifications_example_is_read():
    found = Checkpoint.parse(read(EXAMPLE).text)
    assert found == Checkpoint("example.com/behind-the-sofa", 20852163, base64.b64decode(ROOT))


def test_a_checkpoint_of_a_log_that_many_rely_on_is_verified():
    found = Checkpoint.parse(verify(SIGNED, [VerifierKey.parse(KEY)]))
    assert found == Checkpoint("go.sum database tree", 20852163, base64.b64decode(ROOT))


def test_a_checkpoint_is_signed_and_read_again():
    key = SigningKey("log.example", b"\7" * 32)
    checkpoint = Checkpoint("log.example", 12, HASH)
    note = sign(checkpoint.text(), key)
    assert note.startswith(f"log.example\n12\n{HASH64}\n\n— log.example ")
    assert Checkpoint.parse(verify(note, [key.verifier])) == checkpoint


lines = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=0x20), min_size=1, max_size=20
)


@given(
    lines,
    st.integers(0, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
    st.lists(lines, max_size=3).map(tuple),
)
def test_every_checkpoint_is_read_as_it_was_written(origin, size, root, extensions):
    checkpoint = Checkpoint(origin, size, root, extensions)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


def test_further_lines_are_kept():
    text = f"log.example\n0\n{HASH64}\nsome 1\nmore+2\n"
    found = Checkpoint.parse(text)
    assert found.extensions == ("some 1", "more+2")
    assert found.text() == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not end with a line break"),
        (f"log.example\n1\n{HASH64}", "does not end with a line break"),
        ("log.example\n1\n", "fewer than three lines"),
        (f"\n1\n{HASH64}\n", "A line is empty"),
        (f"log.example\n1\n{HASH64}\n\n", "A line is empty"),
        (f"log.example\n1\n{HASH64}\n\nmore\n", "A line is empty"),
        (f"log.example\r\n1\n{HASH64}\n", "control character"),
        (f"log.example\n1\n{HASH64}\na\tb\n", "control character"),
        (f"log.example\n\n{HASH64}\n", "no decimal number"),
        (f"log.example\n01\n{HASH64}\n", "no decimal number"),
        (f"log.example\n00\n{HASH64}\n", "no decimal number"),
        (f"log.example\n+1\n{HASH64}\n", "no decimal number"),
        (f"log.example\n-1\n{HASH64}\n", "no decimal number"),
        (f"log.example\n 1\n{HASH64}\n", "no decimal number"),
        (f"log.example\n1_0\n{HASH64}\n", "no decimal number"),
        (f"log.example\n0x1\n{HASH64}\n", "no decimal number"),
        (f"log.example\n١\n{HASH64}\n", "no decimal number"),
        (f"log.example\n{'9' * 5000}\n{HASH64}\n", "no decimal number"),
        (f"log.example\n{2**63}\n{HASH64}\n", "The size of a tree"),
        ("log.example\n1\n\n", "The root has 0 bytes"),
        ("log.example\n1\nAAAA\n", "The root has 3 bytes, not 32"),
        (f"log.example\n1\n{base64.b64encode(HASH + b'!').decode()}\n", "The root has 33 bytes"),
        (f"log.example\n1\n{HASH64.rstrip('=')}\n", "no hash: it is not Base 64"),
        (f"log.example\n1\n{HASH64} \n", "no hash: it is not Base 64"),
        (f"log.example\n1\n{HASH64[:-2]}9=\n", "bits that say nothing"),
        (f"log.example\n1\n{'-_' * 21}8=\n", "no hash: it is not Base 64"),
        (f"log.example\n1\n{HASH.hex()}\n", "The root has 48 bytes"),
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused_with_its_reason(text, why):
    with pytest.raises(CheckpointError, match=why):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, HASH, ()),
        ("a\nb", 1, HASH, ()),
        ("a", -1, HASH, ()),
        ("a", 2**63, HASH, ()),
        ("a", 1, HASH[:31], ()),
        ("a", 1, HASH, ("",)),
        ("a", 1, HASH, ("b\nc",)),
    ],
)
def test_no_checkpoint_is_made_that_could_not_be_read(origin, size, root, extensions):
    with pytest.raises(CheckpointError):
        Checkpoint(origin, size, root, extensions)
