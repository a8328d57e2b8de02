//! Finding products by words and by what they are.

use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::look;
use crate::{ShelfProduct, ShelfSearch, StoreError, shelf::MOST_WORDS};

/// Products of one tier that are compared, those that have been in the shop longest. Words that more of them have say little, and
/// comparing all of them would take longer than people wait.
const COMPARED: u32 = 500;
/// Letters of a word that count.
const LONGEST_WORD: usize = 40;
/// Columns that say what a product is.
const TELLING: &str = "{sku name subcategory category color brand}";

pub(super) async fn search(readers: &SqlitePool, search: &ShelfSearch) -> Result<Vec<ShelfProduct>, StoreError> {
    let Some(expression) = expression(search) else {
        // Words without a letter are met by nothing.
        let meets_nothing = search.words.iter().flatten().any(|word| !word.trim().is_empty());
        let numbers = if meets_nothing { Vec::new() } else { listed(readers, search).await? };
        return look::numbered(readers, &numbers).await;
    };
    let limit = search.limit as usize;
    let named = whole_sku(readers, search).await?;
    let mut best = Vec::<Met>::new();
    // What says what the products are counts before what is said about them.
    for tier in [format!("{TELLING} : ({expression})"), expression] {
        for met in best_of(readers, &tier, search).await? {
            if named != Some(met.number) && best.iter().all(|better| better.number != met.number) {
                best.push(met);
            }
        }
        if best.iter().filter(|met| met.in_stock).count() >= limit {
            break;
        }
    }
    best.sort_by_key(|met| !met.in_stock);
    let numbers: Vec<i64> = named.into_iter().chain(best.iter().map(|met| met.number)).take(limit).collect();
    look::numbered(readers, &numbers).await
}

/// A product that meets a search.
#[derive(sqlx::FromRow)]
struct Met {
    number: i64,
    in_stock: bool,
}

/// The product of which somebody typed the whole SKU: it is what they mean, in stock or not, and however many SKUs begin so.
async fn whole_sku(readers: &SqlitePool, search: &ShelfSearch) -> Result<Option<i64>, StoreError> {
    let ([words], []) = (search.words.as_slice(), search.colors.as_slice()) else { return Ok(None) };
    let [word] = words.as_slice() else { return Ok(None) };
    let mut query = QueryBuilder::new("SELECT number FROM product JOIN facet USING (number) WHERE sku IN (");
    let mut list = query.separated(", ");
    for spelling in [word.clone(), word.to_uppercase(), word.to_lowercase()] {
        list.push_bind(spelling);
    }
    query.push(")");
    filter(&mut query, search);
    Ok(query.build_query_scalar().fetch_optional(readers).await?)
}

/// The best that meet the expression: in stock first, then by their ratings.
async fn best_of(readers: &SqlitePool, expression: &str, search: &ShelfSearch) -> Result<Vec<Met>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "SELECT number, in_stock FROM (
         SELECT facet.number AS number, facet.everywhere > 0 AS in_stock, facet.rating AS rating
         FROM words CROSS JOIN facet ON facet.number = words.rowid WHERE words MATCH ",
    );
    query.push_bind(expression);
    filter(&mut query, search);
    query.push(" LIMIT ").push_bind(COMPARED);
    query.push(") ORDER BY in_stock DESC, rating DESC, number LIMIT ").push_bind(search.limit);
    Ok(query.build_query_as().fetch_all(readers).await?)
}

/// The products of a search without words.
async fn listed(readers: &SqlitePool, search: &ShelfSearch) -> Result<Vec<i64>, StoreError> {
    let mut query = QueryBuilder::new("SELECT facet.number FROM facet WHERE true");
    filter(&mut query, search);
    query.push(" ORDER BY facet.everywhere > 0 DESC, facet.rating DESC, facet.number LIMIT ").push_bind(search.limit);
    Ok(query.build_query_scalar().fetch_all(readers).await?)
}

fn filter(query: &mut QueryBuilder<Sqlite>, search: &ShelfSearch) {
    if !search.categories.is_empty() {
        query.push(" AND (facet.category IN ");
        folded_list(query, &search.categories);
        query.push(" OR facet.subcategory IN ");
        folded_list(query, &search.categories);
        query.push(")");
    }
    if !search.genders.is_empty() {
        query.push(" AND facet.gender IN ");
        folded_list(query, &search.genders);
    }
    if !search.sizes.is_empty() {
        query.push(" AND (false");
        for size in &search.sizes {
            query.push(" OR instr(facet.sizes, ").push_bind(format!("|{}|", fold(size))).push(") > 0");
        }
        query.push(")");
    }
    if let Some(least) = search.min_price_minor {
        query.push(" AND facet.price_minor >= ").push_bind(least);
    }
    if let Some(most) = search.max_price_minor {
        query.push(" AND facet.price_minor <= ").push_bind(most);
    }
}

fn folded_list(query: &mut QueryBuilder<Sqlite>, texts: &[String]) {
    query.push("(");
    let mut list = query.separated(", ");
    for text in texts {
        list.push_bind(fold(text));
    }
    query.push(")");
}

/// A text as those that compare without case are kept.
pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The search as an FTS5 expression; none where no word has a letter or digit.
fn expression(search: &ShelfSearch) -> Option<String> {
    let groups = search.words.iter().take(MOST_WORDS).filter_map(|words| alternatives(words));
    let colors = alternatives(&search.colors).map(|colors| format!("{{name color}} : {colors}"));
    let groups: Vec<String> = groups.chain(colors).collect();
    (!groups.is_empty()).then(|| groups.join(" AND "))
}

fn alternatives(words: &[String]) -> Option<String> {
    let words: Vec<String> = words
        .iter()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        // A word such as `t-shirt` is a phrase of its parts, as the tokenizer has them.
        .map(|word| word.chars().filter(|letter| !matches!(letter, '"' | '\0')).take(LONGEST_WORD).collect::<String>())
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| format!("({})", words.join(" OR ")))
}
