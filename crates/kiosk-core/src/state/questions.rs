//! What the kiosk's own assistant is to answer.

use std::collections::VecDeque;

use protocol::ids::OpKey;

/// Messages that the kiosk's own assistant is to answer, one after the other, so that each answer knows those before it.
#[derive(Default)]
pub(crate) struct Questions {
    /// By the change that holds the message, oldest first.
    open: VecDeque<OpKey>,
    /// The one that is thought about.
    considered: Option<OpKey>,
}

impl Questions {
    pub(crate) fn ask(&mut self, key: OpKey) {
        self.open.push_back(key);
    }

    /// The next one to think about, where nothing is thought about.
    pub(crate) fn consider(&mut self) -> Option<OpKey> {
        if self.considered.is_none() {
            self.considered = self.open.front().copied();
            return self.considered;
        }
        None
    }

    /// It was thought about. True where it is still open.
    pub(crate) fn settle(&mut self, key: OpKey) -> bool {
        self.considered.take_if(|considered| *considered == key).is_some()
            && self.open.pop_front_if(|open| *open == key).is_some()
    }

    /// It was never asked.
    pub(crate) fn forget(&mut self, key: OpKey) {
        self.open.retain(|open| *open != key);
    }

    pub(crate) fn are_open(&self) -> bool {
        !self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(number: u128) -> OpKey {
        OpKey(Uuid::from_u128(number))
    }

    #[test]
    fn one_is_thought_about_after_the_other() {
        let mut questions = Questions::default();
        questions.ask(key(1));
        questions.ask(key(2));
        assert_eq!((questions.consider(), questions.consider()), (Some(key(1)), None));
        assert!(!questions.settle(key(2)), "nobody thinks about it yet");
        assert!(questions.settle(key(1)));
        assert_eq!(questions.consider(), Some(key(2)));
        assert!(questions.settle(key(2)) && !questions.are_open());
    }

    #[test]
    fn what_was_never_asked_holds_up_nothing() {
        let mut questions = Questions::default();
        questions.ask(key(1));
        questions.consider();
        questions.ask(key(2));
        questions.forget(key(1));
        assert!(!questions.settle(key(1)), "its answer is not wanted");
        assert_eq!(questions.consider(), Some(key(2)));
    }
}
