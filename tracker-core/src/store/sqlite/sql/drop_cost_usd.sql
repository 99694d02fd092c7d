ALTER TABLE project_actions DROP COLUMN cost_usd
