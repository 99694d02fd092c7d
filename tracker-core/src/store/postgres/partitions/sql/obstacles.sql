-- What the table $1 has that a partitioned one made beside it would not have, with what to do about it.
SELECT obstacle
FROM (
    SELECT 1 AS place, 'the foreign key ' || conname || ' refers to it: drop it' AS obstacle
    FROM pg_catalog.pg_constraint WHERE confrelid = $1::regclass
    UNION ALL
    SELECT 2, 'it has the foreign key ' || conname || ': drop it, and add it again afterwards'
    FROM pg_catalog.pg_constraint WHERE conrelid = $1::regclass AND contype = 'f'
    UNION ALL
    SELECT 3, 'it has the trigger ' || tgname || ': drop it, and make it again afterwards'
    FROM pg_catalog.pg_trigger
    WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgname NOT LIKE 'project\_actions\_mirror\_%'
    UNION ALL
    SELECT 4, 'it has row-level security: disable it and drop its policies, and set them again afterwards'
    FROM pg_catalog.pg_class
    WHERE oid = $1::regclass
        AND (relrowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_policy WHERE polrelid = $1::regclass))
    UNION ALL
    SELECT 5, 'the view or rule of ' || ev_class::regclass || ' reads it: drop it, and make it again afterwards'
    FROM pg_catalog.pg_depend AS depend
    JOIN pg_catalog.pg_rewrite AS rewrite ON rewrite.oid = depend.objid
    WHERE depend.classid = 'pg_catalog.pg_rewrite'::regclass
        AND depend.refclassid = 'pg_catalog.pg_class'::regclass AND depend.refobjid = $1::regclass
    UNION ALL
    SELECT 6, 'it inherits from another table, or another one from it: end that with ALTER TABLE ... NO INHERIT'
    FROM pg_catalog.pg_inherits WHERE $1::regclass IN (inhrelid, inhparent)
    UNION ALL
    SELECT 7, 'the publication ' || pubname || ' replicates it: take it out of that, and add it again afterwards'
    FROM pg_catalog.pg_publication_rel
    JOIN pg_catalog.pg_publication ON pg_publication.oid = prpubid
    WHERE prrelid = $1::regclass
    UNION ALL
    SELECT 8, 'it is not kept over a crash (UNLOGGED): ALTER TABLE project_actions SET LOGGED'
    FROM pg_catalog.pg_class WHERE oid = $1::regclass AND relpersistence <> 'p'
    UNION ALL
    SELECT 9, 'its column ' || attname || ' makes its values by itself: drop that'
    FROM pg_catalog.pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND (attgenerated <> '' OR attidentity <> '')
    UNION ALL
    SELECT 10, 'its action_id can be NULL: ALTER TABLE project_actions ALTER COLUMN action_id SET NOT NULL'
    FROM pg_catalog.pg_attribute
    WHERE attrelid = $1::regclass AND attname = 'action_id' AND NOT attnotnull
    UNION ALL
    SELECT 11, 'its column ' || attname || ' has options of its own: reset them'
    FROM pg_catalog.pg_attribute
    -- PGlite 0.5 keeps a number of its own there.
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
        AND EXISTS (SELECT FROM unnest(attoptions) AS option WHERE option LIKE 'n\_distinct%')
) AS obstacles
ORDER BY place, obstacle
LIMIT 1
