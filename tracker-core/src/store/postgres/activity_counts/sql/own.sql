ALTER TABLE {schema}.project_actions_counts OWNER TO {owner};
ALTER TABLE {schema}.project_actions_count_changes OWNER TO {owner};
ALTER TABLE {schema}.project_actions_count_state OWNER TO {owner};
SET LOCAL ROLE {owner}
