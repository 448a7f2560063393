//! What each of Slack's errors means for whoever called, and for whoever can mend it.

use crate::core::barred::Barrier;

/// What an error says about what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// Slack will not do it, however often it is asked, until something is other than it is.
    Never(Until),
    /// Slack did not do it, and may later.
    Later,
    /// Slack may have done it.
    Perhaps,
}

/// What would have to be other than it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The token: nothing works without a good one.
    Token,
    /// What somebody can mend.
    Mended(Barrier),
    /// Nothing that anybody would mend: what it was about is gone, or somebody's own affair.
    Moot,
}

/// The errors that Slack documents for the methods that Usher calls, and some that it does not document.
const MEANINGS: &[(Says, &[&str])] = &[
    // "It's possible some aspect of the operation succeeded before the error was raised."
    (Says::Perhaps, &["fatal_error", "internal_error"]),
    // Limits and outages; the words of a request that were lost on the way; a workspace or a channel that is
    // being moved. To update a message once more does no harm.
    (
        Says::Later,
        &[
            "external_channel_migrating",
            "message_limit_exceeded",
            "org_login_required",
            "rate_limited",
            "ratelimited",
            "request_timeout",
            "service_unavailable",
            "team_added_to_org",
            "update_failed",
        ],
    ),
    // Usher's token: "for a deleted user or workspace", taken back, or never one.
    (
        Says::Never(Until::Token),
        &["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"],
    ),
    // The app, its scopes, or what the workspace allows apps.
    (
        Says::Never(Until::Mended(Barrier::Permission)),
        &[
            "access_denied",
            "accesslimited",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "messages_tab_disabled",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "not_enabled",
            "team_access_not_granted",
            "two_factor_setup_required",
        ],
    ),
    (Says::Never(Until::Mended(Barrier::NotIn)), &["not_in_channel"]),
    // A private channel that Usher is not in is not found either.
    (Says::Never(Until::Mended(Barrier::Unseen)), &["channel_not_found"]),
    (Says::Never(Until::Mended(Barrier::Archived)), &["is_archived", "is_inactive"]),
    (
        Says::Never(Until::Mended(Barrier::ReadOnly)),
        &[
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
        ],
    ),
    (
        Says::Never(Until::Mended(Barrier::Unreachable)),
        &["cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible", "users_not_found"],
    ),
    // A message or a thread that is gone or locked, or a person who is not in the channel.
    (
        Says::Never(Until::Moot),
        &[
            "cannot_reply_to_message",
            "cant_update_message",
            "edit_window_closed",
            "message_not_found",
            "restricted_action_thread_locked",
            "thread_not_found",
            "user_not_in_channel",
        ],
    ),
    // What was sent: Usher made it wrong, and would make it wrong again.
    (
        Says::Never(Until::Mended(Barrier::Flaw)),
        &[
            "deprecated_endpoint",
            "invalid_arguments",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_form_data",
            "invalid_json",
            "invalid_metadata_format",
            "invalid_metadata_schema",
            "json_not_object",
            "metadata_too_large",
            "method_deprecated",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_text",
            "unknown_method",
            "view_too_large",
        ],
    ),
];

/// What `code` says. Slack adds errors without telling; one that nobody here knows came with `ok: false`, so
/// nothing was done, and to ask the same again would hide it from the admins.
pub(super) fn says(code: &str) -> Says {
    let found = MEANINGS.iter().find(|(_, codes)| codes.contains(&code));
    found.map_or(Says::Never(Until::Mended(Barrier::Other)), |(says, _)| *says)
}

/// What stands in the way where Slack said `code`, as far as somebody can mend it.
pub(in crate::chat::slack) fn barrier(code: &str) -> Option<Barrier> {
    match says(code) {
        Says::Never(Until::Mended(barrier)) => Some(barrier),
        Says::Never(Until::Token | Until::Moot) | Says::Later | Says::Perhaps => None,
    }
}

/// Whether `code` says that the token is no longer good.
pub(super) fn is_about_token(code: &str) -> bool {
    says(code) == Says::Never(Until::Token)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_error_stands_in_the_table_once() {
        let mut seen = BTreeSet::new();
        for (_, codes) in MEANINGS {
            assert!(codes.is_sorted(), "{codes:?}");
            for code in *codes {
                assert!(seen.insert(*code), "{code}");
            }
        }
    }

    #[test]
    fn an_error_that_nobody_knows_is_final() {
        for code in ["invented_yesterday", ""] {
            assert_eq!(says(code), Says::Never(Until::Mended(Barrier::Other)), "{code}");
        }
    }
}
