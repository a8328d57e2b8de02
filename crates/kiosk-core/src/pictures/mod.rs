//! Product pictures: from memory, from the folder, from the server.
//!
//! What the attract screen shows is everybody's and stays on the disk, and so is what [`Ahead`] fetches of the catalogue while
//! nobody is there. Any other picture was fetched because somebody looked at it: it is held in memory alone, and only until they
//! leave, so that no set of pictures tells what one customer looked at. For the same reason a look writes nothing to the disk.

mod ahead;
mod folder;
mod memory;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use protocol::{
    ApiError, Clock, ErrorCode, routes,
    view::{Screen, View},
};
use reqwest::{StatusCode, header};
use tokio::sync::watch;
use url::Url;

pub(crate) use ahead::{Ahead, PAUSE as PAUSE_BETWEEN_PICTURES};
use folder::Folder;
use memory::{Memory, Owner};

/// Largest picture.
const LARGEST: usize = 8 << 20;
/// From the first byte sent to the last one received.
const WHOLE_CALL: Duration = Duration::from_secs(15);

/// Pictures by the end of their name: what a kiosk shows, and nothing that runs.
const KINDS: [(&str, &str); 7] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("gif", "image/gif"),
];

/// A picture for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Such as `image/svg+xml`.
    pub content_type: String,
    /// The file.
    pub bytes: Bytes,
}

/// The kiosk's pictures.
pub(crate) struct Pictures {
    http: reqwest::Client,
    /// Without a slash at its end.
    base: String,
    folder: Folder,
    clock: Arc<dyn Clock>,
    memory: Mutex<Memory>,
    views: watch::Receiver<Arc<View>>,
}

impl Pictures {
    pub(crate) fn new(
        http: reqwest::Client,
        server: &Url,
        data_dir: &Path,
        clock: Arc<dyn Clock>,
        views: watch::Receiver<Arc<View>>,
    ) -> Self {
        let base = server.as_str().trim_end_matches('/').to_owned();
        Self { http, base, folder: Folder::new(data_dir.join("pictures")), clock, memory: Mutex::default(), views }
    }

