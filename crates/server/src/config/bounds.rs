use std::time::Duration;

use clap::Args;
use serde::Deserialize;

/// What callers may use up of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at the same time; those beyond wait until another is closed.
    pub connections: u32,
    /// Connections at the same time from one address; those beyond are closed. A proxy that is listed is not counted.
    pub connections_per_address: u32,
    /// Calls a minute from one address, without a credential, that change nothing. 0: as many as come.
    pub anonymous_reads: u32,
    /// Calls a minute from one address, without a credential, that may change something. 0: as many as come.
    pub anonymous_changes: u32,
    /// How long an answer may take to begin, once the request is there.
    pub request_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 1_024,
            anonymous_reads: 3_000,
            anonymous_changes: 600,
            request_time: Duration::from_mins(1),
        }
    }
}

/// The same as a source gives them: table `[limits]` of the config file, or flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundSettings {
    /// Connections at the same time.
    #[arg(long = "max-connections", global = true, env = "VITRINE_MAX_CONNECTIONS", value_name = "N")]
    pub connections: Option<u32>,
    /// Connections at the same time from one address that is not a listed proxy.
    #[arg(long, global = true, env = "VITRINE_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<u32>,
    /// Calls a minute from one address that need no credential and change nothing; 0 for no limit.
    #[arg(long, global = true, env = "VITRINE_ANONYMOUS_READS", value_name = "N")]
    pub anonymous_reads: Option<u32>,
    /// Calls a minute from one address that need no credential and may change something; 0 for no limit.
    #[arg(long, global = true, env = "VITRINE_ANONYMOUS_CHANGES", value_name = "N")]
    pub anonymous_changes: Option<u32>,
    /// Seconds until a request that is not answered is given up, 3600 at most.
    #[arg(long, global = true, env = "VITRINE_REQUEST_SECONDS", value_name = "N")]
    pub request_seconds: Option<u32>,
}

impl BoundSettings {
    /// These, with `below` for what they leave open.
    ///
    /// # Errors
    /// A value is not possible.
    pub fn over(self, below: Self) -> anyhow::Result<Bounds> {
        let usual = Bounds::default();
        let seconds = self.request_seconds.or(below.request_seconds);
        anyhow::ensure!(seconds.is_none_or(|seconds| (1..=3_600).contains(&seconds)), "request_seconds must be from 1 to 3600");
        let bounds = Bounds {
            connections: self.connections.or(below.connections).unwrap_or(usual.connections),
            connections_per_address: self
                .connections_per_address
                .or(below.connections_per_address)
                .unwrap_or(usual.connections_per_address),
            anonymous_reads: self.anonymous_reads.or(below.anonymous_reads).unwrap_or(usual.anonymous_reads),
            anonymous_changes: self.anonymous_changes.or(below.anonymous_changes).unwrap_or(usual.anonymous_changes),
            request_time: seconds.map_or(usual.request_time, |seconds| Duration::from_secs(seconds.into())),
        };
        anyhow::ensure!(
            bounds.connections > 0 && bounds.connections_per_address > 0,
            "a server that takes no connections serves nobody; give max-connections and connections-per-address at least 1"
        );
        Ok(bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_usual_and_what_is_impossible_is_refused() {
        let below = BoundSettings { anonymous_reads: Some(7), request_seconds: Some(5), ..BoundSettings::default() };
        let above = BoundSettings { anonymous_reads: Some(0), ..BoundSettings::default() };
        let bounds = above.over(below).unwrap();
        assert_eq!(bounds, Bounds { anonymous_reads: 0, request_time: Duration::from_secs(5), ..Bounds::default() });
        for wrong in [
            BoundSettings { request_seconds: Some(0), ..BoundSettings::default() },
            BoundSettings { connections: Some(0), ..BoundSettings::default() },
        ] {
            assert!(wrong.over(BoundSettings::default()).is_err(), "{wrong:?}");
        }
    }
}
