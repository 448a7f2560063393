//! An SQLite file and what may happen to it: another process, a cut log, a full disk, a disk that cannot
//! be written, a file that is replaced. Usher stops with a clear message, and what it acknowledged is
//! there.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::SecretString;
use tempfile::TempDir;
use usher::clock::Clock;
use usher::courier::Courier;
use usher::driver::{Driver, Inbound, MemoKind, Stopped};
use usher::fault::Faults;
use usher::store::{Opening, Store, StoreError};

use crate::committing::driver;
use crate::kit::Kit;
use crate::platform::Fake;
use crate::remembering::memo;
use crate::toy::{Toy, at, post};

fn opening(directory: &Path) -> Opening {
    let url = format!("sqlite:{}/usher.db", directory.display());
    Opening::new(SecretString::from(url), "team", "test")
}

async fn commits(driver: &mut Driver<Toy>, key: &str, text: &str) -> Result<(), Stopped> {
    let memos = vec![memo(MemoKind::Reaction, key, text)];
    driver.offer(Inbound { memos, ..post(key, text).into() }, at(1));
    driver.commit().await.map(drop)
}

#[tokio::test]
async fn a_second_process_is_told_who_has_the_database() {
    let kit = Kit::sqlite();
    let first = kit.open().await;
    let second = Opening { holder: "second".to_owned(), ..kit.opening() };
    let error = Store::open(&second).await.unwrap_err();
    assert!(matches!(error, StoreError::Held { .. }) && error.to_string().contains("(test)"), "{error}");
    let link = kit.file().with_file_name("link.db");
    std::os::unix::fs::symlink(kit.file(), &link).unwrap();
    let by_link = Opening { url: SecretString::from(format!("sqlite:{}", link.display())), ..second.clone() };
    assert!(matches!(Store::open(&by_link).await, Err(StoreError::Held { .. })), "by another name too");
    first.close().await;
    assert_eq!(Store::open(&second).await.unwrap().epoch(), 2);
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let kit = Kit::sqlite();
    fs::write(kit.file(), "").unwrap();
    fs::set_permissions(kit.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let mut driver = driver(kit.open().await).await;
    commits(&mut driver, "1", "hello").await.unwrap();
    let mut names = Vec::new();
    for file in fs::read_dir(kit.file().parent().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["usher.db", "usher.db-wal", "usher.db.lock"]);
}

#[tokio::test]
async fn what_is_no_database_is_said_so() {
    let directory = tempfile::tempdir().unwrap();
    for (path, wanted) in [
        ("missing/usher.db", "No such file or directory"),
        ("", "is not the path of a file"),
        ("x.db?mode=ro", "is not the path of a file"),
        (":memory:", "is not the path of a file"),
        ("text.db", "file is not a database"),
    ] {
        fs::write(
            directory.path().join("text.db"),
            "not a database, but long enough to be looked at ".repeat(100),
        )
        .unwrap();
        let path = if path.starts_with(['m', 't', 'x']) {
            format!("{}/{path}", directory.path().display())
        } else {
            path.to_owned()
        };
        let opening = Opening::new(SecretString::from(format!("sqlite:{path}")), "team", "test");
        let error = Store::open(&opening).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{path}: {error}");
    }
    let wrong =
        Opening::new(SecretString::from("postgres://usher:hunter2@127.0.0.1:1/usher"), "team", "test");
    let error = Store::open(&wrong).await.unwrap_err();
    assert!(!format!("{error} {error:?} {wrong:?}").contains("hunter2"), "{error:?}");
}

/// Where a log may be cut: at each end of a frame, a byte before and after, and in between in the last two
/// frames: here and there, or with `USHER_CUTS=all` at every byte.
pub fn cuts(file: &[u8], log: &[u8]) -> BTreeSet<usize> {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let page = match u16::from_be_bytes([file[16], file[17]]) {
        1 => 65_536,
        size => usize::from(size),
    };
    let frame = FRAME_HEADER + page;
    assert_eq!((log.len() - HEADER) % frame, 0, "the log ends with a frame");
    let ends = (HEADER..=log.len()).step_by(frame);
    let around = ends.flat_map(|end| [end - 1, end, end + 1]);
    let every = if std::env::var("USHER_CUTS").is_ok_and(|cuts| cuts == "all") { 1 } else { 211 };
    let last_two = (log.len() - 2 * frame..=log.len()).step_by(every);
    around.chain(last_two).chain([0]).filter(|cut| *cut <= log.len()).collect()
}

/// A folder in memory where there is one: what is cut needs no disk that outlives the machine.
pub fn quick_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

#[tokio::test]
async fn a_log_that_is_cut_anywhere_holds_what_was_whole() {
    let kit = Kit::sqlite();
    let mut first = driver(kit.open().await).await;
    for number in 0..5 {
        commits(&mut first, &number.to_string(), &format!("say C1 {number}")).await.unwrap();
    }
    let log = fs::read(kit.file().with_file_name("usher.db-wal")).unwrap();
    let file = fs::read(kit.file()).unwrap();
    let mut most = 0;
    for cut in cuts(&file, &log) {
        let directory = quick_folder();
        fs::write(directory.path().join("usher.db"), &file).unwrap();
        fs::write(directory.path().join("usher.db-wal"), &log[..cut]).unwrap();
        let store = Store::open(&opening(directory.path())).await.unwrap();
        let loaded = store.load().await.unwrap();
        let memos = store.memos(MemoKind::Reaction, 10).await.unwrap();
        let mut next = driver(store).await;
        let heard: Vec<String> = next.machine().heard.keys().map(ToString::to_string).collect();
        let whole: Vec<String> = (0..heard.len()).map(|number| number.to_string()).collect();
        assert_eq!(heard, whole, "cut at {cut}");
        // What an event brought is there with it: what is to be said and remembered, and that it was handled.
        let queued: Vec<String> = loaded.entries.iter().map(|entry| entry.id.to_string()).collect();
        let said: Vec<String> = whole.iter().map(|number| format!("act/{number}")).collect();
        assert_eq!(queued, said, "cut at {cut}");
        let remembered: Vec<String> = memos.iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(remembered, whole, "cut at {cut}");
        let mut seen: Vec<String> = loaded.seen.iter().map(ToString::to_string).collect();
        seen.sort();
        assert_eq!(seen, whole, "cut at {cut}");
        assert!(heard.len() >= most, "cut at {cut}");
        most = heard.len();
        assert_eq!(next.figures().events.get(), 0);
        commits(&mut next, "new", "hello").await.unwrap();
    }
    assert_eq!(most, 5);
}

#[tokio::test]
async fn a_file_that_is_replaced_or_removed_is_noticed_before_anything_is_acknowledged() {
    for replaced in [false, true] {
        let kit = Kit::sqlite();
        let mut driver = driver(kit.open().await).await;
        commits(&mut driver, "1", "hello").await.unwrap();
        let copy = fs::read(kit.file()).unwrap();
        fs::remove_file(kit.file()).unwrap();
        if replaced {
            fs::write(kit.file(), copy).unwrap();
        }
        let error = commits(&mut driver, "2", "hello").await.unwrap_err();
        assert!(matches!(error, Stopped::Store(StoreError::Replaced { .. })), "{error}");
        assert!(error.to_string().contains("usher.db was removed or replaced"), "{error}");
    }
}

#[tokio::test]
async fn nobody_can_read_for_an_hour_and_keep_the_log_from_shrinking() {
    use sqlx::{AnyConnection, Connection};
    let kit = Kit::sqlite();
    let mut driver = driver(kit.open().await).await;
    commits(&mut driver, "1", "hello").await.unwrap();
    let url = format!("sqlite://{}", kit.file().display());
    let mut reader = AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("PRAGMA busy_timeout = 0").execute(&mut reader).await.unwrap();
    let error = sqlx::query("SELECT count(*) FROM record").execute(&mut reader).await.unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");

    let log = kit.file().with_file_name("usher.db-wal");
    let text = "x".repeat(10_000);
    for number in 0..1_000 {
        commits(&mut driver, &format!("long {number}"), &text).await.unwrap();
    }
    let (log, file) = (fs::metadata(log).unwrap().len(), fs::metadata(kit.file()).unwrap().len());
    assert!(file > 10_000_000 && log < 8_000_000, "log {log}, file {file}");
}

/// As `docs/operating.md` says: stop, copy, start; and to restore, put the copy in the place of the file.
#[tokio::test]
async fn the_file_of_a_process_that_ended_is_a_whole_backup() {
    let kit = Kit::sqlite();
    let store = kit.open().await;
    let mut first = driver(store.clone()).await;
    commits(&mut first, "1", "say C1 hello").await.unwrap();
    drop(first);
    store.close().await;
    let log = kit.file().with_file_name("usher.db-wal");
    assert!(!log.exists(), "all is in the one file");
    let backup = kit.file().with_file_name("backup.db");
    let copied = Command::new("cp").arg(kit.file()).arg(&backup).status().unwrap();
    assert!(copied.success());
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600, "as private as the file");

    let mut later = driver(kit.open().await).await;
    commits(&mut later, "2", "hello").await.unwrap();
    drop(later);
    fs::rename(&backup, kit.file()).unwrap();
    fs::remove_file(log).unwrap();
    let store = kit.open().await;
    assert_eq!(store.load().await.unwrap().entries.len(), 1);
    assert_eq!(driver(store).await.machine().heard.len(), 1);
}

