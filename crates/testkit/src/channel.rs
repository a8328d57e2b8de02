//! The shop's site as another channel: a client of the documented API.

use anyhow::Result;
use protocol::{
    auth::{AuthResponse, LoginRequest},
    routes,
    session::{RestoreResponse, Session, UpdateRequest},
};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, client};

/// A customer who is signed in on the web channel.
#[derive(Debug)]
pub struct WebChannel {
    origin: String,
    http: reqwest::Client,
    token: String,
}

impl WebChannel {
    /// Signs in with phone number and password.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn login(origin: &str, phone_number: &str, password: &str) -> Result<Self> {
        let (origin, http) = (origin.trim_end_matches('/').to_owned(), client()?);
        let body = LoginRequest { phone_number: phone_number.into(), password: password.into(), channel: Some("web".into()) };
        let signed_in: AuthResponse =
            Answer::of(http.post(format!("{origin}{}", routes::AUTH_LOGIN)).json(&body)).await?.json()?;
        Ok(Self { origin, http, token: signed_in.session_token })
    }

    /// The shared session token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// `POST /session/update`.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn update(&self, action: &str, payload: Map<String, Value>) -> Result<Session> {
        let body = UpdateRequest { action: action.into(), payload, if_version: None };
        let request = self
            .http
            .post(format!("{}{}", self.origin, routes::SESSION_UPDATE))
            .header(routes::HEADER_SESSION_TOKEN, &self.token);
        let answer: protocol::session::UpdateResponse = Answer::of(request.json(&body)).await?.json()?;
        Ok(answer.session)
    }

    /// Adds an entry to the conversation, as the site does for each message.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn say(&self, sender: &str, message: &str) -> Result<Session> {
        let mut payload = Map::new();
        payload.insert("sender".into(), json!(sender));
        payload.insert("message".into(), json!(message));
        self.update("chat_message", payload).await
    }

    /// `GET /session/restore` with `token`, whatever the server answers.
    ///
    /// # Errors
    /// No answer came.
    pub async fn restore_with(&self, token: &str) -> Result<Answer> {
        Answer::of(
            self.http.get(format!("{}{}", self.origin, routes::SESSION_RESTORE)).header(routes::HEADER_SESSION_TOKEN, token),
        )
        .await
    }

    /// `POST /session/end`: ends the session on every channel.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn end(&self) -> Result<()> {
        let request =
            self.http.post(format!("{}{}", self.origin, routes::SESSION_END)).header(routes::HEADER_SESSION_TOKEN, &self.token);
        Answer::of(request.json(&json!({}))).await?.json::<Value>().map(drop)
    }

    /// The session as it is now.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn restore(&self) -> Result<Session> {
        let answer: RestoreResponse = self.restore_with(&self.token).await?.json()?;
        Ok(answer.session)
    }
}
