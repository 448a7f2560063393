//! A first runbook: whatever people typed, `usher check` finds nothing wrong with it.
#![cfg(feature = "service")]

use proptest::collection::vec;
use proptest::prelude::*;
use usher::calendar::{Instant, parse_zone};
use usher::chat::survey::{Group, Member, Room, Standing, Survey};
use usher::core::event::{ChannelKind, Platform};
use usher::init::first_runbook;
use usher::runbook::{LintContext, NoFiles, Runbook, Voice, Who, check, render_text};

/// The runbook, which has no problem at all.
#[track_caller]
fn checked(text: &str) -> Runbook {
    let now = Instant::parse("2026-11-20T12:00:00Z").expect("an instant");
    let loaded =
        check("runbook.toml", text, &NoFiles, LintContext { now, pager: Some(false), secrets: Some(&[]) });
    assert!(loaded.problems.is_empty(), "{}\n{text}", render_text(&loaded.problems));
    loaded.runbook.expect("no problems, so a runbook")
}

fn member(id: &str, name: &str, zone: Option<&str>, standing: Standing) -> Member {
    let zone = zone.map(|zone| parse_zone(zone).expect("a zone"));
    Member { id: id.into(), account: name.to_lowercase(), name: name.to_owned(), zone, standing }
}

fn room(id: &str, name: &str, purpose: &str, members: u32) -> Room {
    Room {
        id: id.into(),
        alias: None,
        name: name.to_owned(),
        kind: ChannelKind::Public,
        archived: false,
        is_general: name == "general",
        purpose: purpose.to_owned(),
        members,
        usher_is_in: false,
    }
}

fn acme() -> Survey {
    let berlin = Some("Europe/Berlin");
    Survey {
        platform: Platform::Slack,
        name: "Acme \"Ltd\"".to_owned(),
        people: vec![
            member("U01", "José Pérez", berlin, Standing::Member),
            member("U02", "Ana", berlin, Standing::Member),
            member("U03", "Ana\nBanana", None, Standing::Owner),
            member("U04", "Mere", Some("Pacific/Auckland"), Standing::Member),
            member("U05", "Gast", berlin, Standing::Guest),
            member("U06", "Deploy", None, Standing::Bot),
            member("U07", "Old", berlin, Standing::Deactivated),
        ],
        groups: Vec::new(),
        channels: vec![
            room("C01", "general", "Company-wide \"announcements\"\nand \u{202e}work-based matters\u{7}", 4),
            room("C02", "help", "", 3),
            room("C03", "empty", "", 0),
            Room { usher_is_in: true, ..room("C04", "büro.münchen", "C:\\Users", 1) },
            Room { archived: true, ..room("C05", "old", "", 9) },
            Room { kind: ChannelKind::Private, usher_is_in: true, ..room("C06", "secret", "", 9) },
        ],
    }
}

#[test]
fn a_small_workspace_becomes_a_runbook_that_can_be_adopted() {
    let first = first_runbook(&acme());
    checked(&first.text);
    insta::assert_snapshot!(first.text);
}

#[test]
fn user_groups_are_listed_with_their_people() {
    let mut survey = acme();
    let group = |handle: &str, ids: &[&str]| Group {
        handle: handle.to_owned(),
        members: ids.iter().map(|&id| id.into()).collect(),
    };
    survey.groups = vec![
        group("platform", &["U01", "U02", "U05", "U06", "U07"]),
        group("guests", &["U05"]),
        group("ana", &["U04"]),
    ];
    survey.channels.push(room("C07", "ask-platform", "", 3));
    let first = first_runbook(&survey);
    let runbook = checked(&first.text);
    assert_eq!(first.groups_left_out, ["guests"]);
    // The owner is in no group, and listed as the admin.
    let groups: Vec<(&str, Vec<&str>)> = runbook
        .groups
        .iter()
        .map(|(name, members)| (name.as_str(), members.iter().map(|member| member.as_str()).collect()))
        .collect();
    assert_eq!(groups, [("ana", vec!["mere"]), ("platform", vec!["jose", "ana-2"])]);
    assert_eq!(runbook.team.admins, ["ana-3"]);
    assert_eq!(runbook.channels["ask-platform"].responders, [Who::Group("platform".into())]);
    assert_eq!(runbook.owners["platform"], Who::Group("platform".into()));
}

