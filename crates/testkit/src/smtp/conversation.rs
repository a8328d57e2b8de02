//! One conversation, from the greeting to the last line.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use super::{Kept, Mail, Tls, lock};

/// Why a stretch of a conversation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// One of the two has left.
    Left,
    /// What follows is encrypted.
    Starttls,
}

/// Talks with one caller. One that breaks the protocol is told so, or left.
pub(super) async fn converse(stream: TcpStream, kept: &Kept) {
    match &kept.tls {
        None => {
            talk(&mut BufReader::new(stream), kept, Some(GREETING), false).await;
        }
        Some((Tls::FromTheStart, acceptor)) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                talk(&mut BufReader::new(stream), kept, Some(GREETING), true).await;
            }
        }
        Some((Tls::Starttls, acceptor)) => {
            let mut plain = BufReader::new(stream);
            if talk(&mut plain, kept, Some(GREETING), false).await == Ending::Starttls
                && let Ok(stream) = acceptor.accept(plain.into_inner()).await
            {
                talk(&mut BufReader::new(stream), kept, None, true).await;
            }
        }
    }
}

const GREETING: &str = "220 mail.example ESMTP";

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    kept: &Kept,
    greeting: Option<&str>,
    encrypted: bool,
) -> Ending {
    let (mut mail, mut data, mut let_in) = (None::<Mail>, None::<String>, kept.login.is_none());
    let mut answer = greeting.unwrap_or_default().to_owned();
    loop {
        if !answer.is_empty() && say(stream, &answer).await.is_err() {
            return Ending::Left;
        }
        if answer.starts_with("221") {
            return Ending::Left;
        }
        let mut line = String::new();
        if !matches!(stream.read_line(&mut line).await, Ok(read) if read > 0) {
            return Ending::Left;
        }
        let line = line.trim_end_matches(['\r', '\n']);
        if !encrypted {
            lock(&kept.plain).push(line.to_owned());
        }
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
                text.push_str(line.strip_prefix('.').unwrap_or(line));
                text.push_str("\r\n");
            }
            continue;
        }
        let upper = line.to_ascii_uppercase();
        answer = if upper.starts_with("EHLO ") {
            let offered = kept.tls.is_some() && !encrypted;
            let starttls = if offered { "250-STARTTLS\r\n" } else { "" };
            // Whoever may encrypt does so before a password is asked for.
            let auth = if kept.login.is_some() && !offered { "250-AUTH PLAIN\r\n" } else { "" };
            format!("250-mail.example\r\n{starttls}{auth}250-8BITMIME\r\n250 SIZE 1000000")
        } else if upper == "STARTTLS" && kept.tls.is_some() && !encrypted {
            let ready = say(stream, "220 go on").await;
            // What was sent ahead of the encryption is nobody's word.
            return if ready.is_ok() && stream.buffer().is_empty() { Ending::Starttls } else { Ending::Left };
        } else if let Some(sent) = line.strip_prefix("AUTH PLAIN ") {
            let_in = kept.login.as_ref().is_some_and(|(name, password)| {
                BASE64_STANDARD.decode(sent).is_ok_and(|sent| sent == format!("\0{name}\0{password}").as_bytes())
            });
            if let_in { "235 welcome" } else { "535 no" }.into()
        } else if upper.starts_with("MAIL FROM:") {
            if let_in {
                mail = Some(Mail { from: address(line), to: Vec::new(), text: String::new() });
                "250 ok".into()
            } else {
                "530 sign in first".into()
            }
        } else if upper.starts_with("RCPT TO:") {
            match (lock(&kept.answers).pop_front(), &mut mail) {
                (Some(refusal), _) => refusal,
                (None, Some(mail)) => {
                    mail.to.push(address(line));
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

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, line: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.get_mut().flush().await
}

fn address(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split('>').next()).unwrap_or_default().to_owned()
}
