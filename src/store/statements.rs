//! The SQL, one text for both databases. They differ in how a JSON array becomes rows, and in whose
//! clock a lease runs by: where a text needs one of these, both versions are made from it here.
//!
//! Rows go in as one JSON array of arrays, so that a statement costs the same for one row as for many.

/// One statement in both dialects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

/// A statement whose rows come from the JSON array in `$2`.
macro_rules! from_rows {
    ($head:literal, $tail:literal) => {
        Sql {
            sqlite: concat!($head, " json_each($2) AS rows ", $tail),
            postgres: concat!($head, " json_array_elements($2::json) AS rows(value) ", $tail),
        }
    };
}

/// A statement that names the server's time, in ms.
macro_rules! with_server_time {
    ($head:literal, $tail:literal) => {
        Sql {
            sqlite: concat!($head, " 0 ", $tail),
            postgres: concat!($head, " CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) ", $tail),
        }
    };
}

/// A statement that reads the same to both.
macro_rules! same {
    ($text:literal) => {
        Sql { sqlite: $text, postgres: $text }
    };
}

// The schema and the lease.

pub(super) const TABLE_EXISTS: Sql = Sql {
    sqlite: "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
    postgres: "SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass($1)",
};
/// Held until the transaction ends, so it works behind a pooler too; and ended by the server where its process
/// stands still.
pub(super) const LOCK_SCHEMA: Sql = Sql {
    sqlite: "SELECT $1",
    postgres: "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT), \
               set_config('idle_in_transaction_session_timeout', '15000', true)",
};
pub(super) const CREATE_MIGRATION: Sql = same!(
    "CREATE TABLE IF NOT EXISTS migration (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
     checksum TEXT NOT NULL, at BIGINT NOT NULL)"
);
pub(super) const APPLIED: Sql = same!("SELECT version, checksum FROM migration ORDER BY version");
pub(super) const APPLY: Sql =
    same!("INSERT INTO migration (version, name, checksum, at) VALUES ($1, $2, $3, $4)");
pub(super) const ANY_LEASE: Sql = with_server_time!(
    "SELECT holder, expires_at FROM lease WHERE expires_at >",
    "ORDER BY expires_at DESC LIMIT 1"
);
pub(super) const TAKE_LEASE: Sql = Sql {
    sqlite: "INSERT INTO lease (team, epoch, holder, expires_at) VALUES ($1, 1, $2, 0 * $3) \
             ON CONFLICT (team) DO UPDATE SET epoch = lease.epoch + 1, holder = excluded.holder RETURNING epoch",
    postgres: "INSERT INTO lease (team, epoch, holder, expires_at) \
               VALUES ($1, 1, $2, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + $3) \
               ON CONFLICT (team) DO UPDATE SET epoch = lease.epoch + 1, holder = excluded.holder, \
               expires_at = excluded.expires_at \
               WHERE lease.expires_at <= CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) \
               RETURNING epoch",
};
pub(super) const LEASE: Sql =
    with_server_time!("SELECT holder, expires_at,", "AS now FROM lease WHERE team = $1");
/// On PostgreSQL it holds the row until the transaction ends; of a process that stands still meanwhile the
/// server ends the transaction after a lease, or nobody could take over.
pub(super) const KEEP_LEASE: Sql = Sql {
    sqlite: "UPDATE lease SET last_commit = COALESCE($3, last_commit), expires_at = 0 * $4 WHERE team = $1 AND epoch = $2",
    postgres: "UPDATE lease SET last_commit = COALESCE($3, last_commit), \
               expires_at = $4 + CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) \
               WHERE team = $1 AND epoch = $2 AND set_config('idle_in_transaction_session_timeout', \
               CAST(GREATEST(CAST($4 AS BIGINT), 1000) AS TEXT), true) IS NOT NULL",
};
pub(super) const DROP_LEASE: Sql = same!("UPDATE lease SET expires_at = 0 WHERE team = $1 AND epoch = $2");
pub(super) const LAST_COMMIT: Sql = same!("SELECT last_commit FROM lease WHERE team = $1");

