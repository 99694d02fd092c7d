-- Which conversion of the table in the schema $1 has begun and not ended: its period, or 'none'
-- where it was being taken back. No row where there is none. It reads nothing that a role may not.
WITH tables AS (
    SELECT class.relname, class.relkind
    FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = $1
)
SELECT CASE
    WHEN NOT EXISTS (SELECT FROM tables WHERE relname = 'project_actions_conversion') THEN 'none'
    WHEN EXISTS (SELECT FROM tables WHERE relname ~ '^project_actions_[0-9]{4}_[0-9]{2}_[0-9]{2}$') THEN 'day'
    ELSE 'month'
END AS period
WHERE EXISTS (SELECT FROM tables WHERE relname = 'project_actions' AND relkind = 'r')
    AND EXISTS (SELECT FROM tables WHERE relname = 'project_actions_partitions')
