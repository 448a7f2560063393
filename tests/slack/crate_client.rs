//! The client of `slack-morphism`, which Usher calls the Web API with, against the stand-in.

use hyper_rustls::HttpsConnectorBuilder;
use slack_morphism::errors::{SlackClientError, SlackRateLimitError};
use slack_morphism::prelude::*;

use crate::standin::faults::Fault;
use crate::standin::state::{BOT_TOKEN, BOT_USER};
use crate::standin::{Channel, Kind, Standin};

const CHANNEL: &str = "C0GENERAL";

/// A stand-in with the bot in the channel, and the client.
async fn connected() -> (Standin, SlackClient<SlackClientHyperHttpsConnector>, SlackApiToken) {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    let https =
        HttpsConnectorBuilder::new().with_native_roots().unwrap().https_or_http().enable_http1().build();
    let connector = SlackClientHyperConnector::with_connector(https).with_slack_api_url(&standin.api_url());
    (standin, SlackClient::new(connector), SlackApiToken::new(SlackApiTokenValue(BOT_TOKEN.to_owned())))
}

#[tokio::test]
async fn the_crate_posts_and_reads_back_by_pages() {
    let (standin, client, token) = connected().await;
    standin.add_channel(Channel::new("C0MINE", "mine", Kind::Private, &[BOT_USER, "U0ANA"]));
    let session = client.open_session(&token);
    assert_eq!(session.auth_test().await.unwrap().user_id.0, BOT_USER);
    let mut root = None;
    for text in ["one", "two", "three"] {
        let content = SlackMessageContent::new().with_text(text.to_owned());
        let mut request = SlackApiChatPostMessageRequest::new(CHANNEL.into(), content);
        request.thread_ts.clone_from(&root);
        root = root.or(Some(session.chat_post_message(&request).await.unwrap().ts));
    }
    let root = root.unwrap();
    let mut request = SlackApiConversationsRepliesRequest::new(CHANNEL.into(), root.clone()).with_limit(1);
    let (mut texts, mut pages) = (Vec::new(), 0);
    loop {
        let page = session.conversations_replies(&request).await.unwrap();
        pages += 1;
        texts.extend(page.messages.into_iter().filter_map(|message| message.content.text));
        match page.response_metadata.and_then(|metadata| metadata.next_cursor) {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
    }
    // The root is on every page.
    assert_eq!((texts.as_slice(), pages), (["one", "two", "one", "three"].map(str::to_owned).as_slice(), 2));
    assert_eq!(standin.requests_of("conversations.replies")[0].verb, "GET");
    let history = SlackApiConversationsHistoryRequest::new().with_channel(CHANNEL.into());
    let history = session.conversations_history(&history).await.unwrap();
    assert_eq!(history.messages.len(), 2, "the root, and that the bot joined");
    let types = vec![SlackConversationType::Public, SlackConversationType::Private];
    let list = SlackApiConversationsListRequest::new().with_types(types);
    assert_eq!(session.conversations_list(&list).await.unwrap().channels.len(), 2);
}

#[tokio::test]
async fn the_crate_understands_refusals_and_limits() {
    let (standin, client, token) = connected().await;
    let session = client.open_session(&token);
    let content = SlackMessageContent::new().with_text("x".to_owned());
    let request = SlackApiChatPostMessageRequest::new("C0NONE".into(), content);
    let refused = session.chat_post_message(&request).await.unwrap_err();
    assert!(
        matches!(&refused, SlackClientError::ApiError(error) if error.code == "channel_not_found"),
        "{refused}"
    );
    standin.arm(None, Fault::TooFast { retry_after: Some("7".to_owned()) }, 1);
    let limited = session.auth_test().await.unwrap_err();
    let seven = |limit: &SlackRateLimitError| limit.retry_after.is_some_and(|after| after.as_secs() == 7);
    assert!(matches!(&limited, SlackClientError::RateLimitError(limit) if seven(limit)), "{limited}");
    standin.arm(None, Fault::AnswerLost, 1);
    let lost = session.auth_test().await.unwrap_err();
    assert!(matches!(lost, SlackClientError::HttpProtocolError(_)), "{lost}");
    let ana = SlackApiUsersInfoRequest::new("U0ANA".into());
    let unread = session.users_info(&ana).await.unwrap_err();
    assert!(
        matches!(unread, SlackClientError::ProtocolError(_)),
        "its model of `profile.fields` fails, as it does on Slack"
    );
}
