"""Files of a conversation in the viewer: each kind, next and previous, and nothing of them acts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.files import File, meta_has, pdf, picture, sound
from tests.browser.house import House, check, message
from tests.system.service import eventually, rows

pytestmark = [pytest.mark.service, pytest.mark.slow]

PHONE = "5511900002001"
FILES = {
    "97001": File(picture(64, 48), "image/png"),
    "97002": File(sound(), "audio/wav"),
    "97003": File(pdf(), "application/pdf"),
    # By its first bytes a film, and none that could be played.
    "97004": File(b"\x00\x00\x00\x18ftypmp42" + bytes(64), "video/mp4"),
    "97005": File(b"<script>alert(1)</script>", "text/html"),
}


@pytest.fixture(scope="module")
def conversation(house: House) -> Iterator[str]:
    """The address of one with a file of each kind, all of them stored."""
    with meta_has(FILES) as url:
        house.place.running[-1].end()
        house.place.up(
            WHATSAPP_ACCESS_TOKEN="the-token-that-opens-the-files", WHATSAPP_GRAPH_URL=url
        )
        told = {media_id: file.told(media_id) for media_id, file in FILES.items()}
        house.post(
            message("image", PHONE, image={**told["97001"], "caption": "<b>the tap</b>"}),
            message("audio", PHONE, audio={**told["97002"], "voice": True}),
            message("document", PHONE, document={**told["97003"], "filename": "<i>bill</i>.pdf"}),
            message("video", PHONE, video=told["97004"]),
            message("document", PHONE, document={**told["97005"], "filename": "page.html"}),
        )
        stored = "select count(*) from read.media where state = 'stored'"
        eventually(lambda: rows(house.database, stored) == [(len(FILES),)], "the files")
        ids = rows(
            house.database,
            "select distinct m.conversation_id from read.messages m join read.media f"
            " on f.message_id = m.message_id and f.state = 'stored'",
        )
        yield f"/inbox/{ids[0][0]}"


def test_each_kind_is_shown_and_what_is_in_it_does_nothing(house: House, conversation: str) -> None:
    with house.person() as ana:
        page = ana.open(conversation)
        viewer = page.get_by_role("dialog")
        page.locator(".thread a.picture").click()
        expect(viewer.get_by_role("heading")).to_have_text("<b>the tap</b>")
        expect(viewer.locator("[data-facts]")).to_contain_text("SHA-256")
        assert 64 == viewer.locator("img").evaluate(
            "each => each.decode().then(() => each.naturalWidth)"
        )

        page.keyboard.press("ArrowRight")
        expect(viewer.get_by_role("heading")).to_have_text("<i>bill</i>.pdf")
        frame = viewer.locator("iframe").element_handle().content_frame()
        assert frame is not None
        frame.wait_for_url("**/media/97003/")
        check(page)

        viewer.get_by_role("button", name="Next").click()
        expect(viewer).to_contain_text("This browser can't show it.")
        expect(viewer.get_by_role("button", name="Next")).to_be_disabled()
        page.keyboard.press("Escape")
        expect(viewer).to_be_hidden()
        expect(viewer.locator("video, iframe, img")).to_have_count(0)


def test_the_gallery_has_every_file_and_leads_to_its_message(
    house: House, conversation: str
) -> None:
    with house.person() as ana:
        page = ana.open(conversation)
        page.get_by_role("link", name="Files", exact=True).click()
        expect(page.locator(".gallery li")).to_have_count(len(FILES))
        page.locator(".gallery a.audio").click()
        viewer = page.get_by_role("dialog")
        expect(viewer.locator("audio")).to_be_visible()
        viewer.get_by_role("button", name="Next").click()
        expect(viewer.locator("img")).to_be_visible()
        viewer.get_by_role("button", name="Close").click()
        is_focused(page, ".gallery a.image")
        check(page)

        # What is no picture, sound, film or PDF is not opened but downloaded.
        with page.expect_download() as downloading:
            page.locator(".gallery a[download]").click()
        assert "page.html" == downloading.value.suggested_filename
        page.locator(".gallery li", has=page.locator("a.image")).locator("p a").click()
        expect(page.locator(".bubble.target")).to_contain_text("the tap")


def is_focused(page: Page, selector: str) -> None:
    expect(page.locator(selector)).to_be_focused()
