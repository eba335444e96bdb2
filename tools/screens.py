"""Pictures of every screen, from the demo's traffic, into docs/screens/.

    python -m tools.screens              # all of them, on a service of its own
    python -m tools.screens inbox        # those whose name begins so

Needs Chromium. The service is started with one thing changed: what is sent is received a second
later, so that a whole day can be posted at once and does not look late.
"""

import hashlib
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

import write_side.intake
from events.envelope import NewEvent
from tests.browser.files import File, meta_has, picture
from tests.browser.signing_in import signed_in
from tests.system.ledger import SECRET, SETTINGS, TOKEN
from tests.system.service import Place, eventually
from tests.write_side.posting import PATH
from tools.weeks import fill, want_exports
from wharf import cli
from wharf.demo.cast import REPAIRS, TOMAS
from wharf.demo.script import Item
from wharf.demo.sending import run_demo
from wharf.demo.traffic import write
from write_side.signature import sign
from write_side.translation.delivery import translate

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screens"
CHROMIUM = "/usr/bin/chromium"
ZONE = "Europe/London"
# Can be downloaded: what the demo sends is nowhere.
FILES = {"95001": File(picture(), "image/png")}

REPLAYED = ".choices a:has-text('Tomás') >> nth=0"
WIDE, PHONE = (1280, 800), (390, 780)


class Screen(NamedTuple):
    """`opens` is the text of a conversation's row that is clicked first, if any.

    `colors` are the reader's own, forced on every page; `not_live` is without the stream.
    """

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"
    opens: str | None = None
    then: str | None = None
    colors: bool = False
    not_live: bool = False


# Before anything has come.
EMPTY = Screen("inbox-empty", "/inbox")
SCREENS = (
    EMPTY,
    Screen("inbox", "/inbox", opens="Tomás"),
    Screen("inbox-dark", "/inbox", scheme="dark", opens="Rosa"),
    Screen("inbox-phone", "/inbox", PHONE),
    Screen("thread-phone", "/inbox", PHONE, opens="Mei"),
    Screen("viewer", "/inbox", opens="Tomás", then="a[data-view=image] >> nth=-1"),
    Screen("inbox-people", "/inbox", opens="Sam", then="text=Ids and merges"),
    Screen("inbox-files", "/inbox", scheme="dark", opens="Tomás", then="text=Files"),
    Screen("inbox-colors", "/inbox", scheme="dark", opens="Rosa", colors=True),
    Screen("inbox-not-live", "/inbox", opens="Rosa", not_live=True),
    Screen("inbox-none", "/inbox?label=nobody"),
    Screen("messages", "/messages"),
    Screen("messages-filtered", "/messages?status=failed&columns=time&columns=who&columns=text"
           "&columns=status&columns=error", scheme="dark"),
    Screen("messages-none", "/messages?q=marzipan&type=image"),
    Screen("message", "/messages?status=failed", then=".when >> nth=0"),
    Screen("events", "/ops"),
    Screen("events-dark", "/ops", scheme="dark"),
    Screen("events-phone", "/ops", PHONE),
    Screen("events-log", "/ops/events"),
    Screen("event", "/ops/events/20"),
    Screen("replay", "/ops/replay", then=REPLAYED),
    Screen("replay-compare", "/ops/replay", then=f"{REPLAYED} ; .compare button"),
    Screen("deliveries", "/ops/deliveries"),
    Screen("delivery", "/ops/deliveries/12"),
    Screen("statistics", "/stats?days=30"),
    Screen("statistics-dark", "/stats?days=30", scheme="dark"),
    Screen("statistics-phone", "/stats?days=30", PHONE),
    Screen("exports", "/exports"),
    Screen("setup", "/setup"),
    Screen("users", "/users"),
    Screen("keys", "/keys"),
    Screen("problem", "/inbox/999999"),
    Screen("sign-in", "/sign-in"),
)  # fmt: skip


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["serve"]:
        receive_when_sent()
        sys.argv = ["wharf", *arguments[1:]]
        cli.main()
        return
    wanted = [each for each in SCREENS if not arguments or each.name.startswith(tuple(arguments))]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, meta_has(FILES) as meta:
        settings = {
            **SETTINGS,
            "WHATSAPP_ACCESS_TOKEN": "the-token-that-opens-the-pictures",
            "WHATSAPP_GRAPH_URL": meta,
        }
        place = Place(Path(folder), **settings)
        try:
            place.up(command=(sys.executable, "-m", "tools.screens", "serve"))
            place.run("users", "add", "ana", "--role", "admin")
            if EMPTY in wanted:
                take_all(place, [EMPTY])
            run_demo(place.url, SECRET, TOKEN, say=lambda line: None)
            send_picture(place)
            fill(place)
            look_after(place)
            take_all(place, [each for each in wanted if each != EMPTY], want_exports)
        finally:
            place.end()


