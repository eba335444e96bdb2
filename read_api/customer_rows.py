"""What a customer is in a list, and the columns that it is made from."""

from psycopg.rows import DictRow
from psycopg.sql import SQL

from read_api.message_rows import customer, seconds
from read_api.models.customer import ListedCustomer

# The first message of each off the index; the last one's time is kept.
CUSTOMERS = SQL("""
select c.id, c.phone_number_id, c.phone_number, c.user_id, c.username, c.contact_name,
       c.display_name, c.external_id, c.customer_email, c.attributes, c.message_count,
       c.unread_count, c.last_message_at, c.last_incoming_at,
       greatest(c.last_id, c.said_id) as changed_id, first.at as first_incoming_at
  from ({page}) page
  join conversations c on c.id = page.id
  left join lateral (
       select m.sorted_at as at
         from messages m
        where m.conversation_id = c.id and m.direction = 'in'
        order by m.sorted_at
        limit 1) first on true
 {by}
""")


def listed_customer(row: DictRow) -> ListedCustomer:
    first, last = row["first_incoming_at"], row["last_incoming_at"]
    return {
        **customer(
            row["id"],
            row["phone_number"],
            row["user_id"],
            row["username"],
            row["contact_name"],
            row["display_name"],
        ),
        "external_id": row["external_id"],
        "customer_email": row["customer_email"],
        "attributes": row["attributes"],
        "phone_number_id": row["phone_number_id"],
        "message_count": row["message_count"],
        "unread_count": row["unread_count"],
        "first_seen_at": first and seconds(first),
        "last_seen_at": last and seconds(last),
        "last_message_at": seconds(row["last_message_at"]),
    }
