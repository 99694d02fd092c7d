-- Without generated columns: nothing can be written to them.
SELECT lower(name), type, "notnull" AND dflt_value IS NULL
FROM pragma_table_xinfo('project_actions')
WHERE hidden = 0
