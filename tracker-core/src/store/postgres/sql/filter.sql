-- The conditions of a filter besides the project $1: $2 one action type, $3 several, $4 the user,
-- $5 the request, $6 the status, $7 the environment, $8 an object of references, $9 and $10 the
-- times from and before, $11 a part of the details.
--
-- An unset parameter is NULL. Each statement is planned with its values, so an unset condition
-- costs nothing, and a set one can use an index.
    ($2::text IS NULL OR {action_type} = $2)
    AND ($3::text[] IS NULL OR {action_type} = ANY ($3))
    AND ($4::text IS NULL OR user_id = $4)
    AND ($5::text IS NULL OR {request_of_filter})
    AND ($6::text IS NULL OR status = $6)
    AND ($7::text IS NULL OR environment = $7)
    AND ($8::jsonb IS NULL OR reference_ids @> $8)
    AND ($9::bigint IS NULL OR {since})
    AND ($10::bigint IS NULL OR {until})
    -- In the collation "C", lower() changes only A to Z, as everywhere else in this crate.
    AND ($11::text IS NULL OR position(lower($11 COLLATE "C") IN lower(action_details COLLATE "C")) > 0)
