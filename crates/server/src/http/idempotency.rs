use axum::{
    Json,
    extract::FromRequestParts as _,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use protocol::{ErrorCode, routes};
use serde::Serialize;
use server_store::{ReadTx, records::IdempotencyRecord};

use super::{Answer, Failure, Peer};
use crate::{key, proof::Proven, state::AppState, transaction::Tx};

/// Longest key a caller may choose.
const LONGEST_KEY: usize = 200;
const SEAL: &str = "kept answer";

/// A caller's wish that a repeated request has no second effect. Without a key, every request is a new one.
#[derive(Debug)]
pub struct Idempotency(Option<Slot>);

#[derive(Debug)]
struct Slot {
    slot: [u8; 32],
    body_mac: [u8; 32],
}

/// The cookie of who is signed in, else that of a guest; other cookies come and go.
fn proving_cookie(headers: &HeaderMap) -> Option<Vec<u8>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs: Vec<&str> = lines.flat_map(|line| line.split(';')).map(str::trim).collect();
    let of = |name: &str| pairs.iter().find(|pair| pair.starts_with(name)).map(|pair| pair.as_bytes().to_vec());
    of("sessionid=").or_else(|| of("guest_session="))
}

impl Idempotency {
    /// Where the answer to a request is kept, if its caller wishes that.
    ///
    /// # Errors
    /// The caller's key is too long.
    pub(crate) async fn slot(parts: &mut Parts, state: &AppState) -> Answer<Option<[u8; 32]>> {
        let value = |parts: &Parts, name: &str| {
            parts.headers.get(name).map(|value| value.as_bytes().to_vec()).filter(|value| !value.is_empty())
        };
        let Some(wish) = value(parts, "idempotency-key").or_else(|| value(parts, "x-idempotency-key")) else { return Ok(None) };
        if wish.len() > LONGEST_KEY {
            return Err(Failure::new(ErrorCode::BadRequest, "Idempotency-Key is too long; send at most 200 characters."));
        }
        // Whatever proves who calls belongs to the slot, so that nobody is given the answer of somebody else. A device signs
        // each call anew; its key stays.
        let device = parts.extensions.get::<Proven>().map(|proven| proven.thumbprint.clone().into_bytes());
        let proofs = [
            value(parts, routes::HEADER_SESSION_TOKEN),
            value(parts, routes::HEADER_CHANNEL_KEY),
            value(parts, header::AUTHORIZATION.as_str()),
            proving_cookie(&parts.headers),
            device,
        ];
        let caller = if proofs.iter().any(Option::is_some) {
            Vec::new()
        } else {
            match Peer::from_request_parts(parts, state).await {
                Ok(peer) => peer.0.to_string().into_bytes(),
                Err(never) => match never {},
            }
        };
        let proofs = proofs.map(Option::unwrap_or_default);
        let [token, channel, bearer, cookie, device] = &proofs;
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let about = [&caller[..], token, channel, bearer, cookie, device, parts.uri.path().as_bytes(), query, &wish];
        Ok(Some(state.key.mac("idempotency slot", &about)))
    }

    /// The wish, once the body is read. What belongs to the body but changes from one sending to the next is left out of `body`.
    pub(crate) fn new(slot: Option<[u8; 32]>, body: &[u8], state: &AppState) -> Self {
        // Keyed, because a plain hash of a body with a password would let a thief of the database try passwords fast.
        Self(slot.map(|slot| Slot { slot, body_mac: state.key.mac("idempotency body", &[body]) }))
    }

    /// Whether the caller wishes it.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// The answer that was given before, where the same request comes again.
    ///
    /// # Errors
    /// The key was used for another body, or the store failed.
    pub async fn replay(&self, tx: &mut Tx) -> Answer<Option<Response>> {
        let state = tx.state().clone();
        self.find(tx.reader(), &state).await
    }

    /// As [`Idempotency::replay`], before there is a transaction: for requests that take their time before they need one.
    ///
    /// # Errors
    /// As [`Idempotency::replay`].
    pub async fn replay_early(&self, state: &AppState) -> Answer<Option<Response>> {
        if self.0.is_none() {
            return Ok(None);
        }
        self.find(&mut *state.read().await?, state).await
    }

    async fn find(&self, tx: &mut dyn ReadTx, state: &AppState) -> Answer<Option<Response>> {
        let Some(slot) = &self.0 else { return Ok(None) };
        let Some(kept) = tx.kept_answer(&slot.slot).await? else { return Ok(None) };
        if !key::same(&kept.body_mac, &slot.body_mac) {
            return Err(Failure::new(
                ErrorCode::IdempotencyMismatch,
                "This Idempotency-Key was used for another request; choose a new one.",
            ));
        }
        let body = state.key.unseal(SEAL, &slot.slot, &kept.sealed_answer);
        // An answer sealed with an older key cannot be repeated, and its request must not be applied twice.
        let body =
            body.ok_or_else(|| Failure::new(ErrorCode::Conflict, "This request was already applied; read the session again."))?;
        state.metrics.replayed.inc();
        let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
        Ok(Some((status, [(header::CONTENT_TYPE, "application/json")], body).into_response()))
    }

    /// Keeps the answer together with its effect, commits, and gives the answer.
    ///
    /// # Errors
    /// The store failed; nothing was changed.
    pub async fn finish<T: Serialize>(&self, mut tx: Tx, status: StatusCode, body: &T) -> Answer<Response> {
        self.keep(&mut tx, status, body).await?;
        tx.commit().await?;
        Ok((status, Json(body)).into_response())
    }

    /// Keeps the answer together with its effect.
    ///
    /// # Errors
    /// The store failed.
    pub async fn keep<T: Serialize>(&self, tx: &mut Tx, status: StatusCode, body: &T) -> Answer<()> {
        if self.0.is_none() {
            return Ok(());
        }
        let text = serde_json::to_vec(body).map_err(Failure::internal)?;
        self.keep_text(tx, status, &text).await
    }

    /// As [`Idempotency::keep`], with the answer as it goes out.
    ///
    /// # Errors
    /// The store failed.
    pub async fn keep_text(&self, tx: &mut Tx, status: StatusCode, text: &[u8]) -> Answer<()> {
        let Some(slot) = &self.0 else { return Ok(()) };
        let state = tx.state().clone();
        let sealed_answer = state
            .key
            .seal(SEAL, &slot.slot, text, &*state.entropy)
            .ok_or_else(|| Failure::internal("an answer could not be sealed"))?;
        let at = tx.now();
        let record = IdempotencyRecord {
            slot: slot.slot.to_vec(),
            body_mac: slot.body_mac.to_vec(),
            status: status.as_u16(),
            sealed_answer,
            at,
        };
        Ok(tx.keep_answer(&record).await?)
    }
}