/// Runs the test `name` in a process that has `directory` as a disk of its own, of `size` bytes.
/// `None` where that is not allowed, which on a machine that checks changes is a failure.
fn on_a_small_disk(name: &str, size: &str) -> Option<()> {
    let directory: TempDir = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=$0 none \"$USHER_TEST_DISK\" || exit 99; exec \"$@\"";
    let program = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, size])
        .arg(program)
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("USHER_TEST_DISK", directory.path())
        .output();
    let output = match output {
        Ok(output) if output.status.code() != Some(99) && !starved(&output.stderr) => output,
        Ok(_) | Err(_) => {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "this system lets nobody mount a disk of their own"
            );
            eprintln!("not run: this system lets nobody mount a disk of their own");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + String::from_utf8_lossy(&output.stderr).as_ref();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    Some(())
}

fn starved(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).contains("unshare: ")
}

#[test]
fn a_full_disk_stops_it_with_a_message_and_nothing_is_half_written() {
    on_a_small_disk("disk::child_fills_its_disk", "2m");
}

#[tokio::test]
#[ignore = "run by the test above, on a disk of its own"]
async fn child_fills_its_disk() {
    let directory = std::env::var("USHER_TEST_DISK").unwrap();
    let filler = Path::new(&directory).join("filler");
    fs::write(&filler, vec![0; 1_000_000]).unwrap();
    let mut first = driver(Store::open(&opening(Path::new(&directory))).await.unwrap()).await;
    let text = "x".repeat(20_000);
    let mut durable = 0;
    let error = loop {
        match commits(&mut first, &format!("{durable:04}"), &text).await {
            Ok(()) => durable += 1,
            Err(error) => break error,
        }
        assert!(durable < 1_000, "the disk does not fill");
    };
    assert!(matches!(error, Stopped::Store(StoreError::Full(_))), "{error:?}");
    assert!(error.to_string().contains("no room left for the database"), "{error}");
    drop(first);
    fs::remove_file(filler).unwrap();
    let mut next = driver(Store::open(&opening(Path::new(&directory))).await.unwrap()).await;
    assert_eq!(next.machine().heard.len(), durable);
    commits(&mut next, "after", "hello").await.unwrap();
}

