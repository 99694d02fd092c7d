-- The operations that row-level security allows this role on the table; no row if there is no
-- table. Reading this needs no grant. Row-level security is off for owners, unless it is forced on
-- them, for superusers, and for roles with BYPASSRLS.
SELECT
    pg_catalog.row_security_active(class.oid) AS is_active,
    COALESCE(policies.write, false) AS may_write,
    COALESCE(policies.read, false) AS may_read
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
-- A row needs at least one permissive policy, for the role, for one whose privileges it has, or for
-- PUBLIC, which is 0.
CROSS JOIN LATERAL (
    SELECT
        bool_or(policy.polcmd IN ('a', '*')) AS write,
        bool_or(policy.polcmd IN ('r', '*')) AS read
    FROM pg_catalog.pg_policy AS policy
    WHERE policy.polrelid = class.oid AND policy.polpermissive
        AND (
            0 = ANY (policy.polroles)
            OR EXISTS (
                SELECT FROM pg_catalog.pg_roles AS role
                WHERE role.oid = ANY (policy.polroles) AND pg_catalog.pg_has_role(role.oid, 'USAGE')
            )
        )
) AS policies
WHERE namespace.nspname = $1 AND class.relname = 'project_actions'
