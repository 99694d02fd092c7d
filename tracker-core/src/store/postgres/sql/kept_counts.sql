-- The counts that triggers keep of the project $1 of the table $2, after a row of NULLs; no row if
-- they are not in use. They are of all rows, so a role that sees only some of them counts these.
SELECT counted.*
FROM (
    SELECT
    WHERE NOT pg_catalog.row_security_active($2::text::regclass)
        AND pg_catalog.has_table_privilege($2::text::regclass, 'SELECT')
) AS readable
CROSS JOIN LATERAL {schema}.project_actions_counted($1) AS counted
