//! Mail over an encrypted connection, to a mail server that proves who it is and to others.

use std::path::PathBuf;

use serde_json::{Value, json};
use testkit::{
    certificate::Certificate,
    program::Program,
    server::{command, listening},
    smtp::{MailServer, Tls},
};

use super::{caller::Caller, place::SOON};

const EMAIL: &str = "asha@example.com";
const USER: &str = "shop";
const PASSWORD: &str = "what-the-mail-server-knows";

/// An installation that sends its mail there.
struct Shop {
    folder: tempfile::TempDir,
    port: u16,
    tls: &'static str,
    /// Whom it trusts; none: whom this machine trusts.
    trusted: Option<PathBuf>,
}

impl Shop {
    fn with(mails: &MailServer, tls: &'static str, trusted: Option<&Certificate>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trusted = trusted.map(|certificate| {
            let path = folder.path().join("trusted.pem");
            std::fs::write(&path, certificate.pem()).unwrap();
            path
        });
        Self { folder, port: mails.port(), tls, trusted }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = command(&self.folder.path().join("data")).unwrap();
        command
            .args(arguments)
            .env("VITRINE_MAIL_HOST", "localhost")
            .env("VITRINE_MAIL_PORT", self.port.to_string())
            .env("VITRINE_MAIL_TLS", self.tls)
            .env("VITRINE_MAIL_FROM", "Example Shop <shop@shop.example>")
            .env("VITRINE_MAIL_USER", USER)
            .env("VITRINE_MAIL_PASSWORD", PASSWORD);
        if let Some(path) = &self.trusted {
            command.env("SSL_CERT_FILE", path);
        }
        command
    }

    /// Serves, and lets somebody register, who is to be sent a mail.
    fn serve(&self) -> Program {
        let (program, origin) = listening(self.command(&["serve", "--listen", "127.0.0.1:0"])).unwrap();
        let mut caller = Caller::connect(origin.strip_prefix("http://").unwrap()).unwrap();
        let body = json!({"email": EMAIL, "password": "walking by the river", "display_name": "Asha Example"});
        assert_eq!(caller.ask("POST", "/api/auth/register", &[], &body.to_string()).unwrap().status, 201);
        program
    }

    /// What `doctor` says about mail: level and finding.
    fn doctor(&self) -> (String, String) {
        let mut command = self.command(&["doctor", "--json"]);
        command.env("VITRINE_LOG", "off");
        let report: Value = serde_json::from_str(&Program::run(command, SOON).unwrap().said).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let mail = checks.iter().find(|check| check["check"] == "mail").unwrap();
        let text = |name: &str| mail[name].as_str().unwrap().to_owned();
        (text("level"), text("found"))
    }
}

/// Nothing but the way to the encryption was said where everybody can read it.
#[track_caller]
fn told_nothing(mails: &MailServer) {
    assert!(mails.mails().is_empty());
    let heard = mails.heard_in_plain();
    let harmless = |line: &String| line.starts_with("EHLO ") || line == "STARTTLS" || line == "QUIT";
    assert!(heard.iter().all(harmless), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_encrypted_to_the_mail_server_that_proves_itself() {
    for (name, tls) in [("tls", Tls::FromTheStart), ("starttls", Tls::Starttls)] {
        let certificate = Certificate::of("localhost").unwrap();
        let mails = MailServer::start_encrypted(tls, &certificate, USER, PASSWORD).await.unwrap();
        let shop = Shop::with(&mails, name, Some(&certificate));
        let _serving = shop.serve();
        let mail = mails.mail(1).await.unwrap();
        assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("shop@shop.example", [EMAIL.to_owned()].as_slice()));
        assert!(mail.plain().unwrap().contains("/account/verify#token="));
        let heard = mails.heard_in_plain();
        match tls {
            Tls::FromTheStart => assert_eq!(heard, Vec::<String>::new()),
            Tls::Starttls => assert!(heard.len() == 2 && heard[0].starts_with("EHLO ") && heard[1] == "STARTTLS", "{heard:?}"),
        }
        let (level, found) = shop.doctor();
        assert_eq!((level.as_str(), found.contains("lets us in")), ("ok", true), "{name}: {found}");
    }
}

/// Waits until the server has tried to send the mail and says why it could not.
#[track_caller]
fn is_refused(shop: &Shop, mails: &MailServer, why: &str) {
    let mut serving = shop.serve();
    let said = serving.line(SOON, |line| line.contains("a mail could not be sent").then(|| line.to_owned())).unwrap();
    assert!(said.contains(why) && !said.contains(EMAIL) && !said.contains(PASSWORD), "{said}");
    assert!(mails.calls() > 0);
    told_nothing(mails);
    let (level, found) = shop.doctor();
    assert_eq!((level.as_str(), found.contains(why)), ("fail", true), "{found}");
    told_nothing(mails);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_nobody_vouches_for_is_told_nothing() {
    for (name, tls) in [("tls", Tls::FromTheStart), ("starttls", Tls::Starttls)] {
        let certificate = Certificate::of("localhost").unwrap();
        let mails = MailServer::start_encrypted(tls, &certificate, USER, PASSWORD).await.unwrap();
        is_refused(&Shop::with(&mails, name, None), &mails, "certificate is not trusted");
    }
    let of_another = Certificate::of("mail.elsewhere.example").unwrap();
    let mails = MailServer::start_encrypted(Tls::FromTheStart, &of_another, USER, PASSWORD).await.unwrap();
    is_refused(&Shop::with(&mails, "tls", Some(&of_another)), &mails, "certificate is not trusted");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_encryption_was_taken_away_nothing_is_sent() {
    let mails = MailServer::start_with_login(USER, PASSWORD).await.unwrap();
    is_refused(&Shop::with(&mails, "starttls", None), &mails, "offers no encryption");
}
