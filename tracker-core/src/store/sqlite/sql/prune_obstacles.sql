-- Everything that may keep rows from deletion: foreign keys that refer to them without an ON DELETE
-- action, and triggers.
SELECT 'the foreign key (' || group_concat(key."from", ', ') || ') of the table ' || other.name
FROM sqlite_schema AS other
JOIN pragma_foreign_key_list(other.name) AS key ON lower(key."table") = 'project_actions'
WHERE other.type = 'table' AND key.on_delete IN ('NO ACTION', 'RESTRICT') AND (SELECT foreign_keys FROM pragma_foreign_keys)
GROUP BY other.name, key.id
UNION ALL
SELECT 'the trigger ' || name
FROM sqlite_schema
WHERE type = 'trigger' AND lower(tbl_name) = 'project_actions'
    -- The event precedes the table's name.
    AND upper(substr(sql, 1, instr(lower(sql), 'project_actions'))) LIKE '%DELETE%'
