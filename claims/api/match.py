"""`/api/v1/match/`: whether a statement has been checked already, in whatever words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..filters import NoFilter
from ..models import Claim
from ..search.analysis import LONGEST
from ..search.matching import match
from .schema import WRONG_PARAMETER
from .serializers import ClaimSerializer
from .strictness import METHODS

MOST = 100  # texts in one request
TOGETHER = 30_000  # code points in all of them
OFFERED = (5, 20)  # candidates for each text: if nobody says, and at most


class ContradictionSerializer(serializers.Serializer[Any]):
    """A reason why the two may say different things, however near they are."""

    kind = serializers.ChoiceField(["number", "negation", "opposite", "order"])
    text = serializers.CharField(source="ours", help_text="What the text has; empty: nothing.")
    claim = serializers.CharField(source="theirs", help_text="What the claim has; empty: nothing.")
    said = serializers.CharField(source="__str__", help_text="The same as a sentence.")


class ReasonsSerializer(serializers.Serializer[Any]):
    """Why a claim is offered."""

    words = serializers.ListField(
        child=serializers.CharField(), help_text="Words that both have, the rarest first."
    )
    names = serializers.ListField(child=serializers.CharField(), help_text="Names that both have.")
    numbers = serializers.ListField(
        child=serializers.CharField(), help_text="Numbers that agree, as the text prints them."
    )
    contradictions = ContradictionSerializer(many=True)
    sentence = serializers.CharField(
        help_text="The sentence of a longer text that says it; empty: the text as a whole."
    )


class CandidateSerializer(serializers.Serializer[Any]):
    """A claim that the text may make."""

    claim = ClaimSerializer()
    score = serializers.FloatField(
        help_text="Orders the candidates of one text; says nothing beside those of another."
    )
    probability = serializers.FloatField(
        min_value=0, max_value=1, help_text="How probably it is the claim that the text makes."
    )
    same = serializers.BooleanField(
        help_text="Whether it is offered as the same claim: probable enough, and nothing contradicts."
    )
    reasons = ReasonsSerializer()


class MatchedSerializer(serializers.Serializer[Any]):
    """A text, and the public claims that it may make, the best first."""

    text = serializers.CharField(help_text="As far as it is read.")
    engine = serializers.ChoiceField(
        ["semantic", "lexical"],
        help_text="By what claims were found: by what they mean too, or by their words alone.",
    )
    instead = serializers.DictField(
        child=serializers.CharField(),
        help_text="Words that were taken for mistyped, each with the one that was read instead.",
    )
    none = serializers.BooleanField(help_text="Nothing is good enough to be offered.")
    candidates = CandidateSerializer(source="matches", many=True)


class MatchAnswerSerializer(serializers.Serializer[Any]):
    results = MatchedSerializer(many=True, help_text="For each text, in their order.")


class TextsSerializer(serializers.Serializer[Any]):
    """What is asked for."""

    texts = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST, trim_whitespace=False),
        min_length=1,
        max_length=MOST,
        help_text=f"{MOST} at most, with up to {LONGEST:,} characters each and {TOGETHER:,} together.",
    )
    limit = serializers.IntegerField(
        min_value=1,
        max_value=OFFERED[1],
        default=OFFERED[0],
        help_text="Candidates for each text at most.",
    )

    default_error_messages = {
        "invalid": 'The body is no JSON object with texts: {{"texts": ["…"]}}.'
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (
            unknown := sorted(map(str, data.keys() - self.fields.keys()))
        ):
            known = " and ".join(f"“{name}”" for name in self.fields)
            raise ValidationError({name: [f"Unknown: only {known} are read."] for name in unknown})
        return super().to_internal_value(data)

    def validate_texts(self, texts: list[str]) -> list[str]:
        if sum(map(len, texts)) > TOGETHER:
            raise ValidationError(f"Together they have more than {TOGETHER:,} characters.")
        return texts


LIMIT = {"type": "integer", "minimum": 1, "maximum": OFFERED[1], "default": OFFERED[0]}
FAULTS = {
    400: WRONG_PARAMETER,
    415: OpenApiResponse(description="The body is not JSON (`Content-Type: application/json`)."),
}


class MatchView(APIView):
    """Which claims a statement makes that were checked already, in whatever words: with how probable that is,
    why, and what speaks against it. What says the contrary is offered too, and never as the same claim."""

    http_method_names = [*METHODS, "post"]

    @extend_schema(
        operation_id="match_retrieve",
        parameters=[
            OpenApiParameter(
                "text",
                {"type": "string", "minLength": 1, "maxLength": LONGEST},
                required=True,
                description=f"A sentence or a paragraph; {LONGEST:,} characters at most.",
            ),
            OpenApiParameter("limit", LIMIT, description="Candidates at most."),
        ],
        responses={200: MatchAnswerSerializer, 400: WRONG_PARAMETER},
    )
    def get(self, request: Request) -> Response:
        check_parameters(request, "text", "limit", "format")
        asked = {
            name: request.query_params[name]
            for name in ("text", "limit")
            if name in request.query_params
        }
        if "text" not in asked:
            raise ValidationError({"text": ["This parameter is required."]})
        given = {
            "texts": [asked["text"]],
            **({"limit": asked["limit"]} if "limit" in asked else {}),
        }
        # Whoever gave one text is told of that.
        return answer(given, {"texts": "text", "texts[0]": "text"})

    @extend_schema(
        operation_id="match_create",
        request=TextsSerializer,
        responses={200: MatchAnswerSerializer, **FAULTS},
    )
    def post(self, request: Request) -> Response:
        check_parameters(request, "format")
        return answer(request.data)


def check_parameters(request: Request, *known: str) -> None:
    given = NoFilter(request.query_params, queryset=Claim.objects.none(), also=known)
    if not given.is_valid():
        raise ValidationError(given.errors)


def answer(given: Any, names: Mapping[str, str] | None = None) -> Response:
    """What is found for the texts; ValidationError names each that cannot be read by its place, `texts[3]`,
    or as `names` has it."""
    asked = TextsSerializer(data=given)
    if not asked.is_valid():
        wrong: dict[str, Any] = {}
        for name, said in asked.errors.items():
            if isinstance(said, dict):  # of single texts
                wrong |= {f"{name}[{place}]": list(each) for place, each in said.items()}
            else:
                wrong[name] = list(said)
        raise ValidationError({(names or {}).get(name, name): said for name, said in wrong.items()})
    found = match(asked.validated_data["texts"], limit=asked.validated_data["limit"])
    return Response(MatchAnswerSerializer({"results": found}).data)
