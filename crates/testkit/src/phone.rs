//! A customer's phone without a browser: it speaks the wire of the phone page by itself.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use eventsource_stream::Eventsource as _;
use futures_util::StreamExt as _;
use protocol::{
    ids::ClaimId,
    phone::{Claim, ClaimRequest, ClaimState, PhoneMe, PhoneSignIn, PhoneSignUp, Visit, VisitRequest},
    profile::Profile,
    routes,
};
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::{Answer, client};

/// A phone at the wire, with cookies of its own.
#[derive(Debug)]
pub struct FakePhone {
    origin: String,
    http: reqwest::Client,
    csrf: Mutex<String>,
}

impl FakePhone {
    /// A phone that has never been here, before the server at `origin`.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub fn new(origin: &str) -> Result<Self> {
        Ok(Self { origin: origin.trim_end_matches('/').to_owned(), http: client()?, csrf: Mutex::default() })
    }

    /// Opens a page as a browser, or a link preview, would.
    ///
    /// # Errors
    /// No answer came.
    pub async fn open(&self, path: &str) -> Result<Answer> {
        Answer::of(self.http.get(format!("{}{path}", self.origin))).await
    }

    /// An unsafe call, with the anti-forgery token the phone has.
    ///
    /// # Errors
    /// No answer came.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer> {
        let csrf = self.csrf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.post_with(Some(&csrf), path, body).await
    }

    /// An unsafe call with an anti-forgery token of the test's choosing, or none.
    ///
    /// # Errors
    /// No answer came.
    pub async fn post_with(&self, csrf: Option<&str>, path: &str, body: &impl Serialize) -> Result<Answer> {
        let mut request =
            self.http.request(Method::POST, format!("{}{path}", self.origin)).header("Origin", &self.origin).json(body);
        if let Some(csrf) = csrf {
            request = request.header(routes::HEADER_CSRF, csrf);
        }
        Answer::of(request).await
    }

    fn take(&self, me: PhoneMe) -> PhoneMe {
        self.csrf.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&me.csrf_token);
        me
    }

    /// Who is signed in here.
    ///
    /// # Errors
    /// No proper answer came.
    pub async fn me(&self) -> Result<PhoneMe> {
        Ok(self.take(self.open(routes::PHONE_ME).await?.json()?))
    }

    /// Signs in.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn sign_in(&self, phone_number: &str, password: &str) -> Result<PhoneMe> {
        self.me().await?;
        let body = PhoneSignIn { phone_number: phone_number.into(), password: password.into() };
        Ok(self.take(self.post(routes::PHONE_SIGN_IN, &body).await?.json()?))
    }

    /// Creates an account and is signed in to it.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn sign_up(&self, name: &str, phone_number: &str, password: &str) -> Result<PhoneMe> {
        self.me().await?;
        let body = PhoneSignUp { name: name.into(), phone_number: phone_number.into(), password: password.into() };
        Ok(self.take(self.post(routes::PHONE_SIGN_UP, &body).await?.json()?))
    }

    /// Changes preferences of the profile, as the shop's site does; the profile after that. The server is reached at `origin`.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn change_preferences(&self, origin: &str, preferences: &Value) -> Result<Profile> {
        let csrf = self.csrf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let request = self
            .http
            .request(Method::PATCH, format!("{origin}{}", routes::PROFILE.replace("{id}", "me")))
            .header(routes::HEADER_CSRF, csrf)
            .json(&json!({ "preferences": preferences }));
        Answer::of(request).await?.json()
    }

    /// Shows a code to the server and takes whatever it answers.
    ///
    /// # Errors
    /// No answer came.
    pub async fn try_visit(&self, code: &str) -> Result<Answer> {
        self.post(routes::PHONE_VISITS, &VisitRequest { code: code.into() }).await
    }

    /// Takes a visit ticket.
    ///
    /// # Errors
    /// The code is not accepted.
    pub async fn visit(&self, code: &str) -> Result<Visit> {
        self.try_visit(code).await?.json()
    }

    /// Continue, whatever the server answers.
    ///
    /// # Errors
    /// No answer came.
    pub async fn try_claim(&self, ticket: &str) -> Result<Answer> {
        self.post(routes::PHONE_CLAIMS, &ClaimRequest { ticket: ticket.into() }).await
    }

    /// Continue: the claim and its two digits.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn claim(&self, ticket: &str) -> Result<(ClaimId, String)> {
        let claim: Claim = self.try_claim(ticket).await?.json()?;
        match claim.state {
            ClaimState::Digits { digits, .. } => Ok((claim.claim_id, digits)),
            state => Err(anyhow!("the claim began as {state:?}")),
        }
    }

    /// "This is not me."
    ///
    /// # Errors
    /// No answer came.
    pub async fn cancel(&self, claim: ClaimId) -> Result<Answer> {
        self.post(&routes::with_id(routes::PHONE_CLAIM_CANCEL, claim), &serde_json::json!({})).await
    }

    /// "End session."
    ///
    /// # Errors
    /// No answer came.
    pub async fn end(&self, claim: ClaimId) -> Result<Answer> {
        self.post(&routes::with_id(routes::PHONE_CLAIM_END, claim), &serde_json::json!({})).await
    }

    /// Waits until the claim's stream tells a state that `read` understands.
    ///
    /// # Errors
    /// None comes within `limit`.
    pub async fn claim_state<T>(
        &self,
        claim: ClaimId,
        limit: Duration,
        mut read: impl FnMut(ClaimState) -> Option<T>,
    ) -> Result<T> {
        let address = format!("{}{}", self.origin, routes::with_id(routes::PHONE_CLAIM_EVENTS, claim));
        let awaited = async {
            let answer = self.http.get(address).send().await?.error_for_status()?;
            let mut events = answer.bytes_stream().eventsource();
            while let Some(event) = events.next().await {
                if let Some(found) = read(serde_json::from_str(&event?.data)?) {
                    return Ok(found);
                }
            }
            Err(anyhow!("the claim's stream ended"))
        };
        tokio::time::timeout(limit, awaited).await.context("the claim did not reach the awaited state")?
    }
}
