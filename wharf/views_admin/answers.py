"""From what the database knows of the views to what is answered."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from projections.overview import Overview, PutAside, Verification, VersionState
from projections.verify import Difference
from projections.view import View
from read_api.message_rows import milliseconds
from wharf.views_admin.models import (
    LastVerification,
    PoisonedEvent,
    Projection,
    ProjectionVersion,
    RowDifference,
    State,
)

ROWS_SHOWN = 1_000


class Told(NamedTuple):
    """What is known of one view; `may_know` allows errors, which may quote an event."""

    view: View
    versions: list[VersionState]
    verified: Verification | None
    poison: Sequence[PutAside]
    may_know: bool


def of_view(found: Overview, view: View, poison: Sequence[PutAside], *, may_know: bool) -> Told:
    versions = [each for each in found.versions if each.view == view.name]
    verified = next((each for each in found.verifications if each.view == view.name), None)
    return Told(view, versions, verified, poison, may_know)


def projection(told: Told) -> Projection | None:
    """None for a view that has no version yet."""
    versions = [_version(each, told) for each in told.versions]
    active = next((v for v, each in zip(versions, told.versions, strict=True) if each.active), None)
    if active is None:
        return None
    building = next((v for v in versions if v["state"] in ("building", "catching_up")), None)
    return {
        "name": told.view.name,
        "version": active["version"],
        "state": active["state"],
        "position": active["position"],
        "head": told.versions[0].head,
        "behind_events": active["behind_events"],
        "behind_seconds": active["behind_seconds"],
        "events_per_second": building and building["events_per_second"],
        "eta_seconds": building and building["eta_seconds"],
        "last_error": active["last_error"],
        "versions": versions,
        "verifying": told.versions[0].verifying,
        "verified": None if told.verified is None else _verified(told.verified),
        "poison_count": sum(each.poison for each in told.versions),
        "poison": [_poisoned(each, told.may_know) for each in told.poison],
    }


def differing(found: Sequence[Difference], *, may_know: bool) -> list[RowDifference]:
    """The first of them; without the right to know, which columns differ and no more."""
    return [
        {
            "table": each.table,
            "key": [str(part) for part in each.key] if may_know else None,
            "missing": _side(each.missing),
            "columns": {
                column: {"live": _text(ours, may_know), "replay": _text(theirs, may_know)}
                for column, (ours, theirs) in sorted(each.columns.items())
            },
        }
        for each in found[:ROWS_SHOWN]
    ]


def _side(name: str | None) -> Literal["live", "replay"] | None:
    if name is None:
        return None
    return "live" if name == "live" else "replay"


def _text(value: object, may_know: bool) -> str | None:
    return str(value) if may_know and value is not None else None


def _version(each: VersionState, told: Told) -> ProjectionVersion:
    rate = _rate(each)
    return {
        "version": each.version,
        "state": _state(each),
        "position": each.position,
        "behind_events": each.lag_events,
        "behind_seconds": round(each.lag_s, 3),
        "percent": 100 if each.position >= each.head else 100 * each.position // each.head,
        "events_per_second": rate,
        "eta_seconds": round(each.lag_events / rate) if rate else None,
        "builder": each.builder,
        "began_at": None if each.began_at is None else milliseconds(each.began_at),
        "of_this_release": each.definition == told.view.definition,
        "last_error": each.error if told.may_know else None,
        "held_up_since": None if each.held_up_since is None else milliseconds(each.held_up_since),
        "paused_at": None if each.paused_at is None else milliseconds(each.paused_at),
        "paused_by": each.paused_by,
        "poison_count": each.poison,
        "skipped_count": each.skipped,
    }


def _state(each: VersionState) -> State:
    if each.paused_at is not None:
        return "paused"
    if each.active:
        return "live" if each.held_up_since is None else "failed"
    if each.rebuilding:
        return "building" if each.state == "building" else "catching_up"
    return "superseded" if each.superseded_at is not None else "interrupted"


def _rate(each: VersionState) -> int | None:
    """Events per second since the process that builds it began."""
    if not each.rebuilding or not each.building_s or each.built_events is None:
        return None
    return round(each.built_events / each.building_s)


def _verified(each: Verification) -> LastVerification:
    return {
        "version": each.version,
        "position": each.position,
        "began_at": milliseconds(each.began_at),
        "ended_at": milliseconds(each.ended_at),
        "differences": each.differences,
        "tables": each.tables,
    }


def _poisoned(each: PutAside, may_know: bool) -> PoisonedEvent:
    return {
        "version": each.version,
        "position": each.position,
        "type": each.type,
        "stream": each.stream if may_know else None,
        "sqlstate": each.sqlstate,
        "error": each.error if may_know else None,
        "put_at": milliseconds(each.put_at),
        "tries": each.tries,
        "skipped_at": None if each.skipped_at is None else milliseconds(each.skipped_at),
    }
