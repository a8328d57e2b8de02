//! The store on real encrypted files: what stays, what goes, what is set aside.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod shop;

use std::{fs, path::Path, sync::Arc};

use kiosk_store::{CacheChange, Key, SetAside, Setting, SqlStore, Store, StoreError};
use protocol::{
    ApiError, Clock, ErrorCode,
    ambient::SystemEntropy,
    ids::Cursor,
    kiosk_profile::{KioskProfile, ProfileField},
    kiosk_session::EndReason,
    sync::{OpBody, Refusal},
};
use shop::{MARKER, at, chat, entry, line, op, session};
use tempfile::TempDir;

fn key(byte: u8) -> Key {
    Key::from_bytes(&[byte; 32]).unwrap()
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(shop::StoppedClock)
}

async fn open(folder: &Path) -> SqlStore {
    let opened = SqlStore::open(folder, &key(1), &SystemEntropy, clock()).await.unwrap();
    assert_eq!(opened.set_aside, None);
    opened.store
}

/// Whether any file of the folder holds the marker.
fn leaks(folder: &Path) -> bool {
    let mut files = 0;
    let mut found = false;
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        files += 1;
        found |= bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes());
    }
    assert!(files > 0);
    found
}

/// The folder as a power cut at this moment leaves it.
fn power_cut(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn a_customer_is_readable_in_no_file_before_the_wipe_and_gone_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let waits = op(1, chat(MARKER));
    let effect = CacheChange::Entry { op: Some(waits.key), entry: entry(1, MARKER) };
    store.record(&waits, Some(&effect)).await.unwrap();
    assert_eq!(store.cached().await.unwrap().unwrap().entries.len(), 2);
    assert!(!leaks(folder.path()));

    store.wipe_customer().await.unwrap();
    assert!(!leaks(folder.path()));
    assert_eq!(store.cached().await.unwrap(), None);
    assert_eq!(store.unfinished_hold().await.unwrap(), None);
    assert_eq!(store.pending(10, &[]).await.unwrap(), [waits], "what is on its way stays on its way");
    for log in ["cache.db-wal", "outbox.db-wal"] {
        assert_eq!(fs::metadata(folder.path().join(log)).unwrap().len(), 0, "{log} is cut");
    }
}

#[tokio::test]
async fn a_message_and_its_place_on_the_screen_are_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let first = op(1, chat("hello"));
    store.record(&first, Some(&CacheChange::Entry { op: Some(first.key), entry: entry(1, "hello") })).await.unwrap();
    // The outbox refuses the same key twice, so the cache must not change either.
    let again = store.record(&first, Some(&CacheChange::Cart(vec![line("A", 1)]))).await;
    assert!(matches!(again, Err(StoreError::Database(_))));
    let cached = store.cached().await.unwrap().unwrap();
    assert_eq!(cached.cart, session().cart);
    assert_eq!(cached.entries.last().unwrap().message, "hello");
}

#[tokio::test]
async fn the_servers_entry_takes_the_place_of_the_waiting_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let mine = op(1, chat("hello"));
    store.record(&mine, Some(&CacheChange::Entry { op: Some(mine.key), entry: entry(1, "hello") })).await.unwrap();
    store.apply(Cursor(7), Some(&CacheChange::Entry { op: Some(mine.key), entry: entry(2, "hello") })).await.unwrap();
    let cached = store.cached().await.unwrap().unwrap();
    assert_eq!(cached.entries[1..], [entry(2, "hello")]);
    assert_eq!(store.cursor().await.unwrap(), Some(Cursor(7)));
}

#[tokio::test]
async fn a_change_of_the_profile_and_what_the_customer_sees_are_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let profile = |size: &str| KioskProfile { version: 1, shoe_size: Some(size.into()), ..KioskProfile::default() };
    let change = OpBody::ChangeProfile { base_version: 1, field: ProfileField::ShoeSize, seen: None, value: Some("42".into()) };
    let mine = op(1, change);
    store.record(&mine, Some(&CacheChange::Profile(profile("42")))).await.unwrap();
    assert!(store.record(&mine, Some(&CacheChange::Profile(profile("50")))).await.is_err(), "a key is used once");
    assert_eq!(store.cached().await.unwrap().unwrap().profile, Some(profile("42")));
    assert_eq!(store.pending(10, &[]).await.unwrap(), [mine]);

    store.apply(Cursor(7), Some(&CacheChange::Profile(profile("43")))).await.unwrap();
    assert_eq!(store.cached().await.unwrap().unwrap().profile, Some(profile("43")));
    store.hold(&session()).await.unwrap();
    assert_eq!(store.cached().await.unwrap().unwrap().profile, session().profile, "a snapshot takes its place");
}