#[test]
fn of_a_large_workspace_the_groups_that_find_room_are_listed() {
    let people: Vec<Member> =
        (0..400).map(|n| member(&format!("U{n:03}"), &format!("P{n}"), None, Standing::Member)).collect();
    let ids = |from: usize, to: usize| people[from..to].iter().map(|member| member.id.clone()).collect();
    let groups = vec![
        Group { handle: "everybody".to_owned(), members: ids(0, 400) },
        Group { handle: "backend".to_owned(), members: ids(10, 20) },
    ];
    let survey =
        Survey { platform: Platform::Slack, name: "Big".to_owned(), people, groups, channels: Vec::new() };
    let first = first_runbook(&survey);
    let runbook = checked(&first.text);
    assert_eq!((first.people, first.groups, runbook.people.len()), (11, 1, 11));
    assert_eq!(first.groups_left_out, ["everybody"]);
    let alone = first_runbook(&Survey { groups: Vec::new(), ..survey });
    assert_eq!((alone.people, alone.groups), (1, 0), "the admin alone");
    checked(&alone.text);
}

#[test]
fn of_matrix_the_rooms_are_listed_by_their_addresses_and_people_with_their_zones() {
    let matrix = |id: &str, alias: Option<&str>, name: &str| Room {
        alias: alias.map(Into::into),
        kind: ChannelKind::Private,
        ..room(id, name, "", 1)
    };
    let survey = Survey {
        platform: Platform::Matrix,
        name: "example.org".to_owned(),
        people: vec![
            member("@ana:example.org", "Ana", Some("Africa/Lagos"), Standing::Admin),
            member("@ben:example.org", "Ben", Some("Europe/Berlin"), Standing::Member),
            member("@kim:example.com", "Kim", Some("Europe/Berlin"), Standing::Member),
            member("@lee:example.com", "Lee", None, Standing::Member),
        ],
        groups: Vec::new(),
        channels: vec![
            matrix("!1:example.org", Some("#help:example.org"), "help"),
            matrix("!2x", None, "Old \"plans\""),
            matrix("!3:example.org", Some("#both:example.org"), "one"),
            matrix("!4:example.org", Some("#both:example.org"), "other"),
            Room { archived: true, ..matrix("!5:example.org", None, "gone") },
            matrix("C012AB3CD", None, "slack"),
        ],
    };
    let runbook = checked(&first_runbook(&survey).text);
    let zones: Vec<_> = runbook.people.values().map(|person| person.zone.map(|zone| zone.name())).collect();
    let berlin = Some("Europe/Berlin");
    assert_eq!(zones, [Some("Africa/Lagos"), berlin, berlin, berlin], "the last is the guess");
    let ids: Vec<_> =
        runbook.channels.iter().map(|(name, it)| (name.as_str(), it.matrix.as_deref().unwrap())).collect();
    let expected = [
        ("help", "#help:example.org"),
        ("old-plans", "!2x"),
        ("one", "!3:example.org"),
        ("other", "!4:example.org"),
    ];
    assert_eq!(ids, expected, "an address that two claim is nobody's");
}

#[test]
fn an_empty_workspace_becomes_a_runbook_too() {
    let runbook = checked(
        &first_runbook(&Survey { name: String::new(), people: Vec::new(), channels: Vec::new(), ..acme() })
            .text,
    );
    assert_eq!((runbook.people.len(), runbook.channels.len()), (0, 0));
}

