use std::{
    error::Error as _,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{Error, authentication::Credentials},
};
use server_store::records::MailRecord;

use super::{MailSettings, MailTls, letter::Letter};
use crate::state::AppState;

/// One command of the conversation with the mail server.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a mail was not sent. A cause names no address.
#[derive(Debug)]
pub(super) enum NotSent {
    /// It may go later.
    ForNow(String),
    /// The mail server will never take it.
    Never(String),
}

/// Hands a letter to the mail server.
pub(super) async fn deliver(
    state: &AppState,
    settings: &MailSettings,
    mail: &MailRecord,
    letter: &Letter,
) -> Result<(), NotSent> {
    let message = message(state, settings, mail, letter)?;
    let transport = transport(settings).map_err(|error| NotSent::ForNow(reason(&error)))?;
    match transport.send(message).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let status = error.status().map(u16::from).unwrap_or_default();
            // That the server itself is not let in says nothing about the mail.
            let about_us = matches!(status, 530 | 534 | 535 | 538);
            let cause = reason(&error);
            Err(if error.is_permanent() && !about_us { NotSent::Never(cause) } else { NotSent::ForNow(cause) })
        }
    }
}

/// Signs in to the mail server and sends nothing.
///
/// # Errors
/// That cannot be done; the text says why, without any address or name.
pub(crate) async fn try_out(settings: &MailSettings) -> Result<(), String> {
    match transport(settings).map_err(|error| reason(&error))?.test_connection().await {
        Ok(true) => Ok(()),
        Ok(false) => Err("the mail server does not answer as it should".into()),
        Err(error) => Err(reason(&error)),
    }
}

fn message(state: &AppState, settings: &MailSettings, mail: &MailRecord, letter: &Letter) -> Result<Message, NotSent> {
    let never = |what: &str| NotSent::Never(what.to_owned());
    let to: Address = mail.email.parse().map_err(|_| never("the address is none"))?;
    let millis = u64::try_from(state.now().unix_millis()).unwrap_or_default();
    let name = |name: &'static str| HeaderName::new_from_ascii_str(name);
    Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject.clone())
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        // Of the mail's own, so that one which is sent twice by mistake is shown once.
        .message_id(Some(format!("<{}@{}>", mail.id, settings.from.email.domain())))
        .raw_header(HeaderValue::new(name("Auto-Submitted"), "auto-generated".into()))
        .raw_header(HeaderValue::new(name("Content-Language"), letter.language.into()))
        .multipart(MultiPart::alternative_plain_html(letter.plain(), letter.html()))
        .map_err(|_| never("it cannot be put together"))
}

fn transport(settings: &MailSettings) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let builder = match settings.tls {
        MailTls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&settings.host)?,
        MailTls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.host)?,
        MailTls::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host),
    };
    let builder = builder.port(settings.port).timeout(Some(PATIENCE));
    Ok(match (&settings.user, &settings.password) {
        (Some(user), Some(password)) => builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned())),
        _ => builder,
    }
    .build())
}

/// What kind of failure it was. A mail server's own words can repeat the address.
fn reason(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("the mail server answered {status}"),
        None if error.is_timeout() => "the mail server is too slow".into(),
        None if is_stranger(error) => {
            "the mail server's certificate is not trusted here; have this machine trust who issued it, or correct host".into()
        }
        None if error.is_tls() => "the connection to the mail server cannot be encrypted".into(),
        None if error.is_client() => {
            "the mail server offers no encryption, or no way to sign in that is known here; nothing was sent".into()
        }
        None => "the mail server cannot be reached, or says something that is not understood".into(),
    }
}

/// Whether the other side did not prove to be the mail server that is set.
fn is_stranger(error: &Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        // What goes wrong while a connection is encrypted travels inside an error of the connection.
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()).or_else(|| cause.downcast_ref());
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        next = cause.source();
    }
    false
}
