SELECT type FROM sqlite_schema
WHERE name = 'project_actions' COLLATE NOCASE AND type IN ('table', 'view')