/// Takes all the room that is left on a disk.
fn fill(directory: &Path) -> PathBuf {
    let filler = directory.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while std::io::Write::write(&mut file, &[0; 4_096]).is_ok_and(|written| written > 0) {}
    filler
}

#[test]
fn on_a_full_disk_nothing_is_opened_and_later_it_is() {
    on_a_small_disk("disk::child_opens_on_a_full_disk", "1m");
}

#[tokio::test]
#[ignore = "run by the test above, on a disk of its own"]
async fn child_opens_on_a_full_disk() {
    let directory = std::env::var("USHER_TEST_DISK").unwrap();
    let directory = Path::new(&directory);
    let filler = fill(directory);
    let error = Store::open(&opening(directory)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    fs::remove_file(&filler).unwrap();
    // An upgrade that does not fit leaves what was there.
    let old = Opening { last_migration: 1, ..opening(directory) };
    Store::open(&old).await.unwrap().close().await;
    fill(directory);
    let error = Store::open(&opening(directory)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    fs::remove_file(&filler).unwrap();
    let store = Store::open(&opening(directory)).await.unwrap();
    assert_eq!(store.epoch(), 2);
    commits(&mut driver(store).await, "1", "hello").await.unwrap();
}

#[test]
fn on_a_full_disk_nothing_is_sent_that_cannot_be_marked() {
    on_a_small_disk("disk::child_sends_on_a_full_disk", "1m");
}

#[tokio::test]
#[ignore = "run by the test above, on a disk of its own"]
async fn child_sends_on_a_full_disk() {
    let directory = std::env::var("USHER_TEST_DISK").unwrap();
    let directory = Path::new(&directory);
    let store = Store::open(&opening(directory)).await.unwrap();
    let mut driver = driver(store.clone()).await;
    driver.offer(post("1", "say C1 hello").into(), at(1));
    let entries = driver.commit().await.unwrap().entries;
    let filler = fill(directory);
    let (fake, clock) = (Fake::default(), Clock::simulated(at(2)));
    let mut courier = Courier::new(store.clone(), clock.clone(), Faults::none(), fake.routes());
    entries.iter().for_each(|entry| courier.add(entry.clone()));
    let error = courier.settle().await.unwrap_err();
    assert!(matches!(error, Stopped::Store(StoreError::Full(_))), "{error:?}");
    assert!(fake.taken().is_empty(), "nobody would remember that it was sent");
    fs::remove_file(&filler).unwrap();
    drop((driver, courier, store));

    let store = Store::open(&opening(directory)).await.unwrap();
    let entries = store.load().await.unwrap().entries;
    assert_eq!(entries.iter().map(|entry| (entry.begun, entry.attempts)).collect::<Vec<_>>(), [(false, 0)]);
    let mut courier = Courier::new(store, clock, Faults::none(), fake.routes());
    entries.into_iter().for_each(|entry| courier.add(entry));
    assert_eq!(courier.settle().await.unwrap().len(), 1);
    assert_eq!(fake.taken(), ["act/1"]);
}

#[tokio::test]
async fn whoever_reads_the_file_when_usher_starts_is_named_as_the_reason_why_it_cannot() {
    use sqlx::{AnyConnection, Connection};
    let kit = Kit::sqlite();
    kit.open().await.close().await;
    sqlx::any::install_default_drivers();
    let mut reader = AnyConnection::connect(&format!("sqlite://{}", kit.file().display())).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM record").execute(&mut reader).await.unwrap();
    let error = kit.try_open().await.unwrap_err();
    assert!(matches!(error, StoreError::Held { .. }), "{error:?}");
    assert!(error.to_string().contains("another program that has the file open"), "{error}");
    reader.close().await.unwrap();
    assert_eq!(kit.open().await.epoch(), 2);
}

#[test]
fn a_disk_that_cannot_be_written_is_said_so() {
    on_a_small_disk("disk::child_cannot_write", "4m");
}

#[tokio::test]
#[ignore = "run by the test above, on a disk of its own"]
async fn child_cannot_write() {
    let directory = std::env::var("USHER_TEST_DISK").unwrap();
    let store = Store::open(&opening(Path::new(&directory))).await.unwrap();
    commits(&mut driver(store.clone()).await, "1", "hello").await.unwrap();
    store.close().await;
    let remounted = Command::new("mount").args(["-o", "remount,ro", &directory]).status().unwrap();
    assert!(remounted.success());
    let error = Store::open(&opening(Path::new(&directory))).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    let empty = Path::new(&directory).join("other");
    let error = Store::open(&opening(&empty)).await.unwrap_err();
    assert!(error.to_string().contains("other/usher.db"), "{error}");
}
