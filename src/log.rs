//! The log: what the program tells its operator, on standard error.
//!
//! It holds ids, names of channels and reasons; never what somebody wrote, and never a secret.

use std::env;
use std::io::{self, IsTerminal};

use anyhow::{Context, Result, bail};
use tracing_subscriber::EnvFilter;

/// What is told unless `USHER_LOG` says otherwise: who starts the bot wants to see that it is there. A slow statement
/// of the database is nobody's fault, and Matrix's library takes for errors what Usher deals with.
const USUAL: &str = "warn,usher=info,sqlx=error,matrix_sdk=off";

/// Starts the log as `USHER_LOG` and `USHER_LOG_FORMAT` say.
///
/// # Errors
/// When one of them does not say what it should.
pub fn start() -> Result<()> {
    let wanted = env::var("USHER_LOG").unwrap_or_else(|_| USUAL.to_owned());
    let filter = EnvFilter::try_new(&wanted)
        .with_context(|| format!("USHER_LOG: `{wanted}` is no filter, as in `info` or `usher=debug`"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match env::var("USHER_LOG_FORMAT").as_deref() {
        Err(_) | Ok("text") => log.init(),
        Ok("json") => log.json().init(),
        Ok(other) => bail!("USHER_LOG_FORMAT: `{other}` is neither `text` nor `json`"),
    }
    Ok(())
}
