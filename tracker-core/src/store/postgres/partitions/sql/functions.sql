-- What keeps a table in partitions. Each name has its schema, and nothing else is looked up but in pg_catalog: whoever may create something in the schema of the
-- table has no say in what these do. The schema stands in no quoted text, as its name may have any letters: there it is a parameter of format().

-- The first UUIDv7 that could be made at this time: its 48 bits of milliseconds, all other bits zero.
CREATE OR REPLACE FUNCTION {schema}.project_actions_first_id(instant TIMESTAMPTZ) RETURNS TEXT
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $project_actions$
    SELECT overlay(
        lpad(to_hex(floor(extract(epoch FROM instant) * 1000)::bigint), 12, '0') || '-0000-0000-000000000000'
        PLACING '-' FROM 9 FOR 0
    )
$project_actions$;

-- Fires for a row whose time is outside the zone that its partition began with. Rows that lie ever further outside widen the zone by twice as
-- much each time, so that a zone is a few dozen rows at most, however many such rows come.
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

-- Makes the partition of the month or day of this time, unless it is there. Rows of it that lie in the default partition are moved in the same
-- transaction, where they are few. Answers what it did: made, there, or crowded, where they are so many that others would wait for them.
--
-- It lies in the tablespace of the whole, whatever the caller's default is, and a replica identity of all columns is handed on to it.
--
-- For the owner alone. Who calls it holds the lock of project_actions_ensure_partitions, or converts the table.
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
    -- An ordinary row costs the evaluation of the condition.
    EXECUTE format(
        'CREATE TRIGGER project_actions_widen_zone AFTER INSERT OR UPDATE ON %s FOR EACH ROW
        WHEN (NEW.created_at IS NULL OR NEW.created_at < %s OR NEW.created_at > %s)
        EXECUTE FUNCTION %I.project_actions_widen_zone(%L)',
        own_table, zone_first, zone_last, {schema_literal}, own_name
    );
    -- In the order in which readers and writers take them. Where rows of its time are written by now, writers wait: one on its way to the
    -- default partition would be refused when this is there.
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

-- Makes the partitions of this period and of the next two, for whoever may write: they have INSERT alone. Answers which it made, and which it
-- could not make since too many of their rows lie in the default partition. Where another session is at it, there is nothing to do.
CREATE OR REPLACE FUNCTION {schema}.project_actions_ensure_partitions() RETURNS TABLE (name TEXT, outcome TEXT)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $project_actions$
DECLARE
    own_period CONSTANT text := (
        SELECT period FROM {schema}.project_actions_partitions AS map WHERE map.name = 'project_actions_default'
    );
    -- The server's clock: those of writers may differ.
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

-- Whether the table has something that may keep rows from being deleted by the caller.
CREATE OR REPLACE FUNCTION {schema}.project_actions_keeps_rows(tested REGCLASS) RETURNS BOOLEAN
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $project_actions$
    SELECT
        EXISTS (
            -- Of DELETE, and one that fires.
            SELECT FROM pg_trigger WHERE tgrelid = tested AND NOT tgisinternal AND tgtype & 8 <> 0 AND tgenabled <> 'D'
        )
        OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = tested AND ev_type = '4' AND ev_enabled <> 'D')
        OR EXISTS (
            SELECT FROM pg_class, pg_roles
            WHERE pg_class.oid = tested AND relrowsecurity
                AND rolname = session_user AND NOT (rolsuper OR rolbypassrls)
                AND (relforcerowsecurity OR NOT pg_has_role(pg_roles.oid, relowner, 'USAGE'))
        )
$project_actions$;

-- Drops the oldest partition of which all rows are from before the time, for whoever may delete them, and answers how many they were; NULL
-- where there is none. One whose period has not ended is none: it would be needed again at once.
--
-- What keeps rows from being deleted is not asked when their table is dropped: triggers, rules, policies for the caller, foreign keys that refer to them.
-- Where there is such a thing, a partition is dropped only when it is empty: its rows are to be deleted one by one before. So is one that something else depends on.
-- A partition that somebody dropped, or detached to keep it elsewhere, is none any more.
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
        -- What has failed in here is undone, its locks too.
        BEGIN
            -- Rows that come too late wait while the others are counted; nobody else does.
            EXECUTE format('LOCK TABLE %s IN SHARE MODE', own_table);
            -- One may have come before that, and have widened the zone.
            IF EXISTS (
                SELECT FROM {schema}.project_actions_partitions
                WHERE name = own_name AND (created_last >= created_before OR untimed)
            ) THEN
                CONTINUE;
            END IF;
            EXECUTE format('SELECT count(*) FROM %s', own_table) INTO pruned;
            IF is_referred_to THEN
                CONTINUE WHEN pruned > 0;
                -- What refers to the whole depends on each partition.
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
