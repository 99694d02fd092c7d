-- Replaces V7 on servers whose publications need no replica identities. Such a server has no table
-- that this crate partitioned either.
SELECT 1
