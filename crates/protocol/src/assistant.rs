//! The documented assistant: messages over HTTP, and recommendation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Timestamp,
    catalogue::ProductCard,
    ids::{CustomerId, Sku},
};

/// `POST /api/message`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageRequest {
    /// 1 to 4 000 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 4_000))]
    pub message: String,
    /// Who asks; nobody for a guest.
    #[serde(default)]
    pub session_token: Option<String>,
    /// Given back as it came.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<Map<String, Value>>,
}

impl std::fmt::Debug for MessageRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageRequest").finish_non_exhaustive()
    }
}

/// Answer of message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageResponse {
    /// What the shop says.
    pub reply: String,
    /// The token of the conversation. Secret.
    pub session_token: String,
    /// When.
    pub timestamp: Timestamp,
    /// How it went.
    pub metadata: MessageMetadata,
    /// What was understood.
    pub intent_info: IntentInfo,
    /// Products to show.
    pub cards: Vec<ProductCard>,
}

/// How an answer came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageMetadata {
    /// False where the assistant could not answer.
    pub processed: bool,
    /// What answered.
    pub worker: String,
    /// As it was sent.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub original_metadata: Map<String, Value>,
    /// `new` or `replaced` where the token sent opened nothing and a guest's session was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `assistant_unavailable` where there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntentInfo {
    /// Such as `recommendation`.
    pub intent: String,
    /// 0 to 1.
    pub confidence: f64,
    /// What was named.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub entities: Map<String, Value>,
    /// `rules`, or `error_fallback`.
    pub method: String,
}

/// `POST /recommend`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecommendRequest {
    /// A customer's id.
    pub customer_id: String,
    /// `normal` (default), `gifting_genius` or `trendseer`.
    #[serde(default)]
    pub mode: Option<String>,
    /// What is wanted.
    #[serde(default)]
    pub intent: Option<RecommendIntent>,
    /// Not to be shown again.
    #[serde(default)]
    pub current_cart_skus: Option<Vec<Sku>>,
    /// 1 to 20; default 5.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 20))]
    pub limit: Option<i64>,
    /// Of a gift.
    #[serde(default)]
    pub recipient_relation: Option<String>,
    /// Of a gift.
    #[serde(default)]
    pub recipient_gender: Option<String>,
    /// Of a gift.
    #[serde(default)]
    pub interests: Option<Vec<String>>,
    /// Of a gift.
    #[serde(default)]
    pub occasion: Option<String>,
    /// Of a gift: only what comes in one size.
    #[serde(default)]
    pub safe_sizes_only: Option<bool>,
    /// Of a gift.
    #[serde(default)]
    pub preferred_brands: Option<Vec<String>>,
}

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecommendIntent {
    /// Such as `Footwear`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Such as `wedding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occasion: Option<String>,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// In the shop's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_min: Option<f64>,
    /// In the shop's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_max: Option<f64>,
}

/// A recommended product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecommendedProduct {
    /// The product.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// Maker.
    pub brand: Option<String>,
    /// Such as `Footwear`.
    pub category: String,
    /// Such as `Sports Shoes`.
    pub subcategory: Option<String>,
    /// In `currency`.
    pub price: f64,
    /// In the smallest unit.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// 0 to 5.
    pub rating: Option<f64>,
    /// Always true: what is out of stock is left out.
    pub in_stock: bool,
    /// Path of the picture.
    pub image: String,
    /// The same, for clients that look here.
    pub image_url: String,
    /// Why this one.
    pub personalized_reason: Option<String>,
    /// For presents.
    pub gift_message: Option<String>,
    /// For presents.
    pub gift_suitability: Option<String>,
    /// For what others like.
    pub trend_capsule: Option<String>,
}

/// Answer of recommend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecommendResponse {
    /// The best first.
    pub recommended_products: Vec<RecommendedProduct>,
    /// Something better of the same kind.
    pub upsell: Option<RecommendedProduct>,
    /// Something of another kind.
    pub cross_sell: Option<RecommendedProduct>,
    /// For people; names nobody unless the caller may know whom.
    pub personalized_reasoning: String,
    /// For whom and how.
    pub metadata: RecommendMetadata,
}

/// For whom and how something was recommended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecommendMetadata {
    /// As it was asked.
    pub customer_id: CustomerId,
    /// Bronze where the caller may not know.
    pub loyalty_tier: String,
    /// How it was chosen.
    pub mode: String,
    /// 0 where the caller may not know.
    pub past_purchases_count: u64,
    /// As it was asked.
    pub intent: RecommendIntent,
    /// When.
    pub timestamp: Timestamp,
}
