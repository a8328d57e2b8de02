//! Copying from a server that does as the test says, in time that the test controls.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use kiosk_store::{MemoryShelf, Shelf, ShelfProduct, ShelfSearch, ShelfState, StoreError};
use protocol::{
    ApiError, Clock as _, ErrorCode, Timestamp,
    ambient::{SystemClock, SystemEntropy},
    catalogue::{CataloguePage, Product, ProductStock},
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse},
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId, Sku},
    kiosk_health::KioskHealth,
    kiosk_session::KioskSession,
    speech::SpeechRequest,
    sync::{PushRequest, PushResponse},
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::Copier;
use crate::{
    WavStream,
    health::Vitals,
    server::{EventStream, Server, ServerError, Token},
};

type Answer = Result<CataloguePage, ServerError>;

/// Gives its answers one by one, and the last of them again and again; remembers what it was asked after, and when.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<(Option<String>, Instant)>>,
}

#[async_trait]
impl Server for Script {
    async fn catalogue(&self, after: Option<&str>, _: u32) -> Answer {
        self.asked.lock().unwrap().push((after.map(str::to_owned), Instant::now()));
        let mut answers = self.answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
    }

    async fn device(&self) -> Result<DeviceResponse, ServerError> {
        unimplemented()
    }
    async fn request_enrolment(&self, _: &EnrolmentRequest) -> Result<EnrolmentResponse, ServerError> {
        unimplemented()
    }
    async fn open_handoff(&self, _: &OpenHandoffRequest) -> Result<OpenHandoffResponse, ServerError> {
        unimplemented()
    }
    async fn cancel_handoff(&self, _: HandoffId) -> Result<(), ServerError> {
        unimplemented()
    }
    async fn match_digits(&self, _: HandoffId, _: &MatchRequest) -> Result<IssuedSession, ServerError> {
        unimplemented()
    }
    async fn start_guest(&self, _: &GuestRequest) -> Result<IssuedSession, ServerError> {
        unimplemented()
    }
    async fn kiosk_session(&self, _: &Token) -> Result<KioskSession, ServerError> {
        unimplemented()
    }
    async fn push(&self, _: &PushRequest) -> Result<PushResponse, ServerError> {
        unimplemented()
    }
    async fn events(&self, _: Option<Cursor>) -> Result<EventStream, ServerError> {
        unimplemented()
    }
    async fn speech(&self, _: &SpeechRequest) -> Result<WavStream, ServerError> {
        unimplemented()
    }
}

/// The copier asks for pages alone.
fn unimplemented<T>() -> Result<T, ServerError> {
    Err(ServerError::NotVitrine)
}

/// A shelf that counts what is written, fails when it is told to, and can lose everything.
#[derive(Default)]
struct Counted {
    shelf: Mutex<Arc<MemoryShelf>>,
    writes: AtomicU32,
    failures: AtomicU32,
    lost: Notify,
}

impl Counted {
    fn inner(&self) -> Arc<MemoryShelf> {
        Arc::clone(&self.shelf.lock().unwrap())
    }

    fn lose(&self) {
        *self.shelf.lock().unwrap() = Arc::default();
        self.lost.notify_one();
    }

    fn write(&self) -> Result<(), StoreError> {
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Row);
        }
        self.writes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[async_trait]
impl Shelf for Counted {
    async fn state(&self) -> Result<ShelfState, StoreError> {
        self.inner().state().await
    }
    async fn take(&self, after: Option<&str>, page: &CataloguePage) -> Result<bool, StoreError> {
        self.write()?;
        self.inner().take(after, page).await
    }
    async fn start_over(&self) -> Result<(), StoreError> {
        self.write()?;
        self.inner().start_over().await
    }
    async fn still_true(&self, at: Timestamp) -> Result<(), StoreError> {
        self.inner().still_true(at).await
    }
    async fn products(&self, skus: &[Sku]) -> Result<Vec<ShelfProduct>, StoreError> {
        self.inner().products(skus).await
    }
    async fn search(&self, search: &ShelfSearch) -> Result<Vec<ShelfProduct>, StoreError> {
        self.inner().search(search).await
    }
    async fn pictures(&self, after: i64, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        self.inner().pictures(after, limit).await
    }
    async fn forget_questions(&self) {}
    async fn lost(&self) {
        self.lost.notified().await;
    }
    async fn close(&self) {}
}

struct Table {
    server: Arc<Script>,
    shelf: Arc<Counted>,
    changed: Arc<Notify>,
    vitals: Arc<Vitals>,
    copying: JoinHandle<()>,
}

