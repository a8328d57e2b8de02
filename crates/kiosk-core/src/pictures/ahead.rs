//! Fetching the catalogue's pictures while nobody is there, so that they are on the kiosk when the server is not.

use std::{sync::Arc, time::Duration};

use kiosk_store::{Shelf, StoreError};
use protocol::{Entropy, view::Screen};
use tokio::{sync::Notify, time::sleep};

use super::{Pictures, is_passing, name};
use crate::backoff::Backoff;

/// Products looked at together.
const SOME: u32 = 200;
/// Between two pictures: a store's kiosks share a network with its customers, and a machine that nobody uses should rest.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);
/// What a disk that gives or takes nothing is left alone for.
const REST: Duration = Duration::from_mins(2);

/// Fetches the catalogue's pictures ahead, one after the other, until there is no more room.
pub(crate) struct Ahead {
    pub(crate) pictures: Arc<Pictures>,
    pub(crate) shelf: Arc<dyn Shelf>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The copy of the catalogue has got products.
    pub(crate) grown: Arc<Notify>,
    /// Usually [`PAUSE`].
    pub(crate) pause: Duration,
}

/// What became of a picture.
enum Outcome {
    /// It is there now.
    Kept,
    /// It was there, or the server has none of that name.
    Passed,
    /// It may come another time.
    Later,
    /// There is no room for more.
    Full,
}

impl Ahead {
    pub(crate) async fn run(self) {
        let mut last = None;
        let mut backoff = Backoff::default();
        loop {
            let some = match self.next(last.as_ref()).await {
                Ok(some) => some,
                Err(error) => {
                    tracing::warn!(%error, "the copy of the catalogue does not say which pictures it has");
                    sleep(REST).await;
                    continue;
                }
            };
            if some.is_empty() {
                self.grown.notified().await;
                continue;
            }
            for picture in some {
                loop {
                    match self.fetch(&picture.1).await {
                        Outcome::Kept => {
                            backoff.reset();
                            sleep(self.pause).await;
                        }
                        Outcome::Passed => {}
                        Outcome::Later => {
                            sleep(backoff.next(self.entropy.as_ref())).await;
                            continue;
                        }
                        Outcome::Full => {
                            tracing::info!("the folder of pictures is full; the rest is fetched when it is looked at");
                            return std::future::pending().await;
                        }
                    }
                    break;
                }
                last = Some(picture);
            }
        }
    }

    /// The pictures after the last one, or the first ones where that is no longer in its place, as in a copy that was begun anew.
    async fn next(&self, last: Option<&(i64, String)>) -> Result<Vec<(i64, String)>, StoreError> {
        let Some((place, _)) = last else { return self.shelf.pictures(0, SOME).await };
        let there = self.shelf.pictures(place - 1, 1).await?;
        let after = if there.first() == last { *place } else { 0 };
        self.shelf.pictures(after, SOME).await
    }

    async fn fetch(&self, path: &str) -> Outcome {
        let Some((name, _)) = name(path) else { return Outcome::Passed };
        if self.pictures.folder.has(name).await {
            return Outcome::Passed;
        }
        self.until_nobody_is_there().await;
        let bytes = match self.pictures.fetch(name).await {
            Ok(bytes) => bytes,
            Err(error) if is_passing(&error) => return Outcome::Later,
            Err(_) => return Outcome::Passed,
        };
        match self.pictures.folder.put_if_room(name, &bytes).await {
            Ok(true) => Outcome::Kept,
            Ok(false) => Outcome::Full,
            Err(error) => {
                tracing::warn!(%error, "a picture was not kept in the data folder");
                sleep(REST).await;
                Outcome::Later
            }
        }
    }

    async fn until_nobody_is_there(&self) {
        let mut views = self.pictures.views.clone();
        // An error means that the core has ended, and this with it.
        let _ = views.wait_for(|view| matches!(view.screen, Screen::Attract(_))).await;
    }
}

