"""docs/google-fact-check-tools.md is followed to the letter, on the seed that the demo shows."""

import json
import re
import shlex

import pytest
from django.conf import settings
from django.core.management import call_command

from claims.google.parameters import LARGEST_PAGE, PAGE_SIZE
from claims.search.query import LONGEST, MOST

PAGE = settings.BASE_DIR / "docs" / "google-fact-check-tools.md"
DEMO = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    text = PAGE.read_text(encoding="utf-8")
    return [match[2] for match in BLOCK.finditer(text) if match[1] == language]


def curls():
    return [line for block in blocks("") for line in block.splitlines()]


@pytest.mark.django_db
def test_every_command_is_answered_and_the_example_is_what_comes(client, settings):
    call_command("load_seeds", verbosity=0)
    settings.SITE_URL = DEMO
    answers = []
    for line in curls():
        command, address = shlex.split(line)
        assert command == "curl"
        assert address.startswith(f"{DEMO}/")
        response = client.get(address.removeprefix(DEMO))
        assert response.status_code == 200, line
        answers.append(response)
    first, by_publisher, compact, masked, description = answers
    # A time that passes with the seed's own, and a token, are the only things that are not as printed.
    (printed,) = blocks("json")
    start = printed.partition("    …\n")[0].rstrip(",\n")
    shown = re.sub(r'"reviewDate": "[^"]*"', '"reviewDate"', start)
    assert re.sub(r'"reviewDate": "[^"]*"', '"reviewDate"', first.content.decode()).startswith(
        shown
    )
    assert set(first.json()) == {"claims", "nextPageToken"}
    assert len(by_publisher.json()["claims"]) == 3
    assert "\n" not in compact.content.decode().rstrip("\n")
    for claim in masked.json()["claims"]:
        assert set(claim) == {"text", "claimReview"}
        assert [set(review) for review in claim["claimReview"]] == [{"textualRating"}]
    assert description.json()["rootUrl"] == f"{DEMO}/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.enable_socket
def test_the_programs_run_as_they_stand(live_server, settings, capsys):
    call_command("load_seeds", verbosity=0)
    settings.SITE_URL = live_server.url
    program, again = (block.replace(DEMO, live_server.url) for block in blocks("python"))
    names = {}
    exec(compile(program, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) > 5  # more than a page
    assert len(set(printed)) == len(printed)
    assert "Half true · NATO never promised not to accept new members." in printed

    names["service"].close()
    exec(compile(again, str(PAGE), "exec"), names)
    assert names["service"].claims().search(query="NATO").execute()["claims"]
    names["service"].close()


def test_what_is_said_of_the_limits_is_so():
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"{LONGEST} letters and {MOST} different words are read" in text
    assert f"is {PAGE_SIZE} if left out, and never more than {LARGEST_PAGE}" in text


def test_the_example_is_json_but_for_what_it_leaves_out():
    (printed,) = blocks("json")
    assert json.loads(printed.replace("    },\n    …\n", "    }\n"))
