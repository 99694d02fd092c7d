-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_request_seconds
    ON project_actions (hashtextextended(request_id, hashtextextended(project_id, 0)), (created_at >> 10))
    WHERE request_id IS NOT NULL;
