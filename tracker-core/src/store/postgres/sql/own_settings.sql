-- What the settings $1 are in this session, in their order.
SELECT array_agg(current_setting(name) ORDER BY place)
FROM unnest($1::text[]) WITH ORDINALITY AS names (name, place)
