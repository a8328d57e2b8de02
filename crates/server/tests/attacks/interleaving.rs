//! Whatever calls come in whatever order, and however many at once: a handoff leads to one session at most, a kiosk holds
//! one at most, and only what was typed after a person's Continue opens that person's session.

use std::collections::HashMap;

use futures_util::future::join_all;
use proptest::{prelude::*, test_runner::Config as Cases};
use protocol::{
    handoff::{GuestRequest, IssuedSession, OpenHandoffRequest},
    ids::{AccountId, CustomerId, DeviceId, HandoffId, KioskSessionId},
    kiosk_session::EndReason,
    phone::ClaimState,
    shop::Locale,
};
use server::{
    AppState,
    handoff::{
        claim::{Claimant, claim, claim_state, give_up},
        expiry,
        issue::match_and_issue,
        open::{leave, open},
        visit::{Visitor, visit},
    },
    kiosk_session::{guest, operations::end},
};
use server_store::records::{AccountRecord, CustomerRecord, DeviceRecord};
use uuid::Uuid;

use crate::shop::{Shop, wrong};

const PHONES: usize = 3;
const KIOSKS: usize = 2;

/// One call of somebody.
#[derive(Clone, Debug)]
enum Call {
    Open { kiosk: usize },
    Leave { kiosk: usize },
    Visit { phone: usize, kiosk: usize, code: usize },
    Claim { phone: usize },
    Cancel { phone: usize },
    Match { kiosk: usize, right: bool },
    Guest { kiosk: usize },
    EndHold { kiosk: usize },
    Pass { seconds: u64 },
}

fn calls() -> impl Strategy<Value = Call> {
    let (kiosk, phone) = (0..KIOSKS, 0..PHONES);
    prop_oneof![
        2 => kiosk.clone().prop_map(|kiosk| Call::Open { kiosk }),
        1 => kiosk.clone().prop_map(|kiosk| Call::Leave { kiosk }),
        4 => (phone.clone(), kiosk.clone(), 0..3_usize).prop_map(|(phone, kiosk, code)| Call::Visit { phone, kiosk, code }),
        4 => phone.clone().prop_map(|phone| Call::Claim { phone }),
        1 => phone.prop_map(|phone| Call::Cancel { phone }),
        4 => (kiosk.clone(), prop::bool::weighted(0.8)).prop_map(|(kiosk, right)| Call::Match { kiosk, right }),
        1 => kiosk.clone().prop_map(|kiosk| Call::Guest { kiosk }),
        1 => kiosk.prop_map(|kiosk| Call::EndHold { kiosk }),
        2 => (1..40_u64).prop_map(|seconds| Call::Pass { seconds }),
    ]
}

/// What the people at kiosks and phones know.
struct World {
    shop: Shop,
    kiosks: Vec<DeviceId>,
    people: Vec<(Claimant, CustomerId)>,
    shown: Vec<Option<(HandoffId, Vec<String>)>>,
    tickets: Vec<Option<String>>,
    issued: HashMap<HandoffId, Vec<KioskSessionId>>,
}

impl World {
    async fn new() -> Self {
        let shop = Shop::open().await;
        let (kiosks, people) = populate(&shop.state).await;
        Self { shop, kiosks, people, shown: vec![None; KIOSKS], tickets: vec![None; PHONES], issued: HashMap::new() }
    }

    fn state(&self) -> &AppState {
        &self.shop.state
    }

    /// The digits on the phone that claimed the kiosk's handoff.
    async fn digits(&self, handoff: HandoffId) -> Option<String> {
        let state = self.state();
        let mut reader = state.read().await.unwrap();
        let handoff = reader.handoff(handoff).await.unwrap()?;
        match claim_state(&mut *reader, &state.key, &handoff, state.lifetimes.now()).await.ok()? {
            ClaimState::Digits { digits, .. } => Some(digits),
            _ => None,
        }
    }

