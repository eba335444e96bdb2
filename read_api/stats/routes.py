"""The addresses of the statistics; the view that they ask is `stats`."""

from functools import partial

from read_api.models import stats as models
from read_api.reading import Reading
from read_api.routes import Endpoint, get
from read_api.stats import agents, delivery, failures, hours, summary, volume, waits

SCOPE = "stats:read"


def stats_routes(reading: Reading) -> list[Endpoint]:
    return [
        get(
            "stats/summary/",
            SCOPE,
            partial(summary.get_summary, reading),
            summary="The headline numbers, in all and per bucket",
            parameters=summary.PARAMETERS,
            answer=models.SummaryAnswer,
        ),
        get(
            "stats/volume/",
            SCOPE,
            partial(volume.get_volume, reading),
            summary="Messages in and out per bucket",
            parameters=volume.PARAMETERS,
            answer=models.VolumeAnswer,
        ),
        get(
            "stats/types/",
            SCOPE,
            partial(volume.get_types, reading),
            summary="Messages by type, in all and per bucket",
            parameters=volume.PARAMETERS,
            answer=models.TypesAnswer,
        ),
        get(
            "stats/hours/",
            SCOPE,
            partial(hours.get_hours, reading),
            summary="Messages by hour of the week",
            parameters=hours.PARAMETERS,
            answer=models.HoursAnswer,
        ),
        get(
            "stats/delivery/",
            SCOPE,
            partial(delivery.get_delivery, reading),
            summary="How far outgoing messages have come, in all and per bucket",
            parameters=delivery.PARAMETERS,
            answer=models.DeliveryAnswer,
        ),
        get(
            "stats/errors/",
            SCOPE,
            partial(failures.get_errors, reading),
            summary="Why outgoing messages failed, in all and per bucket",
            parameters=failures.PARAMETERS,
            answer=models.ErrorsAnswer,
        ),
        get(
            "stats/response-times/",
            SCOPE,
            partial(waits.get_response_times, reading),
            summary="How long people waited for an answer, in all and per bucket",
            parameters=waits.PARAMETERS,
            answer=models.ResponseTimesAnswer,
        ),
        get(
            "stats/agents/",
            SCOPE,
            partial(agents.get_agents, reading),
            summary="What our people did with conversations",
            parameters=agents.PARAMETERS,
            answer=models.AgentsAnswer,
        ),
    ]
