//! What a test holds the stand-in by: it acts as people do, looks at what became of it, and breaks things.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::acts::Draft;
use super::deliveries::Delivery;
use super::faults::{Armed, Fault, Limits};
use super::socket_mode::{self, Reason, Silence};
use super::state::{BOT_USER, Request, Settings, Shared, State, Token, words};
use super::workspace::{Appearance, Channel, Ephemeral, Message, User, UserGroup, View};
use super::{http_events, server};

/// How long a test waits for anything.
pub const BOUND: Duration = Duration::from_secs(60);

/// A running stand-in. It stops when it is dropped.
pub struct Standin {
    /// The state and its bell, for what the methods below do not cover.
    pub shared: Arc<Shared>,
    address: SocketAddr,
    listener: JoinHandle<()>,
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.go_down();
    }
}

impl Standin {
    /// Starts one as most tests want it.
    pub async fn start() -> Standin {
        Standin::start_with(Settings::default()).await
    }

    /// Starts one.
    pub async fn start_with(settings: Settings) -> Standin {
        let listener =
            server::bind(SocketAddr::from(([127, 0, 0, 1], settings.port))).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Shared::new(settings, address);
        let listener = server::run(listener, Arc::clone(&shared));
        Standin { shared, address, listener }
    }

    /// The base of the Web API, without a slash at the end.
    pub fn api_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// The base of the control side.
    pub fn control_url(&self) -> String {
        format!("http://{}/control", self.address)
    }

    /// Cuts every connection and listens no more; what it holds stays.
    pub fn go_down(&self) {
        self.listener.abort();
        self.shared
            .change(|state| socket_mode::open(state).into_iter().for_each(|at| socket_mode::cut(state, at)));
    }

    /// Listens again, at the same port.
    pub async fn come_up(&mut self) {
        // The old listener lets go of the port when its task ends, which is soon after it was aborted.
        let mut old = std::mem::replace(&mut self.listener, tokio::spawn(async {}));
        let _ = (&mut old).await;
        let listener = server::bind(self.address).await.expect("the port is still free");
        self.listener = server::run(listener, Arc::clone(&self.shared));
    }

    /// `user` writes in a channel.
    pub fn post(&self, user: &str, channel: &str, text: &str) -> String {
        self.shared.change(|state| state.add(channel, Draft::typed(user, text)))
    }

    /// `user` writes in a channel at `ts`, which need not be the latest.
    pub fn post_at(&self, user: &str, channel: &str, text: &str, ts: &str) {
        let draft = Draft { ts: Some(ts.to_owned()), ..Draft::typed(user, text) };
        self.shared.change(|state| state.add(channel, draft));
    }

    /// `user` writes in a thread.
    pub fn reply(&self, user: &str, channel: &str, root: &str, text: &str) -> String {
        let draft = Draft { thread_ts: Some(root.to_owned()), ..Draft::typed(user, text) };
        self.shared.change(|state| state.add(channel, draft))
    }

    /// The author edits a message.
    pub fn edit(&self, channel: &str, ts: &str, text: &str) {
        self.shared.change(|state| state.replace(channel, ts, Some(text.to_owned()), None, None));
    }

    /// The author deletes a message.
    pub fn delete(&self, channel: &str, ts: &str) {
        self.shared.change(|state| state.remove(channel, ts));
    }

    /// `user` reacts; whether that is new.
    pub fn react(&self, user: &str, channel: &str, ts: &str, name: &str) -> bool {
        self.shared.change(|state| state.reaction(user, channel, ts, name, true))
    }

    /// `user` takes a reaction back.
    pub fn unreact(&self, user: &str, channel: &str, ts: &str, name: &str) -> bool {
        self.shared.change(|state| state.reaction(user, channel, ts, name, false))
    }

    /// `user` types a command; the delivery.
    pub fn command(&self, user: &str, channel: &str, command: &str, text: &str) -> usize {
        self.shared.change(|state| state.command(user, channel, command, text))
    }

    /// `user` presses the element `action_id` of a message; the delivery.
    #[track_caller]
    pub fn press(&self, user: &str, channel: &str, ts: &str, action_id: &str) -> usize {
        let pressed = self.shared.change(|state| state.press(user, channel, ts, action_id, None));
        pressed.unwrap_or_else(|| panic!("{ts} in {channel} has no element {action_id}"))
    }

