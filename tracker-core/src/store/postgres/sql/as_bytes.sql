-- What a statement finds, in its order, with texts as bytes: what is told as bytes is in no
-- encoding.
SELECT {columns}
FROM (
{statement}
) AS found
