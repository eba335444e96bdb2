"""DemoError
├── DemoRefused
└── DemoFailed
"""


class DemoError(Exception):
    """The demo did not run to its end."""


class DemoRefused(DemoError):
    """The log is append-only and would keep made-up traffic for ever, so only a service on
    this machine with a secret that Wharf generated itself is written to."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}. {' '.join((self.__doc__ or '').split())}")
        self.reason = reason


class DemoFailed(DemoError):
    """The service did not answer as a webhook does."""
