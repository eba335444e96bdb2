"""What texts in commands may be: bounded, visible, and such that PostgreSQL takes them."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictStr

from write_side.patterns import EMAIL, LINE, NAME, NOTE, PADDED_LINE, TEXT

NOTE_LENGTH_MAX = 10_000
ATTRIBUTE_LENGTH_MAX = 1_000


def _trimmed(text: str) -> str:
    return text.strip(" ")


NoteBody = Annotated[StrictStr, Field(min_length=1, max_length=NOTE_LENGTH_MAX, pattern=NOTE)]
Email = Annotated[StrictStr, Field(max_length=254, pattern=EMAIL)]
DisplayName = Annotated[StrictStr, Field(min_length=1, max_length=200, pattern=LINE)]
ExternalId = Annotated[StrictStr, Field(min_length=1, max_length=200, pattern=LINE)]
Label = Annotated[
    StrictStr, Field(min_length=1, max_length=50, pattern=PADDED_LINE), AfterValidator(_trimmed)
]
AttributeName = Annotated[StrictStr, Field(pattern=NAME)]
AttributeText = Annotated[StrictStr, Field(max_length=ATTRIBUTE_LENGTH_MAX, pattern=TEXT)]
