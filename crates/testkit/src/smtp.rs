//! A real mail server of a test's own, on a loopback port: it speaks SMTP (RFC 5321), with AUTH PLAIN where the test wants it,
//! and keeps what it is given.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// A mail server. Dropping it ends it.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    kept: Arc<Kept>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Kept {
    mails: Mutex<Vec<Mail>>,
    /// Answers to the next recipients, in place of the usual one.
    answers: Mutex<VecDeque<String>>,
    /// Name and password that are asked for.
    login: Option<(String, String)>,
    came: Notify,
    /// Connections so far.
    calls: Mutex<usize>,
}

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Head and body, without the dots that the wire needs.
    pub text: String,
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

impl Mail {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines()
            .find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    /// The body for eyes without pictures.
    ///
    /// # Errors
    /// There is none.
    pub fn plain(&self) -> Result<String> {
        self.part("text/plain")
    }

    /// The body with a layout.
    ///
    /// # Errors
    /// There is none.
    pub fn html(&self) -> Result<String> {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> Result<String> {
        let boundary = self.text.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).context("one part only")?;
        let part = self.text.split(&format!("--{boundary}")).find(|part| part.contains(&format!("Content-Type: {kind}")));
        let (head, body) = part.and_then(|part| part.split_once("\r\n\r\n")).with_context(|| format!("there is no {kind}"))?;
        let head = head.to_ascii_lowercase();
        let bytes = if head.contains("base64") {
            BASE64_STANDARD.decode(body.split_whitespace().collect::<String>())?
        } else if head.contains("quoted-printable") {
            quoted_printable(body)?
        } else {
            body.as_bytes().to_vec()
        };
        Ok(String::from_utf8(bytes)?)
    }
}

fn quoted_printable(text: &str) -> Result<Vec<u8>> {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut out = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (hex, rest) = piece.split_at_checked(2).context("a broken quoted letter")?;
        out.push(u8::from_str_radix(hex, 16)?);
        out.extend_from_slice(rest.as_bytes());
    }
    Ok(out)
}

/// One conversation. A caller that breaks the protocol is told so, or left.
async fn converse(stream: TcpStream, kept: &Kept) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut mail, mut data, mut let_in) = (None::<Mail>, None::<String>, kept.login.is_none());
    let mut answer = "220 mail.example ESMTP".to_owned();
    loop {
        if !answer.is_empty() && writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        if answer.starts_with("221") {
            return;
        }
        let Ok(Some(line)) = lines.next_line().await else { return };
        if let Some(text) = &mut data {
            answer = String::new();
            if line == "." {
                if let Some(mail) = mail.take() {
                    lock(&kept.mails).push(Mail { text: std::mem::take(text), ..mail });
                    kept.came.notify_waiters();
                }
                data = None;
                answer = "250 taken".into();
            } else {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push_str("\r\n");
            }
            continue;
        }
        let upper = line.to_ascii_uppercase();
        answer = if upper.starts_with("EHLO ") {
            let auth = if kept.login.is_some() { "250-AUTH PLAIN\r\n" } else { "" };
            format!("250-mail.example\r\n{auth}250-8BITMIME\r\n250 SIZE 1000000")
        } else if let Some(sent) = line.strip_prefix("AUTH PLAIN ") {
            let_in = kept.login.as_ref().is_some_and(|(name, password)| {
                BASE64_STANDARD.decode(sent).is_ok_and(|sent| sent == format!("\0{name}\0{password}").as_bytes())
            });
            if let_in { "235 welcome" } else { "535 no" }.into()
        } else if upper.starts_with("MAIL FROM:") {
            if let_in {
                mail = Some(Mail { from: address(&line), to: Vec::new(), text: String::new() });
                "250 ok".into()
            } else {
                "530 sign in first".into()
            }
        } else if upper.starts_with("RCPT TO:") {
            match (lock(&kept.answers).pop_front(), &mut mail) {
                (Some(refusal), _) => refusal,
                (None, Some(mail)) => {
                    mail.to.push(address(&line));
                    "250 ok".into()
                }
                (None, None) => "503 MAIL first".into(),
            }
        } else if upper == "DATA" {
            if mail.as_ref().is_some_and(|mail| !mail.to.is_empty()) {
                data = Some(String::new());
                "354 go on".into()
            } else {
                "503 RCPT first".into()
            }
        } else if upper == "RSET" || upper == "NOOP" {
            mail = mail.filter(|_| upper == "NOOP");
            "250 ok".into()
        } else if upper == "QUIT" {
            "221 bye".into()
        } else {
            "502 what?".into()
        };
    }
}

fn address(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split('>').next()).unwrap_or_default().to_owned()
}

fn lock<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
