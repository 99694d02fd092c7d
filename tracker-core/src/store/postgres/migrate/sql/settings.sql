-- The settings apply to the session, which ends with the migration. The only limit on locks is that
-- of each ALTER TABLE, because an index build that gave up would leave an invalid index behind.
-- Newer servers have further limits, which a role may set.
SELECT set_config(name, CASE name WHEN 'statement_timeout' THEN $1 ELSE '0' END, false)
FROM pg_catalog.pg_settings
WHERE name IN (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout'
)
