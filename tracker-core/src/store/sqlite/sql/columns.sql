-- The columns except generated ones, which can't be written to.
SELECT lower(name), type, "notnull" AND dflt_value IS NULL
FROM pragma_table_xinfo('project_actions')
WHERE hidden = 0
