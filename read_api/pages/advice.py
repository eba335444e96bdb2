"""Advice: what to do about Meta's errors, for those that people meet.

Source: Meta, Cloud API "Error codes", read 2026-11; the words are ours.
"""

_ADVICE: dict[int, str] = {
    0: "The access token is not valid any more: make another one.",
    3: "The access token lacks a permission: whatsapp_business_messaging is needed.",
    10: "The access token lacks a permission, or the app may not use this number.",
    190: "The access token has expired: make one that does not, of a system user.",
    368: "Meta has blocked the account for a while. The console says which policy was broken.",
    130429: "Too much at once for this number. Send more slowly.",
    130472: "The customer is in a trial of Meta's and gets no marketing. Do not send it again.",
    131000: "Something went wrong at Meta. Try once more, later.",
    131005: "The access token may not do this: look at its permissions.",
    131008: "The request lacks something that is needed: a fault of the sender's program.",
    131009: "A value in the request is not right: a fault of the sender's program.",
    131016: "Meta's service was not there. Try once more, later.",
    131021: "A number can't write to itself.",
    131026: "It can't be delivered to this number: no WhatsApp there, too old a version, or "
    "its terms were not accepted. Reach the customer in another way.",
    131031: "The account is locked. The console says why.",
    131037: "The number's display name is not approved yet.",
    131042: "There is something wrong with the payment. Look at the account's billing.",
    131045: "The number is not registered as it should be: register it once more.",
    131047: "The customer last wrote more than 24 hours ago. Send a template.",
    131048: "Too many people blocked or reported this number: Meta lets it send less for now.",
    131049: "Meta held it back, since the customer gets much marketing. Wait a day or longer "
    "before you send it again.",
    131050: "The customer wants no marketing from you. Respect it.",
    131051: "WhatsApp has no message of this type.",
    131052: "The customer's file could not be fetched. Ask for it once more.",
    131053: "The file was not taken: look at its type and its size.",
    131056: "Too many messages to this customer in a short time. Wait a little.",
    132000: "The template has another number of values than were given.",
    132001: "There is no such template in this language, or it is not approved.",
    132005: "With its values the template has become too long.",
    132007: "The template breaks a policy of WhatsApp's.",
    132012: "A value of the template has another form than it should.",
    132015: "The template is paused, since people did not like it. Change it.",
    132016: "The template is off for good, since people did not like it. Make another one.",
    133010: "The number is not registered for the Cloud API: register it.",
}


def advice(error_code: int | None) -> str | None:
    """What to do about it, in a sentence or two; None where we know nothing to say."""
    return None if error_code is None else _ADVICE.get(error_code)