    /// `user` chooses from the element `action_id` of a message, `choice` being what Slack adds to the action.
    #[track_caller]
    pub fn choose(&self, user: &str, channel: &str, ts: &str, action_id: &str, choice: Value) -> usize {
        let pressed = self.shared.change(|state| state.press(user, channel, ts, action_id, Some(choice)));
        pressed.unwrap_or_else(|| panic!("{ts} in {channel} has no element {action_id}"))
    }

    /// The person of a view or home presses the element `action_id` of it; the delivery.
    #[track_caller]
    pub fn press_in_view(&self, view: &View, action_id: &str) -> usize {
        let pressed = self.shared.change(|state| state.press_in_view(view, action_id, None));
        pressed.unwrap_or_else(|| panic!("the view has no element {action_id}: {}", view.content))
    }

    /// The person of a form sends it; the delivery.
    #[track_caller]
    pub fn submit(&self, view: &View, values: &Value) -> usize {
        let sent = self.shared.change(|state| state.submit(view, values));
        sent.unwrap_or_else(|why| panic!("the form cannot be sent: {why}"))
    }

    /// The person of a form closes it; the delivery, if the app asked for one.
    pub fn close_view(&self, view: &View) -> Option<usize> {
        self.shared.change(|state| state.close_view(view))
    }

    /// `user` chooses a shortcut on a message; the delivery.
    #[track_caller]
    pub fn message_shortcut(&self, user: &str, channel: &str, ts: &str, callback_id: &str) -> usize {
        let chosen = self.shared.change(|state| state.shortcut(user, Some((channel, ts)), callback_id));
        chosen.unwrap_or_else(|| panic!("there is no {ts} in {channel}"))
    }

    /// `user` chooses a shortcut that belongs to no message; the delivery.
    #[track_caller]
    pub fn global_shortcut(&self, user: &str, callback_id: &str) -> usize {
        self.shared.change(|state| state.shortcut(user, None, callback_id)).expect("it needs no message")
    }

    /// `user` opens the home of the app.
    pub fn open_home(&self, user: &str) {
        self.shared.change(|state| state.open_home(user));
    }

    /// Somebody invites the bot into a channel.
    pub fn invite_bot(&self, channel: &str, inviter: &str) {
        self.shared.change(|state| state.join(channel, BOT_USER, Some(inviter)));
    }

    /// The bot is put out of a channel.
    pub fn remove_bot(&self, channel: &str) {
        self.shared.change(|state| {
            let event = json!({"user": BOT_USER, "channel": channel, "channel_type": "C"});
            state.announce("member_left_channel", channel, event);
            state.channels.get_mut(channel).map(|channel| channel.members.remove(BOT_USER))
        });
    }

    /// Adds a channel.
    pub fn add_channel(&self, channel: Channel) {
        self.shared.change(|state| state.channels.insert(channel.id.clone(), channel));
    }

    /// The direct channel of the bot and `user`.
    pub fn direct(&self, user: &str) -> String {
        self.shared.change(|state| state.direct(user))
    }

    /// Renames a channel.
    pub fn rename(&self, channel: &str, name: &str) {
        self.shared.change(|state| {
            state.channels.get_mut(channel).expect("a channel to rename").name = name.to_owned();
            let shown = json!({"channel": {"id": channel, "name": name, "created": 1_700_000_000}});
            state.announce("channel_rename", channel, shown);
        });
    }

    /// Archives a channel, or opens it again.
    pub fn archive(&self, channel: &str, archived: bool) {
        self.shared.change(|state| {
            state.channels.get_mut(channel).expect("a channel to archive").archived = archived;
            let kind = if archived { "channel_archive" } else { "channel_unarchive" };
            state.announce(kind, channel, json!({"channel": channel, "user": "U0ANA"}));
        });
    }

    /// Adds a person, or says what is new about one.
    pub fn put_user(&self, user: User) {
        self.shared.change(|state| state.put_user(user));
    }

    /// Adds a user group.
    pub fn put_group(&self, id: &str, handle: &str, users: &[&str]) {
        let users = users.iter().map(|&user| user.to_owned()).collect();
        let group = UserGroup { id: id.to_owned(), handle: handle.to_owned(), users };
        self.shared.change(|state| state.groups.insert(group.id.clone(), group));
    }

