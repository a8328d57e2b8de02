use std::{io::ErrorKind, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::future::Either;
use protocol::ApiError;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Failure,
    connection::{self, Manner},
    router,
    wire::plain_refusal,
};
use crate::{assistant::answer, config::is_loopback, event, handoff, limit::Connections, mail, media, node, state::AppState};

/// Requests under way are given so long to end.
const GRACE: Duration = Duration::from_secs(10);
/// After the system could not give a connection, for want of something that others may give back.
const PAUSE: Duration = Duration::from_millis(100);
/// A caller with too many connections may try again after so many seconds.
const TRY_AGAIN: u32 = 10;

/// As [`serve_all`], with one listener.
///
/// # Errors
/// As [`serve_all`].
pub async fn serve(listener: TcpListener, state: AppState) -> std::io::Result<()> {
    serve_all(vec![listener], state).await
}

/// Serves the same on every listener, and ends what expires, until `state.shutdown` is cancelled. Open streams end then, and
/// for `config.drain` new connections are still taken, so that whoever balances sees the server go. After that the listeners
/// are closed, and requests under way are answered if they end within 10 s.
///
/// # Errors
/// A listener failed.
pub async fn serve_all(listeners: Vec<TcpListener>, state: AppState) -> std::io::Result<()> {
    warn_without_tls(&state);
    tokio::spawn(handoff::expiry::run(state.clone()));
    event::tail(state.clone()).await;
    event::keep_swept(state.clone());
    node::keep_swept(state.clone());
    media::keep_swept(state.clone());
    answer::keep_resuming(state.clone());
    mail::keep_sending(state.clone());

    let connections = state.limits.connections.clone();
    let closing = CancellationToken::new();
    let manner = Manner { router: router(state.clone()), stopping: state.shutdown.clone(), closing: closing.clone() };
    let served = TaskTracker::new();
    let doors: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let door = Door { connections: connections.clone(), manner: manner.clone(), served: served.clone() };
            tokio::spawn(door.keep_open(listener))
        })
        .collect();
    drop(manner);

    state.shutdown.cancelled().await;
    tokio::time::sleep(state.config.drain).await;
    closing.cancel();
    for door in doors {
        door.await??;
    }
    served.close();
    if tokio::time::timeout(GRACE, served.wait()).await.is_err() {
        tracing::warn!(connections = connections.open(), "requests that did not end were cut");
    }
    // Sockets are no requests any more, and say goodbye by themselves.
    state.transcripts.closed().await;
    Ok(())
}

/// Takes the connections of one listener.
struct Door {
    connections: Arc<Connections>,
    manner: Manner,
    served: TaskTracker,
}

impl Door {
    async fn keep_open(self, listener: TcpListener) -> std::io::Result<()> {
        let closing = self.manner.closing.clone();
        let mut closed = std::pin::pin!(closing.cancelled());
        loop {
            let next = std::pin::pin!(async {
                let room = self.connections.room().await;
                (listener.accept().await, room)
            });
            match futures_util::future::select(closed.as_mut(), next).await {
                Either::Left(_) => break,
                Either::Right(((Ok((stream, peer)), room), _)) => self.welcome(stream, peer, room),
                Either::Right(((Err(error), _), _)) => refused_by_the_system(&error).await,
            }
        }
        // Whoever was connected before the door closed is still served.
        let listener = listener.into_std()?;
        while let Ok((stream, peer)) = listener.accept() {
            let room = self.connections.room().await;
            stream.set_nonblocking(true)?;
            self.welcome(TcpStream::from_std(stream)?, peer, room);
        }
        Ok(())
    }

    fn welcome(&self, stream: TcpStream, peer: SocketAddr, room: tokio::sync::OwnedSemaphorePermit) {
        let Some(seat) = self.connections.seat(peer.ip(), room) else {
            turn_away(&stream);
            return;
        };
        let manner = self.manner.clone();
        self.served.spawn(async move {
            connection::serve(stream, peer, manner).await;
            drop(seat);
        });
    }
}

/// Says why, if that can be said without waiting.
fn turn_away(stream: &TcpStream) {
    let failure = Failure::too_often(TRY_AGAIN, "Too many connections from this address. Close some, then try again.");
    let error: &ApiError = failure.error();
    let _ = stream.try_write(&plain_refusal("429 Too Many Requests", error));
}

/// A connection that was broken before it was taken is nobody's fault; anything else may pass.
async fn refused_by_the_system(error: &std::io::Error) {
    if matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    ) {
        return;
    }
    tracing::error!(%error, "no connection can be taken; trying again");
    tokio::time::sleep(PAUSE).await;
}

/// Cookies of phones travel in the clear where the public address is not https.
fn warn_without_tls(state: &AppState) {
    let loopback = state.config.public_url.as_ref().is_none_or(is_loopback);
    let public = state.config.public_origin();
    if !public.starts_with("https:") && (!loopback || !state.config.listen.ip().is_loopback()) {
        tracing::warn!(
            public,
            "phones send passwords and cookies unencrypted; put a proxy with TLS in front and set public_url to its https address"
        );
    }
}
