//! How often somebody may try, and how long things live.

mod budget;
mod connections;
mod lifetimes;
mod rate;

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

pub use budget::{Budget, Standing};
pub use connections::{Connections, Seat};
pub use lifetimes::Lifetimes;
pub(crate) use lifetimes::seconds_until;
use protocol::{
    Clock,
    handoff::HANDOFF_SECONDS,
    ids::{AccountId, DeviceId, SessionId},
};
pub use rate::Rate;

use crate::Config;

const MINUTE: Duration = Duration::from_mins(1);

/// Every limit of calls that is no matter of passwords.
#[derive(Debug)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: Arc<Connections>,
    /// Calls without a credential that change nothing, per address.
    pub anonymous_reads: Budget,
    /// Calls without a credential that may change something, per address.
    pub anonymous_changes: Budget,
    /// Guest sessions begun over the documented API, per address; a store's customers share one.
    pub starts: Rate<Network>,
    /// Enrolment codes asked for, per address.
    pub enrolments: Rate<Network>,
    /// Handoffs opened, per kiosk.
    pub handoffs: Rate<DeviceId>,
    /// Guest sessions begun, per kiosk.
    pub guests: Rate<DeviceId>,
    /// Texts spoken, per kiosk.
    pub speech: Rate<DeviceId>,
    /// Codes looked at, per address.
    pub visits: Rate<Network>,
    /// Unknown codes, per address.
    pub unknown_codes: Rate<Network>,
    /// Wrong typed codes, per person or, for those not signed in, per address. As many as a typed code lives.
    pub wrong_typed_codes: Rate<Guesser>,
    /// Coupons looked up, per address.
    pub coupons: Rate<Network>,
    /// Sign-ins at a provider begun, per address; a store's customers share one.
    pub provider_sign_ins: Rate<Network>,
    /// Mails asked for, per address of the network; a store's customers share one.
    pub mail_asks: Rate<Network>,
    /// Mails to one address or for one account, by a keyed hash of it.
    pub mails: Rate<[u8; 32]>,
    /// Mailed links opened, per address of the network.
    pub link_uses: Rate<Network>,
    /// Rooms reserved for spoken conversations, per address.
    pub voice_tokens: Rate<Network>,
    /// Spoken conversations begun by nobody in particular, per address.
    pub voice_starts: Rate<Network>,
    /// Claims, per person.
    pub claims: Rate<AccountId>,
    /// Turns of a conversation, per person; of those who are nobody yet, per address.
    pub chats: Rate<Chatter>,
    /// Sockets opened, per address.
    pub sockets: Rate<Network>,
    /// Photos and videos sent, per address.
    pub uploads: Rate<Network>,
}

impl Limits {
    /// Fresh limits on `clock`.
    #[must_use]
    pub fn new(config: &Config, clock: &Arc<dyn Clock>) -> Self {
        Self {
            connections: Arc::new(Connections::new(config)),
            anonymous_reads: Budget::new(config.bounds.anonymous_reads, clock.clone()),
            anonymous_changes: Budget::new(config.bounds.anonymous_changes, clock.clone()),
            starts: Rate::new(120, MINUTE, clock.clone()),
            enrolments: Rate::new(30, 15 * MINUTE, clock.clone()),
            handoffs: Rate::new(10, MINUTE, clock.clone()),
            guests: Rate::new(10, MINUTE, clock.clone()),
            speech: Rate::new(120, MINUTE, clock.clone()),
            visits: Rate::new(240, MINUTE, clock.clone()),
            unknown_codes: Rate::new(30, MINUTE, clock.clone()),
            wrong_typed_codes: Rate::new(5, Duration::from_secs(u64::from(HANDOFF_SECONDS)), clock.clone()),
            coupons: Rate::new(30, MINUTE, clock.clone()),
            provider_sign_ins: Rate::new(120, MINUTE, clock.clone()),
            mail_asks: Rate::new(30, 15 * MINUTE, clock.clone()),
            mails: Rate::new(3, 15 * MINUTE, clock.clone()),
            link_uses: Rate::new(60, 15 * MINUTE, clock.clone()),
            voice_tokens: Rate::new(60, MINUTE, clock.clone()),
            voice_starts: Rate::new(30, MINUTE, clock.clone()),
            claims: Rate::new(5, MINUTE, clock.clone()),
            chats: Rate::new(30, MINUTE, clock.clone()),
            sockets: Rate::new(120, MINUTE, clock.clone()),
            uploads: Rate::new(60, MINUTE, clock.clone()),
        }
    }
}

/// An address as limits count it: one customer of a provider has a whole /64 of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// Who guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guesser {
    /// Somebody signed in.
    Account(AccountId),
    /// Somebody at this address.
    Network(Network),
}

/// Who talks to the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chatter {
    /// Somebody signed in.
    Account(AccountId),
    /// A guest.
    Session(SessionId),
    /// Somebody at this address.
    Network(Network),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_ipv6_network_are_counted_together() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8:1:2::5"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::5"), network("2001:db8:1:3::5"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
