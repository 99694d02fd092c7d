-- The locks of servers without advisory locks.
CREATE TABLE IF NOT EXISTS {schema}.tracker_locks (
    name VARCHAR PRIMARY KEY,
    holder VARCHAR NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
)