def take_all(
    place: Place, screens: list[Screen], then: Callable[[Page], None] | None = None
) -> None:
    link = place.run("users", "link", "ana").stdout.split()[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        state = signed_in(browser, link, zone=ZONE, then=then)
        for screen in screens:
            take(browser, place.url, state, screen)
        browser.close()


def take(browser: Browser, url: str, state: Any, screen: Screen) -> None:
    width, height = screen.size
    context = browser.new_context(
        base_url=url,
        storage_state=None if screen.name == "sign-in" else state,
        viewport={"width": width, "height": height},
        color_scheme="dark" if screen.scheme == "dark" else "light",
        timezone_id=ZONE,
        reduced_motion="reduce",
        forced_colors="active" if screen.colors else "none",
    )
    if screen.not_live:
        context.route("**/stream/**", lambda route: route.abort())
    page = context.new_page()
    page.goto(screen.path)
    if screen.opens is not None:
        page.locator(".row", has_text=screen.opens).first.click()
        page.locator(".thread .bubble").first.wait_for(state="attached")
        page.mouse.move(0, 0)
    for step in screen.then.split(" ; ") if screen.then else ():
        page.locator(step).click()
        page.mouse.move(0, 0)
    if screen.not_live:
        page.locator("#connection").wait_for()
    settled(page)
    page.screenshot(path=FOLDER / f"{screen.name}.png")
    context.close()


def settled(page: Page) -> None:
    page.evaluate(
        "Promise.all([...document.images].filter(each => each.loading !== 'lazy')"
        ".map(each => each.decode().catch(() => {})))"
    )
    page.wait_for_timeout(600)


def send_picture(place: Place) -> None:
    ((media_id, file),) = FILES.items()
    at = int(datetime.now(UTC).timestamp()) - 90
    image = file.told(media_id, caption="This is how it looks now")
    payload = {
        **TOMAS.sender(),
        "id": "wamid.screens-picture",
        "timestamp": str(at),
        "type": "image",
        "image": image,
    }
    body = write((Item(at, REPAIRS, payload, contact=TOMAS.contact()),))
    headers = {"X-Hub-Signature-256": sign(SECRET, body), "Content-Type": "application/json"}
    answer = httpx.post(f"{place.url}{PATH}", content=body, headers=headers, trust_env=False)
    assert answer.status_code == 200
    eventually(lambda: stored(place), "the picture")


def look_after(place: Place) -> None:
    """A view that was built anew, and one that was compared with the log."""
    for command in (("rebuild", "media"), ("verify", "inbox")):
        done = place.run("projections", *command)
        assert done.returncode == 0, done.stderr


def stored(place: Place) -> bool:
    return any((place.folder / "data" / "media").rglob(hashlib.sha256(picture()).hexdigest()))


def receive_when_sent() -> None:
    """See above; only in the process that is started for the pictures."""

    def translated(body: bytes, received_at: datetime, **options: Any) -> Any:
        found = translate(body, received_at, **options)
        found.events[:] = [later(event) for event in found.events]
        return found

    def later(event: NewEvent) -> NewEvent:
        at = event.occurred_at + timedelta(seconds=1)
        data = msgspec.json.decode(msgspec.json.encode(event.data))
        return msgspec.structs.replace(
            event, data={**data, "received_at": at.isoformat().replace("+00:00", "Z")}
        )

    write_side.intake.translate = translated  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(sys.argv[1:])
