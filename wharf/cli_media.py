"""`wharf media`: asking anew for files that were given up."""

import asyncio

import click

from events.database import connect_async, reading_pool
from read_api.media_rows import FoundMedia, find_given_up, find_media
from read_api.reading import Reading
from wharf import running
from wharf.settings import Settings
from write_side.media.retrying import request

ACTOR = "cli"


@click.group()
def media() -> None:
    """The files that messages refer to."""


@media.command("retry")
@click.argument("media_id", required=False)
@click.option("--all-failed", is_flag=True, help="Every file that failed or expired.")
@click.pass_obj
def media_retry(settings: Settings, media_id: str | None, all_failed: bool) -> None:
    """Ask once more for a file by its media id; a running worker downloads it."""
    if (media_id is None) == (not all_failed):
        raise click.UsageError("give either a media id or --all-failed")
    with running.database(settings) as url:
        found, requested = asyncio.run(retry(url, media_id))
    if media_id is not None and not found:
        raise click.ClickException("no message refers to this media id")
    click.echo(f"{requested} of {len(found)} files asked for anew")
    for each in found:
        if media_id is not None and each.state in ("pending", "stored"):
            click.echo(f"{each.media_id} is {each.state}")


async def retry(url: str, media_id: str | None) -> tuple[list[FoundMedia], int]:
    """What was found, and how many of it were asked for anew."""
    async with reading_pool(url, size_max=1) as pool:
        # There are no cursors to sign here.
        reading = Reading(pool, b"", "media")
        found = (
            await find_given_up(reading)
            if media_id is None
            else await find_media(reading, media_id)
        )
    async with await connect_async(url, "wharf_write") as conn:
        return found, await request(conn, found, ACTOR)
