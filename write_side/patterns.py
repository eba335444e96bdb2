"""Patterns: the shapes of texts in commands, and what each is called in words.

Whoever sent something else is told the words; the OpenAPI document has the patterns.
"""

# No control characters, and no space at an end that nobody would see.
# The later control characters by name: one of them is white space here, and none in JSON Schema.
_SEEN = r"[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?"
LINE = rf"^{_SEEN}$"
# Spaces around it are taken, and taken away.
PADDED_LINE = rf"^ *{_SEEN} *$"
# The shape of an address and no more: whether it is somebody's, only a message to it would tell.
_NOT_IN_IT = r"\s\x00-\x1f\x7f-\x9f@<>,;"
EMAIL = rf"^[^{_NOT_IN_IT}]{{1,64}}@[^{_NOT_IN_IT}.]+(\.[^{_NOT_IN_IT}.]+)+$"
# Something in it can be seen.
NOTE = r"^[^\x00]*[^\s\x00][^\x00]*$"
NAME = r"^[A-Za-z0-9_.-]{1,64}$"
USER_NAME = r"^[a-z0-9._-]{1,64}$"
# As people write it; the read side finds the digits in it.
PHONE = r"^[+ ]?([ \-.()]*[0-9]){1,20}[ \-.()]*$"
# No NUL: PostgreSQL takes none, not even to look for.
TEXT = r"^[^\x00]*$"
SOME_TEXT = r"^[^\x00]+$"

IN_WORDS = {
    LINE: "has to be one line of text, without a space at its beginning or end",
    PADDED_LINE: "has to be one line of text",
    EMAIL: "has to be an e-mail address, such as ana@example.org",
    NOTE: "has to be text that can be seen",
    NAME: "has to be 1 to 64 letters (a to z), digits, dots, hyphens or underscores, no spaces",
    USER_NAME: "has to be 1 to 64 small letters (a to z), digits, dots, hyphens or underscores, "
    "such as ana.maria",
    PHONE: "has to be a phone number of up to 20 digits, such as +55 11 98765-4321",
    TEXT: "has to be text without NUL characters",
    SOME_TEXT: "has to be text without NUL characters",
}
