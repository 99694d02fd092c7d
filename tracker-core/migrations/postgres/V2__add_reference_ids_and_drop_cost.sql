-- Neither rewrites the table: a column without a default is added, and one is dropped, in the catalog alone.
ALTER TABLE project_actions
    ADD COLUMN IF NOT EXISTS reference_ids JSONB,
    DROP COLUMN IF EXISTS cost_usd;
