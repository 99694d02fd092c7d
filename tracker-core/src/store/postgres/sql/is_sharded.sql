-- True if the rows of the table $1 are on several servers, each with transaction numbers of its
-- own.
SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass($1))
