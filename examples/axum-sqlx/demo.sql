-- Two people, each a member of a shop of her own. Their keys are for trying the service alone.
INSERT INTO users (id, name, key_hash) VALUES
    ('user_ada', 'Ada Lovelace', sha256('key-of-ada')),
    ('user_grace', 'Grace Hopper', sha256('key-of-grace'));
INSERT INTO members (shop_id, user_id) VALUES
    ('books', 'user_ada'),
    ('records', 'user_grace');