// Loading.

/// One row for a whole page of records, their keys and their bodies: what a row costs on its way here is more than
/// what a record does.
pub(super) const RECORDS: Sql = Sql {
    sqlite: "SELECT '[' || group_concat(json_array(kind, owner, id), ',') || ']', group_concat(body, ' ') FROM \
             (SELECT kind, owner, id, body FROM record WHERE team = $1 AND (kind, owner, id) > ($2, $3, $4) \
             ORDER BY kind, owner, id LIMIT $5)",
    postgres: "SELECT '[' || string_agg(CAST(json_build_array(kind, owner, id) AS TEXT), ',') || ']', \
               string_agg(body, ' ') FROM \
               (SELECT kind, owner, id, body FROM record WHERE team = $1 AND (kind, owner, id) > ($2, $3, $4) \
               ORDER BY kind, owner, id LIMIT $5) AS page",
};
pub(super) const UNFINISHED: Sql = same!(
    "SELECT id, seq, lane, priority, amends, state, created_at, not_before, not_after, attempts \
     FROM outbox WHERE team = $1 AND finished_at IS NULL ORDER BY seq"
);
pub(super) const LAST_SEQ: Sql = same!("SELECT COALESCE(MAX(seq), -1) FROM outbox WHERE team = $1");
/// One row, as with the records.
pub(super) const SEEN: Sql = Sql {
    sqlite: "SELECT json_group_array(key) FROM (SELECT key FROM seen WHERE team = $1 ORDER BY at DESC LIMIT $2)",
    postgres: "SELECT CAST(COALESCE(json_agg(key), '[]') AS TEXT) FROM \
               (SELECT key FROM seen WHERE team = $1 ORDER BY at DESC LIMIT $2) AS latest",
};
pub(super) const POSITIONS: Sql = same!("SELECT source, token FROM position WHERE team = $1");
pub(super) const REJECTED: Sql = same!("SELECT id, at, raw, error FROM rejected WHERE team = $1 ORDER BY at");
pub(super) const COUNT_REJECTED: Sql = same!("SELECT COUNT(*) FROM rejected WHERE team = $1");
pub(super) const REFUSED_SINCE: Sql = same!(
    "SELECT COALESCE(error, ''), COUNT(*) FROM outbox WHERE team = $1 AND state = 'failed' AND finished_at > $2 \
     GROUP BY error ORDER BY COUNT(*) DESC, error"
);
pub(super) const FATES: Sql =
    same!("SELECT id, state, channel, message, error FROM outbox WHERE team = $1 ORDER BY seq");
pub(super) const MEMO: Sql = same!("SELECT value FROM memo WHERE team = $1 AND kind = $2 AND key = $3");
pub(super) const MEMOS: Sql =
    same!("SELECT key, value FROM memo WHERE team = $1 AND kind = $2 ORDER BY at DESC, key LIMIT $3");
pub(super) const KNOWN: Sql =
    from_rows!("SELECT key FROM seen WHERE team = $1 AND key IN (SELECT value->>0 FROM", ")");

// One batch.

