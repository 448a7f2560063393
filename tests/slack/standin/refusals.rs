//! What Slack answers when it does not do what was asked.

use serde_json::{Value, json};

/// Every error name that the Web API of the stand-in gives. A test meets each of them.
pub const NAMES: [&str; 45] = [
    "account_inactive",
    "already_reacted",
    "cant_delete_message",
    "cant_update_message",
    "channel_not_found",
    "duplicate_external_id",
    "exchanged_trigger_id",
    "expired_trigger_id",
    "hash_conflict",
    "invalid_arguments",
    "invalid_auth",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_cursor",
    "invalid_form_data",
    "invalid_json",
    "invalid_limit",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_name",
    "invalid_trigger_id",
    "invalid_ts_latest",
    "invalid_types",
    "is_archived",
    "message_not_found",
    "metadata_too_large",
    "method_not_supported_for_channel_type",
    "missing_scope",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_such_subteam",
    "no_text",
    "not_allowed_token_type",
    "not_authed",
    "not_enabled",
    "not_found",
    "not_in_channel",
    "ratelimited",
    "socket_mode_not_enabled",
    "thread_not_found",
    "token_revoked",
    "unknown_method",
    "user_not_found",
    "user_not_in_channel",
    "view_too_large",
];

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// With the name alone.
    Named(&'static str),
    /// The token may not.
    MissingScope {
        /// Any of these would do.
        needed: String,
        /// What it has.
        provided: String,
    },
    /// With sentences about what is wrong where.
    Explained(&'static str, Vec<String>),
    /// Too many calls.
    TooFast {
        /// What the header says, if it is there at all.
        retry_after: Option<String>,
    },
}

impl Refusal {
    /// Slack's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Refusal::Named(name) | Refusal::Explained(name, _) => name,
            Refusal::MissingScope { .. } => "missing_scope",
            Refusal::TooFast { .. } => "ratelimited",
        }
    }

    /// The body of the answer.
    pub fn to_json(&self) -> Value {
        assert!(NAMES.contains(&self.name()), "{} is not in the list", self.name());
        let mut body = json!({"ok": false, "error": self.name()});
        match self {
            Refusal::Named(_) | Refusal::TooFast { .. } => {}
            Refusal::MissingScope { needed, provided } => {
                body["needed"] = needed.as_str().into();
                body["provided"] = provided.as_str().into();
            }
            Refusal::Explained(_, messages) => {
                body["response_metadata"] = json!({"messages": messages});
            }
        }
        body
    }
}

/// What a method answers.
pub type Answer = Result<Value, Refusal>;

/// A refusal that its name explains.
pub fn refuse<T>(name: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Named(name))
}
