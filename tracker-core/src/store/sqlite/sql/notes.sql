-- Everything that may refuse some activities, although others can be written: foreign keys, if this
-- connection enforces them, and triggers that are not this crate's own. A trigger's event precedes
-- the ON of its statement.
SELECT 'foreign key' AS kind, group_concat("from", ', ') AS name, "table" AS other
FROM pragma_foreign_key_list('project_actions')
WHERE (SELECT foreign_keys FROM pragma_foreign_keys)
GROUP BY id
UNION ALL
SELECT 'trigger', name, ''
FROM sqlite_schema
WHERE type = 'trigger' AND tbl_name = 'project_actions' AND name NOT GLOB 'project_actions_*' AND name NOT GLOB 'tracker_*'
    AND substr(sql, 1, instr(upper(replace(replace(sql, char(10), ' '), char(9), ' ')), ' ON ')) LIKE '%INSERT%'
ORDER BY kind, name