    async fn make(&mut self, call: &Call) {
        let state = self.state().clone();
        match *call {
            Call::Open { kiosk } => {
                if let Ok(opened) = open(&state, self.kiosks[kiosk], &request()).await {
                    let mut codes = opened.codes;
                    codes.truncate(2);
                    codes.push(opened.typed_code);
                    self.shown[kiosk] = Some((opened.handoff_id, codes));
                }
            }
            Call::Leave { kiosk } => {
                if let Some((handoff, _)) = &self.shown[kiosk] {
                    leave(&state, self.kiosks[kiosk], *handoff).await.unwrap();
                }
            }
            Call::Visit { phone, kiosk, code } => {
                if let Some((_, codes)) = &self.shown[kiosk]
                    && let Ok(ticket) = visit(&state, &codes[code], &self.visitor(phone)).await
                {
                    self.tickets[phone] = Some(ticket.ticket);
                }
            }
            Call::Claim { phone } => {
                if let Some(ticket) = &self.tickets[phone] {
                    let _ = claim(&state, ticket, &self.people[phone].0).await;
                }
            }
            Call::Cancel { phone } => {
                let claimant = &self.people[phone].0;
                let last = state.read().await.unwrap().latest_claim_of(claimant.account, &claimant.browser_hash).await.unwrap();
                if let Some(claim) = last.and_then(|handoff| handoff.claim) {
                    give_up(&state, claim.id, claimant.account).await.unwrap();
                }
            }
            Call::Match { kiosk, right } => {
                if let Some((handoff, _)) = self.shown[kiosk].clone() {
                    let digits = self.digits(handoff).await.unwrap_or_else(|| "42".into());
                    let typed = if right { digits } else { wrong(&digits) };
                    let outcome = match_and_issue(&state, self.kiosks[kiosk], handoff, &typed).await;
                    assert!(right || outcome.is_err(), "wrong digits opened a session");
                    self.note(handoff, outcome.ok()).await;
                }
            }
            Call::Guest { kiosk } => {
                let request = GuestRequest { ephemeral_key: request().ephemeral_key, locale: Locale::En };
                let _ = guest::start(&state, self.kiosks[kiosk], &request).await;
            }
            Call::EndHold { kiosk } => {
                if let Some(hold) = state.read().await.unwrap().kiosk_session_of(self.kiosks[kiosk]).await.unwrap() {
                    let mut tx = state.write().await.unwrap();
                    assert!(end(&mut tx, hold.id, EndReason::Done).await.unwrap());
                    tx.commit().await.unwrap();
                }
            }
            Call::Pass { seconds } => {
                self.shop.pass(seconds);
                expiry::sweep(&state).await.unwrap();
            }
        }
    }

    async fn note(&mut self, handoff: HandoffId, issued: Option<IssuedSession>) {
        let Some(issued) = issued else { return };
        let record = self.state().read().await.unwrap().handoff(handoff).await.unwrap().unwrap();
        let claimed_by = record.claim.unwrap().account_id;
        let (_, customer) = self.people.iter().find(|(claimant, _)| claimant.account == claimed_by).unwrap();
        let session = self.state().read().await.unwrap().session(issued.session.session_id).await.unwrap().unwrap();
        assert_eq!(&session.customer_id, customer, "the session is not the claimant's");
        self.issued.entry(handoff).or_default().push(issued.kiosk_session_id);
    }

    fn visitor(&self, phone: usize) -> Visitor {
        let claimant = &self.people[phone].0;
        let address = std::net::IpAddr::from([192, 0, 2, u8::try_from(phone).unwrap()]);
        Visitor { browser_hash: claimant.browser_hash.clone(), account: Some(claimant.account), network: address.into() }
    }

    fn check(&self) {
        for (handoff, holds) in &self.issued {
            assert!(holds.len() <= 1, "{handoff} led to {} sessions", holds.len());
        }
    }
}