#[tokio::test]
async fn a_snapshot_keeps_entries_that_still_wait() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let mine = op(1, chat("hello"));
    store.record(&mine, Some(&CacheChange::Entry { op: Some(mine.key), entry: entry(1, "hello") })).await.unwrap();
    store.hold(&session()).await.unwrap();
    let messages: Vec<_> = store.cached().await.unwrap().unwrap().entries.into_iter().map(|entry| entry.message).collect();
    assert_eq!(messages, [MARKER, "hello"]);
}

#[tokio::test]
async fn a_power_cut_keeps_the_outbox_and_loses_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    store.set_setting(Setting::Device, "known").await.unwrap();
    store.apply(Cursor(41), None).await.unwrap();
    let ops = [op(1, chat("one")), op(2, chat("two"))];
    for op in &ops {
        store.record(op, None).await.unwrap();
    }

    let after = power_cut(folder.path());
    let store = open(after.path()).await;
    assert_eq!(store.pending(10, &[]).await.unwrap(), ops);
    assert_eq!(store.cursor().await.unwrap(), None, "whoever starts anew has no conversation that could miss an event");
    assert_eq!(store.setting(Setting::Device).await.unwrap().as_deref(), Some("known"));
    assert_eq!(store.unfinished_hold().await.unwrap(), Some(session().kiosk_session_id));
    assert_eq!(store.cached().await.unwrap(), None);
}

#[tokio::test]
async fn a_session_that_begins_here_and_its_beginning_are_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let begin = OpBody::BeginGuest { session_id: session().session_id, token_hash: "hash".into() };
    let first = op(1, begin.clone());
    store.begin(&session(), &first).await.unwrap();
    assert_eq!(store.cached().await.unwrap().unwrap().kiosk_session_id, session().kiosk_session_id);
    let after = power_cut(folder.path());
    let cut = open(after.path()).await;
    assert_eq!((cut.pending(10, &[]).await.unwrap(), cut.cached().await.unwrap()), (vec![first.clone()], None));
    assert_eq!(cut.unfinished_hold().await.unwrap(), Some(session().kiosk_session_id), "its end is still to be told");

    store.record(&op(2, OpBody::End { reason: EndReason::Done }), None).await.unwrap();
    store.wipe_customer().await.unwrap();
    // The outbox refuses the same key twice, so nobody is held either.
    assert!(matches!(store.begin(&session(), &first).await, Err(StoreError::Database(_))));
    assert_eq!((store.cached().await.unwrap(), store.unfinished_hold().await.unwrap()), (None, None));
    store.begin(&session(), &op(3, begin)).await.unwrap();
    assert_eq!(store.pending(10, &[]).await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_end_in_the_outbox_finishes_its_hold() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    store.record(&op(1, OpBody::End { reason: EndReason::Done }), None).await.unwrap();
    assert_eq!(store.unfinished_hold().await.unwrap(), None);
}

#[tokio::test]
async fn a_place_in_the_log_never_moves_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    for cursor in [9, 10, 8] {
        store.apply(Cursor(cursor), None).await.unwrap();
    }
    assert_eq!(store.cursor().await.unwrap(), Some(Cursor(10)));
    store.forget_cursor().await.unwrap();
    assert_eq!(store.cursor().await.unwrap(), None);
}

#[tokio::test]
async fn what_is_applied_goes_and_what_is_refused_stays_without_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let ops = [op(1, chat("one")), op(2, chat("two")), op(3, chat("three"))];
    for op in &ops {
        store.record(op, None).await.unwrap();
    }
    let reason = ApiError::new(ErrorCode::ValidationError, "no");
    store.settle(&[ops[0].key], &[Refusal::new(ops[1].key, reason.clone())]).await.unwrap();
    assert_eq!(store.pending(10, &[]).await.unwrap(), ops[2..]);

    let stats = store.stats().await.unwrap();
    assert_eq!((stats.waiting, stats.oldest, stats.unreadable), (1, Some(at()), 0));
    assert_eq!(stats.wedged.iter().map(|wedged| (wedged.key, wedged.reason.clone())).collect::<Vec<_>>(), [(ops[1].key, reason)]);
}

