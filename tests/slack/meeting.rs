//! The bot meets each refusal of the stand-in, by the courier's door: what is final is final, what passes is tried
//! again, and neither is taken for a message that was sent.

use std::sync::Arc;

use secrecy::SecretString;
use usher::chat::slack::Slack;
use usher::chat::slack::web::Web;
use usher::chat::{Chat, Outcome};
use usher::clock::Clock;
use usher::core::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use usher::core::event::{MessageRef, Platform};
use usher::core::message::{Message, Part};

use crate::standin::refusals::{NAMES, Refusal};
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, BOT_USER, Token};
use crate::standin::{Channel, Fault, Kind as ChannelKind, Standin};

const SLACK: Platform = Platform::Slack;
const CHANNEL: &str = "C0GENERAL";

/// A workspace in which Usher may what its manifest asks for, and Usher's way into it.
async fn workspace() -> (Standin, Slack) {
    let standin = Standin::start().await;
    crate::manifest::grant(&standin);
    standin.invite_bot(CHANNEL, "U0ANA");
    let bot = bot(&standin, BOT_TOKEN);
    (standin, bot)
}

fn bot(standin: &Standin, token: &str) -> Slack {
    let web = Web::new(&SecretString::from(token.to_owned()), Some(&standin.api_url())).unwrap();
    Slack::new(Arc::new(web), None, Clock::System)
}

fn action(to: Target) -> Action {
    Action {
        id: ActionId("reminder/1".into()),
        kind: Kind::Reminder,
        to,
        message: Message { parts: vec![Part::Words("Owed by noon.".to_owned())], buttons: Vec::new() },
        priority: Priority::Prompt,
        not_after: None,
        if_unknown: IfUnknown::Leave,
    }
}

fn in_channel(channel: &str) -> Action {
    action(Target::Channel { platform: SLACK, channel: channel.into() })
}

fn in_thread(root: &str) -> Action {
    action(Target::Thread { platform: SLACK, channel: CHANNEL.into(), root: root.into() })
}

fn private(channel: &str, user: &str) -> Action {
    action(Target::Private { platform: SLACK, channel: channel.into(), thread: None, user: user.into() })
}

fn direct(user: &str) -> Action {
    action(Target::Direct { platform: SLACK, user: user.into() })
}

async fn refused(bot: &Slack, action: &Action, sent_as: Option<&MessageRef>) -> String {
    match bot.deliver(action, sent_as).await {
        Outcome::Refused(why) => why,
        other @ (Outcome::Accepted(_) | Outcome::TryLater { .. } | Outcome::Unknown(_)) => {
            panic!("{:?} was not refused: {other:?}", action.to)
        }
    }
}

#[tokio::test]
async fn a_place_that_is_closed_to_the_bot_refuses_for_good() {
    let (standin, bot) = workspace().await;
    standin.add_channel(Channel::new("C0OTHER", "other", ChannelKind::Public, &["U0ANA"]));
    standin.add_channel(Channel::new("C0SECRET", "secret", ChannelKind::Private, &["U0ANA"]));
    standin.add_channel(Channel::new("C0MINE", "mine", ChannelKind::Private, &["U0ANA", BOT_USER]));
    standin.add_channel(Channel::new("C0OLD", "old", ChannelKind::Public, &[BOT_USER]));
    standin.archive("C0OLD", true);
    for (action, code) in [
        (in_channel("C0NONE"), "channel_not_found"),
        (in_channel("C0SECRET"), "channel_not_found"),
        (in_channel("C0OTHER"), "not_in_channel"),
        (in_channel("C0OLD"), "is_archived"),
        (in_thread("1.000001"), "thread_not_found"),
        (private(CHANNEL, "U0NONE"), "user_not_found"),
        (private("C0MINE", "U0BEN"), "user_not_in_channel"),
        (direct("U0NONE"), "user_not_found"),
    ] {
        assert_eq!(refused(&bot, &action, None).await, code, "{:?}", action.to);
    }
    assert_eq!(standin.messages(CHANNEL).iter().filter(|message| message.by_app).count(), 0);
}

#[tokio::test]
async fn a_home_that_slack_does_not_show_is_refused_for_good() {
    let (standin, bot) = workspace().await;
    let home = |user: &str| action(Target::Home { platform: SLACK, user: user.into() });
    assert_eq!(refused(&bot, &home("U0NONE"), None).await, "user_not_found");
    assert_eq!(bot.deliver(&home("U0ANA"), None).await, Outcome::Accepted(None));
    assert!(standin.home("U0ANA").is_some());
    standin.shared.change(|state| state.app.home_tab = false);
    assert_eq!(refused(&bot, &home("U0ANA"), None).await, "not_enabled");
}

#[tokio::test]
async fn what_is_gone_or_somebody_elses_is_not_amended() {
    let (standin, bot) = workspace().await;
    let amendment = action(Target::Amend { of: ActionId("reminder/0".into()) });
    let message = |id: &str| MessageRef { channel: CHANNEL.into(), id: id.into() };
    let hers = standin.post("U0ANA", CHANNEL, "hers");
    assert_eq!(refused(&bot, &amendment, Some(&message(&hers))).await, "cant_update_message");
    assert_eq!(refused(&bot, &amendment, Some(&message("1.000001"))).await, "message_not_found");
}

#[tokio::test]
async fn a_token_that_is_no_good_refuses_for_good() {
    let (standin, good) = workspace().await;
    let post = in_channel(CHANNEL);
    assert_eq!(refused(&bot(&standin, "xoxb-other"), &post, None).await, "invalid_auth");
    assert_eq!(refused(&bot(&standin, APP_TOKEN), &post, None).await, "not_allowed_token_type");
    standin.revoke_scope("chat:write");
    assert_eq!(refused(&good, &post, None).await, "missing_scope");
    for (token, code) in [(Token::Revoked, "token_revoked"), (Token::Inactive, "account_inactive")] {
        standin.set_token(token);
        assert_eq!(refused(&good, &post, None).await, code);
    }
}

/// Those that Usher gives no cause for, armed: Slack may have causes of its own.
#[tokio::test]
async fn every_refusal_of_the_stand_in_is_met_and_understood() {
    let (standin, bot) = workspace().await;
    let post = in_channel(CHANNEL);
    for name in NAMES {
        standin.arm(Some("chat.postMessage"), Fault::Refused(Refusal::Named(name)), 1);
        let outcome = bot.deliver(&post, None).await;
        let expected = match name {
            "ratelimited" => Outcome::TryLater { after_ms: None, why: name.to_owned() },
            _ => Outcome::Refused(name.to_owned()),
        };
        assert_eq!(outcome, expected, "{name}");
    }
    assert_eq!(standin.messages(CHANNEL).iter().filter(|message| message.by_app).count(), 0);
    assert!(matches!(bot.deliver(&post, None).await, Outcome::Accepted(Some(_))), "and then it goes through");
}
