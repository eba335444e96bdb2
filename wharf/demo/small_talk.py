"""The rest of the day: questions that shops get, and answers to most of them."""

from wharf.demo.cast import BAKERY, EVERYBODY, REPAIRS, Number
from wharf.demo.script import Script

QUESTIONS: dict[Number, tuple[str, ...]] = {
    BAKERY: (
        "Are you open on Sunday?",
        "Is there anything without nuts?",
        "¿Tienen pan sin gluten?",
        "Can I pay by card?",
        "The tarts were lovely, thank you 😊",
        "Do you deliver to Quay Street?",
        "Running five minutes late",
        "还有可颂吗？",
        "Which bread keeps longest?",
    ),
    REPAIRS: (
        "Is somebody coming today?",
        "The heating is cold again ❄️",
        "Wie viel kostet die Anfahrt?",
        "I am home until noon",
        "The bell does not work, please knock",
        "Do you have the spare part?",
        "هل يمكنكم الحضور غدا؟",
        "Thanks, all dry now!",
    ),
}
# Some answers are not read before the day ends, and one question in four waits for its answer.
ANSWERS = (("sent", "delivered", "read"), ("sent", "delivered"), ("sent",), ())
FIRST_MINUTE, LAST_MINUTE = 5, 355
QUESTIONS_PER_CUSTOMER = 8


def chat(script: Script) -> None:
    """Adds texts and statuses of every customer, spread over the day."""
    for customer in EVERYBODY:
        for _ in range(QUESTIONS_PER_CUSTOMER):
            number = script.random.choice((BAKERY, REPAIRS))
            minute = script.random.uniform(FIRST_MINUTE, LAST_MINUTE)
            script.text(minute, customer, number, script.random.choice(QUESTIONS[number]))
            steps = script.random.choice(ANSWERS)
            if steps:
                script.answer(minute + script.random.uniform(1, 20), customer, number, steps)
