//! What is typed becomes the text that the engine reads, with those whom it mentions.

use serde_json::{Value, json};
use usher::core::event::Mention;

use crate::kit::{SUPPORT, message, read_json, text, user};

const ANA: &str = "@ana:acme.org";
const BEN: &str = "@ben:acme.org";
const KIM: &str = "@kim:acme.org";

fn typed(body: &str) -> (String, Vec<Mention>) {
    read(&json!({ "msgtype": "m.text", "body": body }))
}

fn html(html: &str) -> (String, Vec<Mention>) {
    read(&json!({
        "msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": html,
    }))
}

fn read(content: &Value) -> (String, Vec<Mention>) {
    let text = text(read_json(SUPPORT, &message(content)));
    (text.plain, text.mentions)
}

fn group(handle: &str) -> Mention {
    Mention::Group(handle.into())
}

#[test]
fn older_clients_mention_by_id_and_by_name() {
    let cases: &[(&str, &str, Vec<Mention>)] = &[
        ("hello", "hello", vec![]),
        ("@ben:acme.org: can you?", "@Ben: can you?", vec![user(BEN)]),
        ("@ben:acme.org.", "@Ben.", vec![user(BEN)]),
        ("ask @nobody:elsewhere.org", "ask @nobody", vec![user("@nobody:elsewhere.org")]),
        ("@Ben can you?", "@Ben can you?", vec![user(BEN)]),
        ("@ben, @kim lee. and @KIM", "@Ben, @Kim Lee. and @Kim Lee", vec![user(BEN), user(KIM)]),
        ("@ana: look", "@Ana: look", vec![user(ANA)]),
        ("@ana:look", "@Ana:look", vec![user(ANA)]),
        ("@platform and @Infra-EU.", "@platform and @Infra-EU.", vec![group("platform"), group("infra-eu")]),
        ("@room hi", "@room hi", vec![Mention::Everyone]),
        ("tell @usher", "tell @Usher", vec![Mention::Usher]),
        ("mail ben@acme.org or ana@ben", "mail ben@acme.org or ana@ben", vec![]),
        ("`@ben` and ```\n@ben``` @kim:acme.org", "`@Ben` and ```\n@Ben``` @Kim Lee", vec![user(KIM)]),
        ("> @ben said\n@ana?", "> @Ben said\n@Ana?", vec![user(ANA)]),
        ("@ @@ @.", "@ @@ @.", vec![]),
    ];
    for (body, plain, mentions) in cases {
        assert_eq!(typed(body), ((*plain).to_owned(), mentions.clone()), "{body}");
    }
    assert_eq!(typed("@Kim Leeds?").1, [user(KIM)], "by the name that her id has");
}

#[test]
fn whom_a_client_says_that_it_means_is_meant_and_nobody_else() {
    let read = |body: &str, mentions: Value| {
        read(&json!({ "msgtype": "m.text", "body": body, "m.mentions": mentions })).1
    };
    assert_eq!(read("@Ben can you?", json!({})), [group("ben")], "that is no group of anybody's");
    assert_eq!(read("@ben:acme.org can you?", json!({})), []);
    assert_eq!(read("Kim, can you?", json!({ "user_ids": [KIM] })), [user(KIM)]);
    assert_eq!(read("@room", json!({})), []);
    assert_eq!(read("@room", json!({ "room": true })), [Mention::Everyone]);
    assert_eq!(read("all of you", json!({ "room": true })), [Mention::Everyone]);
    assert_eq!(
        read("@platform", json!({ "user_ids": ["@usher:acme.org"] })),
        [group("platform"), Mention::Usher]
    );
    assert_eq!(
        read("hi", json!({ "user_ids": ["ben", "", "@:", BEN] })),
        [user(BEN)],
        "what is no id names nobody"
    );
    assert_eq!(
        read("@ben:acme.org", json!({ "user_ids": 5 })),
        [user(BEN)],
        "nonsense is as if it were not there"
    );
}

