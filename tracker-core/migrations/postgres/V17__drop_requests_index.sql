-- The index of V12 replaces this one.
DROP INDEX IF EXISTS project_actions_requests;
