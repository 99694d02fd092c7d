-- The remains of interrupted index builds among the indexes named in $2, as quoted names.
SELECT pg_catalog.quote_ident(namespace.nspname) || '.' || pg_catalog.quote_ident(class.relname) AS name
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = $1 AND class.relname = ANY ($2) AND NOT index.indisvalid
