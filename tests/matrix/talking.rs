//! The people and the homeserver of these tests, tried by themselves.

use crate::homeserver::Homeserver;
use crate::people::{Keys, Message, NewRoom, Person, Reaction, Say};

async fn arrive(names: &[&str], keys: Keys) -> Vec<Person> {
    let (server, suffix) = (Homeserver::shared(), Homeserver::suffix());
    let mut people = Vec::new();
    for name in names {
        people.push(Person::arrive(server, name, &suffix, keys).await);
    }
    people
}

async fn room_of(people: &[Person], encrypted: bool) -> String {
    let (host, guests) = people.split_first().unwrap();
    let invite: Vec<&str> = guests.iter().map(|guest| guest.user.as_str()).collect();
    let room = host
        .create(NewRoom { name: Some("support"), encrypted, invite: &invite, ..NewRoom::default() })
        .await;
    for guest in guests {
        assert_eq!(guest.accept(&host.user).await, room);
    }
    room
}

fn find<'m>(messages: &'m [Message], event: &str) -> &'m Message {
    messages.iter().find(|message| message.event_id == event).unwrap()
}

async fn talk(keys: Keys) {
    let people = arrive(&["ana", "ben", "kim"], keys).await;
    let [ana, ben, kim] = people.as_slice() else { unreachable!() };
    let room = room_of(&people, keys == Keys::Some).await;
    let mentions = [("@ben".to_owned(), ben.clone())];
    let asked = ana.say(&room, Say { text: "@ben: is a < b?", mentions: &mentions, ..Say::default() }).await;
    let in_thread = Say { text: "yes", thread: Some(&asked), ..Say::default() };
    let answered = ben.say(&room, in_thread).await;
    ben.say(&room, Say { text: "no", edits: Some(&answered), ..Say::default() }).await;
    kim.react(&room, &asked, "👀").await;
    kim.react(&room, &answered, "👍").await;
    kim.take_back(&room, &answered, "👍").await;
    let removed = kim.write(&room, "never mind").await;
    kim.remove(&room, &removed).await;
    let last = ben.say(&room, Say { text: "I am off", kind: Some("notice"), ..Say::default() }).await;

    for person in &people {
        let messages = person.read(&room, Some("I am off")).await;
        let question = find(&messages, &asked);
        assert_eq!(question.text, "ben: is a < b?");
        let pill = format!("<a href=\"https://matrix.to/#/{}\">ben</a>: is a &lt; b?", ben.user);
        assert_eq!(question.html.as_deref(), Some(pill.as_str()));
        assert_eq!(question.content["m.mentions"]["user_ids"], serde_json::json!([ben.user]));
        assert_eq!(question.reactions, [Reaction { key: "👀".to_owned(), sender: kim.user.clone() }]);
        let answer = find(&messages, &answered);
        assert_eq!((answer.text.as_str(), answer.edited), ("no", true));
        assert_eq!(answer.thread.as_deref(), Some(asked.as_str()));
        assert_eq!(answer.reactions, []);
        assert_eq!(find(&messages, &last).kind, "notice");
        assert_eq!(messages.len(), 3, "{messages:#?}");
        assert!(messages.iter().all(|it| it.encrypted == (keys == Keys::Some) && it.readable));
    }
}

#[tokio::test]
async fn people_talk_in_a_plain_room() {
    talk(Keys::None).await;
}

#[tokio::test]
async fn people_talk_in_an_encrypted_room() {
    talk(Keys::Some).await;
}

#[tokio::test]
async fn a_key_that_was_withheld_comes_late() {
    let people = arrive(&["ana", "ben", "kim"], Keys::Some).await;
    let [ana, ben, kim] = people.as_slice() else { unreachable!() };
    let room = room_of(&people, true).await;
    ana.write(&room, "hello").await;
    ana.withhold_keys(&room, &kim.user).await;
    let secret = ana.write(&room, "not for all").await;
    assert!(ben.look_at(&room, &secret).await.readable);
    let seen = kim.look(&room, None).await;
    assert!(seen.iter().any(|it| it.event_id == secret && !it.readable), "{seen:#?}");
    ana.share_keys(&room, &kim.user).await;
    assert_eq!(kim.look_at(&room, &secret).await.content["body"], "not for all");
    let open = ana.write(&room, "for all").await;
    assert!(kim.look_at(&room, &open).await.readable);
}

#[tokio::test]
async fn a_room_is_upgraded_and_the_old_one_takes_no_more() {
    let people = arrive(&["ana", "ben"], Keys::None).await;
    let [ana, ben] = people.as_slice() else { unreachable!() };
    let room = room_of(&people, false).await;
    let new = ana.upgrade(&room, "12").await;
    assert_ne!(new, room);
    let refused = ben.try_to("send", serde_json::json!({"room": room, "text": "hello?"})).await.unwrap_err();
    assert_eq!(refused.code.as_deref(), Some("M_FORBIDDEN"), "{}", refused.why);
}

#[tokio::test]
async fn a_homeserver_of_one_s_own_is_killed_and_keeps_what_it_has_stored() {
    let server = Homeserver::start();
    let ana = Person::arrive(&server, "ana", "", Keys::None).await;
    let room = ana.create(NewRoom { public: true, ..NewRoom::default() }).await;
    let before = ana.write(&room, "before").await;
    server.kill().await;
    server.start_again().await;
    let after = ana.write(&room, "after").await;
    let seen = ana.look(&room, Some(&after)).await;
    let said = seen.iter().filter(|it| it.kind == "m.room.message").map(|it| it.event_id.as_str());
    assert_eq!(said.collect::<Vec<_>>(), [before, after]);
}
