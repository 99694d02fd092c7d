-- The progress of a conversion that has begun.
SELECT copied_to::text, copied, total FROM {schema}.project_actions_conversion
