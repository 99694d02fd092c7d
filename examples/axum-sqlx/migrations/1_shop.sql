CREATE TABLE users (
    id text PRIMARY KEY,
    name text NOT NULL,
    -- The SHA-256 of a long random key. A password would need a slow hash, such as Argon2.
    key_hash bytea NOT NULL UNIQUE
);

CREATE TABLE members (
    shop_id text NOT NULL,
    user_id text NOT NULL REFERENCES users,
    PRIMARY KEY (shop_id, user_id)
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id text NOT NULL REFERENCES users,
    ends_at timestamptz NOT NULL DEFAULT now() + interval '12 hours'
);

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    shop_id text NOT NULL,
    item text NOT NULL,
    quantity int NOT NULL CHECK (quantity > 0),
    placed_at timestamptz NOT NULL DEFAULT now()
);
