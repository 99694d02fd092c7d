-- The indexes of V10 and V13 replace this one.
DROP INDEX IF EXISTS project_actions_timeline;
