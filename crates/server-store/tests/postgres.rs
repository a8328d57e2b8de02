//! The Postgres store: the behaviour of every store, and what is its own. The server is a real one that the test starts.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

mod behaviour;

use std::time::Duration;

use behaviour::{at, id, session_of, write};
use protocol::{
    event::EventBody,
    ids::{Cursor, DeviceId, KioskSessionId, Sku},
    kiosk_session::EndReason,
};
use server_store::{Counter, Shared as _, Store as _, StoreError, postgres::PostgresStore, records::Topic};
use sqlx::Connection as _;
use testkit::postgres::Postgres;
use tokio::sync::OnceCell;

const PATIENCE: Duration = Duration::from_secs(20);

/// A database of its own for each story, copied from one that was made once.
async fn database() -> String {
    static MADE: OnceCell<String> = OnceCell::const_new();
    let template = MADE
        .get_or_init(|| async {
            let name = Postgres::shared().create(None).unwrap();
            open_at(&name).await.close().await;
            name
        })
        .await;
    Postgres::shared().create(Some(template)).unwrap()
}

async fn open_at(database: &str) -> PostgresStore {
    PostgresStore::open(&Postgres::shared().socket_address(database), PATIENCE).await.unwrap()
}

async fn open() -> (PostgresStore, String) {
    let name = database().await;
    (open_at(&name).await, name)
}

stories!(open);

fn sql(database: &str, sql: &str) -> String {
    Postgres::shared().sql(database, sql).unwrap()
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_without_its_password() {
    let name = database().await;
    sql(&name, "INSERT INTO vitrine._sqlx_migrations VALUES (9999, 'of the future', now(), true, '', 1)");
    let address = Postgres::shared().address(&name);
    let refused = PostgresStore::open(&address, PATIENCE).await.unwrap_err();
    assert!(matches!(&refused, StoreError::NewerDatabase(place) if place.starts_with("postgres://127.0.0.1:")), "{refused:?}");
    assert!(refused.to_string().contains("newer version") && refused.to_string().contains(&name), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains(Postgres::shared().password()));
}

#[tokio::test]
async fn a_wrong_password_is_told_without_any() {
    let name = database().await;
    let wrong = Postgres::shared().address(&name).replace(Postgres::shared().password(), "g0bbledygook");
    let refused = PostgresStore::open(&wrong, PATIENCE).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotOpened { .. }), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("g0bbledygook"), "{refused:?}");
    let absent = PostgresStore::open(&Postgres::shared().address("absent"), PATIENCE).await.unwrap_err();
    assert!(matches!(&absent, StoreError::NotOpened { cause, .. } if cause.contains("absent")), "{absent:?}");
}

#[tokio::test]
async fn nodes_that_start_at_once_migrate_once() {
    let name = Postgres::shared().create(None).unwrap();
    let address = Postgres::shared().address(&name);
    let nodes = (0..4).map(|_| {
        let address = address.clone();
        tokio::spawn(async move { PostgresStore::open(&address, PATIENCE).await })
    });
    for node in nodes.collect::<Vec<_>>() {
        node.await.unwrap().unwrap();
    }
    let known = std::fs::read_dir("migrations/postgres").unwrap().count().to_string();
    assert_eq!(sql(&name, "SELECT count(*) FROM vitrine._sqlx_migrations WHERE success"), known);
}

#[tokio::test]
async fn every_migration_of_the_file_has_one_of_the_same_name_here() {
    let names = |folder: &str| {
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<std::collections::BTreeSet<_>>()
    };
    let missing: Vec<_> = names("migrations/sqlite").difference(&names("migrations/postgres")).cloned().collect();
    assert_eq!(missing, [""; 0]);
}

