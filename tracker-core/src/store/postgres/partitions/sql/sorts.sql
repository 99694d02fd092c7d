-- Refuses a collation that does not sort the IDs of successive months in the order of time. It
-- compares the first and the last ID of each month.
DO $project_actions$
DECLARE
    sorts boolean;
BEGIN
    WITH ids AS (
        SELECT NULL::bigint AS place, action_id AS id FROM {schema}.project_actions WHERE false
        UNION ALL
        SELECT
            2 * month + side,
            CASE side
                WHEN 0 THEN first_id
                ELSE overlay(first_id PLACING 'ffff-ffff-ffffffffffff' FROM 15)
            END
        FROM generate_series(0, 12 * 130) AS month
        CROSS JOIN (VALUES (0), (1)) AS sides (side)
        CROSS JOIN LATERAL (
            SELECT {schema}.project_actions_first_id('1970-01-01 UTC'::timestamptz + month * interval '730 hours') AS first_id
        ) AS of_month
    )
    SELECT COALESCE(bool_and(id > before), true) INTO sorts
    FROM (SELECT id, lag(id) OVER (ORDER BY place) AS before FROM ids) AS pairs
    WHERE before IS NOT NULL;
    IF NOT sorts THEN
        RAISE EXCEPTION USING ERRCODE = 'TR001', MESSAGE = 'UUIDs do not sort by their time in this collation';
    END IF;
END
$project_actions$
