-- Not CREATE TABLE IF NOT EXISTS, which demands the privilege to create it even where it is there: a role that may not
-- create anything can find out that nothing is to be done.
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