#[tokio::test]
async fn the_documented_tables_answer_another_program() {
    let (store, name) = open().await;
    let mut session = session_of(1, "901");
    session.state.conversation_summary = "Customer is browsing.".into();
    session.expires_at = session.updated_at.plus(Duration::from_hours(7 * 24));
    write(&store, async |tx| {
        tx.put_customer(&behaviour::customer::record("901", "+12025550101")).await?;
        tx.insert_session(&session).await?;
        tx.append_chat_entry(session.id, &behaviour::session::entry(1, "white shoes?")).await
    })
    .await
    .unwrap();
    let dashboard = "select session_id, phone, expires_at, now() from sessions where phone = '+12025550101'";
    let row = sql(&name, dashboard);
    assert!(row.starts_with(&format!("{}|+12025550101|2026-02-19 ", session.id)), "{row}");
    let ask = |what: &str| sql(&name, &format!("select {what} from sessions"));
    assert_eq!(ask("expires_at - last_activity"), "7 days");
    assert_eq!(ask("length(session_token)"), "64", "the hash, never a token");
    assert_eq!(ask("metadata ->> 'conversation_summary'"), "Customer is browsing.");
    assert_eq!(ask("metadata #>> '{chat_context,0,message}'"), "white shoes?");
    assert_eq!(ask("metadata -> 'cart'"), "[]");
    assert_eq!(
        sql(&name, "select phone_number, total_spend, purchase_history #>> '{0,sku}' from customers"),
        "+12025550101|12080.08|SKU-1"
    );
    let types = "select string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) from information_schema.columns \
                 where table_schema = 'public' and table_name = 'sessions'";
    assert_eq!(
        sql(&name, types),
        "session_id uuid, customer_id text, phone text, channel text, session_token text, status text, \
         created_at timestamp with time zone, last_activity timestamp with time zone, expires_at timestamp with time zone, metadata jsonb"
    );
    for table in ["products", "inventory"] {
        assert_eq!(sql(&name, &format!("select count(*) from {table}")), "0");
    }
}

#[tokio::test]
async fn somebody_elses_table_of_a_documented_name_stays_as_it_is() {
    let name = Postgres::shared().create(None).unwrap();
    sql(&name, "CREATE TABLE public.sessions (mine text); INSERT INTO public.sessions VALUES ('kept')");
    let store = open_at(&name).await;
    write(&store, async |tx| tx.insert_session(&session_of(1, "901")).await).await.unwrap();
    assert_eq!(sql(&name, "SELECT * FROM public.sessions"), "kept");
    // Once the name is free, it is ours; so is a database that was restored without it.
    sql(&name, "ALTER TABLE public.sessions RENAME TO old_sessions");
    store.close().await;
    let store = open_at(&name).await;
    assert_eq!(sql(&name, "SELECT customer_id FROM public.sessions"), "901");
    assert_eq!(sql(&name, "SELECT * FROM public.old_sessions"), "kept");
    store.close().await;
    assert_eq!(sql(&name, "SELECT customer_id FROM vitrine_public.sessions"), "901");
    assert_eq!(sql(&name, "SELECT count(*) FROM public.customers"), "0", "the other names are free");
}

#[tokio::test]
async fn callers_from_the_internet_see_products_and_nobodys_sessions() {
    let name = Postgres::shared().create(None).unwrap();
    // As a hosted database has it: whatever is made in public is open to everybody.
    let hosted = "DO $$ BEGIN CREATE ROLE anon; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
                  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon";
    sql(&name, hosted);
    open_at(&name).await;
    let sees = |table: &str| {
        sql(&name, &format!("SELECT has_table_privilege('anon', 'public.{table}', 'SELECT, INSERT, UPDATE, DELETE')"))
    };
    assert_eq!(["sessions", "customers", "inventory", "products"].map(sees), ["f", "f", "f", "t"]);
    assert_eq!(sql(&name, "SELECT has_table_privilege('anon', 'public.products', 'INSERT, UPDATE, DELETE')"), "f");
    assert_eq!(sql(&name, "SELECT has_schema_privilege('anon', 'vitrine', 'USAGE')"), "f");
}

