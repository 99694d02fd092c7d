-- The given name of the constraint $3 of the table $2 in the schema $1. It may differ, because a
-- foreign key has a generated name for each partition that it refers to.
SELECT COALESCE(whole.conname, own.conname)::text
FROM pg_catalog.pg_constraint AS own
JOIN pg_catalog.pg_class AS class ON class.oid = own.conrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS whole ON whole.oid = own.conparentid
WHERE (namespace.nspname, class.relname, own.conname) = ($1, $2, $3)
