//! Driver and courier as a process runs them.
