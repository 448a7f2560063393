-- What a database of schema 1 may hold.
INSERT INTO lease (team, epoch, holder, expires_at, last_commit) VALUES ('team', 7, 'old', 0, 1772438400001);
INSERT INTO record (team, kind, owner, id, body) VALUES
    ('team', 'user', 'heard', '1', '{"user":["slack",{"name":"say C1 old","zone":null,"bot":false,"deactivated":false}]}'),
    ('team', 'user', 'alarm', '1772438405000', '{"user":["slack",{"name":"","zone":null,"bot":false,"deactivated":false}]}'),
    ('other', 'user', 'heard', '1', '{"user":["slack",{"name":"of others","zone":null,"bot":false,"deactivated":false}]}');
INSERT INTO seen (team, key, at) VALUES ('team', '1', 1772438400001), ('other', '2', 1772438400001);
INSERT INTO position (team, source, token) VALUES ('team', 'sync', 's1');
-- An engine's memory with a clock that is open: Ana's question of 09:00 in Berlin is owed an answer by 11:00.
INSERT INTO lease (team, epoch, holder, expires_at, last_commit) VALUES ('acme', 3, 'old', 0, 1795422600006);
INSERT INTO record (team, kind, owner, id, body) VALUES
    ('acme', 'case', 'support', '1', '{"case":{"stage":"open","trail":[["2026-11-23T08:00:00.006Z",{"owed":{"level":"normal","due_at":"2026-11-23T10:00:00.006Z"}}]]}}'),
    ('acme', 'channel', '', 'support', '{"channel":{"platform":"console","facts":{"name":"support","kind":"public","archived":false,"members":["ana","ben","dora"]},"since":"2026-11-23T08:00:00.005Z","gap":null}}'),
    ('acme', 'fact', 'support', '1', '{"fact":{"at":"2026-11-23T08:00:00.006Z","key":"1","by":"ana","what":{"said":{"signals":4161}}}}'),
    ('acme', 'ledger', '', '', '{"ledger":{"dismissed":[],"would_have":[],"would_have_more":0,"spoke":0,"silent":[],"daily_at":"2026-11-24T08:00:00Z","weekly_at":"2026-11-27T16:00:00Z","up_since":null}}'),
    ('acme', 'revision', '', '0000000001', '{"revision":{"at":"2026-11-23T08:00:00.001Z","text":{"id":"589f91e40ee021b4","file":"small.toml","text":"[team]\nname = \"Acme\"\ntimezone = \"Europe/Berlin\"\noffice-hours = \"mon-fri 09:00-17:00\"\n[people]\nana = {}\nben = {}\ndora = {}\n[urgency.normal]\nmeans = \"soon\"\nrespond-within = \"2h\"\n[channels.support]\nurgency = \"normal\"\nresponders = \"ben\"\n","beside":{},"by":null}}}'),
    ('acme', 'user', 'console', 'ana', '{"user":["console",{"name":"ana","zone":"Europe/Berlin","bot":false,"deactivated":false}]}'),
    ('acme', 'user', 'console', 'ben', '{"user":["console",{"name":"ben","zone":"Europe/Berlin","bot":false,"deactivated":false}]}'),
    ('acme', 'user', 'console', 'dora', '{"user":["console",{"name":"dora","zone":"Europe/Berlin","bot":false,"deactivated":false}]}');
INSERT INTO seen (team, key, at) VALUES
    ('acme', 'console/1', 1795420800001),
    ('acme', 'console/2', 1795420800002),
    ('acme', 'console/3', 1795420800003),
    ('acme', 'console/4', 1795420800004),
    ('acme', 'console/5', 1795420800005),
    ('acme', 'console/6', 1795420800006);
