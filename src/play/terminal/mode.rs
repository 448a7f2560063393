//! What the keys of a terminal do. Whoever edits a line changes that for as long as it takes; a process that
//! ends meanwhile puts it back.

use std::io;

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// How a terminal was found; nothing where there is none.
pub(super) struct Terminal(Option<Termios>);

impl Terminal {
    /// The terminal of this process, as it is now.
    pub(super) fn as_it_is() -> Terminal {
        Terminal(tcgetattr(io::stdin()).ok())
    }

    /// Makes it as it was.
    pub(super) fn restore(&self) {
        if let Some(found) = &self.0
            && let Err(error) = tcsetattr(io::stdin(), SetArg::TCSANOW, found)
        {
            tracing::warn!(%error, "the terminal could not be put back as it was");
        }
    }
}
