use axum::{Json, extract::State};
use protocol::{
    routes,
    voice_agent::{Diagnostics, MediaSettings, Persistence, Providers},
};

use crate::{caller::role::Staff, http::Answer, state::AppState};

/// What is configured of speech, and what its agents report. For staff.
#[utoipa::path(get, path = routes::DIAGNOSTICS, tag = "spoken conversations", responses((status = 200, body = Diagnostics), (status = 401), (status = 403)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn get(State(state): State<AppState>, _: Staff) -> Answer<Json<Diagnostics>> {
    let mut tx = state.read().await?;
    let (agents, reports) = (tx.voice_agents().await?, tx.voice_reports().await?);
    let config = &state.config.voice;
    let agent = agents.into_iter().next();
    Ok(Json(Diagnostics {
        livekit: MediaSettings {
            url: config.media_url.is_some(),
            api_key: config.media_key.is_some(),
            api_secret: config.media_secret.is_some(),
        },
        providers: agent.map_or_else(Providers::default, |agent| Providers {
            stt: agent.stt,
            tts: agent.tts,
            llm: agent.llm,
            tts_voice: agent.tts_voice,
        }),
        persistence: Persistence {
            configured: state.config.ingest_token.is_some(),
            last_ingest_ts: reports.map(|reports| reports.last_at),
            event_count: reports.map_or(0, |reports| reports.utterances),
        },
    }))
}
