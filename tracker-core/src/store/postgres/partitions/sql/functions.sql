-- The functions that maintain a partitioned table. Each name is qualified, and the search path is
-- pg_catalog alone, so a role that may create objects in the table's schema can't influence the
-- functions. The schema's name may have any characters, so it is in no quoted text; there it is a
-- parameter of format().

-- The first UUIDv7 of this time: its 48 bits of milliseconds, and all other bits zero.
CREATE OR REPLACE FUNCTION {schema}.project_actions_first_id(instant TIMESTAMPTZ) RETURNS TEXT
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $project_actions$
    SELECT overlay(
        lpad(to_hex(floor(extract(epoch FROM instant) * 1000)::bigint), 12, '0') || '-0000-0000-000000000000'
        PLACING '-' FROM 9 FOR 0
    )
$project_actions$;

-- Fires for a row whose time is outside its partition's initial zone. Each row outside the current
-- zone widens it by twice the distance, so a zone has at most a few dozen rows in the map, however
-- many such rows come.
CREATE OR REPLACE FUNCTION {schema}.project_actions_widen_zone() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    zone {schema}.project_actions_partitions;
BEGIN
    SELECT name, period, first_id, end_id, min(created_first), max(created_last), bool_or(untimed) INTO zone
    FROM {schema}.project_actions_partitions
    WHERE name = TG_ARGV[0]
    GROUP BY name, period, first_id, end_id;
    IF NEW.created_at IS NULL THEN
        IF zone.untimed THEN
            RETURN NULL;
        END IF;
        zone.untimed := true;
    ELSIF NEW.created_at < zone.created_first THEN
        zone.created_first := greatest(2 * NEW.created_at::numeric - zone.created_first, -9223372036854775808);
    ELSIF NEW.created_at > zone.created_last THEN
        zone.created_last := least(2 * NEW.created_at::numeric - zone.created_last, 9223372036854775807);
    ELSE
        RETURN NULL;
    END IF;
    INSERT INTO {schema}.project_actions_partitions SELECT zone.*;
    RETURN NULL;
END
$project_actions$;
REVOKE EXECUTE ON FUNCTION {schema}.project_actions_widen_zone() FROM PUBLIC;

-- Creates the partition of the month or day of this time, unless it exists. Its rows in the default
-- partition are moved in the same transaction, if they are few. Returns the outcome: made, there,
-- or crowded if so many rows would have to be moved that others would wait.
--
-- The partition is in the parent's tablespace, whatever the caller's default is, and inherits a
-- replica identity of all columns.
--
-- Only the owner may call it. The caller holds the lock of project_actions_ensure_partitions, or
-- converts the table.
CREATE OR REPLACE FUNCTION {schema}.project_actions_make_partition(parent REGCLASS, period TEXT, instant TIMESTAMPTZ) RETURNS TEXT
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET default_tablespace = '' AS $project_actions$
DECLARE
    moved_max CONSTANT bigint := 10000;
    slack_ms CONSTANT bigint := 86400000;
    begins CONSTANT timestamptz := date_trunc(period, instant, 'UTC');
    ends CONSTANT timestamptz := ((begins AT TIME ZONE 'UTC') + ('1 ' || period)::interval) AT TIME ZONE 'UTC';
    own_name CONSTANT text := 'project_actions_' || to_char(
        begins AT TIME ZONE 'UTC', CASE period WHEN 'month' THEN 'YYYY_MM' ELSE 'YYYY_MM_DD' END
    );
    own_first CONSTANT text := {schema}.project_actions_first_id(begins);
    own_end CONSTANT text := {schema}.project_actions_first_id(ends);
    zone_first CONSTANT bigint := extract(epoch FROM begins) * 1000 - slack_ms;
    zone_last CONSTANT bigint := extract(epoch FROM ends) * 1000 + slack_ms - 1;
    own_table CONSTANT text := format('%I.%I', {schema_literal}, own_name);
    waiting bigint;
