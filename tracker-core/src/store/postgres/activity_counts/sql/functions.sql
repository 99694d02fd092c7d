-- The functions that keep the counts. Names are qualified as in the functions of partitions.

-- Appends the changes of one statement, of whose rows TG_ARGV[0] tells if they are new (1) or gone
-- (-1). Activities without a time are in the least of all quarters.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_change() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    sign CONSTANT bigint := TG_ARGV[0];
BEGIN
    INSERT INTO {schema}.project_actions_count_changes (project_hashes, project_ids, action_types, quarters, counts, failures)
    SELECT
        array_agg(hashtext(project_id)), array_agg(project_id), array_agg(action_type),
        array_agg(quarter), array_agg(count * sign), array_agg(failures * sign)
    FROM (
        SELECT
            project_id::text, action_type::text,
            coalesce(created_at / 900000 - (created_at % 900000 < 0)::int, -9223372036854775808) AS quarter,
            count(*), count(*) FILTER (WHERE status IN ('failure', 'panicked', 'cancelled')) AS failures,
            -- A row of changes has some 200 numbers, and no more than 1,000 of a project.
            1 + count(*) OVER () / 200 AS parts, row_number() OVER (PARTITION BY project_id::text) / 1000 AS piece
        FROM changed
        WHERE project_id IS NOT NULL
        GROUP BY 1, 2, 3
    ) AS counted
    GROUP BY (hashtext(project_id)::bigint & 4294967295) % parts, piece;
    RETURN NULL;
END
$project_actions$;

-- Ends the use of the counts where activities are changed in a way that they can't follow: by
-- replication, or all at once.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_lost() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    DELETE FROM {schema}.project_actions_count_state;
    RETURN NULL;
END
$project_actions$;

-- The table and its partitions. This function and the two below are asked for each count, so they
-- are in the language whose plans a session keeps.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_tables() RETURNS SETOF REGCLASS LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    RETURN NEXT {table_literal}::regclass;
    RETURN QUERY SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = {table_literal}::regclass;
END
$project_actions$;

-- Identifies a table with its triggers, by what each change of one of them alters.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_fingerprint(counted REGCLASS) RETURNS NUMERIC LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    RETURN (
        SELECT hashtextextended(counted::oid || coalesce(string_agg(concat_ws(' ', oid, xmin, tgenabled), ',' ORDER BY oid), ''), 0)
        FROM pg_trigger
        WHERE tgrelid = counted AND tgname LIKE 'project\_actions\_count\_%'
    );
END
$project_actions$;

-- The fingerprint of all tables. NULL if counts can't be as the rows are: with a collation for
-- which different texts are equal, or where replication writes the tables.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_fingerprint() RETURNS NUMERIC LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    IF EXISTS (
        SELECT FROM pg_subscription_rel
        WHERE srrelid IN (
            {table_literal}::regclass, to_regclass(format('%I.project_actions_counts', {schema_literal})),
            to_regclass(format('%I.project_actions_count_changes', {schema_literal})), to_regclass(format('%I.project_actions_count_state', {schema_literal}))
        )
    ) OR EXISTS (
        SELECT FROM pg_attribute JOIN pg_collation ON pg_collation.oid = attcollation
        WHERE attrelid = {table_literal}::regclass AND attname IN ('project_id', 'action_type', 'status') AND NOT collisdeterministic
    ) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT sum({schema}.project_actions_count_fingerprint(counted)) FROM {schema}.project_actions_count_tables() AS counted);
END
$project_actions$;

-- True if the counts are in use, false if they can be counted, and NULL if they can't. One
-- statement counts, and a server has no room for the locks of thousands of partitions.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_is_current() RETURNS BOOLEAN LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
    SELECT CASE
        WHEN EXISTS (SELECT FROM {schema}.project_actions_count_state WHERE is_complete AND fingerprint = own) THEN true
        WHEN own IS NOT NULL AND (SELECT count(*) FROM {schema}.project_actions_count_tables()) <= 200 THEN false
    END
    FROM {schema}.project_actions_count_fingerprint() AS own
$project_actions$;