#[tokio::test]
async fn a_wrong_key_sets_the_outbox_aside_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let kept = op(1, chat("kept"));
    store.record(&kept, None).await.unwrap();
    store.close().await;

    let opened = SqlStore::open(folder.path(), &key(2), &SystemEntropy, clock()).await.unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(opened.store.pending(10, &[]).await.unwrap(), []);
    let reported = opened.store.stats().await.unwrap().set_aside;
    assert_eq!(reported, [SetAside { file: aside.clone(), at: at() }]);
    opened.store.close().await;

    let opened = SqlStore::open(folder.path(), &key(2), &SystemEntropy, clock()).await.unwrap();
    assert_eq!(opened.set_aside, None);
    assert_eq!(opened.store.stats().await.unwrap().set_aside, reported, "it is reported until somebody takes it away");

    let rescue = tempfile::tempdir().unwrap();
    fs::copy(aside, rescue.path().join("outbox.db")).unwrap();
    assert_eq!(open(rescue.path()).await.pending(10, &[]).await.unwrap(), [kept]);
}

/// An outbox of many pages; the rows of one of them are what a damaged page takes away.
async fn many(store: &SqlStore) -> Vec<protocol::sync::Op> {
    let ops: Vec<_> = (0..400).map(|number| op(number, chat(&format!("{number} {}", "some words ".repeat(20))))).collect();
    for op in &ops {
        store.record(op, None).await.unwrap();
    }
    ops
}

fn damage(file: &Path, position: usize) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap();
    bytes[position..position + 64].fill(0x5a);
    fs::write(file, &bytes).unwrap();
    bytes
}

#[tokio::test]
async fn a_damaged_outbox_is_set_aside_and_the_kiosk_goes_on() {
    for (position, what) in [(0, "head"), (80_000, "page")] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        many(&store).await;
        store.close().await;
        let bytes = damage(&folder.path().join("outbox.db"), position);

        let opened = SqlStore::open(folder.path(), &key(1), &SystemEntropy, clock()).await.unwrap();
        let aside = opened.set_aside.unwrap_or_else(|| panic!("a damaged {what} is not noticed"));
        assert_eq!(fs::read(aside).unwrap(), bytes, "what is set aside is what was there");
        opened.store.record(&op(1_000, chat("new")), None).await.unwrap();
    }
}

#[tokio::test]
async fn what_can_be_read_of_a_damaged_outbox_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    store.set_setting(Setting::Device, "known").await.unwrap();
    let ops = many(&store).await;
    store.close().await;
    damage(&folder.path().join("outbox.db"), 80_000);

    let opened = SqlStore::open(folder.path(), &key(1), &SystemEntropy, clock()).await.unwrap();
    assert!(opened.set_aside.is_some());
    let left = opened.store.pending(1_000, &[]).await.unwrap();
    let kept: Vec<_> = ops.iter().filter(|op| left.contains(op)).cloned().collect();
    assert_eq!(left, kept, "in the order they were made");
    assert!(left.len() < ops.len() && left.len() > ops.len() - 30, "all but one page: {}", left.len());
    assert_eq!((left.first(), left.last()), (ops.first(), ops.last()));
    assert_eq!(opened.store.setting(Setting::Device).await.unwrap().as_deref(), Some("known"));
    assert_eq!(opened.store.unfinished_hold().await.unwrap(), Some(session().kiosk_session_id));
}

#[tokio::test]
async fn an_outbox_that_is_damaged_while_the_kiosk_runs_is_set_aside_and_what_is_in_memory_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let ops = many(&store).await;
    store.wipe_customer().await.unwrap();
    let file = folder.path().join("outbox.db");
    let length = fs::metadata(&file).unwrap().len();
    assert!(length > 100_000, "the log was moved into the file: {length}");
    let bytes = damage(&file, 80_000);

    let left = store.pending(1_000, &[]).await.unwrap();
    assert!(left.len() < ops.len() && left.len() > ops.len() - 30, "{}", left.len());
    let stats = store.stats().await.unwrap();
    assert_eq!(stats.set_aside.len(), 1);
    assert_eq!(fs::read(&stats.set_aside[0].file).unwrap(), bytes);
    store.hold(&session()).await.unwrap();
    let more = op(1_000, chat("more"));
    store.record(&more, Some(&CacheChange::Entry { op: Some(more.key), entry: entry(1_000, "more") })).await.unwrap();
    assert_eq!(store.pending(1_000, &[]).await.unwrap().last(), Some(&more));
    assert_eq!(store.cached().await.unwrap().unwrap().entries.last().unwrap().message, "more");
}

#[tokio::test]
async fn two_outboxes_set_aside_at_the_same_moment_are_both_kept() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..3 {
        let opened = SqlStore::open(folder.path(), &key(number), &SystemEntropy, clock()).await.unwrap();
        opened.store.record(&op(1, chat("kept")), None).await.unwrap();
        opened.store.close().await;
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "three outboxes, and the cache of the last start");
}

