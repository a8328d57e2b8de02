//! A real mail server of a test's own, on a loopback port: it speaks SMTP (RFC 5321), with AUTH PLAIN and with encryption where
//! the test wants it, and keeps what it is given.

mod conversation;
mod mail;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use conversation::converse;
pub use mail::Mail;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;

/// A mail server. Dropping it ends it.
pub struct MailServer {
    address: SocketAddr,
    kept: Arc<Kept>,
    task: JoinHandle<()>,
}

/// From when on a conversation is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Its first byte.
    FromTheStart,
    /// The command STARTTLS.
    Starttls,
}

#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<Mail>>,
    /// Answers to the next recipients, in place of the usual one.
    answers: Mutex<VecDeque<String>>,
    /// Name and password that are asked for.
    login: Option<(String, String)>,
    /// How conversations are encrypted, if they are.
    tls: Option<(Tls, TlsAcceptor)>,
    /// Every line that came without encryption.
    plain: Mutex<Vec<String>>,
    came: Notify,
    /// Connections so far.
    calls: Mutex<usize>,
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl MailServer {
    /// Starts one that lets everybody in.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start() -> Result<Self> {
        Self::run(Kept::default()).await
    }

    /// Starts one that takes mail only after this name and password.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start_with_login(name: &str, password: &str) -> Result<Self> {
        Self::run(Kept { login: Some((name.into(), password.into())), ..Kept::default() }).await
    }

    /// Starts one that proves itself with a certificate, and takes mail only over an encrypted connection and after this name and
    /// password.
    ///
    /// # Errors
    /// There is no free port, or the certificate cannot be used.
    pub async fn start_encrypted(tls: Tls, certificate: &Certificate, name: &str, password: &str) -> Result<Self> {
        let tls = Some((tls, TlsAcceptor::from(certificate.server()?)));
        Self::run(Kept { login: Some((name.into(), password.into())), tls, ..Kept::default() }).await
    }

    async fn run(kept: Kept) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, kept) = (listener.local_addr()?, Arc::new(kept));
        let shared = Arc::clone(&kept);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *lock(&shared.calls) += 1;
                let kept = Arc::clone(&shared);
                tokio::spawn(async move { converse(stream, &kept).await });
            }
        });
        Ok(Self { address, kept, task })
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers the next recipient with this line, such as `451 later`, in place of taking it.
    pub fn refuse_next(&self, answer: &str) {
        lock(&self.kept.answers).push_back(answer.to_owned());
    }

    /// What came so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.kept.mails).clone()
    }

    /// Every line that came without encryption.
    #[must_use]
    pub fn heard_in_plain(&self) -> Vec<String> {
        lock(&self.kept.plain).clone()
    }

    /// How often somebody connected.
    #[must_use]
    pub fn calls(&self) -> usize {
        *lock(&self.kept.calls)
    }

    /// Waits until so many mails came in all; answers the last of them.
    ///
    /// # Errors
    /// They do not come.
    pub async fn mail(&self, number: usize) -> Result<Mail> {
        let awaited = async {
            loop {
                let came = self.kept.came.notified();
                if let Some(mail) = self.mails().get(number.saturating_sub(1)) {
                    return mail.clone();
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), awaited).await.context("the mail did not come")
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