-- Makes the triggers of a table anew. Replicated rows fire only the one for each row.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_follow(counted REGCLASS) RETURNS VOID
LANGUAGE plpgsql SET client_min_messages = warning SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    made text;
    new CONSTANT text := ' REFERENCING NEW TABLE AS changed EXECUTE FUNCTION %I.project_actions_count_change(''1'')';
    gone CONSTANT text := ' REFERENCING OLD TABLE AS changed EXECUTE FUNCTION %I.project_actions_count_change(''-1'')';
    lost CONSTANT text := ' EXECUTE FUNCTION %I.project_actions_count_lost()';
BEGIN
    FOREACH made IN ARRAY ARRAY[
        'insert AFTER INSERT ON %s' || new, 'delete AFTER DELETE ON %s' || gone,
        'update_new AFTER UPDATE ON %s' || new, 'update_gone AFTER UPDATE ON %s' || gone,
        'truncate AFTER TRUNCATE ON %s' || lost,
        -- The rows of a partitioned table are in its partitions.
        CASE WHEN (SELECT relkind FROM pg_class WHERE oid = counted) = 'r' THEN
            'replicated AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW' || lost
        END
    ] LOOP
        CONTINUE WHEN made IS NULL;
        EXECUTE format('DROP TRIGGER IF EXISTS project_actions_count_%s ON %s', split_part(made, ' ', 1), counted);
        EXECUTE format('CREATE TRIGGER project_actions_count_' || made, counted, {schema_literal});
    END LOOP;
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER project_actions_count_truncate', counted);
    IF made IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s ENABLE REPLICA TRIGGER project_actions_count_replicated', counted);
    END IF;
END
$project_actions$;

-- Drops the triggers of a table.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_leave(counted REGCLASS) RETURNS VOID LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    own text;
BEGIN
    FOR own IN SELECT tgname FROM pg_trigger WHERE tgrelid = counted AND tgname LIKE 'project\_actions\_count\_%' LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', own, counted);
    END LOOP;
END
$project_actions$;

-- Makes the triggers of the table and its partitions, and forgets the counts. Waits for the table's
-- writers: a row that is written from then on is a change.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_begin() RETURNS VOID LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    former regclass;
BEGIN
    LOCK TABLE {schema}.project_actions IN SHARE ROW EXCLUSIVE MODE;
    -- A partition that was detached by hand is no longer counted.
    FOR former IN
        SELECT tgrelid FROM pg_trigger WHERE tgfoid = to_regproc(format('%I.project_actions_count_change', {schema_literal}))
        EXCEPT
        SELECT {schema}.project_actions_count_tables()
    LOOP
        PERFORM {schema}.project_actions_count_leave(former);
    END LOOP;
    PERFORM {schema}.project_actions_count_follow(counted) FROM {schema}.project_actions_count_tables() AS counted;
    DELETE FROM {schema}.project_actions_count_state;
    INSERT INTO {schema}.project_actions_count_state (fingerprint, is_complete, due_before, due_since)
    SELECT fingerprint, false, 0, '-infinity' FROM {schema}.project_actions_count_fingerprint() AS fingerprint
    WHERE fingerprint IS NOT NULL;
END
$project_actions$;

-- Counts a partition that the caller attaches.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_attach(counted REGCLASS) RETURNS VOID LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    PERFORM {schema}.project_actions_count_follow(counted);
    UPDATE {schema}.project_actions_count_state SET fingerprint = fingerprint + {schema}.project_actions_count_fingerprint(counted);
END
$project_actions$;

-- Takes the rows of a partition from the counts. The caller has locked it against writers, and
-- drops it.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_detach(counted REGCLASS) RETURNS VOID LANGUAGE plpgsql SET row_security = off SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    UPDATE {schema}.project_actions_count_state SET fingerprint = fingerprint - {schema}.project_actions_count_fingerprint(counted);
    EXECUTE format(
        'INSERT INTO %I.project_actions_count_changes (project_hashes, project_ids, action_types, quarters, counts, failures)
        SELECT
            array_agg(hashtext(project_id)), array_agg(project_id), array_agg(action_type),
            array_agg(quarter), array_agg(-count), array_agg(-failures)
        FROM (
            SELECT
                project_id::text, action_type::text,
                coalesce(created_at / 900000 - (created_at %% 900000 < 0)::int, -9223372036854775808) AS quarter,
                count(*), count(*) FILTER (WHERE status IN (''failure'', ''panicked'', ''cancelled'')) AS failures,
                1 + count(*) OVER () / 200 AS parts, row_number() OVER (PARTITION BY project_id::text) / 1000 AS piece
            FROM %s
            WHERE project_id IS NOT NULL
            GROUP BY 1, 2, 3
        ) AS counted
        GROUP BY (hashtext(project_id)::bigint & 4294967295) %% parts, piece',
        {schema_literal}, counted
    );
