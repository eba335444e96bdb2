"""GET stats/agents/: what our people did with conversations."""

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg.sql import SQL
from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.models.history import Actor
from read_api.models.stats import Agent, AgentsAnswer
from read_api.parser import Parser
from read_api.reading import Query, Reading
from read_api.stats import definitions
from read_api.stats.question import asked, question
from read_api.stats.ranges import ASKED, Range

PARAMETERS: dict[str, Parser] = {**ASKED}
IDS_MAX = 200

# The conversation of each message is looked up once, however often somebody did something with it.
_AGENTS: LiteralString = """
with acts as (
    select a.actor, a.conversation_id as message_id, a.act, count(*) as acts
      from counted_acts a
     where a.acted_at >= %(from)s and a.acted_at < %(to)s{number}
     group by a.actor, a.conversation_id, a.act
), handled as (
    select a.actor, coalesce(m.conversation_id, a.message_id) as id
      from acts a
      left join lateral (
           select k.conversation_id from messages k where k.id = a.message_id limit 1) m on true
     where a.act <> 'assigned'
     group by a.actor, coalesce(m.conversation_id, a.message_id)
)
select s.actor, s.notes, s.done, s.assigned, s.acts, coalesce(h.conversations, 0) as conversations,
       coalesce(h.ids, '{{}}') as ids
  from (
    select a.actor,
           coalesce(sum(a.acts) filter (where a.act = 'note'), 0)::bigint as notes,
           coalesce(sum(a.acts) filter (where a.act = 'done'), 0)::bigint as done,
           coalesce(sum(a.acts) filter (where a.act = 'assigned'), 0)::bigint as assigned,
           coalesce(sum(a.acts) filter (where a.act <> 'assigned'), 0)::bigint as acts
      from acts a
     group by a.actor
  ) s
  left join (
       select d.actor, count(*) as conversations,
              (array_agg(d.id order by d.id desc))[:%(ids_max)s] as ids
         from handled d
        group by d.actor) h on h.actor = s.actor
 order by conversations desc, s.actor
"""
_EVERY = SQL(_AGENTS).format(number=SQL(""))
_ONE = SQL(_AGENTS).format(number=SQL(" and a.phone_number_id = %(phone_number_id)s"))


def agents(wanted: Range) -> Query:
    """A row for each user or key, those who handled the most conversations first."""
    return Query(
        _EVERY if wanted.phone_number_id is None else _ONE,
        {
            "from": wanted.since,
            "to": wanted.until,
            "phone_number_id": wanted.phone_number_id,
            "ids_max": IDS_MAX,
        },
    )


async def get_agents(reading: Reading, request: Request) -> Response:
    """What each user, and each key, did with conversations."""
    of = question(request, PARAMETERS)
    answers = await reading.read([agents(of.of)], of.freshness)
    found = [_agent(row) for row in answers.rows[0]]
    content: AgentsAnswer = {
        **asked(of, definitions.OF_AGENTS, answers),
        "count": len(found),
        "agents": found,
    }
    return answer(request, content, answers)


def _agent(row: Mapping[str, Any]) -> Agent:
    return {
        "agent": _actor(row["actor"]),
        "conversations": row["conversations"],
        "conversation_ids": row["ids"],
        "notes": row["notes"],
        "done": row["done"],
        "assigned": row["assigned"],
        "acts": row["acts"],
    }


def _actor(text: str) -> Actor:
    kind, _, name = text.partition(":")
    return {
        "kind": "key" if kind == "key" else "user",
        "id": name,
        "name": None if kind == "key" else name,
    }
