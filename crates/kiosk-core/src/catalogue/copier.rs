use std::{sync::Arc, time::Duration};

use kiosk_store::{Shelf, StoreError};
use protocol::{
    Clock, Entropy, ErrorCode,
    catalogue::{CATALOGUE_PAGE, CataloguePage},
};
use tokio::sync::Notify;

use crate::{
    backoff::Backoff,
    health::Vitals,
    server::{Server, ServerError},
};

/// A kiosk that hears of no change asks after this time on average; some sooner and some later, so that they do not come at once.
const EVERY: Duration = Duration::from_mins(5);
/// All kiosks hear of a change at the same time. They ask within this time, and by then the change may be over.
const SPREAD: Duration = Duration::from_secs(10);
/// A disk that does not take a page is tried again after this time, since each try costs the page.
const FULL_DISK: Duration = Duration::from_mins(1);

/// Copies the catalogue.
pub(crate) struct Copier {
    pub(crate) server: Arc<dyn Server>,
    pub(crate) shelf: Arc<dyn Shelf>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The catalogue may have changed, or the server is in reach again.
    pub(crate) changed: Arc<Notify>,
    /// Told when there are products that were not there before, or other ones.
    pub(crate) grown: Arc<Notify>,
    pub(crate) vitals: Arc<Vitals>,
}

/// Where the copy stands.
struct Place {
    /// What to ask after next.
    revision: Option<String>,
    complete: bool,
}

/// Why the copy does not go on.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Disk(#[from] StoreError),
}

impl Copier {
    /// Copies, and follows what changes, until the kiosk is no longer enrolled.
    pub(crate) async fn run(self) {
        let mut backoff = Backoff::default();
        let mut place = None;
        let mut told = None;
        loop {
            let wait = match self.catch_up(&mut place).await {
                Ok(()) => {
                    backoff.reset();
                    told = None;
                    self.vitals.asked_for_changes(None);
                    EVERY.mul_f64(self.draw() + 0.5)
                }
                Err(Trouble::Server(error)) => {
                    // Once, as the log lies on a disk and a server may be away for days.
                    if told.replace(error.code()) != Some(error.code()) {
                        tracing::info!(%error, "the catalogue is not copied just now");
                    }
                    self.vitals.asked_for_changes(Some(error.code()));
                    match error.code() {
                        ErrorCode::KioskNotEnrolled => return,
                        // A server from before there were pages.
                        ErrorCode::NotFound => EVERY,
                        _ => {
                            tokio::time::sleep(error.retry_after()).await;
                            backoff.next(self.entropy.as_ref())
                        }
                    }
                }
                Err(Trouble::Disk(error)) => {
                    tracing::error!(%error, "the copy of the catalogue cannot be read or written");
                    self.vitals.disk(&error);
                    place = None;
                    FULL_DISK
                }
            };
            tokio::select! {
                biased;
                () = self.shelf.lost() => place = None,
                () = self.changed.notified() => tokio::time::sleep(SPREAD.mul_f64(self.draw())).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Takes page after page in until nothing is missing.
    async fn catch_up(&self, known: &mut Option<Place>) -> Result<(), Trouble> {
        loop {
            let Place { revision, complete } = match known.take() {
                Some(place) => place,
                None => self.look().await?,
            };
            // What the server says was so when it was asked, at the latest then.
            let as_of = self.clock.now();
            let page = match self.server.catalogue(revision.as_deref(), CATALOGUE_PAGE).await {
                Ok(page) => CataloguePage { as_of, ..page },
                Err(ServerError::Refused(error)) if error.code == ErrorCode::CursorExpired && revision.is_some() => {
                    tracing::info!("the server cannot tell what has changed since the last copy; a new one begins");
                    self.shelf.start_over().await?;
                    continue;
                }
                Err(error) => {
                    *known = Some(Place { revision, complete });
                    return Err(error.into());
                }
            };
            if complete && is_the_same(&page, revision.as_deref()) {
                self.shelf.still_true(as_of).await?;
                *known = Some(Place { revision, complete });
                return Ok(());
            }
            if !page.complete && Some(&page.revision) == revision.as_ref() {
                return Err(ServerError::NotVitrine.into());
            }
            if !self.shelf.take(revision.as_deref(), &page).await? {
                continue;
            }
            if !page.products.is_empty() {
                self.grown.notify_one();
            }
            *known = Some(Place { complete: complete || page.complete, revision: Some(page.revision) });
            if page.complete {
                return Ok(());
            }
        }
    }

    async fn look(&self) -> Result<Place, StoreError> {
        let state = self.shelf.state().await?;
        Ok(Place { revision: state.revision, complete: state.complete })
    }

    /// From 0 to 1.
    fn draw(&self) -> f64 {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

/// Whether a page says that nothing has changed after `revision`.
fn is_the_same(page: &CataloguePage, revision: Option<&str>) -> bool {
    page.complete
        && revision == Some(&page.revision)
        && page.products.is_empty()
        && page.removed.is_empty()
        && page.stock.is_empty()
}
