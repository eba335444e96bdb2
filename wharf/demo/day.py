"""The day itself: two numbers, eight customers, every kind of item that Meta sends."""

from wharf.demo.cast import (
    BAKERY,
    IDRIS,
    LENA,
    MEI,
    NEIGHBOURS_GROUP,
    NOOR,
    OYA,
    REPAIRS,
    ROSA,
    SAM,
    SAM_NEW_PHONE,
    TOMAS,
)
from wharf.demo.script import Script

SHA256 = "3q2+78r+ur7erb7vyv66vt6tvu/K/rq+3q2+78r+ur4="
UNSUPPORTED = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}
UNDELIVERABLE = {
    "code": 131026,
    "title": "Message undeliverable",
    "message": "Message undeliverable",
    "error_data": {"details": "Message Undeliverable."},
    "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
}


def tell(script: Script) -> None:
    """Everything that happens, in the order of the conversations and not of the clock."""
    rosa_orders_bread(script)
    tomas_sends_everything_he_has(script)
    mei_changes_her_mind(script)
    oya_has_no_phone_number(script)
    sam_changes_his_number(script)
    lena_cannot_be_reached(script)
    the_street_has_a_group(script)
    the_account_has_news(script)


def rosa_orders_bread(script: Script) -> None:
    script.text(2, ROSA, BAKERY, "Good morning! Do you still have rye bread? 🥖")
    asked = script.answer(4, ROSA, BAKERY, biz_opaque_callback_data="shift:morning")
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
    thanked = script.answer(12, ROSA, BAKERY)
    script.receive(14, ROSA, BAKERY, "reaction", reaction={"message_id": thanked, "emoji": "❤️"})
    script.receive(15, ROSA, BAKERY, "reaction", reaction={"message_id": thanked})


def tomas_sends_everything_he_has(script: Script) -> None:
    def file(media_id: str, mime_type: str, **more: object) -> dict[str, object]:
        return {"id": media_id, "mime_type": mime_type, "sha256": SHA256, **more}

    image = file("90001", "image/jpeg", caption="The tap drips / again")
    script.receive(30, TOMAS, REPAIRS, "image", image=image)
    script.receive(30.2, TOMAS, REPAIRS, "video", video=file("90002", "video/mp4"))
    voice = file("90003", "audio/ogg; codecs=opus", voice=True)
    script.receive(31, TOMAS, REPAIRS, "audio", audio=voice)
    document = file("90004", "application/pdf", filename="Garantía 2024.pdf")
    script.receive(32, TOMAS, REPAIRS, "document", document=document)
    sticker = file("90005", "image/webp", animated=False)
    script.receive(33, TOMAS, REPAIRS, "sticker", sticker=sticker)
    place = {"latitude": 51.5033, "longitude": -0.1196, "name": "Pier 3", "address": "Quay 1"}
    script.receive(34, TOMAS, REPAIRS, "location", location=place)
    card = {
        "name": {"formatted_name": "Idris (landlord)", "first_name": "Idris"},
        "phones": [{"phone": "+1 202-555-0107", "wa_id": IDRIS.phone, "type": "CELL"}],
    }
    script.receive(35, TOMAS, REPAIRS, "contacts", contacts=[card])
    script.answer(40, TOMAS, REPAIRS, ("sent", "delivered", "read", "played"))


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
    script.answer(80, MEI, BAKERY, ("sent", "delivered", "read"))
    script.answer(81, MEI, BAKERY, ("sent", "delivered", "deleted"))


def oya_has_no_phone_number(script: Script) -> None:
    script.text(100, OYA, REPAIRS, "Merhaba, my boiler shows E4")
    script.answer(103, OYA, REPAIRS)
    script.text(110, OYA, REPAIRS, "That worked, teşekkürler!")
    script.receive(111, OYA, REPAIRS, "unsupported", errors=[UNSUPPORTED])
    script.receive(112, OYA, REPAIRS, "hologram", hologram={"id": "h-1", "angle": 40})


def sam_changes_his_number(script: Script) -> None:
    script.text(150, SAM, REPAIRS, "When can you come?")
    script.answer(152, SAM, REPAIRS, ("sent", "delivered"))
    script.receive(
        200,
        SAM,
        REPAIRS,
        "system",
        system={
            "type": "user_changed_number",
            "wa_id": SAM_NEW_PHONE.phone,
            "body": f"Sam O'Neil changed from {SAM.phone} to {SAM_NEW_PHONE.phone}",
        },
    )
    script.text(205, SAM_NEW_PHONE, REPAIRS, "New phone, same tap. Tomorrow at 9?")
    script.text(206, SAM_NEW_PHONE, BAKERY, "And two croissants, if you are the same people")


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
    script.answer(242, LENA, BAKERY, ("sent", "failed"), errors=[UNDELIVERABLE])
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


def the_account_has_news(script: Script) -> None:
    """Fields that this release keeps without understanding them."""
    script.other(
        320,
        BAKERY,
        "message_template_status_update",
        {
            "event": "APPROVED",
            "message_template_id": 594425479261596,
            "message_template_name": "order_ready",
            "message_template_language": "en_GB",
            "reason": None,
        },
    )
    script.other(330, REPAIRS, "field_of_the_future", {"what": "nobody knows / yet"})
    click: dict[str, object] = {
        "action_type": "marketing_messages_link_click",
        "timestamp": str(script.at(335)),
        "marketing_messages_link_click_data": {"click_id": "demo-1", "click_component": "cta"},
    }
    script.inside(335, BAKERY, "user_actions", click)
