-- A job whose worker dies is due again after a minute.
UPDATE jobs
SET attempts = attempts + 1, due_at = now() + interval '1 minute'
WHERE id = (
    SELECT id FROM jobs WHERE due_at <= now() ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, address, context, attempts
