-- The functions of a conversion. Names are qualified as in functions.sql.

-- Writes new rows to both tables, in the writer's transaction. Of changed and removed rows it notes
-- the IDs, and the current rows are copied again. The result is therefore right whatever was copied
-- before, and whatever the writers' transactions see.
CREATE OR REPLACE FUNCTION {schema}.project_actions_mirror() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        -- With a snapshot of its own, an existing row that the snapshot does not show would abort
        -- the transaction.
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            INSERT INTO {schema}.project_actions_changed SELECT action_id FROM fresh;
            RETURN NULL;
        END IF;
        WITH mirrored AS (
            INSERT INTO {schema}.project_actions_partitioned SELECT * FROM fresh ON CONFLICT DO NOTHING
            RETURNING action_id
        )
        -- An ID that is still in the copy, because its row was removed just before.
        INSERT INTO {schema}.project_actions_changed SELECT action_id FROM fresh EXCEPT SELECT action_id FROM mirrored;
    WHEN 'UPDATE' THEN
        INSERT INTO {schema}.project_actions_changed SELECT action_id FROM gone UNION SELECT action_id FROM fresh;
    WHEN 'DELETE' THEN
        INSERT INTO {schema}.project_actions_changed SELECT action_id FROM gone;
    ELSE
        TRUNCATE {schema}.project_actions_partitioned, {schema}.project_actions_changed;
    END CASE;
    RETURN NULL;
END
$project_actions$;
REVOKE EXECUTE ON FUNCTION {schema}.project_actions_mirror() FROM PUBLIC;
-- Copies the noted rows again, for at most `ids_max` IDs; returns the number of IDs.
CREATE OR REPLACE FUNCTION {schema}.project_actions_reconcile(ids_max BIGINT) RETURNS BIGINT
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    ids varchar[];
BEGIN
    WITH taken AS (
        DELETE FROM {schema}.project_actions_changed
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM {schema}.project_actions_changed LIMIT ids_max))
        RETURNING action_id
    )
    SELECT array_agg(action_id) INTO ids FROM taken;
    DELETE FROM {schema}.project_actions_partitioned WHERE action_id = ANY (ids);
    INSERT INTO {schema}.project_actions_partitioned
    SELECT * FROM {schema}.project_actions WHERE action_id = ANY (ids)
    ON CONFLICT DO NOTHING;
    RETURN COALESCE(cardinality(ids), 0);
END
$project_actions$;

-- Puts the partitioned table in place of the old one. Fails as if the lock were not available if
-- too many rows would have to be copied again while everybody waits.
CREATE OR REPLACE FUNCTION {schema}.project_actions_swap() RETURNS BOOLEAN
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    ids_max CONSTANT bigint := 1000;
    old_table CONSTANT regclass := {table_literal};
    new_table CONSTANT regclass := {parent_literal};
    index_oid oid;
    old_name text;
    key_name text;
    statement text;
    is_counted CONSTANT boolean := EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = old_table AND tgname = 'project_actions_count_insert'
    );
    are_counts_current boolean;
BEGIN
    LOCK TABLE {schema}.project_actions IN ACCESS EXCLUSIVE MODE;
    IF {schema}.project_actions_reconcile(ids_max) = ids_max THEN
        RAISE lock_not_available USING MESSAGE = 'too many rows were changed meanwhile';
    END IF;
    IF is_counted THEN
        are_counts_current := {schema}.project_actions_count_is_current();
        PERFORM {schema}.project_actions_count_leave(old_table);
    END IF;
    FOR statement IN
        SELECT format(
            'GRANT %s ON %s TO %s%s', acl.privilege_type, new_table,
            CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END,
            CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = old_table
        UNION ALL
        SELECT format(
            'GRANT %s (%I) ON %s TO %s%s', acl.privilege_type, attname, new_table,
            CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END,
            CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_attribute, aclexplode(attacl) AS acl WHERE attrelid = old_table AND NOT attisdropped
        UNION ALL
        SELECT format('COMMENT ON TABLE %s IS %L', new_table, obj_description(old_table, 'pg_class'))
        WHERE obj_description(old_table, 'pg_class') IS NOT NULL
    LOOP
        EXECUTE statement;
    END LOOP;
    DROP TRIGGER project_actions_mirror_insert ON {schema}.project_actions;
    DROP TRIGGER project_actions_mirror_update ON {schema}.project_actions;
    DROP TRIGGER project_actions_mirror_delete ON {schema}.project_actions;
    DROP TRIGGER project_actions_mirror_truncate ON {schema}.project_actions;
    SELECT relname INTO key_name FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = old_table AND indisprimary;
    FOR index_oid, old_name IN SELECT oid, relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = old_table LOOP
        EXECUTE format('ALTER INDEX %I.%I RENAME TO %I', {schema_literal}, old_name, 'project_actions_unpartitioned_' || index_oid);
        EXECUTE format(
            'ALTER INDEX IF EXISTS %I.%I RENAME TO %I', {schema_literal}, 'project_actions_partitioned_' || index_oid, old_name
        );
    END LOOP;
    ALTER TABLE {schema}.project_actions RENAME TO project_actions_unpartitioned;
    ALTER TABLE {schema}.project_actions_partitioned RENAME TO project_actions;
    IF key_name IS NOT NULL OR to_regclass(format('%I.project_actions_pkey', {schema_literal})) IS NULL THEN
        EXECUTE format(
            'ALTER INDEX %I.project_actions_partitioned_pkey RENAME TO %I', {schema_literal}, COALESCE(key_name, 'project_actions_pkey')
        );
    END IF;
    -- The new table has the same rows, so its counts are those of the old one.
    IF are_counts_current THEN
        PERFORM {schema}.project_actions_count_follow(counted) FROM {schema}.project_actions_count_tables() AS counted;
        UPDATE {schema}.project_actions_count_state SET fingerprint = {schema}.project_actions_count_fingerprint();
    END IF;
    DROP TABLE {schema}.project_actions_conversion, {schema}.project_actions_changed;
    DROP FUNCTION {schema}.project_actions_mirror, {schema}.project_actions_reconcile;
    RETURN true;
END
$project_actions$;
REVOKE EXECUTE ON FUNCTION {schema}.project_actions_reconcile(BIGINT), {schema}.project_actions_swap() FROM PUBLIC
