-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_request_seconds
    ON project_actions (hashtextextended(request_id COLLATE "C", hashtextextended(project_id COLLATE "C", 0)), (created_at >> 10))
    WHERE request_id IS NOT NULL;
