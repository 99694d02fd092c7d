-- The settings apply to the session, which ends with the conversion. No schema of tables is in the
-- search path, so that the catalog shows names with their schema.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET search_path = pg_catalog, pg_temp;
-- Settings that only some versions of the server have.
SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('transaction_timeout', 'idle_session_timeout')
