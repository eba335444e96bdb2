"""Names: what a view calls the tables that the rules of who is who speak of.

Each view keeps what it knows of people in its own schema, so that it can be rebuilt alone, and
under names of its own, since readers have the schemas of several views in their search_path. In the
rules themselves those names stand in capitals.
"""

from typing import LiteralString, NamedTuple


class Names(NamedTuple):
    """The tables' names, and a condition.

    Of the temporary tables `items` are the batch's events, `moved` the streams of which something
    was learnt that can move what is filed already, and `kin` those that are worked out anew for it.
    `identities` has every stream that a system message or a merge speaks of. `matters` says whether
    a link that is new can move something of its phone, the stream `l.stream`.
    """

    items: LiteralString
    moved: LiteralString
    kin: LiteralString
    links: LiteralString
    continuations: LiteralString
    departures: LiteralString
    merges: LiteralString
    identities: LiteralString
    matters: LiteralString

    def said(self, rule: LiteralString) -> LiteralString:
        """The rule with these names in it."""
        return (
            rule.replace("MATTERS", self.matters)
            .replace("ITEMS", self.items)
            .replace("MOVED", self.moved)
            .replace("KIN", self.kin)
            .replace("LINKS", self.links)
            .replace("CONTINUATIONS", self.continuations)
            .replace("DEPARTURES", self.departures)
            .replace("MERGES", self.merges)
            .replace("IDENTITIES", self.identities)
        )