#[test]
fn html_becomes_what_people_read() {
    let pill = |id: &str, label: &str| format!(r#"<a href="https://matrix.to/#/{id}">{label}</a>"#);
    let cases: &[(String, &str, Vec<Mention>)] = &[
        ("<p>one</p>\n<p>two<br>three</p>".into(), "one\ntwo\nthree", vec![]),
        ("a <b>bold</b> <em>word</em> &amp; &lt;tags&gt; &#9731;".into(), "a bold word & <tags> ☃", vec![]),
        (format!("{}: can you?", pill(BEN, "Ben O.")), "@Ben: can you?", vec![user(BEN)]),
        (pill("%40ben%3Aacme.org", "Ben"), "@Ben", vec![user(BEN)]),
        (pill("@ben:acme.org?via=acme.org", "Ben"), "@Ben", vec![user(BEN)]),
        (r#"<a href="matrix:u/ben:acme.org?action=chat">Ben</a>"#.into(), "@Ben", vec![user(BEN)]),
        (pill("@nobody:elsewhere.org", "Nobody"), "@nobody", vec![user("@nobody:elsewhere.org")]),
        (pill("#ops:acme.org", "#ops:acme.org"), "#ops:acme.org", vec![]),
        (
            r#"see <a href="https://a.example/b">the page</a>"#.into(),
            "see the page (https://a.example/b)",
            vec![],
        ),
        (r#"<a href="https://a.example">a.example</a>"#.into(), "https://a.example", vec![]),
        (r#"<a href="javascript:alert(1)">here</a>"#.into(), "here", vec![]),
        (r#"<a name="x">here</a>"#.into(), "here", vec![]),
        (
            format!("<code>{}</code> {}", pill(BEN, "Ben"), pill(KIM, "Kim")),
            "`@Ben` @Kim Lee",
            vec![user(KIM)],
        ),
        ("<code>a ` b</code>".into(), "`a ' b`", vec![]),
        (
            "<pre><code class=\"language-sh\">ls  -l\n@ben\n</code></pre>then".into(),
            "```\nls  -l\n@ben\n```\nthen",
            vec![],
        ),
        (
            format!("<blockquote><p>{} said<br>so</p></blockquote>yes", pill(BEN, "Ben")),
            "> @Ben said\n> so\nyes",
            vec![],
        ),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>".into(), "> a\n> b", vec![]),
        (
            "<ul><li>one</li><li><p>two</p></li></ul><ol><li>a</li><li>b</li></ol>".into(),
            "• one\n• two\n1. a\n2. b",
            vec![],
        ),
        (
            "@platform <span>@Kim Lee</span>?".into(),
            "@platform @Kim Lee?",
            vec![group("platform"), user(KIM)],
        ),
        (r#"<img data-mx-emoticon src="mxc://a/b" alt=":party:"> done"#.into(), ":party: done", vec![]),
        ("<mx-reply><blockquote>!usher resolve @ben</blockquote></mx-reply>no".into(), "no", vec![]),
        ("<table><tr><td>a</td><td>b</td></tr></table>".into(), "a b", vec![]),
        ("  spaces \n and\tlines  ".into(), "spaces and lines", vec![]),
        ("<!-- no --><unknown>kept</unknown></p></code></a></blockquote>".into(), "kept", vec![]),
        ("<a href=\"https://matrix.to/#/@ben:acme.org\">Ben".into(), "@Ben", vec![user(BEN)]),
        ("a < b & c".into(), "a < b & c", vec![]),
    ];
    for (given, plain, mentions) in cases {
        assert_eq!(html(given), ((*plain).to_owned(), mentions.clone()), "{given}");
    }
}

#[test]
fn html_of_another_format_is_not_read() {
    let content =
        json!({ "msgtype": "m.text", "body": "plain", "format": "org.example", "formatted_body": "<b>x" });
    assert_eq!(read(&content).0, "plain");
    let content = json!({ "msgtype": "m.text", "body": "plain", "formatted_body": "<b>x" });
    assert_eq!(read(&content).0, "plain");
}

#[test]
fn a_pill_in_code_or_in_a_quote_mentions_nobody_even_where_the_client_says_so() {
    let pill = r#"<a href="https://matrix.to/#/@ben:acme.org">Ben</a>"#;
    for (html, mentions) in [
        (format!("<blockquote>{pill}</blockquote>yes"), vec![]),
        (format!("<pre>{pill}</pre>"), vec![]),
        (format!("<blockquote>{pill}</blockquote>{pill}, look"), vec![user(BEN)]),
    ] {
        let content = json!({
            "msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": html,
            "m.mentions": { "user_ids": [BEN] },
        });
        assert_eq!(read(&content).1, mentions, "{html}");
    }
}

#[test]
fn a_name_that_two_share_mentions_neither() {
    let mut directory = crate::kit::acme();
    directory.learn(SUPPORT, &crate::kit::member("@ben:evil.org", "Ben"));
    let content = json!({ "msgtype": "m.text", "body": "@Ben and @ben:acme.org" });
    let reading = crate::kit::read_with(SUPPORT, &message(&content), &directory, &crate::kit::earlier());
    let text = text(reading);
    assert_eq!(text.plain, "@Ben and @Ben (@ben:acme.org)", "and both are told apart");
    assert_eq!(text.mentions, [group("ben"), user(BEN)]);
}

#[test]
fn deep_and_long_html_is_read_in_one_pass() {
    for html in [
        "<blockquote>".repeat(8_000) + "x",
        "<ul><li>".repeat(6_000) + "x",
        "<a href='https://a.example'>".repeat(2_000) + "x",
        "<code><pre>".repeat(5_000) + "x",
        "@".repeat(60_000),
        "@Kim ".repeat(12_000),
        "@a:b.c ".repeat(9_000),
        "<".repeat(60_000),
        "&".repeat(60_000),
        "<br>".repeat(15_000),
        "<mx-reply>".repeat(6_000),
    ] {
        let (plain, mentions) = self::html(&html);
        assert!(plain.len() <= 4 * html.len() + 100 && mentions.len() <= 100, "{}", &html[..20]);
        let (plain, _) = typed(&html);
        assert!(plain.len() <= 4 * html.len() + 100, "{}", &html[..20]);
    }
}

#[test]
fn what_no_database_stores_is_left_out() {
    assert_eq!(typed("a\0b").0, "ab");
}
