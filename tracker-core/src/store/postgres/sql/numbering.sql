    -- The identity of the transactions' numbering. Numbers are assigned again by another server,
    -- and after a failover to a standby that lacked some or a restore to an earlier time, both of
    -- which begin a new timeline. Rows of another table have other numbers.
    concat_ws(
        '/',
        {cluster},
        (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()),
        (
            SELECT class.oid
            FROM pg_catalog.pg_class AS class
            JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
            WHERE namespace.nspname = $1 AND class.relname = 'project_actions'
        )
    )