#[tokio::test]
async fn changes_that_cannot_be_read_starve_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    for number in 0..150 {
        store.record(&op(number, chat("from the future")), None).await.unwrap();
    }
    shop::spoil_bodies(&folder.path().join("outbox.db"), &key(1)).await;
    let ops = [op(200, chat("one")), op(201, chat("two"))];
    for op in &ops {
        store.record(op, None).await.unwrap();
    }
    assert_eq!(store.pending(100, &[]).await.unwrap(), ops);
    assert_eq!(store.pending(1, &[]).await.unwrap(), ops[..1]);
    let stats = store.stats().await.unwrap();
    assert_eq!((stats.waiting, stats.unreadable), (152, 150));
}

#[tokio::test]
async fn conversations_that_are_held_up_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let here = op(1, chat("here"));
    let mut there = op(2, chat("there"));
    there.kiosk_session_id = protocol::ids::KioskSessionId(uuid::Uuid::from_u128(101));
    for op in [&here, &there] {
        store.record(op, None).await.unwrap();
    }
    assert_eq!(store.pending(10, &[here.kiosk_session_id]).await.unwrap(), std::slice::from_ref(&there));
    assert_eq!(store.pending(10, &[here.kiosk_session_id, there.kiosk_session_id]).await.unwrap(), []);
    assert_eq!(store.pending_of(here.kiosk_session_id, 10).await.unwrap(), [here]);
}

#[tokio::test]
async fn an_event_does_not_touch_the_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    let outbox = || ["outbox.db", "outbox.db-wal"].map(|name| fs::read(folder.path().join(name)).unwrap());
    let before = outbox();
    for number in 1..50 {
        let change = CacheChange::Entry { op: None, entry: entry(u128::try_from(number).unwrap(), "hello") };
        store.apply(Cursor(number), Some(&change)).await.unwrap();
        store.apply(Cursor(100 + number), None).await.unwrap();
    }
    assert!(outbox() == before, "nothing waits for the disk");
    assert_eq!(store.cursor().await.unwrap(), Some(Cursor(149)));
}

#[tokio::test]
async fn a_damaged_cache_is_made_anew_and_the_message_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.hold(&session()).await.unwrap();
    // More than SQLite keeps in memory, so that it must read the file again.
    for number in 0..1_000 {
        let long = entry(1_000 + number, &"words ".repeat(800));
        store.apply(Cursor(1), Some(&CacheChange::Entry { op: None, entry: long })).await.unwrap();
    }
    let file = folder.path().join("cache.db");
    let length = fs::metadata(&file).unwrap().len();
    assert!(length > 4_000_000, "{length}");
    fs::write(&file, vec![0x5a; usize::try_from(length).unwrap()]).unwrap();

    store.hold(&session()).await.unwrap();
    assert!(fs::metadata(&file).unwrap().len() < length, "the file is a new one");
    let mine = op(1, chat("hello"));
    store.record(&mine, Some(&CacheChange::Entry { op: Some(mine.key), entry: entry(1, "hello") })).await.unwrap();
    assert_eq!(store.pending(10, &[]).await.unwrap(), [mine]);
    let messages: Vec<_> = store.cached().await.unwrap().unwrap().entries.into_iter().map(|entry| entry.message).collect();
    assert_eq!(messages, [MARKER, "hello"]);
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.close().await;
    shop::pretend_newer(&folder.path().join("outbox.db"), &key(1)).await;
    let before = fs::read(folder.path().join("outbox.db")).unwrap();
    let error = SqlStore::open(folder.path(), &key(1), &SystemEntropy, clock()).await.err().unwrap();
    assert!(matches!(error, StoreError::NewerDatabase { .. }), "{error}");
    assert_eq!(fs::read(folder.path().join("outbox.db")).unwrap(), before);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, b"").unwrap();
    let error = SqlStore::open(&file.join("data"), &key(1), &SystemEntropy, clock()).await.err().unwrap();
    assert!(matches!(&error, StoreError::FolderNotWritable { .. }), "{error}");
    assert!(error.to_string().contains("cannot be written"));
}

#[tokio::test]
async fn a_setting_that_does_not_change_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.set_setting(Setting::Device, "known").await.unwrap();
    let written = || fs::metadata(folder.path().join("outbox.db-wal")).unwrap().len();
    let before = written();
    store.set_setting(Setting::Device, "known").await.unwrap();
    assert_eq!(written(), before);
    store.set_setting(Setting::Device, "other").await.unwrap();
    assert!(written() > before);
}