impl Table {
    fn start(answers: Vec<Answer>) -> Self {
        let (server, shelf, changed) = (Arc::<Script>::default(), Arc::<Counted>::default(), Arc::<Notify>::default());
        server.answers.lock().unwrap().extend(answers);
        let clock = Arc::new(SystemClock::new());
        let vitals = Arc::new(Vitals::new(clock.clone(), "http://shop.example".into(), Arc::default()));
        let copier = Copier {
            server: server.clone(),
            shelf: shelf.clone(),
            clock,
            entropy: Arc::new(SystemEntropy),
            changed: changed.clone(),
            grown: Arc::default(),
            vitals: vitals.clone(),
        };
        Self { server, shelf, changed, vitals, copying: tokio::spawn(copier.run()) }
    }

    fn answers(&self, answers: Vec<Answer>) {
        *self.server.answers.lock().unwrap() = answers.into();
    }

    /// What was asked after, in order.
    fn asked(&self) -> Vec<Option<String>> {
        self.server.asked.lock().unwrap().iter().map(|(after, _)| after.clone()).collect()
    }

    fn last_asked(&self) -> Instant {
        self.server.asked.lock().unwrap().last().unwrap().1
    }

    /// Lets time pass until the server was asked so often.
    async fn asked_times(&self, times: usize) {
        while self.server.asked.lock().unwrap().len() < times {
            sleep(Duration::from_millis(100)).await;
        }
        sleep(Duration::from_millis(1)).await;
    }

    async fn state(&self) -> ShelfState {
        self.shelf.state().await.unwrap()
    }

    async fn names(&self) -> Vec<String> {
        let all = self.shelf.search(&ShelfSearch { limit: 100, ..ShelfSearch::default() }).await.unwrap();
        all.into_iter().map(|product| product.product.name).collect()
    }

    async fn health(&self) -> KioskHealth {
        self.vitals.health().await
    }
}

fn product(sku: &str, name: &str) -> Product {
    Product {
        sku: sku.into(),
        name: name.into(),
        description: String::new(),
        price: 19.99,
        price_minor: 1_999,
        currency: "EUR".into(),
        rating: None,
        stock: 3,
        category: "Footwear".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: None,
        image_url: String::new(),
        attributes: [].into(),
    }
}

/// A page as a server whose clock is a year behind would write it.
fn page(revision: &str, complete: bool, products: &[(&str, &str)]) -> CataloguePage {
    let stock = |sku: &str| ProductStock { sku: sku.into(), in_this_store: Some(1), everywhere: 3 };
    CataloguePage {
        revision: revision.into(),
        complete,
        as_of: Timestamp::from_unix_millis(1_739_354_400_000),
        total: 3,
        products: products.iter().map(|(sku, name)| product(sku, name)).collect(),
        removed: Vec::new(),
        stock: products.iter().map(|(sku, _)| stock(sku)).collect(),
    }
}

fn refused(code: ErrorCode) -> Answer {
    Err(ServerError::Refused(ApiError::new(code, "no")))
}

fn gone() -> Answer {
    Err(ServerError::Unreachable("gone".into()))
}

