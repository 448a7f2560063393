//! What was missed: the messages of every channel that Usher is in, and the replies of its threads.
//!
//! A channel's history holds no replies, only how many there are and when the last came. So the history
//! is read from further back than the gap, and every thread with a reply in the gap is read as well; and so is each
//! thread that is older still and in which an answer is owed.

use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::format_smolstr;

use super::inbound::{self, Reading, instant_of};
use super::intake::Taken;
use super::live::{Live, LiveError};
use super::web::{Page, Place};
use crate::calendar::{DAY_MS, Instant, MINUTE_MS, SECOND_MS};
use crate::core::event::{ChannelId, Event, MessageId, Platform, What};

/// The history is read from so long before the gap on, in ms: most threads that go on began since.
const THREADS_BACK_MS: i64 = 14 * DAY_MS;
/// What Slack was about to deliver when the connection was lost is older than the gap by less than this, in
/// ms. What is read twice is known by its key.
const ON_ITS_WAY_MS: i64 = 10 * MINUTE_MS;
/// More pages of one channel or thread are not read; what lies beyond is lost, and said so.
const PAGES: usize = 500;

/// A row of a history, as far as its thread goes.
#[derive(Debug, Deserialize)]
struct Row {
    ts: MessageId,
    #[serde(default)]
    latest_reply: Option<String>,
}

impl Live {
    /// Reads what was missed since `from` in `channels`, and says of each that it is filled, or that it is lost.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn fill(&self, channels: &[ChannelId], from: Instant) -> Result<(), LiveError> {
        let since = from.plus(-ON_ITS_WAY_MS);
        for channel in channels {
            let told = match self.fill_channel(channel, since).await {
                Ok(()) => What::Filled { channel: Some(channel.clone()) },
                Err(LiveError::Refused(why)) => {
                    tracing::warn!(%channel, %why, "the history of a channel cannot be read");
                    What::Lost { channel: channel.clone(), why }
                }
                Err(LiveError::Stopped) => return Err(LiveError::Stopped),
            };
            self.tell(told, channel, from).await?;
        }
        self.tell(What::Filled { channel: None }, "", from).await
    }

    async fn tell(&self, what: What, about: &str, from: Instant) -> Result<(), LiveError> {
        let at = self.now();
        let kind = if matches!(what, What::Lost { .. }) { "lost" } else { "filled" };
        let key = format_smolstr!("slack/{kind}/{about}/{}/{}", from.ms(), at.ms());
        self.submit(Event { key, at, platform: Platform::Slack, what }).await
    }

    async fn fill_channel(&self, channel: &ChannelId, from: Instant) -> Result<(), LiveError> {
        let since = from.plus(-THREADS_BACK_MS);
        let mut threads = Vec::new();
        self.each_message(Place { channel, thread: None }, since, |row: &Row| {
            let replied = row.latest_reply.as_deref().and_then(instant_of).is_some_and(|at| at >= from);
            if replied {
                threads.push(row.ts.clone());
            }
            instant_of(&row.ts).is_some_and(|at| at >= from)
        })
        .await?;
        for thread in threads {
            self.fill_thread(channel, &thread, from).await?;
        }
        let is_older = |thread: &MessageId| instant_of(thread).is_some_and(|at| at < since);
        for thread in self.open_threads(channel).await?.into_iter().filter(is_older) {
            match self.fill_thread(channel, &thread, from).await {
                // The channel can be read, and its first message is gone: nobody can answer there.
                Err(LiveError::Refused(why)) => {
                    tracing::info!(%channel, %thread, %why, "a thread cannot be read")
                }
                done => done?,
            }
        }
        Ok(())
    }

    async fn fill_thread(
        &self,
        channel: &ChannelId,
        thread: &MessageId,
        from: Instant,
    ) -> Result<(), LiveError> {
        let place = Place { channel, thread: Some(thread) };
        let is_missed = |row: &Row| instant_of(&row.ts).is_some_and(|at| at >= from) || row.ts == *thread;
        self.each_message(place, from, is_missed).await
    }

    /// Hands in the messages of a place that `is_missed` wants, none older than `since`, in the order of their time:
    /// a channel's history comes newest first, and each message that comes late costs hearing all after it again.
    async fn each_message(
        &self,
        place: Place<'_>,
        since: Instant,
        mut is_missed: impl FnMut(&Row) -> bool,
    ) -> Result<(), LiveError> {
        let oldest = since.ms().div_euclid(SECOND_MS).max(0).to_string();
        let mut cursor: Option<String> = None;
        let (mut missed, mut is_whole) = (Vec::new(), false);
        for _ in 0..PAGES {
            let page = self
                .patiently(|| self.web().messages::<Box<RawValue>>(place, &oldest, cursor.as_deref()))
                .await?;
            let Page { rows, next } = page;
            for raw in &rows {
                let is_wanted = serde_json::from_str(raw.get()).is_ok_and(|row: Row| is_missed(&row));
                if is_wanted {
                    missed.extend(self.read_row(place.channel, raw).await?);
                }
            }
            cursor = next;
            is_whole = cursor.is_none();
            if is_whole {
                break;
            }
        }
        // One message's own events keep their order.
        missed.sort_by_key(|event: &Event| event.at);
        self.submit_all(missed).await?;
        if is_whole {
            Ok(())
        } else {
            Err(LiveError::Refused(format!("more than {PAGES} pages were missed")))
        }
    }

    /// The events of a message. One that cannot be read is kept as it came.
    async fn read_row(&self, channel: &str, raw: &RawValue) -> Result<Vec<Event>, LiveError> {
        let channel = ChannelId::new(channel);
        let row = raw.get().as_bytes();
        match self.reading(|context| inbound::read_history(&channel, row, context)).await {
            Reading::Heard(heard) => return Ok(heard.events),
            Reading::Ignored(_) | Reading::Learn(_) => {}
            Reading::Unreadable(why) => {
                while matches!(self.keep(row, &why.to_string()).await, Taken::NotTaken) {
                    if self.driver().is_stopped() {
                        return Err(LiveError::Stopped);
                    }
                }
            }
        }
        Ok(Vec::new())
    }
}
