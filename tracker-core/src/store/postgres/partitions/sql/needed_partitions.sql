-- Creates the partitions from the oldest activity with a UUIDv7 up to the second period from now,
-- at most the last thousand.
SELECT {schema}.project_actions_make_partition({parent_literal}, {period}, instant AT TIME ZONE 'UTC')
FROM (
    SELECT date_trunc({period}, clock_timestamp() AT TIME ZONE 'UTC') + 2 * ('1 ' || {period})::interval AS last
) AS periods
CROSS JOIN LATERAL (
    SELECT date_trunc({period}, COALESCE(
        (
            SELECT to_timestamp(('x' || lpad(replace(left(action_id, 13), '-', ''), 16, '0'))::bit(64)::bigint / 1000.0) AT TIME ZONE 'UTC'
            FROM {schema}.project_actions
            WHERE action_id >= {schema}.project_actions_first_id('2000-01-01 UTC') AND action_id < {schema}.project_actions_first_id(last AT TIME ZONE 'UTC')
                AND action_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
            ORDER BY action_id
            LIMIT 1
        ),
        last
    )) AS oldest
) AS first_row
CROSS JOIN LATERAL generate_series(
    greatest(least(oldest, last - 2 * ('1 ' || {period})::interval), last - 999 * ('1 ' || {period})::interval),
    last,
    ('1 ' || {period})::interval
) AS instant
