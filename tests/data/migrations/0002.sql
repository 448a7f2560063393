-- What a database of schema 2 may hold beside that of schema 1.
INSERT INTO outbox (team, id, seq, lane, priority, state, body, created_at, attempts, channel, message, finished_at) VALUES
    ('team', 'act/sent', 1, 'slack/C1', 2, 'sent', '{}', 1772438400001, 1, 'C1', 'ts1', 1772438400002);
INSERT INTO outbox (team, id, seq, lane, priority, amends, state, body, created_at, not_before, not_after, attempts) VALUES
    ('team', 'act/1', 2, 'slack/C1', 0, NULL, 'sending',
     '{"id":"act/1","kind":"reminder","to":{"channel":{"platform":"slack","channel":"C1"}},"message":{"parts":[{"words":"old"}],"buttons":[]},"priority":"urgent","not_after":null,"if_unknown":"leave"}',
     1772438400001, NULL, NULL, 1);
INSERT INTO rejected (team, id, at, raw, error) VALUES ('team', '"bad"', 1772438400001, '{}', 'the engine failed');
