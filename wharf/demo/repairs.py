"""What happens at the repair shop: files of every type, hidden phones, new phones."""

from wharf.demo.cast import BAKERY, IDRIS, OYA, REPAIRS, SAM, SAM_NEW_PHONE, TOMAS
from wharf.demo.script import Script

SHA256 = "3q2+78r+ur7erb7vyv66vt6tvu/K/rq+3q2+78r+ur4="
UNSUPPORTED = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}


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
    script.answer(
        40,
        TOMAS,
        REPAIRS,
        ("sent", "delivered", "read", "played"),
        says="Thank you, that helps. We bring a new washer.",
    )


def oya_has_no_phone_number(script: Script) -> None:
    script.text(100, OYA, REPAIRS, "Merhaba, my boiler shows E4")
    script.answer(
        103, OYA, REPAIRS, says="E4 is low pressure. Open the blue valve for ten seconds."
    )
    script.text(110, OYA, REPAIRS, "That worked, teşekkürler!")
    script.receive(111, OYA, REPAIRS, "unsupported", errors=[UNSUPPORTED])
    script.receive(112, OYA, REPAIRS, "hologram", hologram={"id": "h-1", "angle": 40})


def sam_changes_his_number(script: Script) -> None:
    script.text(150, SAM, REPAIRS, "When can you come?")
    script.answer(152, SAM, REPAIRS, ("sent", "delivered"), says="Tomorrow at nine?")
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
