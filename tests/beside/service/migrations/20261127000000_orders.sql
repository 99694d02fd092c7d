CREATE TABLE orders (
    id UUID PRIMARY KEY,
    lines JSONB NOT NULL,
    placed_at TIMESTAMPTZ NOT NULL
);
