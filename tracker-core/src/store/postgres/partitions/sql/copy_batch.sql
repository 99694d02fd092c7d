-- Copies at most $2 rows after the ID $1, and records the progress; returns no row if none is left.
-- Rows that the trigger has written to both tables are skipped.
WITH batch AS MATERIALIZED (
    SELECT * FROM {schema}.project_actions
    WHERE $1::text IS NULL OR action_id > $1
    ORDER BY action_id
    LIMIT $2
), copied AS (
    INSERT INTO {schema}.project_actions_partitioned SELECT * FROM batch ON CONFLICT DO NOTHING
)
UPDATE {schema}.project_actions_conversion
SET copied_to = done.last, copied = copied + done.count
FROM (SELECT max(action_id) AS last, count(*) AS count FROM batch) AS done
WHERE done.count > 0
RETURNING copied_to::text, copied
