UPDATE jobs SET due_at = now() + attempts * interval '500 milliseconds' WHERE id = $1
