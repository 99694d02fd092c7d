-- Rows of every kind in the older table.
INSERT INTO turbobackend.project_actions VALUES
    ('old_1', 'proj_rooms', 'user_1', 'req_1', 'an older type', 'details', 'done', 'production', 0.25, 1000),
    ('old_2', 'proj_rooms', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2000),
    ('old_3', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
