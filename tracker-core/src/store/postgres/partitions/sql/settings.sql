-- For the session, which ends with the conversion. Names are looked up nowhere, so that what the catalog tells of tables has their schema.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET search_path = pg_catalog, pg_temp;
-- Those that not every version of the server has.
SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('transaction_timeout', 'idle_session_timeout')