/// Names as people give them, and as they do not.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,20}",
        "[a-z]{1,3}( [A-Z]{1,3})?",
        "(ana|responders|team|help|blocking|\\*|normal|ask-[a-z]{2})",
        "[\"'\\\\#\\[\\]{}=\n\r\t\u{0}\u{7f}\u{2028}\u{202e} ]{0,12}",
    ]
}

fn any_id(initial: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![9 => "[A-F0-9]{2,3}".prop_map(move |id| format!("{initial}{id}")), 1 => any::<String>()]
}

fn any_member() -> impl Strategy<Value = Member> {
    let zones = ["Europe/Berlin", "Asia/Kathmandu", "America/New_York"].map(|zone| parse_zone(zone).ok());
    let zone = prop::sample::select(zones.into_iter().chain([None]).collect::<Vec<_>>());
    let standing = prop_oneof![
        1 => Just(Standing::Deactivated),
        1 => Just(Standing::Bot),
        1 => Just(Standing::Guest),
        3 => Just(Standing::Member),
        3 => Just(Standing::Admin),
        1 => Just(Standing::Owner),
    ];
    (any_id("U"), any_name(), any_name(), zone, standing).prop_map(|(id, account, name, zone, standing)| {
        Member { id: id.into(), account, name, zone, standing }
    })
}

fn any_room() -> impl Strategy<Value = Room> {
    let kind = prop_oneof![4 => Just(ChannelKind::Public), 1 => Just(ChannelKind::Private)];
    (any_id("C"), any_name(), any_name(), kind, any::<[bool; 3]>(), 0_u32..9).prop_map(
        |(id, name, purpose, kind, [archived, is_general, usher_is_in], members)| Room {
            id: id.into(),
            alias: None,
            name,
            kind,
            archived,
            is_general,
            purpose,
            members,
            usher_is_in,
        },
    )
}

fn any_survey() -> impl Strategy<Value = Survey> {
    let people = prop_oneof![vec(any_member(), 0..15), vec(any_member(), 40..90)];
    (any_name(), people, vec(any_room(), 0..20)).prop_flat_map(|(name, people, channels)| {
        let ids: Vec<String> =
            people.iter().map(|member| member.id.to_string()).chain(["U".into()]).collect();
        let members = vec(prop::sample::select(ids), 0..9);
        vec((any_name(), members), 0..5).prop_map(move |groups| {
            let group = |(handle, members): (String, Vec<String>)| Group {
                handle,
                members: members.into_iter().map(Into::into).collect(),
            };
            let groups = groups.into_iter().map(group).collect();
            Survey {
                platform: Platform::Slack,
                name: name.clone(),
                people: people.clone(),
                groups,
                channels: channels.clone(),
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_typed_becomes_a_runbook_without_a_problem(survey in any_survey()) {
        let first = first_runbook(&survey);
        let runbook = checked(&first.text);
        prop_assert_eq!(runbook.people.len(), first.people);
        prop_assert_eq!(runbook.groups.len(), first.groups);
        prop_assert_eq!(runbook.channels.len(), first.channels);
        prop_assert!(runbook.channels.values().all(|channel| channel.voice == Voice::Watch));
        prop_assert!(runbook.people.values().all(|person| person.slack.is_some()));
        for name in runbook.people.keys().chain(runbook.groups.keys()) {
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        }
        // The same workspace in another order gives the same file.
        let turned = Survey {
            people: survey.people.iter().rev().cloned().collect(),
            channels: survey.channels.iter().rev().cloned().collect(),
            ..survey.clone()
        };
        let mut ids: Vec<_> = survey.people.iter().map(|member| &member.id).collect();
        ids.sort();
        ids.dedup();
        let mut rooms: Vec<_> = survey.channels.iter().map(|room| &room.id).collect();
        rooms.sort();
        rooms.dedup();
        if ids.len() == survey.people.len() && rooms.len() == survey.channels.len() {
            prop_assert_eq!(first_runbook(&turned).text, first.text);
        }
    }
}
