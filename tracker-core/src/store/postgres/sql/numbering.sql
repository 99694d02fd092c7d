    -- Whose the numbers of transactions are: they are given again by another server, after a failover to a standby that had not all of them or a restore
    -- to an earlier time, which both begin a new timeline, and rows of another table have them anew.
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
