-- Everything that may refuse or hide some activities, although others can be written and read: its
-- kind, its name, and its definition as the server shows it. This crate's own triggers are left
-- out. A partition's triggers are its own, or copies of the table's.
WITH activities_table AS (
    SELECT class.oid
    FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = $1 AND class.relname = 'project_actions'
)
SELECT kind, name, definition
FROM (
    SELECT 1 AS place, 'encoding' AS kind, pg_catalog.current_setting('server_encoding') AS name, '' AS definition
    WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8'
    UNION ALL
    SELECT 2, 'required', attribute.attname::text, ''
    FROM activities_table
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = activities_table.oid
    WHERE attribute.attnum > 0 AND attribute.attnotnull
        AND attribute.attname IN ('project_id', 'user_id', 'request_id', 'action_details', 'environment')
    UNION ALL
    SELECT
        CASE WHEN contype = 'f' THEN 3 ELSE 4 END,
        CASE WHEN contype = 'f' THEN 'foreign key' ELSE 'check' END,
        conname::text, pg_catalog.pg_get_constraintdef(pg_constraint.oid)
    FROM activities_table
    JOIN pg_catalog.pg_constraint ON conrelid = activities_table.oid AND contype IN ('f', 'c')
    -- Since Postgres 18 a constraint can exist without being enforced.
    WHERE pg_catalog.pg_get_constraintdef(pg_constraint.oid) NOT LIKE '%NOT ENFORCED'
    UNION ALL
    SELECT DISTINCT 5, 'trigger', tgname::text, ''
    FROM activities_table
    JOIN pg_catalog.pg_trigger
        ON tgrelid = activities_table.oid
        OR tgrelid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = activities_table.oid)
    -- A trigger on INSERT, possibly also on other events.
    WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 4 <> 0
        AND tgname NOT LIKE 'project\_actions\_mirror\_%' AND tgname NOT LIKE 'project\_actions\_widen\_zone%'
        AND tgname NOT LIKE 'project\_actions\_count\_%'
    UNION ALL
    SELECT 6, 'rule', rulename::text, ''
    FROM activities_table
    JOIN pg_catalog.pg_rewrite ON ev_class = activities_table.oid AND ev_type = '3' AND ev_enabled <> 'D'
    UNION ALL
    SELECT 7, 'policies', string_agg(polname::text, ', ' ORDER BY polname), ''
    FROM activities_table
    JOIN pg_catalog.pg_policy ON polrelid = activities_table.oid
    WHERE pg_catalog.row_security_active(activities_table.oid)
    HAVING count(*) > 0
) AS notes
ORDER BY place, name
