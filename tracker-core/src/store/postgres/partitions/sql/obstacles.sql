-- The first property of the table $1 that a partitioned copy would not have, or that would stop a
-- conversion half-way, with advice. $2 is true if no conversion has begun.
WITH own AS (
    SELECT oid, relname, relnamespace, relpersistence, relreplident, relrowsecurity, reltype
    FROM pg_catalog.pg_class WHERE oid = $1::regclass
)
SELECT obstacle
FROM (
    SELECT 1 AS place, 'the foreign key ' || conname || ' of ' || conrelid::regclass || ' refers to it: drop it' AS obstacle
    FROM own JOIN pg_catalog.pg_constraint ON confrelid = own.oid
    UNION ALL
    SELECT 2, 'it has the foreign key ' || conname || ': drop it, and add it again afterwards'
    FROM own JOIN pg_catalog.pg_constraint ON conrelid = own.oid
    WHERE contype = 'f'
    UNION ALL
    SELECT 3, 'it has the trigger ' || tgname || ': drop it, and make it again afterwards'
    FROM own JOIN pg_catalog.pg_trigger ON tgrelid = own.oid
    WHERE NOT tgisinternal
        AND tgname NOT LIKE 'project\_actions\_mirror\_%' AND tgname NOT LIKE 'project\_actions\_count\_%'
    UNION ALL
    SELECT 4, 'it has row-level security: disable it and drop its policies, and set them again afterwards'
    FROM own
    WHERE relrowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_policy WHERE polrelid = own.oid)
    UNION ALL
    SELECT 5, 'the view or rule of ' || ev_class::regclass || ' reads it: drop it, and make it again afterwards'
    FROM own
    JOIN pg_catalog.pg_depend AS depend
        ON depend.refclassid = 'pg_catalog.pg_class'::regclass AND depend.refobjid = own.oid
    JOIN pg_catalog.pg_rewrite AS rewrite ON rewrite.oid = depend.objid
    WHERE depend.classid = 'pg_catalog.pg_rewrite'::regclass
    UNION ALL
    SELECT 6, 'it inherits from another table, or another one from it: end that with ALTER TABLE ... NO INHERIT'
    FROM own JOIN pg_catalog.pg_inherits ON own.oid IN (inhrelid, inhparent)
    UNION ALL
    SELECT 7, 'the publication ' || pubname || ' replicates it: take it out of that, and add it again afterwards'
    FROM own
    JOIN pg_catalog.pg_publication_rel ON prrelid = own.oid
    JOIN pg_catalog.pg_publication ON pg_publication.oid = prpubid
    UNION ALL
    -- Subscribers know the table's name, but not those of its partitions.
    SELECT 8, format(
        'the publication %s, of all tables or of a schema, would replicate each partition by a name of its own: ALTER PUBLICATION %I SET (publish_via_partition_root = true)',
        pubname, pubname
    )
    FROM own
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = own.relnamespace
    JOIN pg_catalog.pg_publication_tables AS published
        ON published.schemaname = namespace.nspname AND published.tablename = own.relname
    JOIN pg_catalog.pg_publication USING (pubname)
    WHERE NOT pubviaroot
    UNION ALL
    SELECT 9, 'it is not kept over a crash (UNLOGGED): ALTER TABLE ' || $1 || ' SET LOGGED'
    FROM own WHERE relpersistence <> 'p'
    UNION ALL
    SELECT 10, 'its column ' || attname || ' makes its values by itself: drop that'
    FROM own JOIN pg_catalog.pg_attribute ON attrelid = own.oid
    WHERE attnum > 0 AND NOT attisdropped AND (attgenerated <> '' OR attidentity <> '')
    UNION ALL
    SELECT 11, 'its action_id can be NULL: ALTER TABLE ' || $1 || ' ALTER COLUMN action_id SET NOT NULL'
    FROM own JOIN pg_catalog.pg_attribute ON attrelid = own.oid
    WHERE attname = 'action_id' AND NOT attnotnull
    UNION ALL
    SELECT 12, 'its column ' || attname || ' has options or a statistics target of its own: reset them'
    FROM own JOIN pg_catalog.pg_attribute ON attrelid = own.oid
    WHERE attnum > 0 AND NOT attisdropped
        AND (
            attstattarget >= 0
            -- PGlite 0.5 keeps a number of its own there.
            OR EXISTS (SELECT FROM unnest(attoptions) AS option WHERE option LIKE 'n\_distinct%')
        )
    UNION ALL
    SELECT 13, 'the sequence ' || pg_class.oid::regclass || ' belongs to a column of it: ALTER SEQUENCE ... OWNED BY NONE'
    FROM own
    JOIN pg_catalog.pg_depend AS depend
        ON depend.refclassid = 'pg_catalog.pg_class'::regclass AND depend.refobjid = own.oid
    JOIN pg_catalog.pg_class ON pg_class.oid = depend.objid AND pg_class.relkind = 'S'
    WHERE depend.classid = 'pg_catalog.pg_class'::regclass AND depend.deptype = 'a'
    UNION ALL
    SELECT 14, 'rows that are there may break its constraint ' || conname || ': validate or drop it'
    FROM own JOIN pg_catalog.pg_constraint ON conrelid = own.oid
    WHERE contype <> 'f' AND NOT convalidated
    UNION ALL
    SELECT 15, 'its constraint ' || conname || ' is not inherited (NO INHERIT): make it again without that'
    FROM own JOIN pg_catalog.pg_constraint ON conrelid = own.oid
    WHERE contype IN ('c', 'n') AND connoinherit
    UNION ALL
    SELECT 16, 'its unique index ' || indexrelid::regclass || ' is not of action_id: drop it'
    FROM own
    JOIN pg_catalog.pg_index ON indrelid = own.oid
    LEFT JOIN pg_catalog.pg_attribute ON attrelid = own.oid AND attname = 'action_id'
    WHERE indisexclusion
        OR indisunique AND NOT COALESCE(attnum = ANY ((indkey::smallint[])[0:indnkeyatts - 1]), false)
    UNION ALL
    SELECT 17, 'it has the extended statistics ' || stxname || ': drop them, and make them again afterwards'
    FROM own JOIN pg_catalog.pg_statistic_ext ON stxrelid = own.oid
    UNION ALL
    SELECT 18, 'it tells replicated rows apart by an index of its own, or not at all: ALTER TABLE ' || $1 || ' REPLICA IDENTITY DEFAULT'
    FROM own WHERE relreplident NOT IN ('d', 'f')
    UNION ALL
    SELECT 19, 'it has the security label ' || label || ': remove it, and set it again afterwards'
    FROM own JOIN pg_catalog.pg_seclabel ON objoid = own.oid AND classoid = 'pg_catalog.pg_class'::regclass
    UNION ALL
    SELECT 20, 'it belongs to the extension ' || extname || ': ALTER EXTENSION ... DROP TABLE'
    FROM own
    JOIN pg_catalog.pg_depend AS depend
        ON depend.classid = 'pg_catalog.pg_class'::regclass AND depend.objid = own.oid AND depend.deptype = 'e'
    JOIN pg_catalog.pg_extension ON pg_extension.oid = depend.refobjid
    UNION ALL
    SELECT 21, pg_catalog.pg_describe_object(depend.classid, depend.objid, depend.objsubid)
        || ' depends on it: drop that, and make it again afterwards'
    FROM own
    JOIN pg_catalog.pg_depend AS depend
        ON (depend.refclassid, depend.refobjid) = ('pg_catalog.pg_class'::regclass, own.oid)
        OR (depend.refclassid, depend.refobjid) = ('pg_catalog.pg_type'::regclass, own.reltype)
        OR depend.refclassid = 'pg_catalog.pg_type'::regclass
            AND depend.refobjid = (SELECT typarray FROM pg_catalog.pg_type WHERE pg_type.oid = own.reltype)
    WHERE depend.deptype = 'n'
        AND NOT (
            depend.classid = 'pg_catalog.pg_constraint'::regclass
            AND EXISTS (
                SELECT FROM pg_catalog.pg_constraint
                WHERE pg_constraint.oid = depend.objid AND own.oid IN (conrelid, confrelid)
            )
        )
        -- These are told above.
        AND (depend.classid, depend.refclassid) <> ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_class'::regclass)
    UNION ALL
    SELECT 22, 'there is ' || pg_class.oid::regclass || ' already, and its name is needed: rename it'
    FROM own JOIN pg_catalog.pg_class ON pg_class.relnamespace = own.relnamespace
    WHERE $2
        AND (
            pg_class.relname IN (
                'project_actions_partitioned', 'project_actions_partitioned_pkey', 'project_actions_default',
                'project_actions_partitions', 'project_actions_conversion', 'project_actions_changed'
            )
            OR pg_class.relname ~ '^project_actions_[0-9]{4}_[0-9]{2}(_[0-9]{2})?$'
        )
) AS obstacles
ORDER BY place, obstacle
LIMIT 50
