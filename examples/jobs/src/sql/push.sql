INSERT INTO jobs (address, context) VALUES ($1, $2)
