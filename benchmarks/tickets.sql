-- Fills project $1 of user $2 with $3 tickets, made by arithmetic so that every run measures the same rows.
-- The parts run in one transaction, each with those of $1 to $3 that it names.

-- part: a uuid of version 7 for the n-th row of a kind
CREATE FUNCTION pg_temp.nth(kind text, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
  SELECT (lpad(to_hex(1700000000000 + n * 60000), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
          || 'a' || substr(md5(kind || n), 4, 15))::uuid
$$;

-- part: persons, with about 300 bytes of properties
INSERT INTO person (project_id, id, properties, email, is_identified, created_at, last_seen_at)
SELECT $1, pg_temp.nth('person', n),
       jsonb_build_object(
         'email', 'customer-' || n || '@example.com', 'name', 'Customer ' || n, 'plan', 'scale',
         '$initial_browser', 'Firefox', '$initial_os', 'Linux', '$initial_current_url', 'https://example.com/pricing',
         '$geoip_country_code', 'NL', '$geoip_city_name', 'Utrecht', 'company', 'Company ' || n % 500, 'seats', n % 90
       ),
       'customer-' || n || '@example.com', TRUE, now() - interval '500 days' + n * interval '1 minute', now()
FROM generate_series(1, $3::int) AS n;

-- part: two distinct ids for each person
INSERT INTO person_distinct_id (project_id, distinct_id, person_id, created_at)
SELECT $1, kind || '-' || n, pg_temp.nth('person', n),
       now() - interval '500 days' + n * interval '1 minute' + CASE kind WHEN 'customer' THEN interval '1 second' ELSE '0' END
FROM generate_series(1, $3::int) AS n, unnest(ARRAY['anonymous', 'customer']) AS kind;

-- part: tickets
INSERT INTO ticket (
  project_id, id, number, status, priority, channel_source, channel_detail, distinct_id, widget_session_id,
  identity_verified, anonymous_traits, session_id, session_context, ai_resolved, assignee_user_id, message_count,
  last_message_at, last_message_text, unread_team_count, unread_customer_count, cc_participants, created_at, updated_at
)
SELECT $1, pg_temp.nth('ticket', n), n, (ARRAY['new', 'open', 'pending', 'on_hold', 'resolved'])[1 + n % 5],
       (ARRAY['low', 'medium', 'high', NULL])[1 + n % 4], 'widget', 'widget_embedded', 'customer-' || n,
       pg_temp.nth('session', n), FALSE,
       jsonb_build_object('name', 'Customer ' || n, 'email', 'customer-' || n || '@example.com'), 'session-' || n,
       jsonb_build_object('current_url', 'https://example.com/help/' || n, 'session_replay_url', NULL), FALSE,
       CASE WHEN n % 3 = 0 THEN $2::int END, 4, now() - interval '490 days' + n * interval '1 minute',
       'The answer to question ' || n || ' is in the manual, on the page about invoices and how they are paid.',
       CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END, n % 2, '[]', now() - interval '500 days' + n * interval '1 minute',
       now() - interval '490 days' + n * interval '1 minute'
FROM generate_series(1, $3::int) AS n;

-- part: tags for some
INSERT INTO ticket_tag (project_id, ticket_id, name)
SELECT $1, pg_temp.nth('ticket', n), name
FROM generate_series(1, $3::int) AS n, unnest(ARRAY['billing', 'vip']) AS name
WHERE n % CASE name WHEN 'vip' THEN 8 ELSE 4 END = 0;

-- part: four messages for each ticket, two of them the customer's
INSERT INTO comment (
  project_id, id, scope, item_id, ticket_id, item_context, author_type, is_private, content, created_by, is_task,
  version, deleted, created_at
)
SELECT $1, pg_temp.nth('message' || place, n), 'conversations_ticket', pg_temp.nth('ticket', n)::text,
       pg_temp.nth('ticket', n), jsonb_build_object('author_type', author, 'is_private', FALSE), author, FALSE,
       'Message ' || place || ' of conversation ' || n || ': how do I pay the invoice that came with the last update?',
       CASE author WHEN 'support' THEN $2::int END, FALSE, 0, FALSE,
       now() - interval '500 days' + n * interval '1 minute' + place * interval '1 hour'
FROM generate_series(1, $3::int) AS n, generate_series(1, 4) AS place,
     LATERAL (SELECT (ARRAY['support', 'customer'])[1 + place % 2] AS author) AS of_it;

-- part: the counters
INSERT INTO ticket_ledger (project_id, last_number, n_new, n_open, n_pending, n_on_hold, n_resolved)
SELECT $1::int, $3::int, count(*) FILTER (WHERE status = 'new'), count(*) FILTER (WHERE status = 'open'),
       count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE status = 'on_hold'),
       count(*) FILTER (WHERE status = 'resolved')
FROM ticket WHERE project_id = $1
ON CONFLICT (project_id) DO UPDATE SET
  last_number = excluded.last_number, n_new = excluded.n_new, n_open = excluded.n_open,
  n_pending = excluded.n_pending, n_on_hold = excluded.n_on_hold, n_resolved = excluded.n_resolved;
