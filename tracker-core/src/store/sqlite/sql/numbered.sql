-- The ID of the row with the number ?1.
SELECT action_id FROM project_actions WHERE rowid = ?1
