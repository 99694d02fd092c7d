-- The statements that would create the database again, as SQLite stores them.
SELECT sql
FROM sqlite_schema
WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY rowid
