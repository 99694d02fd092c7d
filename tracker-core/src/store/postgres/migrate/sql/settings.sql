-- For the session, which ends with the migration. Of the limits on locks only that of each ALTER TABLE counts: an index
-- build that gave up would leave an invalid index behind.
SELECT
    set_config('statement_timeout', $1, false),
    set_config('lock_timeout', '0', false)
