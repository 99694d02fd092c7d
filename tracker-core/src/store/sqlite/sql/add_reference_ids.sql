ALTER TABLE project_actions ADD COLUMN reference_ids TEXT
