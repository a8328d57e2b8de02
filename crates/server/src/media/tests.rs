//! Photos and videos as their documents describe them.

use std::time::Duration;

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use protocol::routes;
use serde_json::{Value, json};

use super::sweep;
use crate::{
    account::tests::registered,
    testing::{Reply, TestServer, request},
};

const PHOTO: &[u8] = include_bytes!("clean/samples/photo.jpg");
const FILM: &[u8] = include_bytes!("clean/samples/film.mp4");

fn photo() -> Value {
    json!({"type": "image", "data": BASE64_STANDARD.encode(PHOTO), "mime_type": "image/jpeg", "filename": "../hem.jpg"})
}

/// A guest's token.
async fn guest(server: &TestServer) -> String {
    server.post(routes::CHAT, &[], &json!({})).await.expect(200)["session_token"].as_str().unwrap().to_owned()
}

async fn get(server: &TestServer, url: &str, token: &str) -> Reply {
    server.get(url, &[("x-session-token", token)]).await
}

async fn delete(server: &TestServer, id: &str, headers: &[(&str, &str)]) -> Reply {
    server.send(request("DELETE", &format!("/media/{id}"), headers).body(Body::empty()).unwrap()).await
}

fn files(server: &TestServer) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(server.state.config.media()) else { return Vec::new() };
    folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_photo_is_its_senders_own_and_cannot_be_run_as_a_page() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let stored = server.post(routes::MEDIA_UPLOAD, &[("x-session-token", &token)], &photo()).await.expect(200);
    assert_eq!(
        (&stored["type"], &stored["mime_type"], &stored["filename"]),
        (&json!("image"), &json!("image/jpeg"), &json!("hem.jpg"))
    );
    let url = stored["url"].as_str().unwrap();
    let name = url.strip_prefix("/media/").unwrap();
    let (random, extension) = name.split_once('.').unwrap();
    assert_eq!((random.len(), extension), (32, "jpg"), "128 random bits: {name}");
    let reply = get(&server, url, &token).await;
    assert_eq!(reply.status, 200);
    assert_eq!(json!(reply.body.len()), stored["size_bytes"]);
    assert!(!reply.body.windows(6).any(|window| window == b"Secret"), "the place where it was taken is gone");
    for (header, value) in [
        ("content-type", "image/jpeg"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-store"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(reply.headers[header], value, "{header}");
    }
    assert!(reply.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let other = guest(&server).await;
    for headers in [&[][..], &[("x-session-token", other.as_str())]] {
        server.get(url, headers).await.refused(404, "not_found", "Not Found");
        assert_eq!(delete(&server, stored["id"].as_str().unwrap(), headers).await.status, 404);
    }
    assert_eq!(get(&server, url, &token).await.status, 200, "nobody else deleted it");
}

#[tokio::test]
async fn nobody_becomes_a_guest_with_a_photo() {
    let server = TestServer::start().await;
    let reply = server.post(routes::MEDIA_UPLOAD, &[], &photo()).await;
    let stored = reply.expect(200);
    let token = stored["session_token"].as_str().unwrap();
    assert!(reply.headers["set-cookie"].to_str().unwrap().contains(token));
    assert_eq!(get(&server, stored["url"].as_str().unwrap(), token).await.status, 200);
    let account = registered(&server, "asha@example.com").await;
    let stored = account.send(&server, "POST", routes::MEDIA_UPLOAD, &photo()).await.expect(200);
    assert_eq!(account.get(&server, stored["url"].as_str().unwrap()).await.status, 200, "a page shows it by its cookie");
}

#[tokio::test]
async fn what_is_deleted_or_old_is_gone_from_the_disk() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let send = async || server.post(routes::MEDIA_UPLOAD, &[("x-session-token", &token)], &photo()).await.expect(200);
    let (first, second) = (send().await, send().await);
    assert_eq!(files(&server).len(), 2);
    let id = first["id"].as_str().unwrap();
    assert_eq!(delete(&server, id, &[("x-session-token", &token)]).await.expect(200), json!({"deleted": true}));
    assert_eq!(files(&server).len(), 1);
    assert_eq!(delete(&server, id, &[("x-session-token", &token)]).await.status, 404);
    let url = second["url"].as_str().unwrap();
    server.pass(Duration::from_hours(24) - Duration::from_secs(1));
    sweep(&server.state).await.unwrap();
    assert_eq!(get(&server, url, &token).await.status, 200);
    server.pass(Duration::from_secs(1));
    assert_eq!(get(&server, url, &token).await.status, 404);
    sweep(&server.state).await.unwrap();
    assert!(files(&server).is_empty());
}

#[tokio::test]
async fn the_end_of_a_conversation_is_the_end_of_its_photos() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    server.post(routes::CHAT, &[("x-session-token", &token)], &json!({"media": [photo()]})).await.expect(200);
    server.post(routes::SESSION_END, &[("x-session-token", &token)], &json!({})).await.expect(200);
    sweep(&server.state).await.unwrap();
    assert!(files(&server).is_empty());
}

#[tokio::test]
async fn what_nobody_knows_is_swept_once_it_is_old() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    server.post(routes::MEDIA_UPLOAD, &[("x-session-token", &token)], &photo()).await.expect(200);
    let known = files(&server);
    let lost = server.state.config.media().join("0123.jpg");
    std::fs::write(&lost, PHOTO).unwrap();
    // The test's clock stands in another year than the disk's.
    let old = std::time::UNIX_EPOCH + Duration::from_millis(server.state.now().unix_millis().try_into().unwrap());
    std::fs::File::options().write(true).open(&lost).unwrap().set_modified(old).unwrap();
    sweep(&server.state).await.unwrap();
    assert!(lost.exists(), "it may be on its way");
    server.pass(Duration::from_mins(61));
    sweep(&server.state).await.unwrap();
    assert_eq!(files(&server), known);
}

