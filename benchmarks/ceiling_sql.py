"""The statements of the ceiling: each route is one, and PostgreSQL writes the JSON of the answer."""

SHOWN = """
SELECT row_to_json(whole)::text AS shown, page.updated_at, page.number FROM page, LATERAL (
  SELECT page.id, page.number AS ticket_number, page.channel_source, page.channel_detail, page.distinct_id,
         page.status, page.priority, page.anonymous_traits, page.ai_resolved, page.escalation_reason,
         page.created_at, page.updated_at, page.message_count, page.last_message_at, page.last_message_text,
         page.unread_team_count, page.unread_customer_count, page.session_id, page.session_context,
         page.sla_due_at, page.snoozed_until, page.email_subject, page.email_from, page.cc_participants,
         page.identity_verified, page.merged_numbers AS merged_ticket_numbers, NULL AS merged_from,
         CASE WHEN page.assignee_user_id IS NOT NULL THEN (
           SELECT json_build_object('id', u.id, 'type', 'user', 'user', json_build_object('email', u.email), 'role', NULL)
           FROM user_account u WHERE u.id = page.assignee_user_id
         ) WHEN page.assignee_role_id IS NOT NULL THEN (
           SELECT json_build_object('id', r.id, 'type', 'role', 'user', NULL, 'role', json_build_object('name', r.name))
           FROM role r WHERE r.id = page.assignee_role_id
         ) END AS assignee,
         (SELECT json_build_object(
            'id', p.id, 'name', p.properties->>'email', 'distinct_ids', ids.ids, 'properties', p.properties,
            'created_at', p.created_at, 'is_identified', p.is_identified)
          FROM person_distinct_id d
          JOIN person p ON p.project_id = d.project_id AND p.id = d.person_id,
          LATERAL (SELECT json_agg(i.distinct_id ORDER BY i.created_at) AS ids FROM person_distinct_id i
                   WHERE i.project_id = p.project_id AND i.person_id = p.id) AS ids
          WHERE d.project_id = page.project_id AND d.distinct_id = page.distinct_id) AS person,
         (SELECT coalesce(json_agg(t.name ORDER BY t.name), '[]') FROM ticket_tag t
          WHERE t.project_id = page.project_id AND t.ticket_id = page.id) AS tags,
         'manager' AS user_access_level,
         NULL AS email_to, NULL AS slack_channel_id, NULL AS slack_thread_ts, NULL AS slack_team_id,
         NULL AS github_repo, NULL AS github_issue_number, NULL AS ai_triage, NULL AS zendesk_ticket_id,
         NULL AS organization_id, NULL AS organization_id_source
) AS whole
"""

LIST = f"""
WITH page AS (
  SELECT * FROM ticket WHERE project_id = $1 AND deleted_at IS NULL ORDER BY updated_at DESC, number DESC LIMIT 100
), written AS ({SHOWN})
SELECT string_agg(shown, ',' ORDER BY updated_at DESC, number DESC),
       (SELECT n_new + n_open + n_pending + n_on_hold + n_resolved FROM ticket_ledger WHERE project_id = $1)
FROM written
"""

GET = f"""
WITH page AS (SELECT * FROM ticket WHERE project_id = $1 AND id = $2 AND deleted_at IS NULL) {SHOWN}
"""

UNREAD = """
SELECT coalesce(sum(unread_team_count), 0)::int FROM ticket
WHERE project_id = $1 AND unread_team_count > 0 AND status <> 'resolved' AND deleted_at IS NULL
"""

MESSAGE = """
WITH written AS (
  UPDATE ticket SET
    message_count = message_count + 1, unread_team_count = unread_team_count + 1, last_message_at = now(),
    last_message_text = left($5, 500), updated_at = now(), anonymous_traits = anonymous_traits || $6,
    session_context = session_context || $7, session_id = coalesce($8, session_id)
  WHERE project_id = $1 AND id = $2 AND widget_session_id = $3 AND deleted_at IS NULL
  RETURNING project_id, id, status, unread_customer_count, updated_at
), stored AS (
  INSERT INTO comment (
    project_id, id, scope, item_id, ticket_id, item_context, author_type, is_private, content, is_task, version,
    deleted, created_at
  )
  SELECT project_id, $4, 'conversations_ticket', id::text, id,
         '{"author_type": "customer", "is_private": false}', 'customer', FALSE, $5, FALSE, 0, FALSE, updated_at
  FROM written
  RETURNING id
)
SELECT json_build_object(
  'ticket_id', written.id, 'message_id', stored.id, 'ticket_status', status, 'unread_count', unread_customer_count,
  'created_at', updated_at)::text
FROM written, stored
"""

OPEN = f"""
WITH numbered AS (
  UPDATE ticket_ledger SET last_number = last_number + 1, n_new = n_new + 1 WHERE project_id = $1
  RETURNING last_number
), page AS (
  INSERT INTO ticket (
    project_id, id, number, status, priority, channel_source, channel_detail, distinct_id, widget_session_id,
    anonymous_traits, session_context, ai_resolved, message_count, last_message_at, last_message_text,
    unread_team_count, unread_customer_count, cc_participants, created_at, updated_at
  )
  SELECT $1, $2, last_number, 'new', $5, 'widget', 'widget_api', $4, $3, $6, '{{}}', FALSE, 1, now(), left($7, 500),
         1, 0, '[]', now(), now()
  FROM numbered
  RETURNING *
), stored AS (
  INSERT INTO comment (
    project_id, id, scope, item_id, ticket_id, item_context, author_type, is_private, content, is_task, version,
    deleted, created_at
  )
  SELECT project_id, $8, 'conversations_ticket', id::text, id,
         '{{"author_type": "customer", "is_private": false}}', 'customer', FALSE, $7, FALSE, 0, FALSE, created_at
  FROM page
)
{SHOWN}
"""

CAPTURE = """
INSERT INTO event (project_id, id, event, distinct_id, properties, timestamp, created_at)
SELECT $1, gen_random_uuid(), event, distinct_id, properties, now(), now()
FROM jsonb_to_recordset($2) AS sent (event text, distinct_id text, properties jsonb)
"""
