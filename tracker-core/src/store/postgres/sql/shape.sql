-- The table as the catalog describes it, which every role may read: one row for each column, or one without a column
-- for a table that has none; no row where there is no table.
SELECT
    class.relkind::text AS kind,
    has_schema_privilege(namespace.oid, 'USAGE') AS usage_granted,
    EXISTS (
        SELECT FROM pg_catalog.pg_index AS index
        JOIN pg_catalog.pg_attribute AS key
            ON key.attrelid = index.indrelid AND key.attnum = index.indkey[0] AND key.attname = 'action_id'
        WHERE index.indrelid = class.oid
            AND index.indisunique AND index.indisvalid AND index.indimmediate
            AND index.indnkeyatts = 1 AND index.indpred IS NULL AND index.indexprs IS NULL
    ) AS id_unique,
    attribute.attname::text AS name,
    pg_catalog.format_type(attribute.atttypid, NULL) AS type,
    CASE WHEN attribute.atttypmod > 4 THEN attribute.atttypmod - 4 END AS chars_max,
    attribute.attnotnull AND NOT attribute.atthasdef AND attribute.attidentity = '' AS required,
    has_column_privilege(class.oid, attribute.attnum, 'INSERT') AS insert_granted
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE namespace.nspname = $1 AND class.relname = 'project_actions'
ORDER BY attribute.attnum