fn after(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_breaks_off_goes_on_where_it_was() {
    let pages = vec![
        Ok(page("r1", false, &[("A", "One")])),
        gone(),
        gone(),
        Ok(page("r2", false, &[("B", "Two")])),
        Ok(page("r3", true, &[("C", "Three")])),
        Ok(page("r3", true, &[])),
    ];
    let table = Table::start(pages);
    table.asked_times(5).await;
    assert_eq!(table.asked(), after(&["", "r1", "r1", "r1", "r2"]));
    let state = table.state().await;
    assert_eq!((state.complete, state.products, state.revision.as_deref()), (true, 3, Some("r3")));
    let age = SystemClock::new().now().since(state.as_of.unwrap());
    assert!(age < Duration::from_mins(1), "by the kiosk's clock, whatever the server's says");
}

#[tokio::test(start_paused = true)]
async fn while_nothing_changes_it_asks_seldom_and_writes_nothing() {
    let table = Table::start(vec![Ok(page("r1", true, &[("A", "One")])), Ok(page("r1", true, &[]))]);
    table.asked_times(1).await;
    let (first, writes) = (table.state().await.as_of, table.shelf.writes.load(Ordering::Relaxed));
    let begun = Instant::now();
    table.asked_times(13).await;
    let hour = Duration::from_hours(1);
    assert!(begun.elapsed() > hour / 2 && begun.elapsed() < hour * 2, "every five minutes or so: {:?}", begun.elapsed());
    assert_eq!(table.shelf.writes.load(Ordering::Relaxed), writes);
    assert!(table.state().await.as_of >= first);
    assert_eq!(table.asked()[1..], vec![Some("r1".to_owned()); 12]);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_told_comes_within_seconds() {
    let table = Table::start(vec![Ok(page("r1", true, &[("A", "One")]))]);
    table.asked_times(1).await;
    table.answers(vec![Ok(page("r2", true, &[("A", "One more")])), Ok(page("r2", true, &[]))]);
    let told = Instant::now();
    for _ in 0..100 {
        table.changed.notify_one();
    }
    table.asked_times(2).await;
    assert!(table.last_asked() - told <= Duration::from_secs(10));
    assert_eq!(table.names().await, ["One more"]);
    sleep(Duration::from_mins(1)).await;
    assert!(table.asked().len() <= 3, "however often it is told");
}

#[tokio::test(start_paused = true)]
async fn what_the_server_cannot_tell_any_more_is_copied_anew() {
    let table = Table::start(vec![Ok(page("r1", true, &[("A", "One"), ("B", "Two")]))]);
    table.asked_times(1).await;
    table.answers(vec![
        refused(ErrorCode::CursorExpired),
        Ok(page("s1", false, &[("A", "One anew")])),
        gone(),
        Ok(page("s2", true, &[("C", "Three")])),
        Ok(page("s2", true, &[])),
    ]);
    table.changed.notify_one();
    table.asked_times(4).await;
    assert_eq!(table.names().await, ["One anew", "Two"], "what was there stays until all is there");
    table.asked_times(5).await;
    assert_eq!(table.asked(), after(&["", "r1", "", "s1", "s1"]));
    assert_eq!(table.names().await, ["One anew", "Three"]);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_was_lost_begins_at_once() {
    let table = Table::start(vec![Ok(page("r1", true, &[("A", "One")]))]);
    table.asked_times(1).await;
    let lost = Instant::now();
    table.shelf.lose();
    table.asked_times(2).await;
    assert!(table.last_asked() - lost < Duration::from_secs(1));
    assert_eq!((table.asked(), table.names().await), (after(&["", ""]), vec!["One".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_the_disk_does_not_take_comes_again() {
    let table = Table::start(vec![Ok(page("r1", true, &[("A", "One")]))]);
    table.shelf.failures.store(2, Ordering::Relaxed);
    let begun = Instant::now();
    table.asked_times(3).await;
    assert_eq!((table.asked(), table.names().await), (after(&["", "", ""]), vec!["One".to_owned()]));
    assert!(begun.elapsed() >= Duration::from_mins(2), "not in a loop");
    assert_eq!(table.health().await.problems[0].code, ErrorCode::InternalError);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_time_gets_it() {
    let mut busy = ApiError::new(ErrorCode::RateLimited, "later");
    busy.retry_after = Some(90);
    let table = Table::start(vec![Err(ServerError::Refused(busy)), Ok(page("r1", true, &[]))]);
    let begun = Instant::now();
    table.changed.notify_one();
    table.asked_times(2).await;
    assert!(table.last_asked() - begun >= Duration::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_knows_no_pages_or_gives_the_same_again_and_again_is_left_alone() {
    for answer in [refused(ErrorCode::NotFound), Ok(page("r1", false, &[("A", "One")]))] {
        let table = Table::start(vec![answer]);
        table.asked_times(1).await;
        sleep(Duration::from_mins(4)).await;
        assert!(table.asked().len() < 30, "{}", table.asked().len());
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_enrolment() {
    let table = Table::start(vec![refused(ErrorCode::KioskNotEnrolled)]);
    table.copying.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn staff_see_how_far_it_has_come_and_what_holds_it_up() {
    let table = Table::start(vec![Ok(page("r1", false, &[("A", "One")])), gone()]);
    assert!(!table.health().await.catalogue.readable, "it is not open yet");
    table.vitals.opened(Arc::new(kiosk_store::MemoryStore::default()), table.shelf.clone());
    table.asked_times(3).await;
    let health = table.health().await.catalogue;
    assert_eq!((health.readable, health.complete, health.copied, health.total), (true, false, 1, 3));
    assert_eq!((health.failing_with, health.as_of), (Some(ErrorCode::ServerUnreachable), None));
    table.answers(vec![Ok(page("r2", true, &[("B", "Two"), ("C", "Three")])), Ok(page("r2", true, &[]))]);
    table.changed.notify_one();
    let asked = table.asked().len();
    table.asked_times(asked + 1).await;
    let health = table.health().await.catalogue;
    assert_eq!((health.complete, health.products, health.copied, health.failing_with), (true, 3, 3, None));
    assert!(health.as_of.is_some());
}
