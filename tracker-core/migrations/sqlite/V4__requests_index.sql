-- Serves the activities of one request, newest first, those with no time last. A time that is no
-- integer is none.
CREATE INDEX IF NOT EXISTS project_actions_requests
    ON project_actions (
        project_id,
        request_id,
        CASE WHEN typeof(created_at) = 'integer' THEN created_at END DESC,
        action_id DESC
    )
    WHERE request_id IS NOT NULL;
