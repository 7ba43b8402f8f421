import pytest

from sources.models import SpeakerName
from tests.factories import SpeakerFactory, researcher, transcript


@pytest.fixture
def doe():
    return SpeakerFactory(name="Jane Doe", slug="jane-doe")


@pytest.fixture
def moscow():
    speaker = SpeakerFactory(name="Moscow", slug="moscow")
    SpeakerName.objects.create(speaker=speaker, name="The Kremlin")
    return speaker


@pytest.fixture
def snapshot(doe):
    """A transcript whose speaker is known to the desk; a question is asked by nobody in particular."""
    snapshot = transcript(slug="speech", title="The speech")
    for turn in snapshot.turns.filter(label="SECRETARY DOE"):
        turn.speaker = doe
        turn.save()
    return snapshot


@pytest.fixture
def user():
    return researcher()


@pytest.fixture
def desk(client, user):
    """A researcher's browser, signed in."""
    client.force_login(user)
    return client


@pytest.fixture
def make(desk, snapshot):
    """Send a form of the panel for some words of the transcript, by script unless told otherwise."""

    def make(action, words="promised not to grow", *, script=True, **fields):
        start = snapshot.text.index(words)
        data = {"start": start, "end": start + len(words), "exact": words, "kind": "factual"}
        data["selection"] = "document"
        data |= fields
        headers = {"x-requested-with": "fetch"} if script else {}
        return desk.post(
            f"/admin/claims/annotate/{snapshot.pk}/make/{action}/", data, headers=headers
        )

    return make
