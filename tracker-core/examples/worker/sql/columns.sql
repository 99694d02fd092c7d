-- Every column of the project's own tables, with its position in the primary key (0: not part of
-- it) and the table that it refers to, if any.
SELECT t.name, c.name, c.pk, f."table"
FROM sqlite_schema AS t
JOIN pragma_table_info(t.name) AS c
LEFT JOIN pragma_foreign_key_list(t.name) AS f ON f."from" = c.name
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY t.rowid, c.cid
