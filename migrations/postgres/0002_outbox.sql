-- What is to be sent, what became of it, and the events that could not be handled.

CREATE TABLE outbox (
    team        TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    lane        TEXT   NOT NULL,
    priority    BIGINT NOT NULL,
    amends      TEXT,
    state       TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    not_before  BIGINT,
    not_after   BIGINT,
    attempts    BIGINT NOT NULL,
    channel     TEXT,
    message     TEXT,
    error       TEXT,
    finished_at BIGINT,
    PRIMARY KEY (team, id)
);

CREATE INDEX outbox_unfinished ON outbox (team, seq) WHERE finished_at IS NULL;
CREATE INDEX outbox_finished ON outbox (team, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE rejected (
    team  TEXT   NOT NULL,
    id    TEXT   NOT NULL,
    at    BIGINT NOT NULL,
    raw   TEXT   NOT NULL,
    error TEXT   NOT NULL,
    PRIMARY KEY (team, id)
);

CREATE INDEX seen_at ON seen (team, at);
