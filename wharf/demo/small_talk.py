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
# What we type on the phone; the rest comes from a system of which Meta tells statuses alone.
ANSWERS_TYPED: dict[Number, tuple[str, ...]] = {
    BAKERY: (
        "Yes, until six today. See you!",
        "Of course, I'll put one aside for you 🥐",
        "Card is fine, and so is cash.",
        "The rye, it is still good after a week.",
        "Thank you, I'll tell the baker!",
    ),
    REPAIRS: (
        "Somebody is with you between two and three.",
        "Have you tried to turn the valve to the left?",
        "The part comes tomorrow, we'll write you.",
        "No call-out charge in your street.",
        "Glad to hear it. The invoice comes by mail.",
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
                later = minute + script.random.uniform(1, 20)
                typed = script.random.choice((*ANSWERS_TYPED[number], None))
                script.answer(later, customer, number, steps, says=typed)
