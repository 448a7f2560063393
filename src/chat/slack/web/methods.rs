//! The methods of the Web API that Usher uses. Rows of lists stay raw, so that one odd row costs no others.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::shapes::{Cursor, Done, Own, Said, SaidThere};
use super::{Address, CallError, Identity, Page, Place, Sent, Web};
use crate::chat::slack::blocks::Rendered;
use crate::chat::survey::Group;
use crate::core::action::ActionId;
use crate::core::event::{ChannelId, EventKey, MessageRef, UserId};

/// How many rows a page has: Slack recommends no more than 200.
const PAGE: &str = "200";

/// Nothing is asked.
#[derive(Serialize)]
struct Nothing {}

/// Every function fails as [`CallError`] says.
impl Web {
    /// `auth.test`: who the token is.
    ///
    /// # Errors
    /// See [`CallError`], here and below.
    pub async fn identity(&self) -> Result<Identity, CallError> {
        self.post("auth.test", &Nothing {}).await
    }

    /// `apps.connections.open`: the address of a new socket. The token is the app's.
    pub async fn open_socket(&self) -> Result<String, CallError> {
        #[derive(Deserialize)]
        struct Opened {
            url: String,
        }
        let Opened { url } = self.post("apps.connections.open", &Nothing {}).await?;
        Ok(url)
    }

    /// `chat.postMessage`.
    pub async fn post_message(
        &self,
        place: Place<'_>,
        message: &Rendered,
        id: &ActionId,
    ) -> Result<Sent, CallError> {
        let said = Said { metadata: Some(Own::new(id)), ..Said::new(place, message) };
        self.post("chat.postMessage", &said).await
    }

    /// `chat.postEphemeral`: one person sees it, and nobody can find it again.
    pub async fn post_ephemeral(
        &self,
        place: Place<'_>,
        user: &str,
        message: &Rendered,
    ) -> Result<(), CallError> {
        let said = Said { user: Some(user), ..Said::new(place, message) };
        let done: Done = self.post("chat.postEphemeral", &said).await?;
        done.or_doubt()
    }

    /// Keeps the address at which the answer to an event can be said for half an hour; whether it is Slack's.
    pub fn keep_address(&self, event: &EventKey, url: &str, in_thread: bool) -> bool {
        self.addresses.keep(ActionId::answer_to(event), url, in_thread)
    }

    /// The answer to `event` can be said where the one to `of` can.
    pub fn share_address(&self, event: &EventKey, of: &EventKey) {
        self.addresses.share(ActionId::answer_to(event), &ActionId::answer_to(of));
    }

    /// The address at which an answer can be said, if Slack gave one to this process.
    pub fn address_of(&self, answer: &ActionId) -> Option<Address> {
        self.addresses.of(answer)
    }

    /// Says an answer at its address, to whoever asked alone. Slack refuses where it is too old or was used up.
    pub async fn respond(
        &self,
        address: &Address,
        thread: Option<&str>,
        message: &Rendered,
    ) -> Result<(), CallError> {
        let said = SaidThere {
            response_type: "ephemeral",
            replace_original: false,
            thread_ts: thread,
            text: &message.text,
            blocks: &message.blocks,
        };
        self.post_at(address, &said).await
    }

    /// `chat.update`: other words in the place of a message.
    pub async fn update(
        &self,
        channel: &str,
        ts: &str,
        message: &Rendered,
        id: &ActionId,
    ) -> Result<Sent, CallError> {
        let place = Place { channel, thread: None };
        let said = Said { ts: Some(ts), metadata: Some(Own::new(id)), ..Said::new(place, message) };
        self.post("chat.update", &said).await
    }

    /// `chat.getPermalink`: the address of a message, with its thread if it stands in one.
    pub async fn permalink(&self, message: &MessageRef) -> Result<String, CallError> {
        #[derive(Deserialize)]
        struct Link {
            permalink: String,
        }
        let asked = [("channel", Some(message.channel.as_str())), ("message_ts", Some(message.id.as_str()))];
        let Link { permalink } = self.get("chat.getPermalink", &asked).await?;
        Ok(permalink)
    }

