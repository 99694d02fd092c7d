SELECT EXISTS (
    SELECT 1
    FROM pragma_index_list('project_actions') AS i
    WHERE i."unique"
        AND NOT i.partial
        AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1
        AND (SELECT name FROM pragma_index_info(i.name)) = 'action_id' COLLATE NOCASE
)
