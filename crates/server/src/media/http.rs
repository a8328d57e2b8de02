use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest as _, FromRequestParts as _, Multipart, Path, Request, State, multipart::Field},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    ids::MediaId,
    media::{MediaDeleted, MediaUpload, StoredMedia},
    routes,
};
use tokio::sync::SemaphorePermit;
use tokio_util::io::ReaderStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    clean::{LARGEST_VIDEO, Refusal},
    keep::{MediaError, NewMedia, decode, keep, path_of, remove, wire},
};
use crate::{
    caller::{Visit, VisitorProof},
    chat::{names, speaker},
    http::{Answer, Failure, Idempotency, JsonBody},
    state::AppState,
};

/// Largest JSON in bytes: a video in base64, and a little about it.
const LARGEST_JSON: usize = LARGEST_VIDEO / 3 * 4 + 64 * 1024;
/// Largest form in bytes.
const LARGEST_FORM: usize = LARGEST_VIDEO + 64 * 1024;
/// A body that may be larger waits for its turn, but not longer than this.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bodies up to here need no turn.
const SMALL: u64 = 256 * 1024;

/// The documented endpoints of photos and videos.
pub fn routes() -> OpenApiRouter<AppState> {
    let json = OpenApiRouter::default().routes(routes!(upload)).layer(DefaultBodyLimit::max(LARGEST_JSON));
    let form = OpenApiRouter::default().routes(routes!(upload_file)).layer(DefaultBodyLimit::max(LARGEST_FORM));
    OpenApiRouter::default().merge(json).merge(form).routes(routes!(file, delete))
}

/// Room in memory for a large body: few are read at the same time. A small one needs none.
///
/// # Errors
/// 503: too many are being read.
pub async fn room_for<'a>(state: &'a AppState, headers: &HeaderMap) -> Answer<Option<SemaphorePermit<'a>>> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length <= SMALL) {
        return Ok(None);
    }
    match tokio::time::timeout(PATIENCE, state.uploads.acquire()).await {
        Ok(Ok(permit)) => Ok(Some(permit)),
        _ => Err(Failure::new(ErrorCode::ServiceUnavailable, "Too many photos are being sent right now. Please try again.")),
    }
}

/// Keep a photo or video.
///
/// What it is, its content decides. Everything but the picture is taken out of it, and after a day it is deleted.
#[utoipa::path(post, path = routes::MEDIA_UPLOAD, tag = "chat", request_body = MediaUpload,
    responses((status = 200, body = StoredMedia), (status = 401), (status = 403), (status = 429)),
    security((), ("guest" = []), ("session_token" = []), ("account" = []), ("bearer" = []), ("session_token" = [], "device" = [])))]
async fn upload(State(state): State<AppState>, request: Request) -> Answer<Response> {
    let _room = room_for(&state, request.headers()).await?;
    let (proof, request) = split(&state, request).await;
    let JsonBody { value, idempotency } = JsonBody::<MediaUpload>::from_request(request, &state).await?;
    let visit = proof.judge_kindly(&state).await?;
    if let Some(answer) = idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    check(&state, &visit)?;
    let new = decode(&state, value).await?;
    store(&state, &visit, new, &idempotency).await
}

/// The form of `POST /media/upload-file`.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes a form that is read piece by piece")]
struct UploadForm {
    /// The photo or video.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Keep a photo or video that comes as a form.
///
/// As `POST /media/upload`.
#[utoipa::path(post, path = routes::MEDIA_UPLOAD_FILE, tag = "chat", request_body(content_type = "multipart/form-data", content = UploadForm),
    responses((status = 200, body = StoredMedia), (status = 401), (status = 403), (status = 429)),
    security((), ("guest" = []), ("session_token" = []), ("account" = []), ("bearer" = []), ("session_token" = [], "device" = [])))]
async fn upload_file(State(state): State<AppState>, request: Request) -> Answer<Response> {
    let _room = room_for(&state, request.headers()).await?;
    let (proof, request) = split(&state, request).await;
    let (mut parts, body) = request.into_parts();
    let slot = Idempotency::slot(&mut parts, &state).await?;
    let request = Request::from_parts(parts, body);
    let no_form = |_| Failure::field("file", ErrorCode::ValidationError, "Send the file as multipart/form-data.");
    let mut form = Multipart::from_request(request, &state).await.map_err(no_form)?;
    let mut found = None;
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        if field.name() == Some("file") && found.is_none() {
            found = Some(read(field).await?);
        }
    }
    let missing = || Failure::field("file", ErrorCode::ValidationError, "file is required");
    let (bytes, said, filename) = found.ok_or_else(missing)?;
    // Each sending of a form draws its boundary anew; the file stays.
    let idempotency = Idempotency::new(slot, &bytes, &state);
    let visit = proof.judge_kindly(&state).await?;
    if let Some(answer) = idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    check(&state, &visit)?;
    let new = NewMedia::write(&state, bytes, said, filename).await?;
    store(&state, &visit, new, &idempotency).await
}

