-- What an adapter has to remember of its platform. It belongs to no record of the engine's.

CREATE TABLE memo (
    team  TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    key   TEXT   NOT NULL,
    value TEXT   NOT NULL,
    at    BIGINT NOT NULL,
    PRIMARY KEY (team, kind, key)
) WITHOUT ROWID;

CREATE INDEX memo_at ON memo (team, kind, at);
