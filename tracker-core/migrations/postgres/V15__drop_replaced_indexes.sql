-- The indexes of V10 to V13 replace these.
DROP INDEX IF EXISTS project_actions_timeline, project_actions_action_types, project_actions_requests;
