//! What was missed, where it is hard to find.

use serde_json::json;

use crate::usher::{CHANNEL, Usher, all_is_acknowledged, workspace};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_in_a_thread_older_than_what_is_read_of_the_channel_is_found() {
    const DAY_S: i64 = 24 * 60 * 60;
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let now_s = standin.shared.read(|state| state.now_ms()) / 1_000;
    let days_ago = |days: i64| format!("{}.000100", now_s - days * DAY_S);
    // Usher has known the channel for long.
    let known = json!({"type": "channel_unarchive", "channel": CHANNEL, "event_ts": days_ago(30)});
    standin.raise("channel_unarchive", known);
    standin.wait_until_settled().await;
    let asked = days_ago(20);
    standin.post_at("U0CHI", CHANNEL, "!blocking Can somebody look at the failing deploy?", &asked);
    let told = standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    all_is_acknowledged(&standin).await;
    usher.kill();
    standin.wait_for_sockets(0).await;
    // Slack gave up telling of it.
    let events = standin.shared.change(|state| std::mem::take(&mut state.app.events));
    standin.reply("U0BEN", CHANNEL, &asked, "It was the disk; it is deployed now.");
    standin.shared.change(|state| state.app.events = events);
    usher.start();
    standin
        .wait_for("the answer to be found", |state| {
            let message = state.channels.get(CHANNEL)?.messages.get(&told.ts)?;
            (message.text != told.text).then_some(())
        })
        .await;
    all_is_acknowledged(&standin).await;
    assert!(usher.end());
}
