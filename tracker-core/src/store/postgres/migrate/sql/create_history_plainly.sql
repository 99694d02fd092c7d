-- Replaces create_history.sql on servers without DO.
CREATE TABLE IF NOT EXISTS tracker_schema_history (
    version INT4 PRIMARY KEY,
    name VARCHAR(255),
    applied_on VARCHAR(255),
    checksum VARCHAR(255)
);
