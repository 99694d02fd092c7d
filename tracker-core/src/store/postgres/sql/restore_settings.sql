-- Sets the session's settings $1 to the values $2.
SELECT set_config(name, setting, false)
FROM unnest($1::text[], $2::text[]) AS settings (name, setting)
