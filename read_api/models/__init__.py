"""Models: what each answer looks like, as types that cost nothing at run time.

The functions that make answers are annotated with them, so the type checker holds both together;
the OpenAPI document is made from them. They are TypedDicts of typing_extensions, which pydantic
wants below Python 3.12. A field says of itself what its name does not, by `Field(description)`.
"""
