//! A claim as server-sent events: its state at once, then each new one, until the last.

use std::{convert::Infallible, mem::discriminant, time::Duration};

use axum::{
    extract::{Path, State},
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use protocol::{
    event::KEEP_ALIVE_SECONDS,
    ids::{AccountId, ClaimId},
    phone::ClaimState,
    routes,
};
use server_store::records::Topic;

use super::{claim::read, person::Person};
use crate::{
    event::Follower,
    handoff::{
        HandoffError,
        claim::{claim_of, claim_state},
    },
    http::Answer,
    state::AppState,
};

/// A claim is looked at again after so long even if nothing was told, because its time runs out by itself.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Follow a claim.
///
/// Server-sent events, each a state of the claim, until the last.
#[utoipa::path(get, path = routes::PHONE_CLAIM_EVENTS, tag = "phones", params(("claim_id" = ClaimId, Path)),
    responses((status = 200, content_type = "text/event-stream", body = ClaimState), (status = 404)),
    security(("account" = [])))]
pub(super) async fn get(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>> + Send + 'static>> {
    let id = read(&id)?;
    // Before the first look, so that nothing falls between the two.
    let follower = state.bus.follow(&[Topic::Claim(id)]);
    let handoff = claim_of(&mut *state.read().await?, id, person.account).await?;
    if handoff.claim.as_ref().is_none_or(|claim| claim.browser_hash != person.claimant().browser_hash) {
        // The digits are for the phone that claimed.
        return Err(HandoffError::NotFound.into());
    }
    let feed = Feed { state, follower, id, account: person.account, last: None };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(KEEP_ALIVE_SECONDS)).text("");
    Ok(Sse::new(stream::unfold(Some(feed), next)).keep_alive(keep_alive))
}

struct Feed {
    state: AppState,
    follower: Follower,
    id: ClaimId,
    account: AccountId,
    last: Option<ClaimState>,
}

impl Feed {
    async fn look(&self) -> Result<ClaimState, HandoffError> {
        let mut tx = self.state.read().await?;
        let handoff = claim_of(&mut *tx, self.id, self.account).await?;
        claim_state(&mut *tx, &self.state.key, &handoff, self.state.lifetimes.now()).await
    }
}

async fn next(feed: Option<Feed>) -> Option<(Result<Event, Infallible>, Option<Feed>)> {
    let mut feed = feed?;
    loop {
        let now = match feed.look().await {
            Ok(now) => now,
            Err(error) => {
                // The page comes back by itself.
                tracing::error!(%error, "the stream of a claim ended");
                return None;
            }
        };
        if feed.last.as_ref().is_none_or(|last| discriminant(last) != discriminant(&now)) {
            let event = Event::default().json_data(&now).ok()?;
            let lasts = matches!(now, ClaimState::Digits { .. } | ClaimState::Live);
            feed.last = Some(now);
            return Some((Ok(event), lasts.then_some(feed)));
        }
        tokio::select! {
            () = feed.state.shutdown.cancelled() => return None,
            _ = feed.follower.next() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}
