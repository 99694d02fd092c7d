-- The partitions and their properties, in the order of their IDs, the default one last.
SELECT
    map.name, map.first_id, map.end_id, map.created_first, map.created_last, map.untimed,
    CASE
        WHEN pg_catalog.pg_relation_size(class.oid) = 0 THEN 0
        -- Without statistics the number is -1, and 0 before Postgres 14, and that of pages is 0.
        WHEN class.reltuples >= 0 AND class.relpages > 0 THEN class.reltuples
    END::bigint AS rows,
    pg_catalog.pg_total_relation_size(class.oid) AS bytes
FROM (
    SELECT name, first_id, end_id, min(created_first) AS created_first, max(created_last) AS created_last, bool_or(untimed) AS untimed
    FROM {schema}.project_actions_partitions
    GROUP BY name, first_id, end_id
) AS map
JOIN pg_catalog.pg_class AS class ON class.relname = map.name
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = $1
ORDER BY map.first_id NULLS LAST