BEGIN
    IF EXISTS (SELECT FROM {schema}.project_actions_partitions WHERE name = own_name) THEN
        RETURN 'there';
    END IF;
    SELECT count(*) INTO waiting FROM (
        SELECT FROM {schema}.project_actions_default
        WHERE action_id >= own_first AND action_id < own_end
        LIMIT moved_max + 1
    ) AS waiting_rows;
    IF waiting > moved_max THEN
        RETURN 'crowded';
    END IF;
    INSERT INTO {schema}.project_actions_partitions
    VALUES (own_name, period, own_first, own_end, zone_first, zone_last, false);
    PERFORM set_config('default_tablespace', COALESCE((
        SELECT spcname FROM pg_class JOIN pg_tablespace ON pg_tablespace.oid = reltablespace WHERE pg_class.oid = parent
    ), ''), true);
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', own_table, parent);
    IF EXISTS (SELECT FROM pg_class WHERE oid = parent AND relreplident = 'f') THEN
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', own_table);
    END IF;
    -- An ordinary row costs only the evaluation of the condition.
    EXECUTE format(
        'CREATE TRIGGER project_actions_widen_zone AFTER INSERT OR UPDATE ON %s FOR EACH ROW
        WHEN (NEW.created_at IS NULL OR NEW.created_at < %s OR NEW.created_at > %s)
        EXECUTE FUNCTION %I.project_actions_widen_zone(%L)',
        own_table, zone_first, zone_last, {schema_literal}, own_name
    );
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = parent AND tgname = 'project_actions_count_insert') THEN
        PERFORM {schema}.project_actions_count_attach(own_table::regclass);
    END IF;
    -- The locks are taken in the order of readers and writers. If rows of this period are written
    -- by now, writers have to wait: a row bound for the default partition would be refused once
    -- this partition exists.
    EXECUTE format(
        'LOCK TABLE ONLY %s IN %s MODE', parent,
        CASE WHEN begins < clock_timestamp() + interval '1 hour' THEN 'SHARE ROW EXCLUSIVE' ELSE 'SHARE UPDATE EXCLUSIVE' END
    );
    LOCK TABLE {schema}.project_actions_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'WITH moved AS (DELETE FROM %I.project_actions_default WHERE action_id >= %L AND action_id < %L RETURNING *)
        INSERT INTO %s SELECT * FROM moved',
        {schema_literal}, own_first, own_end, own_table
    );
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, own_table, own_first, own_end
    );
    RETURN 'made';
END
$project_actions$;
REVOKE EXECUTE ON FUNCTION {schema}.project_actions_make_partition(REGCLASS, TEXT, TIMESTAMPTZ) FROM PUBLIC;

-- Creates the partitions of the current period and of the next two, for any role with INSERT.
-- Returns the partitions that it created, and those that it could not create because too many of
-- their rows are in the default partition. Returns nothing if another session is creating them.
CREATE OR REPLACE FUNCTION {schema}.project_actions_ensure_partitions() RETURNS TABLE (name TEXT, outcome TEXT)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $project_actions$
DECLARE
    own_period CONSTANT text := (
        SELECT period FROM {schema}.project_actions_partitions AS map WHERE map.name = 'project_actions_default'
    );
    -- The server's clock, because those of writers may differ.
    begins CONSTANT timestamp := date_trunc(own_period, statement_timestamp() AT TIME ZONE 'UTC');
    instants CONSTANT timestamptz[] := ARRAY(
        SELECT (begins + step * ('1 ' || own_period)::interval) AT TIME ZONE 'UTC' FROM generate_series(0, 2) AS step
    );
    instant timestamptz;
BEGIN
    IF NOT has_table_privilege(session_user, {table_literal}::regclass, 'INSERT') THEN
        RAISE insufficient_privilege USING MESSAGE = 'permission denied: making partitions needs INSERT on project_actions';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_class WHERE oid = {table_literal}::regclass AND relkind = 'p')
        OR NOT EXISTS (
            SELECT FROM unnest(instants) AS missing (instant)
            WHERE {schema}.project_actions_first_id(missing.instant) NOT IN (
                SELECT first_id FROM {schema}.project_actions_partitions WHERE first_id IS NOT NULL
            )
        )
        OR NOT pg_try_advisory_xact_lock(hashtextextended('partitions of ' || {table_literal}::regclass::oid, 0))
    THEN
        RETURN;
    END IF;
    FOREACH instant IN ARRAY instants LOOP
        outcome := {schema}.project_actions_make_partition({table_literal}, own_period, instant);
        IF outcome <> 'there' THEN
            SELECT map.name INTO name FROM {schema}.project_actions_partitions AS map
            WHERE map.first_id = {schema}.project_actions_first_id(instant) LIMIT 1;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$project_actions$;