#[tokio::test]
async fn a_form_is_taken_as_well() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let send = async |kind: &str, name: &str, bytes: &[u8]| {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"walk.mp4\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
        let headers = [("x-session-token", token.as_str()), ("content-type", "multipart/form-data; boundary=b")];
        server.send(request("POST", routes::MEDIA_UPLOAD_FILE, &headers).body(Body::from(body)).unwrap()).await
    };
    let stored = send("video/mp4", "file", FILM).await.expect(200);
    assert_eq!((&stored["type"], &stored["mime_type"]), (&json!("video"), &json!("video/mp4")));
    assert_eq!(send("video/mp4", "other", FILM).await.expect(422)["errors"][0]["field"], "file");
    assert_eq!(send("image/png", "file", FILM).await.expect(415)["code"], "unsupported_media_type");
    assert_eq!(send("text/html", "file", b"<script>alert(1)</script>").await.expect(415)["code"], "unsupported_media_type");
    let long = vec![0; 11 * 1024 * 1024];
    assert_eq!(send("video/mp4", "file", &long).await.expect(413)["code"], "payload_too_large");
    let no_form = server.post(routes::MEDIA_UPLOAD_FILE, &[("x-session-token", &token)], &json!({})).await;
    assert_eq!(no_form.expect(422)["code"], "validation_error");
}

#[tokio::test]
async fn a_repeated_file_is_one_whatever_its_form_looks_like() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let send = async |boundary: &str, bytes: &[u8]| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: image/jpeg\r\n\r\n");
        let body = [head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        let kind = format!("multipart/form-data; boundary={boundary}");
        let headers = [("x-session-token", token.as_str()), ("content-type", kind.as_str()), ("idempotency-key", "once")];
        server.send(request("POST", routes::MEDIA_UPLOAD_FILE, &headers).body(Body::from(body)).unwrap()).await
    };
    let first = send("one", PHOTO).await.expect(200);
    assert_eq!(send("two", PHOTO).await.expect(200), first);
    assert_eq!(files(&server).len(), 1);
    assert_eq!(send("two", FILM).await.expect(422)["code"], "idempotency_mismatch");
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let send = async |kind: &str, mime_type: &str, data: String| {
        let body = json!({"type": kind, "data": data, "mime_type": mime_type});
        server.post(routes::MEDIA_UPLOAD, &[("x-session-token", &token)], &body).await
    };
    let encoded = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    for (kind, mime_type, data, status, code) in [
        (
            "image",
            "image/svg+xml",
            encoded(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            415,
            "unsupported_media_type",
        ),
        ("image", "image/jpeg", encoded(b"<html><script>alert(1)</script>"), 415, "unsupported_media_type"),
        ("image", "text/html", encoded(PHOTO), 415, "unsupported_media_type"),
        ("video", "image/jpeg", encoded(PHOTO), 415, "unsupported_media_type"),
        ("image", "image/jpeg", "%%%".into(), 422, "validation_error"),
        ("sound", "audio/wav", encoded(PHOTO), 422, "validation_error"),
        ("image", "image/jpeg", encoded(&[PHOTO, &vec![0; 5 * 1024 * 1024]].concat()), 413, "payload_too_large"),
    ] {
        assert_eq!(send(kind, mime_type, data).await.expect(status)["code"], code, "{kind} {mime_type}");
    }
    assert!(files(&server).is_empty(), "nothing of it is left");
    let huge = json!({"message": "x".repeat(38 * 1024 * 1024)});
    assert_eq!(server.post(routes::CHAT, &[("x-session-token", &token)], &huge).await.expect(413)["code"], "payload_too_large");
}

#[tokio::test]
async fn one_sender_cannot_fill_the_disk() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let send = async || server.post(routes::MEDIA_UPLOAD, &[("x-session-token", &token)], &photo()).await;
    for _ in 0..50 {
        send().await.expect(200);
    }
    assert_eq!(send().await.expect(413)["code"], "payload_too_large");
    assert_eq!(files(&server).len(), 50, "what is not kept is deleted at once");
    for _ in 0..9 {
        send().await.expect(413);
    }
    assert_eq!(send().await.expect(429)["code"], "rate_limited");
}

#[tokio::test]
async fn photos_of_a_message_go_with_what_it_asks_for() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let say = async |body: Value| server.post(routes::CHAT, &[("x-session-token", &token)], &body).await.expect(200);
    let body = say(json!({"media": [photo()]})).await;
    assert!(body["message"].as_str().unwrap().contains("cannot see"), "nobody pretends to have looked: {body}");
    assert_eq!(body["data"]["media"][0]["mime_type"], "image/jpeg");
    let body = say(json!({"message": "I need a tailor for this", "media": [photo()]})).await;
    assert_eq!(body["draft"]["media"][0]["url"], body["data"]["media"][0]["url"]);
    let broken = json!({"message": "hi", "media": [photo(), {"type": "image", "data": "AAAA", "mime_type": "image/png"}]});
    assert_eq!(server.post(routes::CHAT, &[("x-session-token", &token)], &broken).await.status, 415);
    assert_eq!(files(&server).len(), 2, "a message is taken whole or not at all");
}
