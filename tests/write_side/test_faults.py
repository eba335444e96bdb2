"""What is said of a body that is not right: in words, and where."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from wharf.user_routes import CreateUser
from write_side.desk.details import ChangeCustomer, SetEmail
from write_side.desk.handling import Assign, ChangeLabels, SetState
from write_side.desk.notes import WriteNote
from write_side.faults import in_words
from write_side.mark_read import MarkRead
from write_side.patterns import IN_WORDS

TIME = "has to be a time with its offset (RFC 3339), such as 2026-11-23T10:00:00Z"


def said(model: type[BaseModel], body: bytes) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(body)
    return {one["pointer"]: one["message"] for one in in_words(refused.value, body)}


@pytest.mark.parametrize(
    ("model", "body", "expected"),
    [
        (
            SetEmail,
            b'{"email": "ana"}',
            {"/email": "has to be an e-mail address, such as ana@example.org"},
        ),
        (SetEmail, b'{"email": 5}', {"/email": "has to be text"}),
        (SetEmail, b"{}", {"/email": "has to be given"}),
        (WriteNote, b'{"body": " "}', {"/body": "has to be text that can be seen"}),
        (
            Assign,
            b'{"assignee": "Ana Maria"}',
            {
                "/assignee": "has to be 1 to 64 small letters (a to z), digits, dots, hyphens or "
                "underscores, such as ana.maria"
            },
        ),
        (
            ChangeLabels,
            b'{"add": ["", "a\\nb", 5], "remove": "vip"}',
            {
                "/add/0": "may not be empty",
                "/add/1": "has to be one line of text",
                "/add/2": "has to be text",
                "/remove": "has to be a list",
            },
        ),
        (
            ChangeLabels,
            b'{"add": ["vip"], "remove": ["vip"]}',
            {"": "a label can't be added and removed at once"},
        ),
        (
            SetState,
            b'{"state": "closed", "until": "2026-01-01", "why": 1}',
            {
                "/state": "has to be 'open', 'done' or 'snoozed'",
                "/until": TIME,
                "/why": "is not known here",
            },
        ),
        (SetState, b'{"state": "snoozed", "until": "soon"}', {"/until": TIME}),
        (SetState, b'{"state": "open", "until": []}', {"/until": TIME}),
        (CreateUser, b'{"name": "ana", "role": "boss"}', {"/role": "has to be 'agent' or 'admin'"}),
        (SetState, b"[]", {"": "has to be an object"}),
        (MarkRead, b"{}", {"": "give either phone_number or conversation_id"}),
        (
            MarkRead,
            b'{"conversation_id": 0, "up_to_message_id": [], "typing": true}',
            {
                "/conversation_id": "has to be 1 or more",
                "/up_to_message_id": "has to be a whole number or text",
                "/typing": "has to be false",
            },
        ),
        (
            MarkRead,
            b'{"phone_number": "Ana", "up_to_message_id": ""}',
            {
                "/phone_number": IN_WORDS[r"^[+ ]?([ \-.()]*[0-9]){1,20}[ \-.()]*$"],
                "/up_to_message_id": "may not be empty",
            },
        ),
        (
            ChangeCustomer,
            b'{"attributes": {"a": {"b": 1}, "b": 1e999, "a/b": 1}, "external_id": " C-1"}',
            {
                "/external_id": "has to be one line of text, without a space at its beginning or "
                "end",
                "/attributes/a": "has to be text, true or false or a number",
                "/attributes/b": "has to be a finite number",
                "/attributes/a~1b": "has to be 1 to 64 letters (a to z), digits, dots, hyphens or "
                "underscores, no spaces",
            },
        ),
        (
            ChangeCustomer,
            b'{"profile_name": "Ana"}',
            {"": "profile_name is what WhatsApp says and read-only; set display_name"},
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_it_is_said_in_words_and_where(
    model: type[BaseModel], body: bytes, expected: dict[str, str]
) -> None:
    assert expected == said(model, body)


def test_what_is_no_json_says_where_it_ends() -> None:
    assert {"": "is no JSON: EOF while parsing a string at line 1 column 3"} == said(
        SetState, b'{"a'
    )


def patterns(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(patterns, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(patterns, schema.values()))


def test_every_pattern_has_words() -> None:
    models = (Assign, ChangeCustomer, ChangeLabels, CreateUser, MarkRead, SetEmail, WriteNote)
    for model in models:
        assert patterns(model.model_json_schema()) <= IN_WORDS.keys()
