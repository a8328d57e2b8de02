//! Pictures in memory.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

/// Bytes of pictures held in memory.
const MOST: usize = 32 << 20;

/// Whose a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Everybody sees it, so it tells nothing about anybody.
    Shop,
    /// It was fetched because somebody looked at it.
    Visit,
}

/// Pictures in memory, the one longest there first out.
#[derive(Default)]
pub(super) struct Memory {
    pictures: HashMap<String, (Owner, Bytes)>,
    order: VecDeque<String>,
    size: usize,
    /// Grows with each visit that is over.
    visits: u64,
}

impl Memory {
    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        self.pictures.get(name).map(|(_, bytes)| bytes.clone())
    }

    /// The visit that goes on; what was asked for in an earlier one is not kept.
    pub(super) fn visit(&self) -> u64 {
        self.visits
    }

    /// Keeps a picture that was asked for during `visit`.
    pub(super) fn put(&mut self, name: &str, owner: Owner, bytes: &Bytes, visit: u64) {
        if owner == Owner::Visit && visit != self.visits {
            return;
        }
        if let Some((known, _)) = self.pictures.get_mut(name) {
            if owner == Owner::Shop {
                *known = owner;
            }
            return;
        }
        self.size += bytes.len();
        self.pictures.insert(name.to_owned(), (owner, bytes.clone()));
        self.order.push_back(name.to_owned());
        while self.size > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.size -= self.pictures.remove(&oldest).map_or(0, |(_, bytes)| bytes.len());
        }
    }

    /// The visit is over: what only it looked at goes.
    pub(super) fn leave(&mut self) {
        self.visits += 1;
        self.pictures.retain(|_, (owner, _)| *owner == Owner::Shop);
        self.order.retain(|name| self.pictures.contains_key(name));
        self.size = self.pictures.values().map(|(_, bytes)| bytes.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        let large = Bytes::from(vec![0; MOST / 2]);
        for picture in ["a", "b", "c"] {
            memory.put(picture, Owner::Visit, &large, 0);
        }
        assert!(memory.size <= MOST);
        assert!(memory.get("a").is_none() && memory.get("c").is_some());
    }

    #[test]
    fn what_a_visit_looked_at_goes_with_it_and_does_not_come_late() {
        let mut memory = Memory::default();
        let bytes = Bytes::from_static(b"<svg/>");
        memory.put("theirs", Owner::Visit, &bytes, 0);
        memory.put("everybody's", Owner::Shop, &bytes, 0);
        memory.put("both", Owner::Visit, &bytes, 0);
        memory.put("both", Owner::Shop, &bytes, 0);
        memory.leave();
        assert!(memory.get("theirs").is_none());
        assert!(memory.get("everybody's").is_some() && memory.get("both").is_some());
        assert_eq!((memory.size, memory.order.len()), (12, 2));

        memory.put("late", Owner::Visit, &bytes, 0);
        assert!(memory.get("late").is_none());
        memory.put("next", Owner::Visit, &bytes, memory.visit());
        assert!(memory.get("next").is_some());
    }
}
