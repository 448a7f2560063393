//! Whether a thread would be glad of a call, on threads told message by message.

use usher::calendar::{HOUR_MS, Instant, MINUTE_MS};
use usher::core::judge::{Temper, TurnSummary, Welcome, judge};

/// A thread of `(person, text)`, a minute apart.
fn temper(thread: &[(u32, &str)]) -> (Temper, Instant) {
    let mut temper = Temper::default();
    let mut at = Instant::from_ms(0);
    for (author, text) in thread {
        at = at.plus(MINUTE_MS);
        temper.add(TurnSummary { author: *author, at, signals: judge(text) });
    }
    (temper, at)
}

const STUCK: &[(u32, &str)] = &[
    (1, "hi, my laptop doesn't connect to the office wifi since the update"),
    (2, "which driver does `lspci -k` show?"),
    (1, "iwlwifi"),
    (2, "did you restart the network service?"),
    (1, "yes, still the same"),
    (2, "what does the log say?"),
    (1, "nothing new in it, it just fails"),
    (2, "can you try with the old kernel?"),
    (1, "didn't help, it still does not work"),
    (2, "hm, do you see the network at all?"),
];

#[test]
fn a_stuck_thread_of_two_welcomes_a_call() {
    let (temper, now) = temper(STUCK);
    assert_eq!(temper.exchanges(), 5);
    assert_eq!(temper.welcome(now, 3), Welcome::Yes);
}

#[test]
fn it_is_not_live_an_hour_later() {
    let (temper, now) = temper(STUCK);
    assert_eq!(temper.welcome(now.plus(HOUR_MS + 1), 3), Welcome::NotLive);
}

#[test]
fn after_a_closing_signal_the_exchanges_count_anew() {
    let mut thread = STUCK.to_vec();
    thread.push((1, "that did it, thanks!"));
    let (settled, now) = temper(&thread);
    assert_eq!((settled.exchanges(), settled.welcome(now, 3)), (0, Welcome::Closing));
    thread.extend_from_slice(STUCK);
    let (again, now) = temper(&thread);
    assert_eq!((again.exchanges(), again.welcome(now, 3)), (5, Welcome::Yes));
}

#[test]
fn bare_thanks_and_emoji_are_no_turns() {
    let (temper, _) = temper(&[
        (1, "how do I export it?"),
        (2, "👍"),
        (1, ":pray:"),
        (2, "hi"),
        (1, "lol"),
        (2, "with the menu"),
    ]);
    assert_eq!(temper.exchanges(), 1);
}

#[test]
fn after_a_call_was_declined_the_exchanges_count_anew() {
    let mut thread = STUCK.to_vec();
    thread.push((1, "no call please, I'm on a train"));
    let (declined, now) = temper(&thread);
    assert_eq!((declined.exchanges(), declined.welcome(now, 3)), (0, Welcome::Declined));
    thread.extend_from_slice(STUCK);
    let (again, now) = temper(&thread);
    assert_eq!((again.exchanges(), again.welcome(now, 3)), (5, Welcome::Yes));
}

#[test]
fn a_crowd_suits_no_call() {
    let mut thread = STUCK.to_vec();
    thread.extend([
        (3, "same here"),
        (4, "is it the proxy?"),
        (3, "no proxy here"),
        (5, "what about the VPN?"),
    ]);
    let (temper, now) = temper(&thread);
    assert_eq!(temper.welcome(now, 3), Welcome::Crowded { people: 5 });
}

#[test]
fn questions_that_get_answers_need_no_call() {
    let (temper, now) = temper(&[
        (1, "which plan has SAML?"),
        (2, "Business and above"),
        (1, "and how many seats does it start with?"),
        (2, "ten"),
        (1, "can we pay yearly?"),
        (2, "yes, two months are free then"),
        (1, "is there a trial?"),
        (2, "fourteen days"),
        (1, "does it need a card?"),
        (2, "it doesn't"),
    ]);
    assert_eq!((temper.exchanges(), temper.welcome(now, 3)), (5, Welcome::NotStuck));
}

#[test]
fn small_talk_has_nothing_to_solve() {
    let (temper, now) =
        temper(&[(1, "the lake was lovely today"), (2, "we went up the hill"), (1, "so green")]);
    assert_eq!(temper.welcome(now, 3), Welcome::Social);
}