    /// Forgets what a visit looked at when it is over, until the core ends.
    pub(crate) async fn follow(self: Arc<Self>) {
        self.folder.sweep().await;
        let mut views = self.views.clone();
        views.mark_changed();
        let mut visited = false;
        while views.changed().await.is_ok() {
            let visiting = matches!(views.borrow_and_update().screen, Screen::Conversation(_));
            if visited && !visiting {
                self.with_memory(Memory::leave);
            }
            visited = visiting;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Picture, ApiError> {
        let (name, content_type) = name(path).ok_or_else(not_found)?;
        let picture = |bytes| Picture { content_type: content_type.to_owned(), bytes };
        let owner = self.owner(path);
        let visit = self.with_memory(|memory| memory.visit());
        if let Some(bytes) = self.with_memory(|memory| memory.get(name)) {
            return Ok(picture(bytes));
        }
        let kept = self.folder.get(name, self.clock.as_ref()).await;
        if let Some((bytes, true)) = kept {
            self.with_memory(|memory| memory.put(name, owner, &bytes, visit));
            return Ok(picture(bytes));
        }
        match (self.fetch(name).await, kept) {
            (Ok(bytes), _) => {
                self.with_memory(|memory| memory.put(name, owner, &bytes, visit));
                if owner == Owner::Shop {
                    self.folder.put(name, &bytes).await;
                }
                Ok(picture(bytes))
            }
            (Err(error), Some((bytes, _))) if is_passing(&error) => Ok(picture(bytes)),
            (Err(error), _) => Err(error),
        }
    }

    /// The shop's own is what the attract screen shows.
    fn owner(&self, path: &str) -> Owner {
        match &self.views.borrow().screen {
            Screen::Attract(attract) if attract.featured.iter().any(|product| product.image == path) => Owner::Shop,
            _ => Owner::Visit,
        }
    }

    fn with_memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        // Nothing panics while it holds the lock, and half a picture is a picture too many at worst.
        work(&mut self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    async fn fetch(&self, name: &str) -> Result<Bytes, ApiError> {
        let out_of_reach =
            |_| ApiError::new(ErrorCode::ServerUnreachable, "The picture cannot be fetched now; the server does not answer.");
        let address = format!("{}{}/{name}", self.base, routes::IMAGES);
        let mut response = self.http.get(address).timeout(WHOLE_CALL).send().await.map_err(out_of_reach)?;
        if response.status().is_server_error() {
            return Err(ApiError::new(ErrorCode::ServerUnreachable, "The picture cannot be fetched now; the server fails."));
        }
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            return Err(ApiError::new(ErrorCode::RateLimited, "The picture cannot be fetched now; the server asks to wait."));
        }
        let is_picture = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("image/"));
        if !response.status().is_success() || !is_picture {
            return Err(not_found());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(out_of_reach)? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(ApiError::new(
                    ErrorCode::PayloadTooLarge,
                    "The picture is too large for the kiosk; make it smaller than 8 MiB.",
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.into())
    }
}

/// File name and content type of a picture's path, or none where it is not the path of a picture.
fn name(path: &str) -> Option<(&str, &'static str)> {
    let name = path.strip_prefix(routes::IMAGES)?.strip_prefix('/')?;
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if name.len() > 128 || name.starts_with('.') || !name.chars().all(safe) {
        return None;
    }
    let (_, end) = name.rsplit_once('.')?;
    let (_, content_type) = KINDS.into_iter().find(|(kind, _)| end.eq_ignore_ascii_case(kind))?;
    Some((name, content_type))
}

/// Whether the picture may come another time.
fn is_passing(error: &ApiError) -> bool {
    matches!(error.code, ErrorCode::ServerUnreachable | ErrorCode::RateLimited)
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such picture.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_in_their_folder_have_a_name() {
        assert_eq!(name("/images/SKU-1070.svg"), Some(("SKU-1070.svg", "image/svg+xml")));
        assert_eq!(name("/images/a.JPG"), Some(("a.JPG", "image/jpeg")));
        for path in [
            "/images/../outbox.db",
            "/images/.svg",
            "/images/a/b.svg",
            "/images/a.html",
            "/images/",
            "images/a.svg",
            "/images/a%2e.svg",
            "/images/..svg",
        ] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    pub(super) async fn shop() -> Url {
        failing_at_first(0).await
    }

    /// A shop whose first answers are that it is too busy or failing. It has no picture called `missing.svg`.
    pub(super) async fn failing_at_first(times: usize) -> Url {
        use axum::{
            Router,
            extract::Path,
            http::{StatusCode, header},
            response::IntoResponse as _,
            routing::get,
        };
        let left = Arc::new(Mutex::new(times));
        let answer = |left: &Mutex<usize>, name: &str| {
            let mut left = left.lock().unwrap();
            match *left {
                0 if name == "missing.svg" => StatusCode::NOT_FOUND.into_response(),
                0 => ([(header::CONTENT_TYPE, "image/svg+xml")], "<svg/>").into_response(),
                more => {
                    *left -= 1;
                    if more % 2 == 0 { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::BAD_GATEWAY }.into_response()
                }
            }
        };
        let picture = move |Path(name): Path<String>| {
            let answer = answer(&left, &name);
            async move { answer }
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/images/{name}", get(picture));
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}").parse().unwrap()
    }

    pub(super) fn view(screen: Screen) -> Arc<View> {
        use protocol::{shop, view};
        let frame = view::Frame {
            shop_name: String::new(),
            theme: shop::Theme::default(),
            languages: Vec::new(),
            store_name: None,
            opening_hours: None,
            online: true,
            voice: view::VoiceView::default(),
        };
        Arc::new(View { number: 1, locale: shop::Locale::En, frame, screen, overlay: None, notice: None })
    }

    pub(super) fn attract() -> Screen {
        let featured = protocol::catalogue::FeaturedProduct {
            sku: "SKU-1".into(),
            name: "One".into(),
            image: "/images/SKU-1.svg".into(),
            color_hex: None,
        };
        Screen::Attract(protocol::view::AttractView { code: None, featured: vec![featured] })
    }

    pub(super) fn conversation() -> Screen {
        Screen::Conversation(protocol::view::ConversationView {
            who: protocol::view::Who::Guest,
            entries: Vec::new(),
            cart: protocol::view::CartView::default(),
            profile: None,
            thinking: false,
        })
    }

    pub(super) fn open(server: &Url, place: &Path, shown: &watch::Receiver<Arc<View>>) -> Arc<Pictures> {
        let clock = Arc::new(protocol::ambient::SystemClock::new());
        Arc::new(Pictures::new(crate::http_client().unwrap(), server, place, clock, shown.clone()))
    }

    #[tokio::test]
    async fn the_shops_pictures_stay_and_a_customers_are_never_on_the_disk() {
        let (server, place) = (shop().await, tempfile::tempdir().unwrap());
        let (views, shown) = watch::channel(view(attract()));
        let open = |server: &Url| open(server, place.path(), &shown);
        let pictures = open(&server);
        tokio::spawn(Arc::clone(&pictures).follow());
        pictures.get("/images/SKU-1.svg").await.unwrap();
        views.send_replace(view(conversation()));
        // The follower has seen the conversation once this copy has.
        let held = |name: &'static str| pictures.with_memory(move |memory| memory.get(name).is_some());
        pictures.get("/images/SKU-2.svg").await.unwrap();
        assert!(held("SKU-2.svg") && held("SKU-1.svg"));
        let files = || std::fs::read_dir(place.path().join("pictures")).unwrap().count();
        assert_eq!(files(), 1, "a picture that a customer looked at is on the disk");

        views.send_replace(view(Screen::Goodbye { reason: protocol::kiosk_session::EndReason::Done, guest: true }));
        tokio::time::timeout(Duration::from_secs(1), async {
            while held("SKU-2.svg") {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert!(held("SKU-1.svg"));

        // The next start has the shop's picture, and nobody's else, without a server.
        let again = open(&"http://127.0.0.1:9".parse().unwrap());
        assert_eq!(&again.get("/images/SKU-1.svg").await.unwrap().bytes[..], b"<svg/>");
        assert_eq!(again.get("/images/SKU-2.svg").await.unwrap_err().code, ErrorCode::ServerUnreachable);
    }
}
