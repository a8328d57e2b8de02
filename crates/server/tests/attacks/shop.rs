//! A shop with a server, kiosks and phones, and a clock that the test moves.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use protocol::{
    ErrorCode,
    event::EventBody,
    handoff::HandoffEnd,
    ids::{ClaimId, HandoffId, StoreId},
    phone::{ClaimState, Visit},
    shop::{Locale, Shop as ShopData, Store, Theme},
};
use server::{AppState, Config, device::operations::accept, handoff::expiry, serve};
use server_store::records::{DeviceRecord, HandoffStatus};
use testkit::{
    answer::Answer,
    clock::FakeClock,
    dice::SeededEntropy,
    kiosk::{FakeKiosk, Held, KioskEvents, OpenHandoff},
    phone::FakePhone,
};

/// Longest wait for something that happens at once.
pub const SOON: Duration = Duration::from_secs(20);
/// Every customer's password.
pub const PASSWORD: &str = "correct horse battery";

/// A running server and everything around it.
pub struct Shop {
    pub state: AppState,
    pub clock: Arc<FakeClock>,
    pub origin: String,
    people: AtomicU32,
    kiosks: AtomicU32,
    _folder: tempfile::TempDir,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.state.shutdown.cancel();
    }
}

impl Shop {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let mut config = Config::at(folder.path());
        config.listen = listener.local_addr().unwrap();
        let origin = config.public_origin();
        let clock = Arc::new(FakeClock::default());
        let state = AppState::open_with(config, clock.clone(), Arc::new(SeededEntropy::new(11))).await.unwrap();
        import(&state).await;
        tokio::spawn(serve(listener, state.clone()));
        Self { state, clock, origin, people: AtomicU32::new(0), kiosks: AtomicU32::new(0), _folder: folder }
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn pass_millis(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }

    /// Ends what is over, as the server's own sweep does at its time.
    pub async fn sweep(&self) {
        expiry::sweep(&self.state).await.unwrap();
    }

    /// A kiosk with a key of its own that nobody enrolled.
    pub fn strange_kiosk(&self) -> FakeKiosk {
        let seed = 1_000 + u64::from(self.kiosks.fetch_add(1, Ordering::Relaxed));
        FakeKiosk::with(&self.origin, self.clock.clone(), Arc::new(SeededEntropy::new(seed))).unwrap()
    }

    /// An enrolled kiosk.
    pub async fn kiosk(&self) -> FakeKiosk {
        let kiosk = self.strange_kiosk();
        self.enrol(&kiosk).await;
        kiosk
    }

    pub async fn enrol(&self, kiosk: &FakeKiosk) -> DeviceRecord {
        let asked = kiosk.ask_enrolment().await.unwrap();
        accept(&self.state, &asked.code, &StoreId::from("S01"), "By the fitting rooms").await.unwrap()
    }

    /// A phone on which nobody is signed in.
    pub fn phone(&self) -> FakePhone {
        FakePhone::new(&self.origin).unwrap()
    }

    /// A phone on which a customer of its own is signed in.
    pub async fn customer(&self) -> FakePhone {
        let (phone, number) = (self.phone(), self.new_number());
        phone.sign_up("Asha Rao", &number, PASSWORD).await.unwrap();
        phone
    }

    /// A number that nobody has.
    pub fn new_number(&self) -> String {
        format!("+9198200{:05}", self.people.fetch_add(1, Ordering::Relaxed))
    }

    pub async fn status(&self, handoff: HandoffId) -> HandoffStatus {
        self.state.read().await.unwrap().handoff(handoff).await.unwrap().unwrap().status
    }

    /// A handoff that `phone` has claimed, and its digits.
    pub async fn claimed(&self, kiosk: &FakeKiosk, phone: &FakePhone) -> (OpenHandoff, ClaimId, String) {
        let handoff = kiosk.open_handoff().await.unwrap();
        let visit = phone.visit(&handoff.shown.codes[0]).await.unwrap();
        let (claim, digits) = phone.claim(&visit.ticket).await.unwrap();
        (handoff, claim, digits)
    }

    /// A hold of the customer of `phone`.
    pub async fn signed_in(&self, kiosk: &FakeKiosk, phone: &FakePhone) -> (Held, ClaimId) {
        let (handoff, claim, digits) = self.claimed(kiosk, phone).await;
        (kiosk.enter_digits(&handoff, &digits).await.unwrap(), claim)
    }
}

async fn import(state: &AppState) {
    let mut tx = state.write().await.unwrap();
    tx.put_shop(&ShopData {
        name: "Meridian".into(),
        country: "IN".into(),
        currency: "INR".into(),
        time_zone: "Asia/Kolkata".into(),
        languages: vec![Locale::En, Locale::Hi],
        theme: Theme::default(),
        featured: Vec::new(),
    })
    .await
    .unwrap();
    tx.put_store(&Store {
        store_id: "S01".into(),
        name: "High Street".into(),
        city: "Pune".into(),
        address: "1 High Street".into(),
        opening_hours: "10:00-21:30".into(),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// Digits that are not these.
pub fn wrong(digits: &str) -> String {
    let number: u32 = digits.parse().unwrap();
    (10 + (number - 10 + 1) % 90).to_string()
}

/// Whether the answer is that code, with its status.
#[track_caller]
pub fn assert_refused(answer: &Answer, code: ErrorCode) {
    assert_eq!((answer.status, answer.code()), (code.status(), Some(code)), "{}", answer.body);
}

/// Waits until the kiosk is told that a handoff is over.
pub async fn over(events: &mut KioskEvents) -> (HandoffId, HandoffEnd) {
    let read = |body| match body {
        EventBody::HandoffOver { handoff_id, reason } => Some((handoff_id, reason)),
        _ => None,
    };
    events.next_of(SOON, read).await.unwrap()
}

/// Waits until the phone is told that its claim failed.
pub async fn failed(phone: &FakePhone, claim: ClaimId) -> HandoffEnd {
    let read = |state| match state {
        ClaimState::Failed { reason } => Some(reason),
        _ => None,
    };
    phone.claim_state(claim, SOON, read).await.unwrap()
}

/// A phone's visit to what the kiosk shows now.
pub async fn visit(phone: &FakePhone, handoff: &OpenHandoff) -> Visit {
    phone.visit(&handoff.shown.codes[0]).await.unwrap()
}
