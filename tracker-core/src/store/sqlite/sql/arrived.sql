-- The number of the next row: one process writes at a time, so no smaller one will be seen later.
SELECT coalesce(max(rowid), 0) + 1 FROM project_actions
