-- Serves the timeline of all projects, newest first, and what is older than a time.
CREATE INDEX IF NOT EXISTS project_actions_times
    ON project_actions (created_at DESC, action_id DESC);
