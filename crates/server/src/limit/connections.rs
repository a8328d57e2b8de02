use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Network;
use crate::Config;

/// Connections at the same time, of all and of each address, so that one address cannot take all of them.
#[derive(Debug)]
pub struct Connections {
    most_per_address: u32,
    proxies: Vec<IpAddr>,
    room: Arc<Semaphore>,
    of_addresses: Mutex<HashMap<Network, u32>>,
    open: AtomicU64,
    refused: AtomicU64,
}

/// The place of a connection. Dropping it frees the place.
#[derive(Debug)]
pub struct Seat {
    connections: Arc<Connections>,
    counted: Option<Network>,
    _room: OwnedSemaphorePermit,
}

impl Connections {
    /// Nobody is connected yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let most = config.bounds.connections;
        Self {
            most_per_address: config.bounds.connections_per_address,
            proxies: config.proxies.clone(),
            room: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS))),
            of_addresses: Mutex::default(),
            open: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// Waits until there is room for another connection.
    pub async fn room(&self) -> OwnedSemaphorePermit {
        loop {
            // The semaphore is never closed.
            if let Ok(room) = self.room.clone().acquire_owned().await {
                return room;
            }
        }
    }

    /// Gives `address` a place, unless it has too many.
    #[must_use]
    pub fn seat(self: &Arc<Self>, address: IpAddr, room: OwnedSemaphorePermit) -> Option<Seat> {
        let address = address.to_canonical();
        let counted = (!self.proxies.contains(&address)).then(|| Network::from(address));
        if let Some(network) = counted {
            let mut addresses = self.addresses();
            let of_address = addresses.entry(network).or_default();
            if *of_address >= self.most_per_address {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            *of_address += 1;
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        Some(Seat { connections: self.clone(), counted, _room: room })
    }

    /// How many are connected.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// How many were refused because their address had too many.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn addresses(&self) -> MutexGuard<'_, HashMap<Network, u32>> {
        self.of_addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.connections.open.fetch_sub(1, Ordering::Relaxed);
        let Some(network) = self.counted else { return };
        let mut addresses = self.connections.addresses();
        if let Some(of_address) = addresses.get_mut(&network) {
            *of_address -= 1;
            if *of_address == 0 {
                addresses.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Bounds;

    #[tokio::test]
    async fn one_address_does_not_take_all_places() {
        let mut config = Config::at("x");
        config.bounds = Bounds { connections: 4, connections_per_address: 2, ..config.bounds };
        config.proxies = vec![[192, 0, 2, 9].into()];
        let connections = Arc::new(Connections::new(&config));
        let seat = async |last: u8| connections.seat([192, 0, 2, last].into(), connections.room().await);
        let (one, two) = (seat(1).await, seat(1).await);
        assert!(one.is_some() && two.is_some());
        assert!(seat(1).await.is_none(), "a third of the same address");
        assert_eq!((connections.open(), connections.refused()), (2, 1));
        let others = (seat(9).await, seat(9).await);
        assert!(others.0.is_some() && others.1.is_some());
        let mut waiting = std::pin::pin!(connections.room());
        assert!(futures_util::poll!(&mut waiting).is_pending(), "all places are taken");
        drop(one);
        let room = waiting.await;
        assert!(connections.seat([192, 0, 2, 1].into(), room).is_some(), "its place is free again");
        drop((two, others));
        assert_eq!(connections.open(), 0);
        assert!(connections.addresses().is_empty());
    }

    #[tokio::test]
    async fn a_proxy_that_is_listed_is_not_counted() {
        let mut config = Config::at("x");
        config.bounds = Bounds { connections_per_address: 1, ..config.bounds };
        config.proxies = vec![[192, 0, 2, 9].into()];
        let connections = Arc::new(Connections::new(&config));
        let mut seats = Vec::new();
        for _ in 0..3 {
            // As a listener for both families names it.
            let mapped = std::net::Ipv4Addr::new(192, 0, 2, 9).to_ipv6_mapped();
            seats.push(connections.seat(mapped.into(), connections.room().await).unwrap());
        }
        assert_eq!(connections.open(), 3);
    }
}
