-- What a database of schema 1 may hold.
INSERT INTO lease (team, epoch, holder, expires_at, last_commit) VALUES ('team', 7, 'old', 0, 1772438400001);
INSERT INTO record (team, kind, owner, id, body) VALUES
    ('team', 'user', 'heard', '1', '{"user":["slack",{"name":"say C1 old","zone":null,"bot":false,"deactivated":false}]}'),
    ('team', 'user', 'alarm', '1772438405000', '{"user":["slack",{"name":"","zone":null,"bot":false,"deactivated":false}]}'),
    ('other', 'user', 'heard', '1', '{"user":["slack",{"name":"of others","zone":null,"bot":false,"deactivated":false}]}');
INSERT INTO seen (team, key, at) VALUES ('team', '1', 1772438400001), ('other', '2', 1772438400001);
INSERT INTO position (team, source, token) VALUES ('team', 'sync', 's1');
