"""Signed texts, as C2SP's “signed-note” has them, with its example and those of Go's checksum database."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.log.notes import (
    KeyFormatError,
    MalformedNote,
    Note,
    Signature,
    SigningKey,
    UnsignedNote,
    VerifierKey,
    WrongSignature,
    read,
    sign,
    verify,
)

# The specification's example.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
# Its first note, whose key it does not give: with an empty line, and words beyond ASCII.
POEM = (
    "Ognuno sta solo sul cuor della terra\n"
    "trafitto da un raggio di sole:\n"
    "\n"
    "ed è subito sera.\n"
    "\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj9"
    "9ihAQwaqP3ZekRwNtIc=\n"
)
# The example of Go's package `sumdb/note`: a private key, the public one, and what they sign and verify.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ryy"
    "BwJnAM=\n"
)
BY_ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc"
    "+QQ=\n"
)

KEY = SigningKey("log.example/1", b"\1" * 32)
OTHER = SigningKey("witness.example", b"\2" * 32)


def peter():
    return VerifierKey.parse(PETER)


def line(name="somebody", data=b"\0" * 68):
    return f"— {name} {base64.b64encode(data).decode()}\n"


def test_the_specifications_example_is_verified():
    assert verify(EXAMPLE, [VerifierKey.parse(EXAMPLE_KEY)]) == "This is an example message.\n"


def test_the_text_goes_up_to_the_last_empty_line():
    note = read(POEM)
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert [(each.name, each.id.hex()) for each in note.signatures] == [
        ("quasimodo.example/salvatore", "367ba04b")
    ]


def test_a_note_is_read_from_its_bytes():
    assert read(POEM.encode()) == read(POEM)


def test_gos_private_key_signs_as_go_does():
    key = SigningKey.parse(PRIVATE)
    assert str(key.verifier) == PETER
    assert sign(TEXT, key) == f"{TEXT}\n{BY_PETER}"


def test_gos_notes_are_verified():
    note = f"{TEXT}\n{BY_PETER}{BY_ENOCH}"
    for keys in ([PETER], [ENOCH], [PETER, ENOCH]):
        assert verify(note, map(VerifierKey.parse, keys)) == TEXT


def test_keys_are_read_as_they_were_written():
    for key in (KEY, SigningKey.generate("новий.example/журнал")):
        assert SigningKey.parse(key.exported()) == key
        assert VerifierKey.parse(str(key.verifier)) == key.verifier


def test_new_keys_differ():
    assert SigningKey.generate("a") != SigningKey.generate("a")


def test_the_same_secret_has_another_id_under_another_name():
    assert KEY.verifier.id != SigningKey("log.example/2", KEY.secret).verifier.id


def test_a_private_key_is_not_shown_by_chance():
    key = SigningKey.parse(PRIVATE)
    for shown in (str(key), repr(key), f"{[key]}"):
        assert "PeterNeumann" in shown
        assert str(key.secret) not in shown
        assert PRIVATE.rpartition("+")[2] not in shown


texts = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20) | st.just("\n"))


@given(texts)
def test_every_text_that_a_note_can_hold_comes_back(text):
    note = sign(f"{text}\n", KEY, OTHER)
    for key in (KEY, OTHER):
        assert verify(note, [key.verifier]) == f"{text}\n"
    assert [each.name for each in read(note.encode()).signatures] == [KEY.name, OTHER.name]


@given(st.data())
def test_a_signed_text_with_one_character_changed_is_refused(data):
    place = data.draw(st.integers(0, len(TEXT) - 2))
    changed = f"{TEXT[:place]}#{TEXT[place + 1 :]}\n{BY_PETER}"
    with pytest.raises(WrongSignature):
        verify(changed, [peter()])


def test_a_signature_with_one_bit_changed_is_refused():
    (right,) = read(f"{TEXT}\n{BY_PETER}").signatures
    for bit in range(0, 512, 3):
        number = int.from_bytes(right.signature, "big") ^ 1 << bit
        wrong = Signature(right.name, right.id, number.to_bytes(64, "big"))
        with pytest.raises(WrongSignature, match=r"PeterNeumann\+c74f20a3"):
            verify(f"{TEXT}\n{wrong}", [peter()])


@pytest.mark.parametrize("length", [1, 63, 65, 2000])
def test_a_signature_of_another_length_is_refused(length):
    wrong = Signature("PeterNeumann", peter().id, b"\0" * length)
    with pytest.raises(WrongSignature):
        verify(f"{TEXT}\n{wrong}", [peter()])


def test_a_wrong_signature_of_a_known_key_spoils_the_right_one_of_another():
    wrong = str(Signature(KEY.name, KEY.verifier.id, b"\0" * 64))
    with pytest.raises(WrongSignature):
        verify(f"{TEXT}\n{BY_PETER}{wrong}", [peter(), KEY.verifier])


def test_a_wrong_signature_spoils_the_right_one_of_the_same_key():
    wrong = str(Signature(KEY.name, KEY.verifier.id, b"\0" * 64))
    with pytest.raises(WrongSignature):
        verify(sign(TEXT, KEY) + wrong, [KEY.verifier])


@pytest.mark.parametrize(
    "ignored",
    [
        line("somebody"),
        line("somebody", b"\0" * 5),
        line("PeterNeumann"),  # the name without the id
        line("somebody", peter().id + b"\0" * 64),  # the id without the name
        line("witness.example", b"\0" * 2432),  # a cosignature of another type
    ],
)
def test_signatures_of_unknown_keys_are_ignored(ignored):
    assert verify(f"{TEXT}\n{ignored}{BY_PETER}{ignored}", [peter()]) == TEXT
    with pytest.raises(UnsignedNote):
        verify(f"{TEXT}\n{ignored}", [peter()])


def test_nobodys_keys_verify_nothing():
    with pytest.raises(UnsignedNote):
        verify(f"{TEXT}\n{BY_PETER}", [])


def test_a_key_of_the_same_name_does_not_verify_what_another_signed():
    with pytest.raises(UnsignedNote):
        verify(sign(TEXT, KEY), [SigningKey(KEY.name, OTHER.secret).verifier])


def test_sixteen_signatures_are_accepted_and_a_hundred():
    for n in (16, 100):
        assert verify(f"{TEXT}\n{line() * (n - 1)}{BY_PETER}", [peter()]) == TEXT


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("", "No empty line"),
        ("\n", "No empty line"),
        (TEXT, "No empty line"),
        (TEXT + BY_PETER, "No empty line"),
        ("\n" + BY_PETER, "No empty line"),
        (f"{TEXT}\n", "No signature follows"),
        (f"{TEXT}\n{BY_PETER}\n", "No signature follows"),
        (f"{TEXT}\n{BY_PETER}"[:-1], "The last line does not end"),
        (f"{TEXT}\n{BY_PETER}Unexpected.\n", "does not begin with an em dash"),
        (f"{TEXT}\nUnexpected.\n{BY_PETER}", "does not begin with an em dash"),
        (f"{TEXT}\n{BY_PETER.replace('—', '-')}", "does not begin with an em dash"),
        (f"{TEXT}\n{BY_PETER.replace('—', '–')}", "does not begin with an em dash"),
        (f"{TEXT}\n {BY_PETER}", "does not begin with an em dash"),
        (f"{TEXT}\n{BY_PETER.replace('— ', '—')}", "does not begin with an em dash"),
        (f"{TEXT}\n{BY_PETER.replace('— ', '—  ')}", "names no key: The name is empty"),
        (f"{TEXT}\n{line('a+b')}", "holds a space or a plus sign"),
        (TEXT + "\n" + line("a\u00a0b"), "holds a space or a plus sign"),
        (TEXT + "\n" + line("a\u2028b"), "holds a space or a plus sign"),
        (f"{TEXT}\n{line('Bad Name')}", "signature of Bad cannot be read"),
        (f"{TEXT}\n{BY_PETER[:-1]} \n", "cannot be read: it is not Base 64"),
        (f"{TEXT}\n{BY_PETER.replace('=', '')}", "cannot be read: it is not Base 64"),
        (f"{TEXT}\n{BY_PETER.replace('/', '_')}", "cannot be read: it is not Base 64"),
        (f"{TEXT}\n{BY_PETER.replace('AM=', 'AN=')}", "bits that say nothing"),
        (f"{TEXT}\n— somebody\n", "signature of somebody is too short"),
        (f"{TEXT}\n— somebody é\n", "cannot be read: it is not Base 64"),
        (f"{TEXT}\n{line('somebody', b'1234')}", "signature of somebody is too short"),
        (f"{TEXT}\n{line() * 101}", "more than 100 signatures"),
        (f"\x01{TEXT}\n{BY_PETER}", r"control character U\+0001"),
        (f"tab\t{TEXT}\n{BY_PETER}", r"control character U\+0009"),
        (f"{TEXT}\n{BY_PETER}".replace("\n", "\r\n"), r"control character U\+000D"),
        (TEXT + "\n" + line("a\x1fb"), r"control character U\+001F"),
        (f"\ud800{TEXT}\n{BY_PETER}", "half of a surrogate pair"),
        (f"é{TEXT}\n{BY_PETER}".encode("latin-1", "ignore"), "not in UTF-8: byte 0"),
        (b"\xff", "not in UTF-8: byte 0"),
        (f"\ud800{TEXT}\n{BY_PETER}".encode("utf-8", "surrogatepass"), "not in UTF-8: byte 0"),
    ],
)
def test_what_is_no_note_is_refused_with_its_reason(note, why):
    with pytest.raises(MalformedNote, match=why):
        verify(note, [peter()])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not end with a line break"),
        ("abc", "does not end with a line break"),
        ("a\tb\n", "control character"),
        ("a\r\n", "control character"),
        ("\ud800\n", "half of a surrogate pair"),
    ],
)
def test_no_text_is_signed_that_no_note_can_hold(text, why):
    with pytest.raises(MalformedNote, match=why):
        sign(text, KEY)


@pytest.mark.parametrize("n", [0, 101])
def test_a_note_has_at_least_one_signature_and_not_too_many(n):
    with pytest.raises(ValueError, match="1 to 100 keys"):
        sign(TEXT, *[KEY] * n)


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a+b", "a\u00a0b", "a\u3000b", "a\tb", "a\nb", "a\x00b", "a\ud800"]
)
def test_no_key_has_a_name_that_no_note_can_hold(name):
    with pytest.raises(KeyFormatError):
        SigningKey.generate(name)
    with pytest.raises(KeyFormatError):
        VerifierKey(name, KEY.verifier.public_key)


def test_a_key_with_anything_left_out_or_changed_is_refused():
    for parse, written in ((VerifierKey.parse, PETER), (SigningKey.parse, PRIVATE)):
        for start in range(len(written)):
            for end in range(start + 1, len(written) + 1):
                if end - start < len(written):
                    with pytest.raises(KeyFormatError):
                        parse(written[start:end])
        for place, old in enumerate(written):
            with pytest.raises(KeyFormatError):
                parse(f"{written[:place]}{chr(ord(old) + 1)}{written[place + 1 :]}")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "joined by"),
        (PETER.replace("c74f20a3", "C74F20A3"), "joined by"),
        (PETER.replace("c74f20a3", "c74f20a"), "joined by"),
        (f"{PETER}\n", "joined by"),
        (PETER.replace("c74f20a3", "c74f20a4"), "not those of this name and key"),
        (PETER.replace("PeterNeumann", "Peter"), "not those of this name and key"),
        (f"{PETER}A", "it is not Base 64"),
        # With the digits that belong to them: another length, another type.
        (
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "cannot be read|has 32 bytes",
        ),
        ("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "of type 101"),
        (f"PRIVATE+KEY+{PETER}", "joined by"),
        (PRIVATE, "joined by"),
    ],
)
def test_what_is_no_public_key_is_refused_with_its_reason(written, why):
    with pytest.raises(KeyFormatError, match=why):
        VerifierKey.parse(written)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (PETER, "begins with PRIVATE"),
        (f"PRIVATE+KEY+{PETER}", "not those of this name and key"),
        (PRIVATE.replace("+AYEK", "+AoEK"), "of type 2"),
        (PRIVATE[:-4], "has 32 bytes"),
    ],
)
def test_what_is_no_private_key_is_refused_without_repeating_it(written, why):
    with pytest.raises(KeyFormatError, match=why) as caught:
        SigningKey.parse(written)
    assert written.rpartition("+")[2] not in str(caught.value)


def test_a_public_key_that_is_no_point_of_the_curve_verifies_nothing():
    key = VerifierKey("nowhere.example", b"\2" + b"\0" * 31)
    wrong = Signature(key.name, key.id, b"\0" * 64)
    with pytest.raises(WrongSignature):
        verify(f"{TEXT}\n{wrong}", [key])


def test_a_note_says_what_it_was_read_from():
    note = read(f"{TEXT}\n{BY_PETER}")
    assert note == Note(TEXT, note.signatures)
    assert "".join(map(str, note.signatures)) == BY_PETER
