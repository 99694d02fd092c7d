-- Serves a project's timeline, newest first, from any place in it.
CREATE INDEX IF NOT EXISTS project_actions_timeline
    ON project_actions (project_id, created_at DESC, action_id DESC);
