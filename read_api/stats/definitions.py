"""Definitions: what the numbers count, the same words in every answer that has them."""

from read_api.models.stats import Definitions

MESSAGES = (
    "Each message once, however often and by whichever way it came, in the bucket in which it was "
    "sent, by the sender's time (of arrival where the sender's lies in the future). Without "
    "reactions, edits, revocations and calls."
)
DIRECTIONS = "in: from people. out: to people, from here, a phone app or another system."
TYPES = "Meta's word. null: outgoing messages known only from their statuses (type=none)."
HOURS = (
    "Hours of the week as clocks in `tz` show them, summed over all weeks of the range; weekday 1 "
    "is Monday. An hour that a changing clock shows twice counts as one."
)
STEPS = (
    "Of the messages sent in the bucket, those that have come at least so far, whenever they did: "
    "accepted: all outgoing ones; sent: handed over by Meta, and not failed; delivered; read; "
    "played (voice messages). A later step counts for the earlier ones, in groups that of the most "
    "advanced member. Failed and deleted messages count as accepted alone."
)
FAILED = "Outgoing messages that Meta reported as failed, and of which nothing proves delivery."
DELETED = "Outgoing messages that were deleted after they were sent."
ERRORS = (
    "Failed messages by the code of their first failure; null: no code was given "
    "(error_code=none). Errors of incoming messages are left out."
)
FILES = (
    "Messages whose file was given up: failed, or expired since Meta had forgotten it. Not those "
    "that are still tried, or were asked for once more."
)
WAITS = (
    "A wait begins with a person's first message after which nothing was sent to the person, and "
    "ends with the first message that is, from whomever, failed or not. It counts in the bucket "
    "in which it began. A person is what is one conversation in the inbox: whatever names somebody "
    "has on one business number, through changes of number and merges by hand; or a group. "
    "`messages` are all incoming messages of the bucket."
)
PERCENTILES = (
    "Seconds of the answered waits, from a histogram of whole seconds whose slots are each a tenth "
    "wider than the one before: off by percentile_error at most. Waits that go on are left out, so "
    "the newest buckets look quicker than they will."
)
BUSINESS = (
    "The same of those waits alone that began within business_hours, as clocks in `tz` show them, "
    "however late they ended: a night or a weekend in between counts in full. Those that began "
    "outside are left out."
)
WINDOW_MISSED = (
    "Waits of more than 24 hours, answered or not by asked_at: after that the window in which "
    "anything but templates may be sent has closed."
)

HANDLED = (
    "Different conversations in which the agent did something in the range: wrote, changed or "
    "deleted a note, changed its state, labels, assignee or the customer's details. Two that were "
    "merged since are one. Reading alone does not count. conversations/{id}/events/ says who did "
    "what. Who answered is not known: replies are not sent from here."
)
OF_AGENTS: Definitions = {
    "agents": "Users, and keys in programs' hands, by whom something was done or assigned to.",
    "conversations": HANDLED,
    "notes": "Notes written in the range, also those that were deleted since.",
    "done": "How often the agent was done with a conversation.",
    "assigned": "How often the agent was given a conversation, by whomever.",
    "acts": "Everything that the agent did: a note, a state, an assignment, labels, details.",
}

VOLUME: Definitions = {"messages": MESSAGES, "direction": DIRECTIONS}
OF_TYPES: Definitions = {**VOLUME, "message_type": TYPES}
OF_HOURS: Definitions = {**VOLUME, "hours": HOURS}
DELIVERY: Definitions = {
    "messages": MESSAGES,
    "steps": STEPS,
    "failed": FAILED,
    "deleted": DELETED,
    "share_of_previous": "Of the messages of the step before.",
    "share": "Of the accepted messages.",
}
OF_ERRORS: Definitions = {"messages": FAILED, "errors": ERRORS}
RESPONSE_TIMES: Definitions = {
    "waits": WAITS,
    "answered": "Waits that have ended.",
    "unanswered": "Waits that go on.",
    "window_missed": WINDOW_MISSED,
    "median_s": PERCENTILES,
    "p90_s": PERCENTILES,
}
SUMMARY: Definitions = {**VOLUME, **DELIVERY, "files_given_up": FILES, **RESPONSE_TIMES}
RESPONSE_TIMES_BY_HOURS: Definitions = {**RESPONSE_TIMES, "in_business_hours": BUSINESS}