#[tokio::test]
async fn cursors_grow_in_the_order_of_commits_however_many_write() {
    let (store, name) = open().await;
    let topic = Topic::Device(DeviceId(id(1)));
    let mut writing = tokio::task::JoinSet::new();
    for writer in 0..8_u128 {
        let name = name.clone();
        writing.spawn(async move {
            let node = open_at(&name).await;
            for number in 0..10 {
                let id = KioskSessionId(id(writer * 100 + number));
                let body = EventBody::KioskSessionEnded { kiosk_session_id: id, reason: EndReason::Done };
                let mut tx = node.write().await.unwrap();
                tx.append_event(topic, &body, at(0)).await.unwrap();
                tokio::task::yield_now().await;
                tx.commit().await.unwrap();
            }
        });
    }
    let writing = tokio::spawn(writing.join_all());
    // A reader that only ever looks behind its last cursor misses nothing.
    let (mut last, mut seen) = (Cursor(0), 0);
    while seen < 80 {
        let over = writing.is_finished();
        let events = store.read().await.unwrap().events_after(&[topic], last, 7).await.unwrap();
        assert!(!(over && events.is_empty()), "{seen} of 80 were seen");
        seen += events.len();
        last = events.last().map_or(last, |event| event.cursor);
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn a_product_that_is_gone_is_told_until_it_is_forgotten() {
    let (store, name) = open().await;
    let remove = async |sku: Sku| {
        sql(&name, &format!("DELETE FROM vitrine.products WHERE sku = '{sku}'"));
    };
    behaviour::catalogue_change::a_product_that_is_gone_is_told_until_it_is_forgotten(&store, remove).await;
}

#[tokio::test]
async fn changes_of_the_catalogue_are_numbered_in_the_order_of_their_commits_also_past_the_server() {
    let (store, name) = open().await;
    let product = behaviour::catalogue::product;
    write(&store, async |tx| {
        tx.put_product(&product("SKU-1", "One")).await?;
        tx.put_product(&product("SKU-2", "Two")).await
    })
    .await
    .unwrap();
    let before = store.read().await.unwrap().catalogue_place().await.unwrap().newest;
    let mut ours = store.write().await.unwrap();
    ours.put_product(&product("SKU-1", "One more")).await.unwrap();
    let past = tokio::task::spawn_blocking({
        let name = name.clone();
        move || sql(&name, "UPDATE vitrine.products SET price_minor = 1")
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while sql(&name, waiting) != "1" {
        assert!(!past.is_finished(), "it waits for whoever is writing");
        tokio::task::yield_now().await;
    }
    assert!(store.read().await.unwrap().catalogue_changes(before, before, "online", 9).await.unwrap().is_empty());
    // Waiting, it holds up nobody.
    ours.put_product(&product("SKU-2", "Two more")).await.unwrap();
    ours.commit().await.unwrap();
    past.await.unwrap();
    let changes = store.read().await.unwrap().catalogue_changes(before, before, "online", 9).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.number - before).collect::<Vec<_>>(), [3, 4]);

    let epoch = store.read().await.unwrap().catalogue_place().await.unwrap().epoch;
    sql(&name, "TRUNCATE vitrine.products");
    assert_ne!(store.read().await.unwrap().catalogue_place().await.unwrap().epoch, epoch, "everything is gone at once");
}

#[tokio::test]
async fn a_writer_that_went_away_halfway_holds_up_nobody() {
    let (store, name) = open().await;
    let other = open_at(&name).await;
    let holder = store.write().await.unwrap();
    // It gives up while it stands in line.
    for _ in 0..5 {
        assert!(tokio::time::timeout(Duration::from_millis(50), other.write()).await.is_err());
    }
    drop(holder);
    let began = std::time::Instant::now();
    for store in [&store, &other, &store] {
        write(store, async |tx| tx.next_customer_id().await).await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn readers_wait_for_no_writer() {
    let (store, _name) = open().await;
    let mut writer = store.write().await.unwrap();
    writer.put_customer(&behaviour::customer::record("901", "")).await.unwrap();
    assert_eq!(store.read().await.unwrap().customer_count().await.unwrap(), 0);
    writer.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().customer_count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_database_that_goes_away_and_comes_back_is_used_again() {
    let mut postgres = Postgres::start().unwrap();
    let name = postgres.create(None).unwrap();
    let store = PostgresStore::open(&postgres.address(&name), PATIENCE).await.unwrap();
    write(&store, async |tx| tx.put_customer(&behaviour::customer::record("901", "")).await).await.unwrap();
    let mut begun = store.write().await.unwrap();
    begun.put_customer(&behaviour::customer::record("902", "")).await.unwrap();
    postgres.go_down();
    assert!(begun.commit().await.unwrap_err().is_passing());
    let refused = store.read().await.err().unwrap();
    assert!(refused.is_passing(), "{refused:?}");
    postgres.go_up().unwrap();
    assert_eq!(store.read().await.unwrap().customer_count().await.unwrap(), 1);
    write(&store, async |tx| tx.put_customer(&behaviour::customer::record("902", "")).await).await.unwrap();
}

#[tokio::test]
async fn a_text_that_postgres_cannot_keep_is_no_failure() {
    let (store, _name) = open().await;
    let mut entry = behaviour::session::entry(1, "a\0b");
    entry.metadata = Some(serde_json::Map::from_iter([("n\0".to_owned(), serde_json::json!("\0"))]));
    write(&store, async |tx| {
        tx.insert_session(&session_of(1, "901")).await?;
        tx.append_chat_entry(session_of(1, "901").id, &entry).await
    })
    .await
    .unwrap();
    let kept = store.read().await.unwrap().chat_entry(entry.id).await.unwrap().unwrap();
    assert_eq!(kept.message, "a\u{fffd}b");
    assert_eq!(store.read().await.unwrap().customer_by_phone("\0").await.unwrap(), None);
}

#[tokio::test]
async fn an_older_database_is_brought_up_to_date() {
    let name = Postgres::shared().create(None).unwrap();
    let migrator = sqlx::migrate!("./migrations/postgres");
    let first = migrator.iter().map(|migration| migration.version).min().unwrap();
    let mut connection = sqlx::PgConnection::connect(&Postgres::shared().socket_address(&name)).await.unwrap();
    sqlx::raw_sql("CREATE SCHEMA vitrine; SET search_path TO vitrine").execute(&mut connection).await.unwrap();
    migrator.run_to(first, &mut connection).await.unwrap();
    sqlx::query("INSERT INTO stores VALUES ('S01', 'Main Street', '', '', '')").execute(&mut connection).await.unwrap();
    let product = "INSERT INTO products (sku, name, description, price_minor, listed_stock, category, image_url, attributes, words) \
                   VALUES ('SKU-1', 'Court Low', '', 1999, 7, 'Footwear', '', '{}', '')";
    sqlx::query(product).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = open_at(&name).await;
    assert_eq!(store.read().await.unwrap().stores().await.unwrap().len(), 1);
    assert_eq!(
        store.read().await.unwrap().catalogue_changes(0, 0, "online", 9).await.unwrap().len(),
        1,
        "kiosks hear of what was there"
    );
    assert_eq!(store.read().await.unwrap().devices().await.unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_good_once_is_good_on_one_node_only() {
    let (one, name) = open().await;
    let other = open_at(&name).await;
    let mut tasks = tokio::task::JoinSet::new();
    let (one, other) = (std::sync::Arc::new(one), std::sync::Arc::new(other));
    for node in [&one, &other, &one, &other] {
        let node = node.clone();
        tasks.spawn(async move { node.first_use(&[1; 32], at(0)).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
    assert!(other.first_use(&[2; 32], at(5)).await.unwrap());
    assert_eq!(one.forget(at(5), at(0)).await.unwrap(), 1);
    assert!(other.first_use(&[1; 32], at(6)).await.unwrap());
    assert!(!one.first_use(&[2; 32], at(6)).await.unwrap());
}

#[tokio::test]
async fn counters_of_all_nodes_are_the_same_and_none_is_lost() {
    let (one, name) = open().await;
    let other = open_at(&name).await;
    let mut tasks = tokio::task::JoinSet::new();
    let nodes = [std::sync::Arc::new(one), std::sync::Arc::new(other)];
    for task in 0..8_usize {
        let node = nodes[task % 2].clone();
        tasks.spawn(async move {
            // In either order: whoever locks differently would wait for ever.
            let keys = if task % 4 < 2 { [[1; 32], [200; 32]] } else { [[200; 32], [1; 32]] };
            for _ in 0..5 {
                node.change_counters(&keys, &mut |counters| {
                    for counter in counters {
                        let failures = counter.map_or(0, |counter| counter.failures) + 1;
                        *counter = Some(Counter { failures, blocked_until: at(i64::from(failures)) });
                    }
                })
                .await
                .unwrap();
            }
        });
    }
    tasks.join_all().await;
    let expected = Counter { failures: 40, blocked_until: at(40) };
    nodes[0]
        .change_counters(&[[1; 32], [7; 32], [200; 32]], &mut |counters| {
            assert_eq!(counters, [Some(expected), None, Some(expected)]);
            counters[0] = None;
        })
        .await
        .unwrap();
    assert_eq!(sql(&name, "SELECT count(*) FROM vitrine.counters"), "1");
    assert_eq!(nodes[1].forget(at(0), at(40)).await.unwrap(), 0);
    assert_eq!(nodes[1].forget(at(0), at(41)).await.unwrap(), 1);
}

#[tokio::test]
async fn the_first_nodes_key_is_everybodys() {
    let (store, _name) = open().await;
    assert_eq!(store.key_fingerprint().await.unwrap(), None);
    assert!(store.keep_key_fingerprint(&[1; 32], false).await.unwrap());
    assert!(store.keep_key_fingerprint(&[1; 32], false).await.unwrap());
    assert!(!store.keep_key_fingerprint(&[2; 32], false).await.unwrap());
    assert!(store.keep_key_fingerprint(&[2; 32], true).await.unwrap());
    assert_eq!(store.key_fingerprint().await.unwrap(), Some(vec![2; 32]));
}