    /// Delivers any event at all; `name` is what subscriptions call it.
    pub fn raise(&self, name: &str, event: Value) {
        self.shared.change(|state| state.raise(name, event));
    }

    /// Delivers a payload once more, as a new delivery: Slack has done that under the same event id, and
    /// under new ones.
    pub fn redeliver(&self, delivery: usize, event_id: Option<&str>) -> usize {
        self.shared.change(|state| {
            let mut payload = state.deliveries[delivery].payload.clone();
            if let Some(id) = event_id {
                payload["event_id"] = id.into();
            }
            state.deliver(Delivery::event(payload))
        })
    }
}

/// What a test sets and breaks.
impl Standin {
    /// The next `times` calls of `method`, or of any, go wrong so.
    pub fn arm(&self, method: Option<&str>, fault: Fault, times: u32) {
        let method = method.map(str::to_owned);
        self.shared.change(|state| state.armed.push(Armed { method, channel: None, fault, times }));
    }

    /// The next `times` calls of `method` about a channel go wrong so.
    pub fn arm_in(&self, channel: &str, method: &str, fault: Fault, times: u32) {
        let (method, channel) = (Some(method.to_owned()), Some(channel.to_owned()));
        self.shared.change(|state| state.armed.push(Armed { method, channel, fault, times }));
    }

    /// Keeps back what the app is to be told, until [`Standin::release`].
    pub fn hold(&self) {
        self.shared.change(|state| state.held = Some(Vec::new()));
    }

    /// Tells the app what was kept back: `turned` says whether the last comes first.
    pub async fn release(&self, turned: bool) {
        let mut held = self.shared.change(|state| state.held.take()).unwrap_or_default();
        if turned {
            held.reverse();
        }
        for index in held {
            self.shared.change(|state| state.send_out(index));
            self.wait_for_delivery(index).await;
        }
    }

    /// Loses the next `count` acknowledgements of events.
    pub fn lose_acknowledgements(&self, count: usize) {
        self.shared.change(|state| state.deaf_to = count);
    }

    /// Sets how fast is too fast.
    pub fn limit(&self, limits: Limits) {
        self.shared.change(|state| state.limits = limits);
    }

    /// Sets what the bot's token may: names with spaces between.
    pub fn set_scopes(&self, scopes: &str) {
        self.shared.change(|state| state.app.scopes = words(scopes));
    }

    /// Takes a scope away.
    pub fn revoke_scope(&self, scope: &str) {
        self.shared.change(|state| state.app.scopes.remove(scope));
    }

    /// Says whether the bot's token is good.
    pub fn set_token(&self, token: Token) {
        self.shared.change(|state| state.app.token = token);
    }

    /// Switches Socket Mode off, and has all go to these URLs, after the first was asked for its challenge.
    pub async fn use_http(&self, events: &str, interactions: &str, commands: &str) -> Result<(), String> {
        http_events::verify(&self.shared, events).await?;
        self.shared.change(|state| {
            let app = &mut state.app;
            app.socket_mode = false;
            app.request_url = Some(events.to_owned());
            app.interactivity_url = Some(interactions.to_owned());
            app.commands_url = Some(commands.to_owned());
        });
        Ok(())
    }

    /// The open sockets.
    pub fn sockets(&self) -> Vec<usize> {
        self.shared.read(socket_mode::open)
    }

    /// Tells a socket that it will be closed, or is.
    pub fn disconnect(&self, socket: usize, reason: Reason) {
        self.shared.change(|state| socket_mode::say_disconnect(state, socket, reason));
    }

    /// Closes a socket properly.
    pub fn hang_up(&self, socket: usize) {
        self.shared.change(|state| socket_mode::hang_up(state, socket));
    }

    /// Cuts a socket without a word.
    pub fn cut(&self, socket: usize) {
        self.shared.change(|state| socket_mode::cut(state, socket));
    }

    /// Makes a socket silent, or has it speak again.
    pub fn silence(&self, socket: usize, silence: Silence) {
        self.shared.change(|state| socket_mode::silence(state, socket, silence));
    }