    /// `conversations.open`: the direct conversation with a user.
    pub async fn open_direct(&self, user: &str) -> Result<ChannelId, CallError> {
        #[derive(Serialize)]
        struct Asked<'a> {
            users: &'a str,
        }
        #[derive(Deserialize)]
        struct Opened {
            channel: Id,
        }
        #[derive(Deserialize)]
        struct Id {
            id: ChannelId,
        }
        let Opened { channel } = self.post("conversations.open", &Asked { users: user }).await?;
        Ok(channel.id)
    }

    /// A page of messages that are not older than `oldest`: `conversations.history` of a channel, newest
    /// first, or `conversations.replies` of a thread, oldest first and the first of the thread before all.
    pub async fn messages<T: DeserializeOwned + Send>(
        &self,
        place: Place<'_>,
        oldest: &str,
        cursor: Option<&str>,
    ) -> Result<Page<T>, CallError> {
        #[derive(Deserialize)]
        struct Messages<T> {
            messages: Vec<T>,
            response_metadata: Option<Cursor>,
        }
        let method = match place.thread {
            None => "conversations.history",
            Some(_) => "conversations.replies",
        };
        let asked = [
            ("channel", Some(place.channel)),
            ("ts", place.thread),
            ("oldest", Some(oldest)),
            ("inclusive", Some("true")),
            ("include_all_metadata", Some("true")),
            ("limit", Some(PAGE)),
            ("cursor", cursor),
        ];
        let Messages { messages, response_metadata } = self.get(method, &asked).await?;
        Ok(Page { rows: messages, next: Cursor::next(response_metadata) })
    }

    /// `users.list`: a page of the workspace's users, as raw rows.
    pub async fn users(&self, cursor: Option<&str>) -> Result<Page<Box<RawValue>>, CallError> {
        #[derive(Deserialize)]
        struct Users {
            members: Vec<Box<RawValue>>,
            response_metadata: Option<Cursor>,
        }
        let asked = [("limit", Some(PAGE)), ("cursor", cursor)];
        let Users { members, response_metadata } = self.get("users.list", &asked).await?;
        Ok(Page { rows: members, next: Cursor::next(response_metadata) })
    }

    /// `users.info`: one user, as a raw row.
    pub async fn user(&self, user: &str) -> Result<Box<RawValue>, CallError> {
        #[derive(Deserialize)]
        struct User {
            user: Box<RawValue>,
        }
        let User { user } = self.get("users.info", &[("user", Some(user))]).await?;
        Ok(user)
    }

    /// `conversations.list`: a page of the channels that the bot may see, as raw rows.
    pub async fn channels(&self, cursor: Option<&str>) -> Result<Page<Box<RawValue>>, CallError> {
        #[derive(Deserialize)]
        struct Channels {
            channels: Vec<Box<RawValue>>,
            response_metadata: Option<Cursor>,
        }
        let asked = [
            ("types", Some("public_channel,private_channel,mpim,im")),
            ("limit", Some(PAGE)),
            ("cursor", cursor),
        ];
        let Channels { channels, response_metadata } = self.get("conversations.list", &asked).await?;
        Ok(Page { rows: channels, next: Cursor::next(response_metadata) })
    }

    /// `conversations.info`: one channel, as a raw row.
    pub async fn channel(&self, channel: &str) -> Result<Box<RawValue>, CallError> {
        #[derive(Deserialize)]
        struct Channel {
            channel: Box<RawValue>,
        }
        let Channel { channel } = self.get("conversations.info", &[("channel", Some(channel))]).await?;
        Ok(channel)
    }

    /// `usergroups.list`: the handle of a user group, without `@`.
    pub async fn group_handle(&self, group: &str) -> Result<SmolStr, CallError> {
        #[derive(Deserialize)]
        struct Groups {
            usergroups: Vec<Group>,
        }
        #[derive(Deserialize)]
        struct Group {
            id: SmolStr,
            handle: SmolStr,
        }
        let Groups { usergroups } = self.get("usergroups.list", &[]).await?;
        let found = usergroups.into_iter().find(|known| known.id == group);
        found.map(|group| group.handle).ok_or_else(|| CallError::Refused("no_such_subteam".to_owned()))
    }

    /// `usergroups.list`: all user groups with who is in them.
    pub async fn groups(&self) -> Result<Vec<Group>, CallError> {
        #[derive(Deserialize)]
        struct Groups {
            usergroups: Vec<Row>,
        }
        #[derive(Deserialize)]
        struct Row {
            handle: String,
            #[serde(default)]
            users: Vec<UserId>,
        }
        let Groups { usergroups } = self.get("usergroups.list", &[("include_users", Some("true"))]).await?;
        Ok(usergroups.into_iter().map(|row| Group { handle: row.handle, members: row.users }).collect())
    }

    /// `conversations.members`: a page of the members of a channel.
    pub async fn members(&self, channel: &str, cursor: Option<&str>) -> Result<Page<UserId>, CallError> {
        #[derive(Deserialize)]
        struct Members {
            members: Vec<UserId>,
            response_metadata: Option<Cursor>,
        }
        let asked = [("channel", Some(channel)), ("limit", Some(PAGE)), ("cursor", cursor)];
        let Members { members, response_metadata } = self.get("conversations.members", &asked).await?;
        Ok(Page { rows: members, next: Cursor::next(response_metadata) })
    }

    /// `views.publish`: what a user sees in the app's home.
    pub async fn publish_view(
        &self,
        user: &str,
        view: &(impl Serialize + Send + Sync),
    ) -> Result<(), CallError> {
        #[derive(Serialize)]
        struct Asked<'a, V> {
            user_id: &'a str,
            view: &'a V,
        }
        let done: Done = self.post("views.publish", &Asked { user_id: user, view }).await?;
        done.or_doubt()
    }

    /// `views.open`: a form for whoever just pressed something; `trigger` is good for three seconds.
    pub async fn open_view(
        &self,
        trigger: &str,
        view: &(impl Serialize + Send + Sync),
    ) -> Result<(), CallError> {
        #[derive(Serialize)]
        struct Asked<'a, V> {
            trigger_id: &'a str,
            view: &'a V,
        }
        let done: Done = self.post("views.open", &Asked { trigger_id: trigger, view }).await?;
        done.or_doubt()
    }
}
