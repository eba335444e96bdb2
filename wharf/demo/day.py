"""The day itself: two numbers, eight customers, every kind of item that Meta sends."""

from wharf.demo.bakery import (
    lena_cannot_be_reached,
    mei_changes_her_mind,
    rosa_orders_bread,
    the_street_has_a_group,
)
from wharf.demo.cast import BAKERY, REPAIRS
from wharf.demo.repairs import (
    oya_has_no_phone_number,
    sam_changes_his_number,
    tomas_sends_everything_he_has,
)
from wharf.demo.script import Script


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
