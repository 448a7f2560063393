//! The block models of Slack's SDK, which judge what Usher sends and what the stand-in refuses.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::bolt::python;
use crate::refusing::{actions, bad_blocks, button, section};

/// What the SDK says against each of these lists of blocks; nothing where it takes them.
pub fn judge(messages: &[Value]) -> Vec<String> {
    let check = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slack/proof/check.py");
    let mut child = Command::new(python())
        .arg(check)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = Value::from(messages.to_vec()).to_string();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the SDK gave up; what it wrote is above");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_sdk_takes_what_the_stand_in_takes() {
    let most: Vec<Value> = (0..25).map(|number| button(&format!("a{number}"))).collect();
    let plain = json!({"type": "plain_text", "text": "x"});
    let select =
        json!({"type": "static_select", "action_id": "s", "options": [{"text": plain, "value": "v"}]});
    let messages = [
        json!([section(&"a".repeat(3_000)), actions(&most), {"type": "divider"}]),
        json!([{"type": "header", "text": plain}, {"type": "context", "elements": [plain, plain]}]),
        json!([actions(&[select])]),
    ];
    assert_eq!(judge(&messages), ["", "", ""]);
}

#[test]
fn the_sdk_refuses_what_the_stand_in_refuses() {
    // The SDK looks at each block by itself, and so not at how many there are, nor for ids that come twice.
    // It lets markup into headers, which Slack does not, and knows neither where a text is typed nor how long.
    let beyond_it = [
        "no more than 50",
        "already exists",
        "missing text type",
        "must be between",
        "unsupported type: plain_text_input",
    ];
    let cases =
        bad_blocks().into_iter().filter(|(_, why)| !beyond_it.iter().any(|words| why.contains(words)));
    let (blocks, whys): (Vec<Value>, Vec<&str>) =
        cases.map(|(blocks, why)| (Value::from(blocks), why)).unzip();
    assert!(blocks.len() > 10, "only {} are left", blocks.len());
    let taken = judge(&blocks).into_iter().zip(whys).filter(|(said, _)| said.is_empty());
    assert_eq!(taken.map(|(_, why)| why).collect::<Vec<_>>(), Vec::<&str>::new(), "the SDK takes these");
}

#[test]
fn the_sdk_takes_every_kind_of_message_that_usher_sends() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("slack_blocks__"));
    paths.sort();
    assert!(paths.len() > 10, "only {} are there", paths.len());
    let blocks = paths.iter().map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let (_, rendered) = text.rsplit_once("\n---\n").unwrap();
        serde_json::from_str::<Value>(rendered).unwrap()["blocks"].take()
    });
    let said = judge(&blocks.collect::<Vec<_>>());
    let refused = said.iter().zip(&paths).filter(|(said, _)| !said.is_empty());
    assert_eq!(refused.collect::<Vec<_>>(), vec![]);
}