#[cfg(test)]
mod tests {
    use kiosk_store::MemoryShelf;
    use protocol::{
        Timestamp,
        ambient::SystemEntropy,
        catalogue::{CataloguePage, Product},
    };
    use tokio::sync::watch;

    use super::*;
    use crate::pictures::tests::{attract, conversation, open, shop, view};

    fn product(sku: &str) -> Product {
        Product {
            sku: sku.into(),
            name: sku.into(),
            description: String::new(),
            price: 1.0,
            price_minor: 100,
            currency: "EUR".into(),
            rating: None,
            stock: 1,
            category: "Footwear".into(),
            subcategory: None,
            brand: None,
            gender: None,
            color: None,
            image_url: format!("/images/{sku}.svg"),
            attributes: [].into(),
        }
    }

    async fn take(shelf: &MemoryShelf, revision: &str, skus: &[&str]) {
        let page = CataloguePage {
            revision: revision.into(),
            complete: true,
            as_of: Timestamp::from_unix_millis(0),
            total: 0,
            products: skus.iter().map(|sku| product(sku)).collect(),
            removed: Vec::new(),
            stock: Vec::new(),
        };
        let after = shelf.state().await.unwrap().revision;
        assert!(shelf.take(after.as_deref(), &page).await.unwrap());
    }

    async fn until(pictures: &Pictures, names: &[&str]) {
        let there = async {
            for name in names {
                while !pictures.folder.has(name).await {
                    sleep(Duration::from_millis(5)).await;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), there).await.unwrap();
    }

    #[tokio::test]
    async fn every_picture_comes_while_nobody_is_there_and_is_there_without_the_server() {
        let (server, place) = (shop().await, tempfile::tempdir().unwrap());
        let (views, shown) = watch::channel(view(attract()));
        let (pictures, shelf) = (open(&server, place.path(), &shown), Arc::new(MemoryShelf::default()));
        let grown = Arc::<Notify>::default();
        take(&shelf, "r1", &["SKU-1", "SKU-2", "missing"]).await;
        let ahead = Ahead {
            pictures: Arc::clone(&pictures),
            shelf: Arc::clone(&shelf) as Arc<dyn Shelf>,
            entropy: Arc::new(SystemEntropy),
            grown: Arc::clone(&grown),
            pause: Duration::ZERO,
        };
        let fetching = tokio::spawn(ahead.run());
        until(&pictures, &["SKU-1.svg", "SKU-2.svg"]).await;

        views.send_replace(view(conversation()));
        take(&shelf, "r2", &["SKU-4"]).await;
        grown.notify_one();
        pictures.get("/images/SKU-3.svg").await.unwrap();
        assert!(!pictures.folder.has("SKU-3.svg").await, "what a customer looks at is not kept");
        assert!(!pictures.folder.has("SKU-4.svg").await, "it waits until they have left");
        views.send_replace(view(attract()));
        until(&pictures, &["SKU-4.svg"]).await;
        fetching.abort();

        let alone = open(&"http://127.0.0.1:9".parse().unwrap(), place.path(), &shown);
        for path in ["/images/SKU-1.svg", "/images/SKU-2.svg", "/images/SKU-4.svg"] {
            assert_eq!(&alone.get(path).await.unwrap().bytes[..], b"<svg/>", "{path}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_asked_again() {
        let place = tempfile::tempdir().unwrap();
        let (_views, shown) = watch::channel(view(attract()));
        let away = crate::pictures::tests::failing_at_first(3).await;
        let (pictures, shelf) = (open(&away, place.path(), &shown), Arc::new(MemoryShelf::default()));
        take(&shelf, "r1", &["SKU-1"]).await;
        let ahead = Ahead {
            pictures: Arc::clone(&pictures),
            shelf,
            entropy: Arc::new(SystemEntropy),
            grown: Arc::default(),
            pause: Duration::ZERO,
        };
        let fetching = tokio::spawn(ahead.run());
        until(&pictures, &["SKU-1.svg"]).await;
        fetching.abort();
    }
}
