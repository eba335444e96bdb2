"""What happens at the bakery: orders, changed minds, an advertisement, a group."""

from wharf.demo.cast import BAKERY, LENA, MEI, NEIGHBOURS_GROUP, NOOR, ROSA
from wharf.demo.script import Script

UNDELIVERABLE = {
    "code": 131026,
    "title": "Message undeliverable",
    "message": "Message undeliverable",
    "error_data": {"details": "Message Undeliverable."},
    "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
}


def rosa_orders_bread(script: Script) -> None:
    script.text(2, ROSA, BAKERY, "Good morning! Do you still have rye bread? 🥖")
    asked = script.answer(
        4,
        ROSA,
        BAKERY,
        says="Good morning Rosa! Yes, two loaves. Shall I keep one or both?",
        biz_opaque_callback_data="shift:morning",
    )
    script.receive(
        6,
        ROSA,
        BAKERY,
        "interactive",
        context={"from": BAKERY.display_phone_number, "id": asked},
        interactive={
            "type": "button_reply",
            "button_reply": {"id": "keep-two", "title": "Keep two"},
        },
    )
    script.receive(
        9,
        ROSA,
        BAKERY,
        "order",
        order={
            "catalog_id": "30100",
            "text": "sliced, please",
            "product_items": [
                {
                    "product_retailer_id": "RYE-1",
                    "quantity": 2,
                    "item_price": 4.2,
                    "currency": "GBP",
                }
            ],
        },
    )
    thanked = script.answer(12, ROSA, BAKERY, says="Sliced and packed, ready from ten 🙂")
    script.receive(14, ROSA, BAKERY, "reaction", reaction={"message_id": thanked, "emoji": "❤️"})
    script.receive(15, ROSA, BAKERY, "reaction", reaction={"message_id": thanked})


def mei_changes_her_mind(script: Script) -> None:
    first = script.text(60, MEI, BAKERY, "A cake for twelve on Friday?")
    edit = {
        "original_message_id": first,
        "message": {"type": "text", "text": {"body": "A cake for twenty on Friday?"}},
    }
    script.receive(62, MEI, BAKERY, "edit", edit=edit)
    regretted = script.text(63, MEI, BAKERY, "and balloons")
    script.receive(64, MEI, BAKERY, "revoke", revoke={"original_message_id": regretted})
    choice = {"id": "fri-1", "title": "Friday 15:00", "description": "Pick-up at the counter"}
    script.receive(
        70,
        MEI,
        BAKERY,
        "interactive",
        interactive={"type": "list_reply", "list_reply": choice},
    )
    form = {
        "name": "flow",
        "body": "Sent",
        "response_json": '{"writing":"祝你生日快乐","candles":7}',
    }
    script.receive(
        75, MEI, BAKERY, "interactive", interactive={"type": "nfm_reply", "nfm_reply": form}
    )
    script.answer(
        80, MEI, BAKERY, ("sent", "delivered", "read"), says="Twenty it is. Lemon or chocolate?"
    )
    script.answer(81, MEI, BAKERY, ("sent", "delivered", "deleted"))


def lena_cannot_be_reached(script: Script) -> None:
    advertisement = {
        "source_url": "https://ads.example/spring",
        "source_id": "120200300",
        "source_type": "ad",
        "headline": "Spring tarts",
        "body": "Only this week",
        "ctwa_clid": "clid-demo",
    }
    script.receive(
        240, LENA, BAKERY, "text", text={"body": "I saw your ad"}, referral=advertisement
    )
    script.answer(
        242,
        LENA,
        BAKERY,
        ("sent", "failed"),
        says="Welcome! The spring tarts are back until Sunday: https://bakery.example/tarts",
        errors=[UNDELIVERABLE],
    )
    button = {"payload": "stop-promotions", "text": "Stop promotions"}
    script.receive(250, LENA, BAKERY, "button", button=button)


def the_street_has_a_group(script: Script) -> None:
    for minute, neighbour, body in (
        (300, NOOR, "صباح الخير"),
        (301, ROSA, "Anyone up for a street breakfast?"),
    ):
        script.receive(
            minute,
            neighbour,
            BAKERY,
            "text",
            group_id=NEIGHBOURS_GROUP,
            text={"body": body},
        )
    sent = script.message_id()
    for minute, neighbour, step in (
        (305, NOOR, "delivered"),
        (305, ROSA, "delivered"),
        (309, ROSA, "read"),
    ):
        script.status(
            minute,
            BAKERY,
            neighbour,
            id=sent,
            status=step,
            recipient_id=NEIGHBOURS_GROUP,
            recipient_type="group",
            recipient_participant_id=neighbour.phone,
            recipient_participant_user_id=neighbour.user_id,
        )
