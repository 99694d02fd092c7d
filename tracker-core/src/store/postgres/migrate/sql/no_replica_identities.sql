-- In place of V7, where the server has no publications that ask for them. Such a server has no table in partitions of this crate either.
SELECT 1