    /// Sends a socket any text at all.
    pub fn send_raw(&self, socket: usize, text: &str) {
        self.shared.change(|state| socket_mode::send_raw(state, socket, text));
    }
}

/// What a test looks at.
impl Standin {
    /// What was said in a channel, replies too, the oldest first.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        self.shared.read(|state| state.channels[channel].messages.values().cloned().collect())
    }

    /// One message.
    pub fn message(&self, channel: &str, ts: &str) -> Option<Message> {
        self.shared.read(|state| state.message(channel, ts).cloned())
    }

    /// What was shown to `user` alone.
    pub fn ephemerals(&self, user: &str) -> Vec<Ephemeral> {
        self.shared.read(|state| state.ephemerals.iter().filter(|it| it.user == user).cloned().collect())
    }

    /// What the app said since `first`, as it appeared.
    pub fn appeared(&self, first: usize) -> Vec<Appearance> {
        self.shared.read(|state| state.appeared[first..].to_vec())
    }

    /// The forms that `user` has open.
    pub fn views(&self, user: &str) -> Vec<View> {
        self.shared.read(|state| open_views(state, user))
    }

    /// The home of `user`.
    pub fn home(&self, user: &str) -> Option<View> {
        self.shared.read(|state| state.homes.get(user).cloned())
    }

    /// Every call of the Web API so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.read(|state| state.requests.clone())
    }

    /// The calls of one method.
    pub fn requests_of(&self, method: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.method == method).collect()
    }

    /// A delivery, with all its attempts.
    pub fn delivery(&self, index: usize) -> Delivery {
        self.shared.read(|state| state.deliveries[index].clone())
    }

    /// All deliveries.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.read(|state| state.deliveries.clone())
    }

    /// The deliveries in the order in which they were acknowledged.
    pub fn acknowledged(&self) -> Vec<usize> {
        self.shared.read(|state| state.acknowledged.clone())
    }

    /// What the app sent over sockets that acknowledges nothing.
    pub fn strays(&self) -> Vec<String> {
        self.shared.read(|state| state.strays.clone())
    }

    /// Waits until `look` finds something.
    #[track_caller]
    pub fn wait_for<'a, T: 'a>(
        &'a self,
        what: &'a str,
        look: impl Fn(&State) -> Option<T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let found = self.shared.wait_for(BOUND, look).await;
            found.unwrap_or_else(|| panic!("{caller}: waited in vain for {what}"))
        }
    }

    /// Waits until this many sockets take envelopes.
    pub async fn wait_for_sockets(&self, count: usize) {
        let ready = |state: &State| state.sockets.iter().filter(|it| it.open && it.takes_envelopes).count();
        self.wait_for("sockets", |state| (ready(state) == count).then_some(())).await;
    }

    /// Waits until Slack is done with everything that it has to tell the app.
    pub async fn wait_until_settled(&self) {
        let settled = |state: &State| (state.unsettled == 0).then_some(());
        self.wait_for("all deliveries to settle", settled).await;
    }

    /// Waits until one delivery is settled; what became of it.
    pub async fn wait_for_delivery(&self, index: usize) -> Delivery {
        let found = |state: &State| Some(state.deliveries[index].clone()).filter(Delivery::settled);
        self.wait_for("a delivery to settle", found).await
    }

    /// Waits for a message of the bot with `words` in it.
    pub async fn wait_for_message(&self, channel: &str, words: &str) -> Message {
        let fits = |message: &&Message| message.by_app && message.text.contains(words);
        let look = |state: &State| state.channels.get(channel)?.messages.values().find(fits).cloned();
        self.wait_for(words, look).await
    }

    /// Waits for an ephemeral message to `user` with `words` in it.
    pub async fn wait_for_ephemeral(&self, user: &str, words: &str) -> Ephemeral {
        let fits = |it: &&Ephemeral| it.user == user && it.text.contains(words);
        self.wait_for(words, |state| state.ephemerals.iter().find(fits).cloned()).await
    }

    /// Waits for a form that `user` sees.
    pub async fn wait_for_view(&self, user: &str) -> View {
        self.wait_for("a form", |state| open_views(state, user).pop()).await
    }
}

fn open_views(state: &State, user: &str) -> Vec<View> {
    state.views.values().filter(|view| view.open && view.user == user).cloned().collect()
}
