use std::{collections::BTreeMap, time::Duration};

use protocol::{ApiError, Entropy, ErrorCode, ids::KioskSessionId};
use tokio::time::Instant;

use crate::backoff::Backoff;

/// Conversations that the server could not take, each with a next try of its own.
#[derive(Default)]
pub(crate) struct Troubles(BTreeMap<KioskSessionId, Trouble>);

/// Why a conversation waits, and until when.
pub(crate) struct Trouble {
    pub(crate) code: ErrorCode,
    pub(crate) until: Instant,
    /// Not before this, whatever happens: the server asked for it.
    asked_until: Instant,
    /// It is not pushed together with others: a push with it failed as a whole.
    alone: bool,
    backoff: Backoff,
}

impl Trouble {
    pub(crate) fn attempts(&self) -> u32 {
        self.backoff.failures()
    }
}

impl Troubles {
    /// The server cannot take a change of this conversation now. Told again for its other changes, it counts once.
    pub(super) fn later(&mut self, conversation: KioskSessionId, error: &ApiError, entropy: &dyn Entropy) {
        let now = Instant::now();
        if self.0.get(&conversation).is_some_and(|trouble| trouble.until > now) {
            return;
        }
        let asked = Duration::from_secs(u64::from(error.retry_after.unwrap_or(0)));
        self.add(conversation, error.code, asked, entropy);
    }

    /// A push that held nothing but this conversation failed as a whole.
    pub(super) fn alone_from_now_on(&mut self, conversation: KioskSessionId, code: ErrorCode, entropy: &dyn Entropy) {
        self.add(conversation, code, Duration::ZERO, entropy).alone = true;
    }

    fn add(&mut self, conversation: KioskSessionId, code: ErrorCode, asked: Duration, entropy: &dyn Entropy) -> &mut Trouble {
        let now = Instant::now();
        let trouble = self.0.entry(conversation).or_insert_with(|| Trouble {
            code,
            until: now,
            asked_until: now,
            alone: false,
            backoff: Backoff::quick_at_first(),
        });
        trouble.code = code;
        trouble.asked_until = now + asked;
        trouble.until = (now + trouble.backoff.next(entropy)).max(trouble.asked_until);
        trouble
    }

    /// The server took something of this conversation.
    pub(super) fn over(&mut self, conversation: KioskSessionId) {
        self.0.remove(&conversation);
    }

    /// Nothing waits any longer, except for what the server asked for.
    pub(super) fn due_now(&mut self) {
        for trouble in self.0.values_mut() {
            trouble.until = trouble.asked_until;
        }
    }

    /// Conversations to be left out now.
    pub(super) fn held_up(&self) -> Vec<KioskSessionId> {
        let now = Instant::now();
        self.0.iter().filter(|(_, trouble)| trouble.alone || trouble.until > now).map(|(conversation, _)| *conversation).collect()
    }

    /// The conversation that is to be pushed alone and has waited longest.
    pub(super) fn alone(&self) -> Option<KioskSessionId> {
        let now = Instant::now();
        let due = self.0.iter().filter(|(_, trouble)| trouble.alone && trouble.until <= now);
        due.min_by_key(|(_, trouble)| trouble.until).map(|(conversation, _)| *conversation)
    }

    /// When the next of them is to be tried.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let now = Instant::now();
        self.0.values().map(|trouble| trouble.until).filter(|until| *until > now).min()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Trouble> {
        self.0.values()
    }
}
