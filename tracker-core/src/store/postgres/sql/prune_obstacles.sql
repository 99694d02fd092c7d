-- Everything that may keep rows of the table $1 from deletion: foreign keys that refer to it (those
-- with an ON DELETE action only if $2), triggers and rules, and policies that keep this role from
-- seeing and deleting every row.
WITH own AS (
    SELECT oid, relrowsecurity AS has_policies FROM pg_catalog.pg_class WHERE oid = $1::regclass
), policies AS (
    SELECT polpermissive, polcmd, pg_catalog.pg_get_expr(polqual, polrelid) = 'true' AS is_for_all
    FROM own JOIN pg_catalog.pg_policy ON polrelid = own.oid
    WHERE EXISTS (
        SELECT FROM unnest(polroles) AS role
        WHERE role = 0 OR pg_catalog.pg_has_role(role, 'USAGE')
    )
)
SELECT 'the foreign key ' || conname || ' of the table ' || nspname || '.' || relname AS obstacle, false AS hides
FROM own
JOIN pg_catalog.pg_constraint ON confrelid = own.oid
JOIN pg_catalog.pg_class ON pg_class.oid = conrelid
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE contype = 'f' AND conparentid = 0 AND ($2 OR confdeltype IN ('a', 'r'))
UNION ALL
SELECT 'the trigger ' || tgname, false
FROM own JOIN pg_catalog.pg_trigger ON tgrelid = own.oid
WHERE NOT tgisinternal AND tgtype & 8 <> 0 AND tgenabled <> 'D'
    AND tgname NOT LIKE 'project\_actions\_mirror\_%' AND tgname NOT LIKE 'project\_actions\_count\_%'
UNION ALL
SELECT 'the rule ' || rulename, false
FROM own JOIN pg_catalog.pg_rewrite ON ev_class = own.oid
WHERE ev_type = '4' AND ev_enabled <> 'D'
UNION ALL
SELECT 'row-level security', true
FROM own
WHERE has_policies AND pg_catalog.row_security_active(own.oid)
    AND (
        EXISTS (SELECT FROM policies WHERE NOT polpermissive AND polcmd IN ('r', 'd', '*'))
        OR NOT EXISTS (SELECT FROM policies WHERE polpermissive AND is_for_all AND polcmd IN ('r', '*'))
        OR NOT EXISTS (SELECT FROM policies WHERE polpermissive AND is_for_all AND polcmd IN ('d', '*'))
    )
