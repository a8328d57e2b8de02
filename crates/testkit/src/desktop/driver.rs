//! A WebDriver session (W3C WebDriver 2), spoken directly: the drivers of WebKit and Chromium understand the same few commands.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{answer::client, wait};

/// Longest time a driver's command may take.
const LIMIT: Duration = Duration::from_mins(1);
/// The key of an element's reference (WebDriver section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session with a page.
#[derive(Clone, Debug)]
pub struct WebDriver {
    http: reqwest::Client,
    session: String,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub struct Element(String);

impl WebDriver {
    /// Opens a session at the driver that listens on `port` of the loopback interface.
    ///
    /// # Errors
    /// The driver does not answer, or cannot start what the capabilities name.
    pub async fn open(port: u16, capabilities: Value) -> Result<Self> {
        let http = client()?;
        let driver = format!("http://127.0.0.1:{port}");
        wait::until_true("the driver answers", LIMIT, async || Ok(http.get(format!("{driver}/status")).send().await.is_ok()))
            .await?;
        let body = json!({"capabilities": {"alwaysMatch": capabilities}});
        let opened = command(&http, Method::POST, &format!("{driver}/session"), Some(&body)).await?;
        let id = opened["sessionId"].as_str().context("the driver gave no session")?;
        Ok(Self { http, session: format!("{driver}/session/{id}") })
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        command(&self.http, method, &format!("{}{path}", self.session), body.as_ref()).await
    }

    /// Opens an address.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn goto(&self, address: &str) -> Result<()> {
        self.call(Method::POST, "/url", Some(json!({"url": address}))).await.map(drop)
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn reload(&self) -> Result<()> {
        self.call(Method::POST, "/refresh", Some(json!({}))).await.map(drop)
    }

    /// The address of the page.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn address(&self) -> Result<String> {
        Ok(self.call(Method::GET, "/url", None).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a function body in the page; its `return` is the value.
    ///
    /// # Errors
    /// The script throws.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.call(Method::POST, "/execute/sync", Some(json!({"script": script, "args": arguments}))).await
    }

    /// The first element that matches, if one is there now.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn look(&self, css: &str) -> Result<Option<Element>> {
        Ok(self.look_for_all(css).await?.into_iter().next())
    }

    /// All elements that match now.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn look_for_all(&self, css: &str) -> Result<Vec<Element>> {
        let found = match self.call(Method::POST, "/elements", Some(json!({"using": "css selector", "value": css}))).await {
            Ok(found) => found,
            // What the page took away while it was being looked at is not there.
            Err(error) if is_stale(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let elements = found.as_array().into_iter().flatten();
        Ok(elements.filter_map(|element| element[ELEMENT].as_str()).map(|id| Element(id.to_owned())).collect())
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// None comes within `limit`; the error shows the page's text.
    pub async fn find_within(&self, css: &str, limit: Duration) -> Result<Element> {
        let found = wait::until(&format!("{css} on the page"), limit, async || self.look(css).await).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => Err(error.context(format!("the page shows:\n{}", self.page_text().await.unwrap_or_default()))),
        }
    }

    /// Waits for an element a while.
    ///
    /// # Errors
    /// None comes.
    pub async fn find(&self, css: &str) -> Result<Element> {
        self.find_within(css, Duration::from_secs(15)).await
    }

    /// Waits until nothing matches.
    ///
    /// # Errors
    /// It stays.
    pub async fn gone(&self, css: &str, limit: Duration) -> Result<()> {
        wait::until_true(&format!("{css} leaves the page"), limit, async || Ok(self.look(css).await?.is_none())).await
    }

    /// Touches an element, as a finger would: where it stands on the screen, and only if nothing covers it.
    ///
    /// # Errors
    /// It is not there, or covered.
    pub async fn click(&self, css: &str) -> Result<()> {
        // A page that redraws itself between finding and touching hands out a dead reference; a finger would not notice.
        let mut last = anyhow!("{css} is not on the page");
        for _ in 0..5 {
            let element = self.find(css).await?;
            match self.call(Method::POST, &format!("/element/{}/click", element.0), Some(json!({}))).await {
                Ok(_) => return Ok(()),
                Err(error) if is_stale(&error) => last = error,
                Err(error) => return Err(error.context(format!("touching {css}"))),
            }
        }
        Err(last)
    }

    /// Types into an element, key by key.
    ///
    /// # Errors
    /// It is not there, or takes no keys.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let element = self.find(css).await?;
        let typed = self.call(Method::POST, &format!("/element/{}/value", element.0), Some(json!({"text": text}))).await;
        typed.map(drop).with_context(|| format!("typing into {css}"))
    }

    /// The text that is drawn in the first match, waiting for it.
    ///
    /// # Errors
    /// It is not there.
    pub async fn text(&self, css: &str) -> Result<String> {
        let element = self.find(css).await?;
        let text = self.call(Method::GET, &format!("/element/{}/text", element.0), None).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of the first match, if it is there now and has it.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn attribute(&self, css: &str, name: &str) -> Result<Option<String>> {
        let script = "const found = document.querySelector(arguments[0]); return found && found.getAttribute(arguments[1]);";
        Ok(self.run(script, &[json!(css), json!(name)]).await?.as_str().map(ToOwned::to_owned))
    }

    /// Everything the page says.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn page_text(&self) -> Result<String> {
        Ok(self.run("return document.body ? document.body.innerText : '';", &[]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page says `text`.
    ///
    /// # Errors
    /// It does not within `limit`; the error shows what it says.
    pub async fn says(&self, text: &str, limit: Duration) -> Result<()> {
        let said =
            wait::until_true(&format!("the page says {text:?}"), limit, async || Ok(self.page_text().await?.contains(text)))
                .await;
        match said {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("the page shows:\n{}", self.page_text().await.unwrap_or_default()))),
        }
    }

    /// A PNG of the page.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = self.call(Method::GET, "/screenshot", None).await?;
        Ok(BASE64_STANDARD.decode(picture.as_str().unwrap_or_default())?)
    }

    /// A command of one driver alone, below the session's address.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn vendor(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Ends the session and the program behind it.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn close(self) -> Result<()> {
        self.call(Method::DELETE, "", None).await.map(drop)
    }
}

/// Whether the page has taken the element away meanwhile.
fn is_stale(error: &anyhow::Error) -> bool {
    error.to_string().contains("stale element")
}

async fn command(http: &reqwest::Client, method: Method, address: &str, body: Option<&Value>) -> Result<Value> {
    let mut request = http.request(method, address).timeout(LIMIT);
    if let Some(body) = body {
        request = request.json(body);
    }
    let mut answer: Value =
        request.send().await.context("the driver does not answer")?.json().await.context("the driver's answer is no JSON")?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        bail!("{error}: {}", value["message"].as_str().unwrap_or_default());
    }
    Ok(value)
}
