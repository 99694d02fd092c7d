-- The index of V11 replaces this one.
DROP INDEX IF EXISTS project_actions_action_types;