async fn read(mut field: Field<'_>) -> Answer<(Vec<u8>, Option<String>, Option<String>)> {
    let said = field.content_type().map(str::to_owned);
    let filename = field.file_name().map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + piece.len() > LARGEST_VIDEO {
            return Err(MediaError::Refused(Refusal::TooLarge).into());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok((bytes, said, filename))
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return MediaError::Refused(Refusal::TooLarge).into();
    }
    Failure::field("file", ErrorCode::ValidationError, "The form could not be read to its end; send it again.")
}

async fn split(state: &AppState, request: Request) -> (VisitorProof, Request) {
    let (mut parts, body) = request.into_parts();
    match VisitorProof::from_request_parts(&mut parts, state).await {
        Ok(proof) => (proof, Request::from_parts(parts, body)),
        Err(never) => match never {},
    }
}

fn check(state: &AppState, visit: &Visit) -> Answer<()> {
    let wait = |seconds| Failure::too_often(seconds, "You have sent many files. Try again in a moment.");
    state.limits.uploads.take(visit.caller.peer.into()).map_err(wait)
}

async fn store(state: &AppState, visit: &Visit, new: NewMedia, idempotency: &Idempotency) -> Answer<Response> {
    let stored = async {
        let mut tx = state.write().await?;
        let speaker = speaker(&mut tx, visit, None).await?;
        let record = keep(&mut tx, speaker.id(), Some(speaker.session.id), &new).await?;
        let stored = StoredMedia { session_token: speaker.begun, ..wire(&record) };
        idempotency.keep(&mut tx, StatusCode::OK, &stored).await?;
        tx.commit().await?;
        Ok::<_, Failure>(stored)
    };
    let stored = match stored.await {
        Ok(stored) => stored,
        Err(failure) => {
            new.discard(state).await;
            return Err(failure);
        }
    };
    let token = stored.session_token.clone();
    let mut response = Json(stored).into_response();
    if visit.expired {
        response.headers_mut().insert(HeaderName::from_static("x-session-auth"), HeaderValue::from_static("expired"));
    }
    if let Some(token) = token {
        visit.set_guest(response.headers_mut(), state, &token);
    }
    Ok(response)
}

/// A photo or video, for who sent it.
#[utoipa::path(get, path = routes::MEDIA, tag = "chat", params(("file" = String, Path, description = "As `url` names it.")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 401), (status = 404)),
    security(("guest" = []), ("session_token" = []), ("account" = []), ("bearer" = [])))]
async fn file(State(state): State<AppState>, proof: VisitorProof, Path(name): Path<String>) -> Answer<Response> {
    let visit = proof.judge_kindly(&state).await?;
    let mut tx = state.read().await?;
    let callers = names(&mut *tx, &state, &visit).await?;
    let found = tx.media_by_file(&name).await?;
    let own = found.filter(|media| callers.contains(&media.owner) && state.now() < media.expires_at).ok_or_else(missing)?;
    drop(tx);
    let file = tokio::fs::File::open(path_of(&state, &own.file)).await.map_err(|_| missing())?;
    let fields = [
        (header::CONTENT_TYPE, own.mime_type.clone()),
        (header::CONTENT_LENGTH, own.size_bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", own.file)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    Ok((fields, Body::from_stream(ReaderStream::new(file))).into_response())
}

fn missing() -> Failure {
    Failure::new(ErrorCode::NotFound, "Not Found")
}

/// Delete a photo or video of one's own.
#[utoipa::path(delete, path = routes::MEDIA, tag = "chat", params(("file" = String, Path, description = "Its id.")),
    responses((status = 200, body = MediaDeleted), (status = 401), (status = 403), (status = 404)),
    security(("guest" = []), ("session_token" = []), ("account" = []), ("bearer" = [])))]
async fn delete(State(state): State<AppState>, proof: VisitorProof, Path(id): Path<String>) -> Answer<Json<MediaDeleted>> {
    let visit = proof.judge(&state).await?;
    let id: MediaId = id.parse().map_err(|_| missing())?;
    let mut tx = state.read().await?;
    let callers = names(&mut *tx, &state, &visit).await?;
    let found = tx.media(id).await?;
    let own = found.filter(|media| callers.contains(&media.owner) && state.now() < media.expires_at).ok_or_else(missing)?;
    drop(tx);
    remove(&state, &own).await?;
    Ok(Json(MediaDeleted { deleted: true }))
}
