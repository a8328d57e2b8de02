//! Where the core's server, store and shelf come from; a simulation gives its own.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use kiosk_store::{Key, Shelf, SqlShelf, SqlStore, Store, StoreError};
use protocol::{Clock, Entropy};
use url::Url;

use crate::{
    device_key::DeviceKey,
    server::{HttpServer, Server},
};

/// Makes a server, a store and a shelf once their keys are known.
#[async_trait]
pub trait Backends: Send + Sync {
    /// The server as the device with that key sees it.
    fn server(&self, key: DeviceKey) -> Arc<dyn Server>;

    /// The store whose outbox has that key.
    async fn store(&self, key: &Key) -> Result<Arc<dyn Store>, StoreError>;

    /// The copy of the catalogue, under the same key; asked for after the store, which makes its folder.
    fn shelf(&self, key: &Key) -> Arc<dyn Shelf>;
}

/// The real ones: HTTP and encrypted files.
pub(crate) struct Real {
    pub(crate) http: reqwest::Client,
    pub(crate) address: Url,
    pub(crate) data_dir: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

#[async_trait]
impl Backends for Real {
    fn server(&self, key: DeviceKey) -> Arc<dyn Server> {
        Arc::new(HttpServer::new(self.http.clone(), &self.address, key, Arc::clone(&self.clock), Arc::clone(&self.entropy)))
    }

    async fn store(&self, key: &Key) -> Result<Arc<dyn Store>, StoreError> {
        let opened = SqlStore::open(&self.data_dir, key, self.entropy.as_ref(), Arc::clone(&self.clock)).await?;
        // What was set aside is in the store's own statistics, now and after the next start.
        Ok(Arc::new(opened.store))
    }

    fn shelf(&self, key: &Key) -> Arc<dyn Shelf> {
        Arc::new(SqlShelf::new(&self.data_dir, key))
    }
}