END
$project_actions$;

-- Counts all activities, after project_actions_count_begin(). The rows and the changes of one
-- snapshot belong together: the counted rows have what the changes that are deleted have.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_all() RETURNS VOID LANGUAGE plpgsql SET row_security = off SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('counts of ' || {table_literal}::regclass::oid, 0));
    WITH old_counts AS (
        DELETE FROM {schema}.project_actions_counts
    ), old_changes AS (
        DELETE FROM {schema}.project_actions_count_changes
    )
    INSERT INTO {schema}.project_actions_counts (project_id, action_type, day, quarters, counts, failures, arrived_before)
    SELECT
        project_id, action_type, day, array_agg(quarter), array_agg(count), array_agg(failures),
        (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
    FROM (
        SELECT
            project_id::text, action_type::text,
            coalesce(created_at / 86400000 - (created_at % 86400000 < 0)::int, -96076792050570582) AS day,
            coalesce((created_at % 86400000 + 86400000) % 86400000 / 900000, 64)::smallint AS quarter,
            count(*), count(*) FILTER (WHERE status IN ('failure', 'panicked', 'cancelled')) AS failures
        FROM {schema}.project_actions
        WHERE project_id IS NOT NULL
        GROUP BY 1, 2, 3, 4
    ) AS counted
    GROUP BY project_id, action_type, day;
    UPDATE {schema}.project_actions_count_state
    SET is_complete = true, due_before = pg_snapshot_xmax(pg_current_snapshot())::text::bigint, due_since = clock_timestamp();
END
$project_actions$;

-- Adds changes to the counts once they have been there for 10 s, some million numbers at most, unless
-- another session does. Changes stay apart for so long, so that a place in the order of arrival
-- divides them.
CREATE OR REPLACE FUNCTION {schema}.project_actions_count_fold() RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
DECLARE
    due BIGINT;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' OR current_setting('transaction_read_only') = 'on'
        OR NOT pg_try_advisory_xact_lock(hashtextextended('counts of ' || {table_literal}::regclass::oid, 0))
    THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.project_actions_count_state) THEN
        -- Nothing is counted until all activities are.
        DELETE FROM {schema}.project_actions_count_changes;
        RETURN;
    END IF;
    SELECT due_before INTO due FROM {schema}.project_actions_count_state WHERE due_since < clock_timestamp() - interval '10 s' LIMIT 1;
    IF due IS NULL THEN
        RETURN;
    END IF;
    WITH taken AS MATERIALIZED (
        SELECT *
        FROM (
            SELECT changes.*, sum(cardinality(quarters)) OVER (ORDER BY id) AS size
            FROM
                {schema}.project_actions_count_changes AS changes,
                (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS transactions
            -- As in project_actions_counted(). This transaction's own changes may be ahead.
            WHERE next + 1048576 - ((next + 1048576 - changes.xmin::text::bigint) & 4294967295) < due
        ) AS found
        -- The first row goes in any case, so that none stays for good.
        WHERE size <= 1000000 OR size = cardinality(quarters)
    ), removed AS (
        DELETE FROM {schema}.project_actions_count_changes AS old USING taken WHERE old.id = taken.id
    ), added AS (
        SELECT
            project_id, action_type, quarter / 96 - (quarter % 96 < 0)::int AS day,
            ((quarter % 96 + 96) % 96)::smallint AS quarter, sum(count) AS count, sum(failed) AS failures
        FROM taken, unnest(project_ids, action_types, quarters, counts, failures) AS cell (project_id, action_type, quarter, count, failed)
        GROUP BY project_id, action_type, cell.quarter
    ), replaced AS (
        DELETE FROM {schema}.project_actions_counts AS old
        USING (SELECT DISTINCT project_id, action_type, day FROM added) AS changed
        WHERE hashtextextended(old.project_id, 0) = hashtextextended(changed.project_id, 0) AND old.day = changed.day
            AND old.project_id = changed.project_id AND old.action_type IS NOT DISTINCT FROM changed.action_type
        RETURNING old.*
    ), summed AS (
        SELECT project_id, action_type, day, quarter, sum(count)::bigint AS count, sum(failures)::bigint AS failures
        FROM (
            SELECT * FROM added
            UNION ALL
            SELECT project_id, action_type, day, cell.*
            FROM replaced, unnest(quarters, counts, failures) AS cell
        ) AS cells
        GROUP BY project_id, action_type, day, quarter
        HAVING sum(count) <> 0 OR sum(failures) <> 0
    )
    INSERT INTO {schema}.project_actions_counts (project_id, action_type, day, quarters, counts, failures, arrived_before)
    SELECT project_id, action_type, day, array_agg(quarter), array_agg(count), array_agg(failures), due
    FROM summed
    GROUP BY project_id, action_type, day;
    UPDATE {schema}.project_actions_count_state
    SET due_before = pg_snapshot_xmax(pg_current_snapshot())::text::bigint, due_since = clock_timestamp();
END
$project_actions$;

-- Returns the counts and the changes of a project, after a row without quarters; no row where the
-- counts are not in use. `arrived` is the transaction of a change, and NULL for counts. A change
-- has only the lower 32 bits of its ID. It is the last such transaction before the next one, or one
-- that is up to a million ahead: the own transaction may be.
CREATE OR REPLACE FUNCTION {schema}.project_actions_counted(of_project TEXT) RETURNS TABLE (
    action_type TEXT, day BIGINT, quarters SMALLINT[], counts BIGINT[], failures BIGINT[], arrived_before BIGINT, arrived BIGINT
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $project_actions$
BEGIN
    IF NOT has_table_privilege(session_user, {table_literal}, 'SELECT') OR NOT EXISTS (
        SELECT FROM {schema}.project_actions_count_state WHERE is_complete AND fingerprint = {schema}.project_actions_count_fingerprint()
    ) THEN
        RETURN;
    END IF;
    RETURN NEXT;
    RETURN QUERY
    SELECT own.action_type, own.day, own.quarters, own.counts, own.failures, own.arrived_before, NULL::bigint
    FROM {schema}.project_actions_counts AS own
    WHERE hashtextextended(own.project_id, 0) = hashtextextended(of_project, 0) AND own.project_id = of_project;
    RETURN QUERY
    SELECT
        cell.action_type, cell.quarter / 96 - (cell.quarter % 96 < 0)::int,
        ARRAY[((cell.quarter % 96 + 96) % 96)::smallint], ARRAY[cell.count], ARRAY[cell.failed], NULL::bigint,
        next + 1048576 - ((next + 1048576 - change.xmin::text::bigint) & 4294967295)
    FROM
        (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS transactions,
        {schema}.project_actions_count_changes AS change,
        unnest(change.project_ids, change.action_types, change.quarters, change.counts, change.failures)
            AS cell (project_id, action_type, quarter, count, failed)
    WHERE hashtext(of_project) = ANY (change.project_hashes) AND cell.project_id = of_project;
END
$project_actions$;
REVOKE EXECUTE ON FUNCTION
    {schema}.project_actions_count_all(),
    {schema}.project_actions_count_attach(REGCLASS),
    {schema}.project_actions_count_begin(),
    {schema}.project_actions_count_change(),
    {schema}.project_actions_count_detach(REGCLASS),
    {schema}.project_actions_count_fingerprint(),
    {schema}.project_actions_count_fingerprint(REGCLASS),
    {schema}.project_actions_count_follow(REGCLASS),
    {schema}.project_actions_count_leave(REGCLASS),
    {schema}.project_actions_count_lost(),
    {schema}.project_actions_count_tables()
FROM PUBLIC
