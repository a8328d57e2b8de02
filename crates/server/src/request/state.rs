//! How a request moves: `matching -> offers_received -> booked`, or cancelled from any of them. Nothing moves back.

use protocol::staff::RequestStatus;

/// What may happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Staff answer it, perhaps once more.
    Answer,
    /// Staff take it on.
    TakeOn,
    /// The customer withdraws it.
    Cancel,
}

/// A step that a request cannot take from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a request that is {from:?} cannot take the step {step:?}")]
pub struct NotPossible {
    /// Where it is.
    pub from: RequestStatus,
    /// What was wanted.
    pub step: Step,
}

impl Step {
    /// Where the step leads from `from`.
    ///
    /// # Errors
    /// Nowhere.
    pub fn from(self, from: RequestStatus) -> Result<RequestStatus, NotPossible> {
        use RequestStatus::{Booked, Cancelled, Matching, OffersReceived};
        match (from, self) {
            (Matching | OffersReceived, Self::Answer) => Ok(OffersReceived),
            (Matching | OffersReceived, Self::TakeOn) => Ok(Booked),
            (Matching | OffersReceived | Booked, Self::Cancel) => Ok(Cancelled),
            (from, step) => Err(NotPossible { from, step }),
        }
    }
}

#[cfg(test)]
mod tests {
    use RequestStatus::{Booked, Cancelled, Matching, OffersReceived};

    use super::*;

    #[test]
    fn a_request_never_moves_back() {
        let steps = [Step::Answer, Step::TakeOn, Step::Cancel];
        for (from, leads) in [
            (Matching, [Some(OffersReceived), Some(Booked), Some(Cancelled)]),
            (OffersReceived, [Some(OffersReceived), Some(Booked), Some(Cancelled)]),
            (Booked, [None, None, Some(Cancelled)]),
            (Cancelled, [None, None, None]),
        ] {
            assert_eq!(steps.map(|step| step.from(from).ok()), leads, "{from:?}");
        }
    }
}
