//! An export of Slack's, with every oddity that real ones have, read through the public door.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use usher::chat::slack_export::{Export, ExportError, Naming, OnBroken};
use usher::core::event::{Event, What};

const ACME: &str = "tests/data/export/acme";

fn read(path: &Path, naming: Naming) -> (Vec<Event>, Export) {
    let mut export = Export::open(path, naming, OnBroken::Stop).unwrap();
    let begins_at = export.begins_at().unwrap();
    let mut events = export.introductions(begins_at);
    while let Some(day) = export.next_day().unwrap() {
        events.extend(day);
    }
    (events, export)
}

fn printed(events: &[Event], export: &Export) -> String {
    let mut text = String::new();
    for event in events {
        let what = if let What::Posted(posted) = &event.what {
            let thread = posted.thread.as_deref().map(|root| format!(" in {root}")).unwrap_or_default();
            let bot = if posted.bot { " (bot)" } else { "" };
            format!("{}{bot}{thread}: {:?} {:?}", posted.author, posted.text.plain, posted.text.mentions)
        } else {
            format!("{:?}", event.what)
        };
        writeln!(text, "{} {} {what}", event.at, event.key).unwrap();
    }
    writeln!(text, "skipped {:#?}\nmended {:#?}", export.tally().skipped(), export.tally().mended()).unwrap();
    text
}

#[test]
fn everything_in_an_export_is_played_or_counted() {
    let (events, export) = read(Path::new(ACME), Naming::Names);
    insta::assert_snapshot!(printed(&events, &export));
}

#[test]
fn people_are_pseudonyms_unless_names_are_asked_for() {
    let (events, export) = read(Path::new(ACME), Naming::Pseudonyms);
    let text = printed(&events, &export);
    for name in ["ana", "Ana", "Ben\"", "@ben", "Chidi", "chidi", "Mere\"", "neo"] {
        // Channels keep their names, and one of them is made of people's.
        let told = text.lines().filter(|line| line.contains(name) && !line.contains("mpdm-"));
        assert_eq!(told.count(), 0, "{name} in {text}");
    }
    assert!(text.contains("@person-2 that did it"), "{text}");
}

/// The folder as a zip, all of it under `prefix`.
fn zipped(prefix: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
    let options = zip::write::SimpleFileOptions::default();
    let mut folders = vec![Path::new(ACME).to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(ACME).unwrap().to_str().unwrap();
            zip.start_file(format!("{prefix}{name}"), options).unwrap();
            zip.write_all(&fs::read(&path).unwrap()).unwrap();
        }
    }
    zip.finish().unwrap();
    file
}

#[test]
fn a_zip_reads_like_the_folder_in_it() {
    let (folder, _) = read(Path::new(ACME), Naming::Names);
    for prefix in ["", "Acme Slack export/"] {
        let zip = zipped(prefix);
        assert_eq!(read(zip.path(), Naming::Names).0, folder, "under {prefix:?}");
    }
}

/// A copy of the export in which one file has this text.
fn with_file(name: &str, text: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["users.json", "channels.json", "support/2026-11-23.json", "support/2026-11-24.json"] {
        let to = copy.path().join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(Path::new(ACME).join(name), to).unwrap();
    }
    fs::write(copy.path().join(name), text).unwrap();
    copy
}

#[test]
fn a_broken_file_is_named_with_its_line() {
    let copy = with_file("support/2026-11-24.json", "[\n  {\"type\": \"message\",\n   \"text\": 5}\n]");
    let mut export = Export::open(copy.path(), Naming::Names, OnBroken::Stop).unwrap();
    export.next_day().unwrap();
    let error = export.next_day().unwrap_err().to_string();
    let place = format!("{}/support/2026-11-24.json:3:", copy.path().display());
    assert!(error.starts_with(&place) && error.contains("expected a string"), "{error}");

    let mut export = Export::open(copy.path(), Naming::Names, OnBroken::Skip).unwrap();
    while export.next_day().unwrap().is_some() {}
    assert_eq!(export.tally().skipped()["broken file"], 1);
}

#[test]
fn a_broken_list_is_named_too_and_what_is_no_export_is_refused() {
    let copy = with_file("users.json", "[{\"name\": \"ana\"}]");
    let error = Export::open(copy.path(), Naming::Names, OnBroken::Stop).err().unwrap().to_string();
    assert!(error.contains("users.json:1:") && error.contains("missing field `id`"), "{error}");

    let empty = tempfile::tempdir().unwrap();
    let refused = Export::open(empty.path(), Naming::Names, OnBroken::Stop).err().unwrap();
    assert!(matches!(refused, ExportError::NotAnExport { .. }), "{refused}");

    let no_zip = tempfile::NamedTempFile::new().unwrap();
    fs::write(no_zip.path(), "PK or not").unwrap();
    let refused = Export::open(no_zip.path(), Naming::Names, OnBroken::Stop).err().unwrap();
    assert!(matches!(refused, ExportError::Open { .. }), "{refused}");
}

#[test]
fn what_cannot_be_read_is_said_once_and_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let error = |path: &Path| Export::open(path, Naming::Names, OnBroken::Stop).err().unwrap().to_string();
    fs::write(at("empty-file.zip"), "").unwrap();
    fs::write(at("text.zip"), "PK or not").unwrap();
    zip::ZipWriter::new(fs::File::create(at("empty.zip")).unwrap()).finish().unwrap();
    for (name, told) in [
        ("empty-file.zip", "cannot read {}: the file is empty"),
        ("text.zip", "cannot read {}: it is neither a folder nor a whole zip ("),
        ("empty.zip", "{} is no Slack export: it holds neither users.json nor channels.json"),
        ("missing.zip", "cannot read {}: No such file or directory (os error 2)"),
    ] {
        let path = at(name);
        let said = error(&path);
        assert!(said.starts_with(&told.replace("{}", &path.display().to_string())), "{said}");
        let missing = "No such file or directory";
        assert!(said.matches(missing).count() <= 1 && said.matches("EOCD").count() <= 1, "{said}");
    }
}

#[test]
fn an_empty_day_file_is_broken_at_its_first_place() {
    for (text, told) in
        [("", ":1:1: the file is empty"), ("\n", ":2:1: the file is empty"), ("[{", ":1:2: EOF")]
    {
        let copy = with_file("support/2026-11-24.json", text);
        let mut export = Export::open(copy.path(), Naming::Names, OnBroken::Stop).unwrap();
        export.next_day().unwrap();
        let error = export.next_day().unwrap_err().to_string();
        assert!(error.contains(&format!("support/2026-11-24.json{told}")), "{error}");
    }
}
