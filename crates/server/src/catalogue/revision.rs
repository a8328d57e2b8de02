use std::fmt;

use protocol::ids::StoreId;
use server_store::records::CataloguePlace;

/// How far somebody's copy of the catalogue has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Revision {
    epoch: String,
    /// Changes up to here were told.
    pub(super) at: i64,
    /// The copy was complete here, so that every product since then is told whole; 0 during a first copy.
    pub(super) whole: i64,
    /// What was gone here already, the copy never had.
    begun: i64,
    /// Pieces are counted in this store.
    store: StoreId,
}

impl Revision {
    /// Before the first page.
    pub(super) fn beginning(place: &CataloguePlace, store: &StoreId) -> Self {
        Self { epoch: place.epoch.clone(), at: 0, whole: 0, begun: place.newest, store: store.clone() }
    }

    /// The revision that is written like this.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '.');
        let epoch = parts.next()?.to_owned();
        let mut number = || parts.next()?.parse().ok();
        let (at, whole, begun) = (number()?, number()?, number()?);
        Some(Self { epoch, at, whole, begun, store: StoreId::from(parts.next()?) })
    }

    /// Whether the catalogue can still tell what has changed since.
    pub(super) fn is_known(&self, place: &CataloguePlace, store: &StoreId) -> bool {
        // A number ahead of the catalogue was given by a database that is no more.
        let is_of_this = self.epoch == place.epoch && self.store == *store && self.at <= place.newest;
        is_of_this && self.at.max(self.begun) >= place.forgotten
    }

    /// After a page that ends with change `last`.
    pub(super) fn after(self, last: i64, complete: bool) -> Self {
        if complete { Self { at: last, whole: last, begun: last, ..self } } else { Self { at: last, ..self } }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, at, whole, begun, store } = self;
        write!(f, "{epoch}.{at}.{whole}.{begun}.{store}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(newest: i64, forgotten: i64) -> CataloguePlace {
        CataloguePlace { epoch: "e1".into(), newest, forgotten, products: 3 }
    }

    #[test]
    fn a_revision_reads_back_as_it_was_written() {
        let revision = Revision { epoch: "e1".into(), at: 7, whole: 3, begun: 3, store: "S.01/ä".into() };
        assert_eq!(Revision::parse(&revision.to_string()), Some(revision));
        for text in ["", "e1", "e1.7.3.3", "e1.x.3.3.S01", "e1.7..3.S01"] {
            assert_eq!(Revision::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_copy_that_missed_something_is_not_known_any_more() {
        let store = StoreId::from("S01");
        let first = Revision::beginning(&place(50, 40), &store);
        assert!(first.is_known(&place(50, 40), &store));
        let halfway = first.after(20, false);
        assert!(halfway.is_known(&place(60, 50), &store), "what was forgotten was gone before the copy began");
        assert!(!halfway.is_known(&place(60, 51), &store));
        let done = halfway.after(60, true);
        assert_eq!((done.at, done.whole), (60, 60));
        assert!(done.is_known(&place(60, 60), &store) && !done.is_known(&place(70, 61), &store));
        assert!(!done.is_known(&place(59, 0), &store), "the database is an older one");
        assert!(!done.is_known(&place(60, 0), &"S02".into()), "the kiosk stands in another store now");
        assert!(!done.is_known(&CataloguePlace { epoch: "e2".into(), ..place(60, 0) }, &store));
    }
}
