-- The table as the catalog describes it, which every role may read: one row for each column, or a
-- single row for a table without columns; no row if there is no table.
SELECT
    class.relkind::text AS kind,
    has_schema_privilege(namespace.oid, 'USAGE') AS usage_granted,
    CASE
        WHEN pg_catalog.pg_is_in_recovery() THEN 'the server is a standby, in recovery'
        WHEN pg_catalog.current_setting('default_transaction_read_only')::boolean
            THEN 'default_transaction_read_only is on for this role, database or server'
    END AS read_only,
    COALESCE(guards.id_unique, false) AS id_unique,
    guards.other_unique,
    attribute.attname::text AS name,
    attribute.atttypid AS type_id,
    pg_catalog.format_type(attribute.atttypid, NULL) AS type,
    CASE WHEN attribute.atttypmod > 4 THEN attribute.atttypmod - 4 END AS chars_max,
    -- A domain can require a value too, and have a default.
    (attribute.attnotnull OR type.typnotnull) AND NOT attribute.atthasdef AND attribute.attidentity = ''
        AND (type.typtype <> 'd' OR type.typdefault IS NULL) AS required,
    has_column_privilege(class.oid, attribute.attnum, 'INSERT') AS insert_granted
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
LEFT JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
-- The indexes that can refuse rows: those of unique and exclusion constraints.
CROSS JOIN LATERAL (
    SELECT
        bool_or(guard.is_id AND guard.indisvalid) AS id_unique,
        min(guard.name) FILTER (WHERE NOT guard.is_id) AS other_unique
    FROM (
        SELECT
            index.indisvalid,
            index_class.relname::text AS name,
            index.indisunique AND index.indimmediate
                AND index.indnkeyatts = 1 AND key.attname IS NOT NULL
                AND index.indpred IS NULL AND index.indexprs IS NULL AS is_id
        FROM pg_catalog.pg_index AS index
        JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
        LEFT JOIN pg_catalog.pg_attribute AS key
            ON key.attrelid = index.indrelid AND key.attnum = index.indkey[0] AND key.attname = 'action_id'
        WHERE index.indrelid = class.oid AND (index.indisunique OR index.indisexclusion)
    ) AS guard
) AS guards
WHERE namespace.nspname = $1 AND class.relname = 'project_actions'
ORDER BY attribute.attnum
