-- The result of a statement, in its order, with texts as bytes, which need no conversion of
-- encodings.
SELECT {columns}
FROM (
{statement}
) AS found
