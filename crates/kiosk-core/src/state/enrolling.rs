//! An operator is to type a code.

use std::time::Duration;

use protocol::device::EnrolmentResponse;

use crate::message::Moment;

/// A fresh code is asked for this long before the old one ends.
const AHEAD: Duration = Duration::from_secs(10);
/// Between two looks before the server said how often.
const INTERVAL: Duration = Duration::from_secs(5);

/// An operator is to type a code.
pub(crate) struct Enrolling {
    /// None while the first one is being fetched.
    pub(crate) code: Option<String>,
    /// When a fresh code is asked for; none while a request is on its way.
    renew_at: Option<Moment>,
    /// When to look whether the code was typed; none while a look is on its way.
    look_at: Option<Moment>,
    interval: Duration,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Renew,
    Look,
}

impl Enrolling {
    /// Begins with a request for a code.
    pub(crate) fn new(now: Moment) -> Self {
        Self { code: None, renew_at: Some(now), look_at: None, interval: INTERVAL }
    }

    pub(crate) fn deadline(&self) -> Option<Moment> {
        self.renew_at.into_iter().chain(self.look_at).min()
    }

    /// What is due now; it counts as being done from here on.
    pub(crate) fn step(&mut self, now: Moment) -> Option<Step> {
        if self.renew_at.take_if(|at| now >= *at).is_some() {
            return Some(Step::Renew);
        }
        self.look_at.take_if(|at| now >= *at).map(|_| Step::Look)
    }

    /// A code came.
    pub(crate) fn coded(&mut self, response: EnrolmentResponse, now: Moment) {
        let lives = Duration::from_secs(u64::from(response.expires_in));
        self.code = Some(response.code);
        self.interval = Duration::from_secs(u64::from(response.interval.max(1)));
        self.renew_at = Some(now + lives.saturating_sub(AHEAD).max(self.interval));
        self.look_at = Some(now + self.interval);
    }

    /// No code came.
    pub(crate) fn not_coded(&mut self, retry_at: Moment) {
        self.renew_at = Some(retry_at);
    }

    /// Nobody typed the code yet.
    pub(crate) fn not_yet(&mut self, now: Moment) {
        self.look_at = Some(now + self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_code_is_fetched_looked_after_and_renewed_before_it_ends() {
        let mut enrolling = Enrolling::new(at(0));
        assert_eq!(enrolling.step(at(0)), Some(Step::Renew));
        assert_eq!(enrolling.deadline(), None, "one request at a time");
        enrolling.coded(EnrolmentResponse { code: "BCDF-GHJK".into(), expires_in: 600, interval: 5 }, at(1));
        assert_eq!(enrolling.deadline(), Some(at(6)));
        assert_eq!(enrolling.step(at(6)), Some(Step::Look));
        enrolling.not_yet(at(7));
        assert_eq!(enrolling.deadline(), Some(at(12)));
        assert_eq!(enrolling.step(at(591)), Some(Step::Renew));
        assert_eq!(enrolling.code.as_deref(), Some("BCDF-GHJK"), "the old code stays until the new one is there");
    }
}