-- True if the table has something that may keep the caller from deleting rows.
CREATE OR REPLACE FUNCTION {schema}.project_actions_keeps_rows(tested REGCLASS) RETURNS BOOLEAN
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $project_actions$
    SELECT
        EXISTS (
            -- An enabled trigger on DELETE.
            SELECT FROM pg_trigger
            WHERE tgrelid = tested AND NOT tgisinternal AND tgtype & 8 <> 0 AND tgenabled <> 'D'
                AND tgname NOT LIKE 'project\_actions\_count\_%'
        )
        OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = tested AND ev_type = '4' AND ev_enabled <> 'D')
        OR EXISTS (
            SELECT FROM pg_class, pg_roles
            WHERE pg_class.oid = tested AND relrowsecurity
                AND rolname = session_user AND NOT (rolsuper OR rolbypassrls)
                AND (relforcerowsecurity OR NOT pg_has_role(pg_roles.oid, relowner, 'USAGE'))
        )
$project_actions$;

-- Drops the oldest partition whose rows are all older than the time, for any role with DELETE;
-- returns its number of rows, or NULL if there is no such partition. A partition whose period has
-- not ended is kept, because it would be needed again at once.
--
-- Dropping a table bypasses everything that can keep rows from deletion: triggers, rules, the
-- caller's policies, and foreign keys that refer to the rows. If the table has any of these, a
-- partition is dropped only when it is empty, after its rows were deleted one by one. A partition
-- that another object depends on is not dropped either. A partition that was dropped, or detached
-- to be kept elsewhere, is removed from the map.
CREATE OR REPLACE FUNCTION {schema}.project_actions_prune_partition(created_before BIGINT) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $project_actions$
DECLARE
    whole CONSTANT regclass := {table_literal};
    is_referred_to CONSTANT boolean := EXISTS (SELECT FROM pg_constraint WHERE confrelid = whole);
    own_name text;
    own_table regclass;
    has_rows boolean;
    pruned bigint;
BEGIN
    IF NOT has_table_privilege(session_user, whole, 'DELETE') THEN
        RAISE insufficient_privilege USING MESSAGE = 'permission denied: dropping partitions needs DELETE on project_actions';
    END IF;
    FOR own_name IN
        SELECT name FROM {schema}.project_actions_partitions
        WHERE end_id <= {schema}.project_actions_first_id(statement_timestamp())
        GROUP BY name, first_id
        HAVING max(created_last) < created_before AND NOT bool_or(untimed)
        ORDER BY first_id
    LOOP
        own_table := to_regclass(format('%I.%I', {schema_literal}, own_name));
        IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = own_table AND inhparent = whole) THEN
            DELETE FROM {schema}.project_actions_partitions WHERE name = own_name;
            CONTINUE;
        END IF;
        IF is_referred_to OR {schema}.project_actions_keeps_rows(whole) OR {schema}.project_actions_keeps_rows(own_table) THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', own_table) INTO has_rows;
            CONTINUE WHEN has_rows;
        END IF;
        -- On failure this block is rolled back, including its locks.
        BEGIN
            -- Late rows wait while the others are counted; nobody else does.
            EXECUTE format('LOCK TABLE %s IN SHARE MODE', own_table);
            -- A row may have come before the lock, and have widened the zone.
            IF EXISTS (
                SELECT FROM {schema}.project_actions_partitions
                WHERE name = own_name AND (created_last >= created_before OR untimed)
            ) THEN
                CONTINUE;
            END IF;
            EXECUTE format('SELECT count(*) FROM %s', own_table) INTO pruned;
            IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = own_table AND tgname = 'project_actions_count_insert') THEN
                PERFORM {schema}.project_actions_count_detach(own_table);
            END IF;
            IF is_referred_to THEN
                CONTINUE WHEN pruned > 0;
                -- Foreign keys that refer to the parent depend on each partition.
                EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', whole, own_table);
            END IF;
            EXECUTE format('DROP TABLE %s', own_table);
            DELETE FROM {schema}.project_actions_partitions WHERE name = own_name;
            RETURN pruned;
        EXCEPTION WHEN dependent_objects_still_exist OR foreign_key_violation OR insufficient_privilege THEN
            NULL;
        END;
    END LOOP;
    RETURN NULL;
END
$project_actions$
