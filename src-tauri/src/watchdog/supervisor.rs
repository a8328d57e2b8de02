//! systemd, where it started the program with `WatchdogSec=`: it restarts a program that it does not hear of (`sd_notify(3)`).

use std::{
    env,
    ffi::OsStr,
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            ffi::OsStrExt as _,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

/// The line to it.
#[derive(Debug)]
pub(super) struct Supervisor {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Supervisor {
    /// The one that waits to hear of this program, if any does.
    pub(super) fn from_environment() -> Option<Self> {
        env::var_os("WATCHDOG_USEC")?;
        let supervisor = Self::at(&env::var_os("NOTIFY_SOCKET")?);
        supervisor.inspect_err(|cause| tracing::warn!(%cause, "the supervisor of this program cannot be told that it lives")).ok()
    }

    fn at(name: &OsStr) -> io::Result<Self> {
        let address = match name.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, address })
    }

    /// Tells it that the program lives.
    pub(super) fn alive(&self) {
        if let Err(cause) = self.socket.send_to_addr(b"WATCHDOG=1", &self.address) {
            tracing::debug!(%cause, "the supervisor did not hear that the program lives");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_hears_of_each_beat_under_a_path_and_under_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("vitrine-{}", folder.path().display());
        let address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
        for (listener, name) in [
            (UnixDatagram::bind(&path).unwrap(), path.as_os_str().to_owned()),
            (UnixDatagram::bind_addr(&address).unwrap(), format!("@{abstract_name}").into()),
        ] {
            Supervisor::at(&name).unwrap().alive();
            let mut heard = [0; 32];
            let length = listener.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"WATCHDOG=1");
        }
    }
}
