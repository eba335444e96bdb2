"""The tables of the view `search`, and the functions that say what is found by what.

They stand in the view's schema, so a question is folded by the very functions that its texts were
folded by, and a rebuild may change them.
"""

from typing import LiteralString

# What tells parts of a text from each other, and what all may see from what takes `pii:read`.
# Neither can be typed into a question, so nothing is found across them.
PARTS: LiteralString = "chr(31)"
HIDDEN: LiteralString = "chr(30)"

# Case and accents do not count. The extension unaccent may be missing and is not immutable, so
# letters are taken apart (NFKD) and their marks dropped; those that have no parts are named. In a
# database whose locale knows ASCII alone, other scripts keep their case.
FOLDED: LiteralString = r"""
create function folded(said text) returns text
    language sql immutable strict parallel safe
    return case
        when octet_length(said) = length(said) then
            regexp_replace(lower(said), '[ \t\n\r]+', ' ', 'g')
        else
            replace(replace(replace(translate(
                regexp_replace(
                    regexp_replace(lower(normalize(said, NFKD)), U&'[\0300-\036f]+', '', 'g'),
                    '[ \t\n\r]+', ' ', 'g'),
                'øłđħı', 'oldhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
    end;
"""

# A number is found however it is written: what has digits on both sides of signs and spaces is
# there a second time without them.
COMPACT: LiteralString = r"""
create function with_numbers(said text) returns text
    language sql immutable strict parallel safe
    return case
        when said ~ '[0-9][ ().+/-]+[0-9]' then
            said || chr(31) || regexp_replace(said, '(?<=[0-9])[ ().+/-]+(?=[0-9])', '', 'g')
        else said
    end;
"""

# What a word of a question looks for.
PATTERN: LiteralString = r"""
create function pattern(word text) returns text
    language sql immutable strict parallel safe
    return '%' || replace(replace(replace(folded(word), '\', '\\'), '%', '\%'), '_', '\_') || '%';
"""

# What a thread shows of a message, then what is shown to those alone who may know numbers: the
# sender's, and contact cards, which are kept as they were sent and may hold any number.
FOUND: LiteralString = (
    """
create function findable(said jsonb, edited_text text, edited_caption text) returns text
    language sql immutable parallel safe
    return with_numbers(folded(concat_ws("""
    + PARTS
    + """,
            coalesce(edited_text, said ->> 'text'),
            coalesce(edited_caption, said ->> 'caption'),
            said -> 'media' ->> 'filename',
            said -> 'order' ->> 'text',
            said -> 'location' ->> 'name',
            said -> 'location' ->> 'address',
            said ->> 'username',
            said ->> 'profile_name')))
        || """
    + HIDDEN
    + """ || with_numbers(folded(concat_ws("""
    + PARTS
    + """,
            said ->> 'wa_id',
            case when said ? 'contacts' then
                jsonb_path_query_array(said -> 'contacts',
                                       '$[*].name.formatted_name')::text end)));
"""
)

TABLES: LiteralString = (
    FOLDED
    + COMPACT
    + PATTERN
    + FOUND
    + """
create table texts (
    message_id       text collate "C" not null,
    phone_number_id  text collate "C" not null,
    -- The least position of the items that say what is in it.
    id               bigint not null,
    sorted_at        timestamptz not null,
    -- The item that the text is from, and how good it is: 0 the message itself, 1 from a phone's
    -- history, 2 a placeholder from there.
    content_position bigint not null,
    content_rank     smallint not null,
    text             text collate "C" not null,
    constraint texts_pkey primary key (message_id, phone_number_id)
);

-- The latest edit of each message; it may come before the message.
create table text_edits (
    message_id      text collate "C" not null,
    phone_number_id text collate "C" not null,
    edited_at       timestamptz not null,
    id              bigint not null,
    text_body       text,
    caption         text,
    constraint text_edits_pkey primary key (message_id, phone_number_id)
);
"""
)

# Without the extension a search reads the texts from the newest on until it has found enough.
INDEXES: LiteralString = """
create index texts_by_time on texts (sorted_at, id);
-- The pending list is read by every search: it has to stay short.
do $$
declare
    trigrams text := (select n.nspname from pg_extension e
                        join pg_namespace n on n.oid = e.extnamespace
                       where e.extname = 'pg_trgm');
begin
    if trigrams is not null then
        execute format(
            'create index texts_by_trigram on texts using gin (text %I.gin_trgm_ops)'
            ' with (fastupdate = on, gin_pending_list_limit = 512)', trigrams);
    end if;
end
$$;
"""
