//! What each of Slack's errors means for whoever called.

/// What an error says about what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// Slack will not do it, however often it is asked.
    Never,
    /// Slack did not do it, and may later.
    Later,
    /// Slack may have done it.
    Perhaps,
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
    // The token, the app or its scopes: somebody has to mend it.
    (
        Says::Never,
        &[
            "access_denied",
            "accesslimited",
            "account_inactive",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "invalid_auth",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "not_authed",
            "team_access_not_granted",
            "token_expired",
            "token_revoked",
            "two_factor_setup_required",
        ],
    ),
    // The place or the person: gone, closed, or closed to Usher.
    (
        Says::Never,
        &[
            "cannot_dm_bot",
            "cannot_reply_to_message",
            "cant_update_message",
            "channel_not_found",
            "edit_window_closed",
            "is_archived",
            "is_inactive",
            "message_not_found",
            "messages_tab_disabled",
            "not_in_channel",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "thread_not_found",
            "user_disabled",
            "user_not_found",
            "user_not_in_channel",
            "user_not_visible",
            "users_not_found",
        ],
    ),
    // What was sent: Usher made it wrong, and would make it wrong again.
    (
        Says::Never,
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
        ],
    ),
];

/// What `code` says. Slack adds errors without telling; one that nobody here knows came with `ok: false`, so
/// nothing was done, and to ask the same again would hide it from the admins.
pub(super) fn says(code: &str) -> Says {
    let found = MEANINGS.iter().find(|(_, codes)| codes.contains(&code));
    found.map_or(Says::Never, |(says, _)| *says)
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
        assert_eq!(says("invented_yesterday"), Says::Never);
        assert_eq!(says(""), Says::Never);
    }
}
