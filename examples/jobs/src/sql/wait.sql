-- The milliseconds until the next job is due: NULL if there is none.
SELECT ceil(extract(epoch FROM min(due_at) - clock_timestamp()) * 1000)::float8 FROM jobs
