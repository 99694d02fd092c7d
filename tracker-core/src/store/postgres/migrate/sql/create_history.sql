-- Not CREATE TABLE IF NOT EXISTS, which requires the privilege to create the table even if it
-- exists: a role without it can find out that no migration is pending.
DO $$
BEGIN
    IF to_regclass('tracker_schema_history') IS NULL THEN
        CREATE TABLE tracker_schema_history (
            version INT4 PRIMARY KEY,
            name VARCHAR(255),
            applied_on VARCHAR(255),
            checksum VARCHAR(255)
        );
    END IF;
END
$$
