-- Fails if the text $1, in UTF-8, has a character that the database's encoding lacks.
SELECT pg_catalog.length(pg_catalog.convert($1::bytea, 'UTF8', pg_catalog.getdatabaseencoding()::name))
