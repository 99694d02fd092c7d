-- How far a conversion is, and what it must look at again.
CREATE TABLE {schema}.project_actions_conversion (copied_to VARCHAR, copied BIGINT NOT NULL, total BIGINT NOT NULL);
INSERT INTO {schema}.project_actions_conversion
SELECT NULL, 0, CASE WHEN reltuples > 0 THEN reltuples::bigint ELSE (SELECT count(*) FROM {schema}.project_actions) END
FROM pg_catalog.pg_class WHERE oid = {table_literal}::regclass;
CREATE TABLE {schema}.project_actions_changed (action_id VARCHAR);

-- Rows that are added come into both tables, in the transaction of who adds them. Of those that are changed or removed the IDs are noted: what is
-- there of them is copied anew. So it does not matter what of them had been copied before, nor what their transactions see.
CREATE FUNCTION {schema}.project_actions_mirror() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        -- With a snapshot of its own, a row that is there and not seen would end the transaction.
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            INSERT INTO {schema}.project_actions_changed SELECT action_id FROM fresh;
            RETURN NULL;
        END IF;
        WITH mirrored AS (
            INSERT INTO {schema}.project_actions_partitioned SELECT * FROM fresh ON CONFLICT DO NOTHING
            RETURNING action_id
        )
        -- What is left there of a row that was removed just before.
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
CREATE TRIGGER project_actions_mirror_insert AFTER INSERT ON {schema}.project_actions
    REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION {schema}.project_actions_mirror();
CREATE TRIGGER project_actions_mirror_update AFTER UPDATE ON {schema}.project_actions
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh EXECUTE FUNCTION {schema}.project_actions_mirror();
CREATE TRIGGER project_actions_mirror_delete AFTER DELETE ON {schema}.project_actions
    REFERENCING OLD TABLE AS gone EXECUTE FUNCTION {schema}.project_actions_mirror();
CREATE TRIGGER project_actions_mirror_truncate AFTER TRUNCATE ON {schema}.project_actions
    EXECUTE FUNCTION {schema}.project_actions_mirror();

-- Copies anew what was noted, for at most so many IDs; answers for how many.
CREATE FUNCTION {schema}.project_actions_reconcile(ids_max BIGINT) RETURNS BIGINT
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

-- Makes the partitioned table the table. False where too much is left to be copied anew while everybody waits.
CREATE FUNCTION {schema}.project_actions_swap() RETURNS BOOLEAN
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    ids_max CONSTANT bigint := 1000;
    old_table CONSTANT oid := {table_literal}::regclass;
    old_name text;
    statement text;
BEGIN
    LOCK TABLE {schema}.project_actions IN ACCESS EXCLUSIVE MODE;
    IF {schema}.project_actions_reconcile(ids_max) = ids_max THEN
        RAISE lock_not_available USING MESSAGE = 'too many rows were changed meanwhile';
    END IF;
    FOR statement IN
        SELECT format(
            'GRANT %s ON {schema}.project_actions_partitioned TO %s%s', acl.privilege_type,
            CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END,
            CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = old_table
        UNION ALL
        SELECT format(
            'GRANT %s (%I) ON {schema}.project_actions_partitioned TO %s%s', acl.privilege_type, attname,
            CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END,
            CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_attribute, aclexplode(attacl) AS acl WHERE attrelid = old_table AND NOT attisdropped
        UNION ALL
        SELECT format('COMMENT ON TABLE {schema}.project_actions_partitioned IS %L', obj_description(old_table, 'pg_class'))
        WHERE obj_description(old_table, 'pg_class') IS NOT NULL
    LOOP
        EXECUTE statement;
    END LOOP;
    DROP TRIGGER project_actions_mirror_insert ON {schema}.project_actions;
    DROP TRIGGER project_actions_mirror_update ON {schema}.project_actions;
    DROP TRIGGER project_actions_mirror_delete ON {schema}.project_actions;
    DROP TRIGGER project_actions_mirror_truncate ON {schema}.project_actions;
    FOR old_name IN SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = old_table LOOP
        EXECUTE format('ALTER INDEX {schema}.%I RENAME TO %I', old_name, left(old_name, 49) || '_unpartitioned');
        EXECUTE format(
            'ALTER INDEX IF EXISTS {schema}.%I RENAME TO %I', left(old_name, 51) || '_partitioned', old_name
        );
    END LOOP;
    ALTER TABLE {schema}.project_actions RENAME TO project_actions_unpartitioned;
    ALTER TABLE {schema}.project_actions_partitioned RENAME TO project_actions;
    ALTER INDEX {schema}.project_actions_partitioned_pkey RENAME TO project_actions_pkey;
    DROP TABLE {schema}.project_actions_conversion, {schema}.project_actions_changed;
    DROP FUNCTION {schema}.project_actions_mirror, {schema}.project_actions_reconcile;
    RETURN true;
END
$project_actions$;
REVOKE EXECUTE ON FUNCTION {schema}.project_actions_reconcile(BIGINT), {schema}.project_actions_swap() FROM PUBLIC
