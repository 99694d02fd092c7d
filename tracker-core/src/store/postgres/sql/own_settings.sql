-- The session's values of the settings $1, in their order.
SELECT array_agg(current_setting(name) ORDER BY place)
FROM unnest($1::text[]) WITH ORDINALITY AS names (name, place)