fn request() -> OpenHandoffRequest {
    // The X25519 base point: a valid public key of nobody.
    OpenHandoffRequest { ephemeral_key: "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(), locale: Locale::En }
}

async fn populate(state: &AppState) -> (Vec<DeviceId>, Vec<(Claimant, CustomerId)>) {
    let mut tx = state.write().await.unwrap();
    let now = state.now();
    let mut kiosks = Vec::new();
    for number in 0..KIOSKS {
        let id = DeviceId(Uuid::from_u128(100 + number as u128));
        let device = DeviceRecord {
            id,
            key_thumbprint: format!("key {number}"),
            role: protocol::device::DeviceRole::Kiosk,
            store_id: "S01".into(),
            label: format!("Kiosk {number}"),
            start_by_phone: false,
            enrolled_at: now,
        };
        tx.put_device(&device).await.unwrap();
        kiosks.push(id);
    }
    let mut people = Vec::new();
    for number in 0..PHONES {
        let id = CustomerId((200 + number).to_string());
        tx.put_customer(&customer(&id, number)).await.unwrap();
        let account = AccountId(Uuid::from_u128(300 + number as u128));
        let record = AccountRecord {
            id: account,
            phone: None,
            phone_verified: false,
            email: None,
            email_verified: false,
            pending_email: None,
            display_name: String::new(),
            preferences: protocol::account::Preferences::default(),
            password_hash: None,
            customer_id: Some(id.clone()),
            created_at: now,
            updated_at: now,
        };
        tx.insert_account(&record).await.unwrap();
        people.push((Claimant { account, browser_hash: vec![u8::try_from(number).unwrap(); 32] }, id));
    }
    tx.commit().await.unwrap();
    (kiosks, people)
}

fn customer(id: &CustomerId, number: usize) -> CustomerRecord {
    CustomerRecord {
        id: id.clone(),
        name: format!("Person {number}"),
        age: None,
        gender: String::new(),
        phone: format!("+91982000000{number}"),
        city: String::new(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Bronze".into(),
        loyalty_points: 0,
        device_preference: "web".into(),
        total_spend_minor: 0,
        items_purchased: 0,
        average_rating: 0.0,
        days_since_last_purchase: 0,
        satisfaction: "New".into(),
        purchase_history: Vec::new(),
    }
}

fn in_a_runtime(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(Cases { cases: 48, failure_persistence: None, ..Cases::default() })]

    #[test]
    fn any_order_of_calls_leads_to_one_session_at_most(calls in prop::collection::vec(calls(), 1..60)) {
        in_a_runtime(async {
            let mut world = World::new().await;
            for call in &calls {
                world.make(call).await;
                world.check();
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_right_digits_at_once_lead_to_one_session() {
    let mut world = World::new().await;
    for _ in 0..8 {
        world.make(&Call::Open { kiosk: 0 }).await;
        world.make(&Call::Visit { phone: 0, kiosk: 0, code: 0 }).await;
        world.make(&Call::Claim { phone: 0 }).await;
        let (handoff, _) = world.shown[0].clone().unwrap();
        let digits = world.digits(handoff).await.unwrap();
        let tries = (0..8).map(|_| {
            let (state, kiosk, digits) = (world.state().clone(), world.kiosks[0], digits.clone());
            tokio::spawn(async move { match_and_issue(&state, kiosk, handoff, &digits).await.is_ok() })
        });
        let opened = join_all(tries).await.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count();
        assert_eq!(opened, 1);
        world.shop.pass(30);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claims_at_once_none_but_the_first_phone_ever_sees_digits() {
    let mut world = World::new().await;
    world.make(&Call::Open { kiosk: 0 }).await;
    for phone in 0..PHONES {
        world.make(&Call::Visit { phone, kiosk: 0, code: 0 }).await;
    }
    let claims = (0..PHONES).map(|phone| {
        let (state, ticket, claimant) =
            (world.state().clone(), world.tickets[phone].clone().unwrap(), world.people[phone].0.clone());
        tokio::spawn(async move { claim(&state, &ticket, &claimant).await.is_ok() })
    });
    let won = join_all(claims).await.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count();
    assert_eq!(won, 1, "the others ended it");
    let (handoff, _) = world.shown[0].clone().unwrap();
    assert_eq!(world.digits(handoff).await, None, "nobody can go on with a handoff that two phones claimed");
}
