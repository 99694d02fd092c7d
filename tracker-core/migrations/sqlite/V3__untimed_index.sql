-- Serves the end of a timeline: the rows with no time, which only other programs write. SQLite lets
-- them store any type, so a time that is no integer is none. The index is empty where there are
-- no such rows.
CREATE INDEX IF NOT EXISTS project_actions_untimed
    ON project_actions (project_id, action_id DESC)
    WHERE typeof(created_at) <> 'integer';
