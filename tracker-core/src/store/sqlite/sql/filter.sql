-- The conditions of a filter. An unset parameter is NULL.
    project_id = :project_id
    AND typeof(action_id) = 'text'
    AND (:action_types IS NULL OR action_type IN (SELECT value FROM json_each(:action_types)))
    AND (:user_id IS NULL OR user_id = :user_id)
    AND (:request_id IS NULL OR request_id = :request_id)
    AND (:status IS NULL OR status = :status)
    AND (:environment IS NULL OR environment = :environment)
    AND (
        :reference_ids IS NULL
        OR NOT EXISTS (
            SELECT 1
            FROM json_each(:reference_ids) AS wanted
            WHERE NOT EXISTS (
                SELECT 1
                FROM json_each(iif(json_valid(reference_ids, 9), reference_ids, '{}')) AS found
                WHERE found.key = wanted.key AND found.type = 'text' AND found.value = wanted.value
            )
        )
    )
    AND (:text IS NULL OR instr(lower(action_details), lower(:text)) > 0)
