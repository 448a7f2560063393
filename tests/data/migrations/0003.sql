-- What a database of schema 3 may hold beside that of schema 2.
INSERT INTO memo (team, kind, key, value, at) VALUES
    ('team', 'reaction', '$old', '{"emoji":"eyes"}', 1772438400001),
    ('other', 'reaction', '$old', 'of others', 1772438400001);
