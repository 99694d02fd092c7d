-- Has the settings $1 be in this session what $2 says.
SELECT set_config(name, setting, false)
FROM unnest($1::text[], $2::text[]) AS settings (name, setting)
