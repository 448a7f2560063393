-- What one team's engine remembers, and what the driver must know to handle each event once.
-- TEXT and BIGINT only; instants are UTC epoch milliseconds.

-- Who may write. Its shape never changes: an older or newer program must be able to see who holds it.
CREATE TABLE lease (
    team        TEXT   NOT NULL PRIMARY KEY,
    epoch       BIGINT NOT NULL,
    holder      TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL,
    last_commit BIGINT
);

CREATE TABLE record (
    team  TEXT NOT NULL,
    kind  TEXT NOT NULL,
    owner TEXT NOT NULL,
    id    TEXT NOT NULL,
    body  TEXT NOT NULL,
    PRIMARY KEY (team, kind, owner, id)
) WITHOUT ROWID;

CREATE TABLE seen (
    team TEXT   NOT NULL,
    key  TEXT   NOT NULL,
    at   BIGINT NOT NULL,
    PRIMARY KEY (team, key)
) WITHOUT ROWID;

CREATE TABLE position (
    team   TEXT NOT NULL,
    source TEXT NOT NULL,
    token  TEXT NOT NULL,
    PRIMARY KEY (team, source)
) WITHOUT ROWID;
