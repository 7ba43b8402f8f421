"""What is answered where nothing can be found: one shape, as https://google.aip.dev/193 has it."""

from __future__ import annotations

from typing import Any

# The HTTP statuses that are used here, with their canonical codes (google.rpc.Code). For 405 there is none
# of its own; that this is not done by that method is the nearest.
STATUS = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
}


class Refusal(Exception):
    """A request that gets no answer but `message`. `fields` are the parameters at fault, each with what is
    wrong about it; `headers` go with the answer."""

    def __init__(
        self,
        code: int,
        message: str,
        fields: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.headers = headers or {}

    def envelope(self) -> dict[str, Any]:
        """Return the body of the answer."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "status": STATUS[self.code],
        }
        if self.fields:
            violations = [{"field": name, "description": why} for name, why in self.fields.items()]
            error["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": violations,
                }
            ]
        return {"error": error}


def wrong(fields: dict[str, str]) -> Refusal:
    """Parameters that cannot be: the message names each, for clients that show nothing else."""
    return Refusal(400, " ".join(f"{name}: {why}" for name, why in fields.items()), fields)