pub(super) const DELETE_OWNERS: Sql = from_rows!(
    "DELETE FROM record WHERE team = $1 AND (kind, owner) IN (SELECT value->>0, value->>1 FROM",
    ")"
);
pub(super) const DELETE_RECORDS: Sql = from_rows!(
    "DELETE FROM record WHERE team = $1 AND (kind, owner, id) IN (SELECT value->>0, value->>1, value->>2 FROM",
    ")"
);
pub(super) const PUT_RECORDS: Sql = from_rows!(
    "INSERT INTO record (team, kind, owner, id, body) \
     SELECT $1, value->>0, value->>1, value->>2, value->>3 FROM",
    "WHERE true ON CONFLICT (team, kind, owner, id) DO UPDATE SET body = excluded.body"
);
pub(super) const QUEUE: Sql = from_rows!(
    "INSERT INTO outbox (team, id, seq, lane, priority, amends, state, body, created_at, not_after, attempts) \
     SELECT $1, value->>0, CAST(value->>1 AS BIGINT), \
     COALESCE((SELECT lane FROM outbox AS original WHERE original.team = $1 AND original.id = value->>4), value->>2), \
     CAST(value->>3 AS BIGINT), value->>4, 'pending', value->>5, CAST(value->>6 AS BIGINT), \
     CAST(value->>7 AS BIGINT), 0 FROM",
    "WHERE true ON CONFLICT (team, id) DO NOTHING RETURNING id, lane"
);
pub(super) const SEE: Sql = from_rows!(
    "INSERT INTO seen (team, key, at) SELECT $1, value->>0, CAST(value->>1 AS BIGINT) FROM",
    "WHERE true ON CONFLICT (team, key) DO NOTHING"
);
pub(super) const MOVE_POSITIONS: Sql = from_rows!(
    "INSERT INTO position (team, source, token) SELECT $1, value->>0, value->>1 FROM",
    "WHERE true ON CONFLICT (team, source) DO UPDATE SET token = excluded.token"
);
pub(super) const FORGET_MEMOS: Sql =
    from_rows!("DELETE FROM memo WHERE team = $1 AND (kind, key) IN (SELECT value->>0, value->>1 FROM", ")");
pub(super) const PUT_MEMOS: Sql = from_rows!(
    "INSERT INTO memo (team, kind, key, value, at) \
     SELECT $1, value->>0, value->>1, value->>2, CAST(value->>3 AS BIGINT) FROM",
    "WHERE true ON CONFLICT (team, kind, key) DO UPDATE SET value = excluded.value, at = excluded.at"
);
pub(super) const REJECT: Sql = from_rows!(
    "INSERT INTO rejected (team, id, at, raw, error) \
     SELECT $1, value->>0, CAST(value->>1 AS BIGINT), value->>2, value->>3 FROM",
    "WHERE true ON CONFLICT (team, id) DO NOTHING"
);
/// The fates are made a table first: else SQLite looks through all of the outbox for each.
pub(super) const FINISH: Sql = from_rows!(
    "WITH fate AS MATERIALIZED (SELECT value->>0 AS id, value->>1 AS state, value->>2 AS channel, \
     value->>3 AS message, value->>4 AS error, CAST(value->>5 AS BIGINT) AS at FROM",
    ") UPDATE outbox SET state = fate.state, channel = fate.channel, message = fate.message, error = fate.error, \
     finished_at = fate.at FROM fate WHERE outbox.team = $1 AND outbox.id = fate.id AND outbox.finished_at IS NULL"
);

// The courier.

pub(super) const CLAIM: Sql = from_rows!(
    "UPDATE outbox SET state = 'sending', attempts = attempts + 1 \
     WHERE team = $1 AND finished_at IS NULL AND id IN (SELECT value->>0 FROM",
    ") RETURNING id, body, attempts"
);
pub(super) const ORIGINALS: Sql = from_rows!(
    "SELECT id, state, channel, message FROM outbox WHERE team = $1 AND id IN (SELECT value->>0 FROM",
    ")"
);
pub(super) const POSTPONE: Sql = from_rows!(
    "WITH later AS MATERIALIZED (SELECT value->>0 AS id, CAST(value->>1 AS BIGINT) AS not_before, \
     value->>2 AS error FROM",
    ") UPDATE outbox SET state = 'pending', not_before = later.not_before, error = later.error FROM later \
     WHERE outbox.team = $1 AND outbox.id = later.id AND outbox.finished_at IS NULL"
);

// Sweeping.

pub(super) const SWEEP_SEEN: Sql = same!("DELETE FROM seen WHERE team = $1 AND at <= $2");
pub(super) const SWEEP_OUTBOX: Sql = same!("DELETE FROM outbox WHERE team = $1 AND finished_at <= $2");
pub(super) const SWEEP_MEMOS: Sql =
    from_rows!("DELETE FROM memo WHERE team = $1 AND at <= $3 AND kind IN (SELECT value->>0 FROM", ")");
pub(super) const SWEEP_REJECTED: Sql = same!("DELETE FROM rejected WHERE team = $1 AND at <= $2");
