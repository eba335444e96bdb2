"""What texts in commands may be: bounded, visible, and such that PostgreSQL takes them."""

from typing import Annotated

from pydantic import Field, StrictStr

NOTE_LENGTH_MAX = 10_000
ATTRIBUTE_LENGTH_MAX = 1_000

# No control characters, and no space at an end that nobody would see.
# The later control characters by name: one of them is white space here, and none in JSON Schema.
_LINE = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"
# The shape of an address and no more: whether it is somebody's, only a message to it would tell.
_NOT_IN_IT = r"\s\x00-\x1f\x7f-\x9f@<>,;"
_EMAIL = rf"^[^{_NOT_IN_IT}]{{1,64}}@[^{_NOT_IN_IT}.]+(\.[^{_NOT_IN_IT}.]+)+$"

# Something in it can be seen.
NoteBody = Annotated[
    StrictStr,
    Field(min_length=1, max_length=NOTE_LENGTH_MAX, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"),
]
Email = Annotated[StrictStr, Field(max_length=254, pattern=_EMAIL)]
DisplayName = Annotated[StrictStr, Field(min_length=1, max_length=200, pattern=_LINE)]
ExternalId = Annotated[StrictStr, Field(min_length=1, max_length=200, pattern=_LINE)]
Label = Annotated[StrictStr, Field(min_length=1, max_length=50, pattern=_LINE)]
AttributeName = Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
AttributeText = Annotated[StrictStr, Field(max_length=ATTRIBUTE_LENGTH_MAX, pattern=r"^[^\x00]*$")]
