"""Ask as a client does, and what is shown of other publishers' reviews."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from claims.models import ExternalReview
from tests.factories import ClaimFactory, published

ADDRESS = "/v1alpha1/claims:search"


def ask(client: Any, status: int = 200, **parameters: Any) -> dict[str, Any]:
    """The answer to `parameters`, by the names that clients give them."""
    response = client.get(f"{ADDRESS}?{urlencode(parameters)}")
    assert response.status_code == status, response.content.decode()
    return response.json()


def titles(answer: dict[str, Any]) -> list[list[str]]:
    """Of each claim the titles of its reviews, in order."""
    return [
        [review["title"] for review in claim["claimReview"]] for claim in answer.get("claims", [])
    ]


def texts(answer: dict[str, Any]) -> list[str]:
    return [claim["text"] for claim in answer.get("claims", [])]


def review(claim: Any = None, *, public: bool = True, **fields: Any) -> ExternalReview:
    """Another publisher's review, with the claim (a new one if none is given) published."""
    claim = claim or ClaimFactory()
    about = {
        "publisher_name": "Facts Elsewhere",
        "publisher_site": "facts.example",
        "url": f"https://facts.example/{ExternalReview.objects.count()}",
        "title": "What others found",
        "claim_reviewed": "As others print it.",
        "rating_text": "Misleading",
        "reviewed_on": dt.date(2022, 2, 1),
        "language": "en",
    }
    row = ExternalReview.objects.create(claim=claim, **about | fields)
    if public:
        published(claim)
    return row
