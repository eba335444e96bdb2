"""What each problem means and what to do about it, for its page."""

from typing import NamedTuple


class Text(NamedTuple):
    """For whoever reads the answer that a program of theirs got."""

    meaning: str
    advice: str


TEXTS: dict[str, Text] = {
    "invalid-parameter": Text(
        "A parameter is unknown here, or its value makes no sense. Nothing was left out of account "
        "to answer all the same: a filter that is ignored answers another question.",
        "Look into errors: it names the parameter and says what it has to be.",
    ),
    "cursor-mismatch": Text(
        "A cursor is good for the list it came from: the same filters and the same order.",
        "Ask again without the cursor, or with the parameters of the answer that had it.",
    ),
    "unauthenticated": Text(
        "No key came along, or one that is not valid: it may be mistyped, revoked or expired.",
        "Send a key as “Authorization: Bearer wharf_…” or as X-Api-Key, never in the address. "
        "“wharf keys create” makes one.",
    ),
    "scope-missing": Text(
        "The key is valid, and was not made for this.",
        "Make a key that has the scope that is named in scope, or ask who made this one.",
    ),
    "csrf": Text(
        "A command came with a session, and without the proof that a page of ours has sent it.",
        "Send the csrf_token of GET session/ as X-CSRF-Token, from the same origin. Programs use a "
        "key, and need no token.",
    ),
    "not-found": Text(
        "There is nothing under this address, or nothing that the key may know of.",
        "Check the id. Our ids are positions of the log and stay the same through rebuilds.",
    ),
    "conversation-not-found": Text(
        "There is no conversation with this id, or nobody with this phone number has written.",
        "Look the number up in conversations/?phone=…, which also tries other spellings of it.",
    ),
    "method-not-allowed": Text(
        "The address is right, and does not take this method.",
        "The header Allow says which it takes.",
    ),
    "ambiguous-phone": Text(
        "Nobody has exactly this number, and several have one that may be meant.",
        "Choose one of candidates, or name the conversation by its id.",
    ),
    "conversation-moved": Text(
        "Something happened in the conversation since it was looked at, so the command may not be "
        "what is wanted any more. Nothing was done.",
        "Look at the conversation again, and give the command again if it still makes sense. Where "
        "If-Match or last_seen_position named a position, missed lists what came after it.",
    ),
    "rebuild-running": Text(
        "The view is being rebuilt, by the process that detail names. Two would be in each other's "
        "way.",
        "Look how far it is at /api/admin/projections/, and wait for it or end that process: the "
        "version that answers stays as it is.",
    ),
    "verify-running": Text(
        "The view is being compared with the log already.",
        "Wait for the result at /api/admin/projections/.",
    ),
    "other-release": Text(
        "The version that answers was made by another release, whose rules may be others, so a "
        "comparison would say nothing.",
        "Rebuild the view first.",
    ),
    "version-behind": Text(
        "The version has applied less of the log than the one that answers: readers would see the "
        "past again.",
        "Let it catch up, then give the command again. What is not kept up to date any more, "
        "because it was made by another release, can be rebuilt.",
    ),
    "idempotency-key-in-use": Text(
        "The same key came a moment ago, and what was asked with it is still being done.",
        "Ask again after Retry-After with the same key: the answer will be the first one's.",
    ),
    "merge-not-found": Text(
        "The customer has no part in such a merge.",
        "merges are those that could be undone.",
    ),
    "merge-refused": Text(
        "These two can't be one person, and reason says why in a word.",
        "Check both ids. A group is nobody's other self, and a customer is on one business number.",
    ),
    "media-failed": Text(
        "The file could not be downloaded from Meta, and trying was given up after some attempts.",
        "reason says what was wrong. POST media/{id}/retry/ tries once more.",
    ),
    "media-expired": Text(
        "Meta keeps a file for some days, and it was not downloaded before they were over.",
        "The file can't be had any more. Ask the customer to send it again.",
    ),
    "media-missing": Text(
        "The file was stored, and is not where this process looks for it.",
        "See that all processes have the same folder or bucket for media; a backup may have it.",
    ),
    "too-large": Text(
        "The body is larger than is taken here: 1 MiB, and 3 MiB at the webhook.",
        "Send less at once.",
    ),
    "validation": Text(
        "The body is not what the command takes. Nothing was done.",
        "Look into errors: each points to a place in the body and says what is wrong there.",
    ),
    "idempotency-key-reuse": Text(
        "The Idempotency-Key was used before, with another body or for another command.",
        "Use a new key for a new command, and the same key only to repeat the very same.",
    ),
    "user-exists": Text(
        "Somebody has this name, and what they did is told under it.",
        "Choose another name. To let the same person in again, make them a new sign-in link.",
    ),
    "own-access": Text(
        "You would have shut yourself out, or taken rights from yourself.",
        "Ask another admin, or use wharf users where Wharf runs.",
    ),
    "rate-limited": Text(
        "The key has asked more often than it may.",
        "Wait for the seconds that Retry-After names. RateLimit-Policy says how much is allowed.",
    ),
    "export-failed": Text(
        "The export could not be made; its reason says why.",
        "Delete it and ask for another, with narrower filters where it was too much.",
    ),
    "export-missing": Text(
        "The file was made on a host whose folder this process does not see.",
        "Tell who looks after the service: hosts have to share the folder of exports.",
    ),
    "too-many-exports": Text(
        "As many exports are kept for you as for anybody.",
        "Delete some of them with DELETE exports/{id}/, or wait: they go after a week.",
    ),
    "too-many-streams": Text(
        "This process has as many open streams as it can serve well.",
        "Try again after Retry-After, or read changes/ in pages, which tells the same.",
    ),
    "projection-behind": Text(
        "The answer was to have a position that the read tables have not reached in time. They are "
        "a moment behind the log, and further while a lot comes in.",
        "Ask again after Retry-After, allow more time by “Prefer: wait=10”, or take what there is "
        "by stale=allow.",
    ),
    "store-unavailable": Text(
        "The database does not answer, or took too long to. Nothing that was acknowledged is lost.",
        "Try again after Retry-After. A command can be repeated: it is done once.",
    ),
    "internal-error": Text(
        "Something went wrong on our side that nobody has thought of.",
        "Tell who looks after the service the request_id: the log has more under it.",
    ),
}
