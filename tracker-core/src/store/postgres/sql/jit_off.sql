-- Until the end of the transaction, no statement is compiled, which would take longer than to run one
-- that reads few rows of many. An engine without the setting compiles none.
SELECT set_config('jit', 'off', true) WHERE current_setting('jit', true) IS NOT NULL
