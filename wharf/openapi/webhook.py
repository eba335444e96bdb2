"""The webhook's operations, by hand: it is an ASGI callable, and its answers are Meta's to read."""

from typing import Any

from write_side.routes import WEBHOOK


def webhook() -> dict[str, dict[str, Any]]:
    """By path and method. Refusals are a line of text, since Meta looks at the status alone."""
    return {
        WEBHOOK: {
            "get": {
                "operationId": "get_webhook",
                "tags": ["webhook"],
                "summary": "Meta's handshake",
                "security": [],
                "parameters": [
                    _asked("hub.mode", {"type": "string", "const": "subscribe"}),
                    _asked("hub.verify_token", {"type": "string"}),
                    _asked("hub.challenge", {"type": "string", "maxLength": 4096}),
                ],
                "responses": {
                    "200": _line("The challenge, as it was given"),
                    "400": _line("The challenge is too long"),
                    "403": _line("Something is missing, or the token is not right"),
                },
            },
            "post": {
                "operationId": "post_webhook",
                "tags": ["webhook"],
                "summary": "A delivery of Meta's",
                "description": "200 comes after the commit, and to what came before as well.",
                "security": [],
                "parameters": [
                    {
                        "name": "X-Hub-Signature-256",
                        "in": "header",
                        "required": True,
                        "description": "HMAC-SHA256 of the bytes of the body, by the app secret.",
                        "schema": {"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {}}},
                },
                "responses": {
                    "200": {
                        "description": "It is stored",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"status": {"type": "string", "const": "ok"}},
                                    "required": ["status"],
                                },
                                "example": {"status": "ok"},
                            }
                        },
                    },
                    "400": _line("The length is no number"),
                    "401": _line("The signature is missing, or not right"),
                    "408": _line("The body did not come in time"),
                    "413": _line("The body has over 3 MiB"),
                    "503": _line("Not stored: send it again")
                    | {"headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}},
                },
            },
        }
    }


def _asked(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": True, "schema": schema}


def _line(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
