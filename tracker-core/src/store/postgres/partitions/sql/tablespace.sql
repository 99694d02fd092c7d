-- Makes new tables use the tablespace of the table $1, whatever the role's default is.
SELECT set_config('default_tablespace', COALESCE(spcname::text, ''), false)
FROM pg_catalog.pg_class
LEFT JOIN pg_catalog.pg_tablespace ON pg_tablespace.oid = reltablespace
WHERE pg_class.oid = $1::regclass
