"""Made-up deliveries as Meta posts them: single messages and statuses, unique and repeatable."""

import json
from collections.abc import Iterator
from random import Random

from write_side.signature import sign

NUMBERS = (("106540352242922", "15550783881"), ("106540352242923", "15550783882"))
NOON = 1_763_000_000  # seconds since 1970; the traffic starts here and goes on by the second
EVENTS_A_SECOND = 40
MESSAGE_PERCENT = 40
# Steps of outgoing messages that wait to be reported: what is drawn from here at random comes a
# little out of order, as Meta's statuses do.
STEPS_WAITING = 60
PHRASES = (
    "hola buenos días",
    "is my order ready?",
    "gracias",
    "你好",
    "the parcel number please",
    "can you call me back tomorrow morning",
    "ça va très bien",
    "I have sent the invoice again",
    "👍 ok, perfect",
)

Value = dict[str, object]


def deliveries(
    seed: int, people: int = 4_000, events_a_second: int = EVENTS_A_SECOND, noon: int = NOON
) -> Iterator[bytes]:
    """Bodies without end, one item each, sent from `noon` on; the same seed gives the same bytes.

    Four in ten are incoming messages, the rest tell of outgoing ones: sent, delivered, read.
    Most people come with phone and user id, a tenth with one of them alone.
    """
    random = Random(seed)
    waiting: list[Value] = []
    count = 0
    while True:
        at = noon + count // events_a_second
        person = random.randrange(people)
        number = NUMBERS[person % len(NUMBERS)]
        if random.randrange(100) < MESSAGE_PERCENT:
            yield body(number, _message(random, seed, count, person, at))
        else:
            while len(waiting) < STEPS_WAITING:
                waiting += _steps(random, seed, random.randrange(people), at)
            value = waiting.pop(random.randrange(len(waiting)))
            yield body(NUMBERS[int(str(value.pop("person"))) % len(NUMBERS)], value)
        count += 1


def signed(seed: int, secret: str, count: int, people: int = 4_000) -> Iterator[tuple[bytes, str]]:
    """As many bodies with the header value that Meta would send with each."""
    bodies = deliveries(seed, people)
    for _ in range(count):
        body = next(bodies)
        yield body, sign(secret, body)


def _wamid(random: Random, seed: int) -> str:
    return f"wamid.HBgM{seed:04d}{random.getrandbits(160):040X}"


def _who(person: int) -> tuple[str | None, str | None]:
    phone, user = f"5511{900_000_000 + person}", f"BR.{700_000_000_000_000 + person}"
    if person % 20 == 0:
        return None, user
    return phone, None if person % 20 == 1 else user


def _message(random: Random, seed: int, count: int, person: int, at: int) -> Value:
    phone, user = _who(person)
    contact: Value = {"profile": {"name": f"Person {person}"}}
    item: Value = {"id": _wamid(random, seed), "timestamp": str(at)}
    if phone:
        contact["wa_id"] = item["from"] = phone
    if user:
        contact["user_id"] = item["from_user_id"] = user
    if count % 10 == 0:
        item |= {
            "type": "image",
            "image": {
                "id": str(random.getrandbits(50)),
                "mime_type": "image/jpeg",
                "sha256": f"{random.getrandbits(250):043x}=",
                "caption": random.choice(PHRASES),
            },
        }
    else:
        text = ", ".join(random.choices(PHRASES, k=random.randint(1, 4)))
        item |= {"type": "text", "text": {"body": text}}
    return {"contacts": [contact], "messages": [item]}


def _steps(random: Random, seed: int, person: int, at: int) -> Iterator[Value]:
    phone, user = _who(person)
    wamid = _wamid(random, seed)
    for seconds, step in enumerate(("sent", "delivered", "read")):
        item: Value = {"id": wamid, "status": step, "timestamp": str(at + seconds)}
        if phone:
            item["recipient_id"] = phone
        if user:
            item["recipient_user_id"] = user
        if step != "read":
            item["conversation"] = {
                "id": f"{person:032x}",
                "origin": {"type": "service"},
            }
            item["pricing"] = {
                "billable": True,
                "pricing_model": "PMP",
                "type": "regular",
                "category": "service",
            }
        yield {"person": person, "statuses": [item]}


def body(number: tuple[str, str], value: Value) -> bytes:
    """A delivery of one change, in Meta's own spelling of JSON."""
    phone_number_id, display = number
    whole = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display, "phone_number_id": phone_number_id},
        **value,
    }
    return (
        json.dumps(
            {
                "object": "whatsapp_business_account",
                "entry": [
                    {
                        "id": "102290129340398",
                        "changes": [{"value": whole, "field": "messages"}],
                    }
                ],
            },
            separators=(",", ":"),
        )
        .replace("/", "\\/")
        .encode("ascii")
    )
