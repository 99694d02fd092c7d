-- The owner of the table in the schema $1.
SELECT pg_catalog.pg_get_userbyid(class.relowner)::text
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = $1 AND class.relname = 'project_actions'
