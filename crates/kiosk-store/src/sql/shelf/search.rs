//! Finding products by words and by what they are.

use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::look;
use crate::{ShelfProduct, ShelfSearch, StoreError, shelf::MOST_WORDS};

/// Products that are ranked by their words. Words that more of them have say little, and counting them all would take longer than
/// people wait: then the names count before descriptions, then the ratings, among those that have been in the shop longest.
const RANKED: u32 = 500;
/// How well the words are met.
const BY_WORDS: &str = "bm25(words, 10.0, 10.0, 8.0, 6.0, 6.0, 3.0, 1.0, 1.0), ";
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
    let last = last_ranked(readers, &expression, search).await?;
    let mut numbers = Vec::new();
    if last.is_some() {
        let telling = format!("{TELLING} : ({expression})");
        let last_telling = last_ranked(readers, &telling, search).await?;
        numbers = ranked(readers, &telling, search, last_telling).await?;
    }
    if numbers.len() < search.limit as usize {
        for number in ranked(readers, &expression, search, last).await? {
            if numbers.len() < search.limit as usize && !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    look::numbered(readers, &numbers).await
}

/// The best of those up to `last`, or of all.
async fn ranked(readers: &SqlitePool, expression: &str, search: &ShelfSearch, last: Option<i64>) -> Result<Vec<i64>, StoreError> {
    let mut query = matching("SELECT words.rowid", expression, search);
    if let Some(last) = last {
        query.push(" AND words.rowid <= ").push_bind(last);
    }
    query
        .push(" ORDER BY facet.everywhere > 0 DESC, ")
        .push(if last.is_none() { BY_WORDS } else { "" })
        .push("facet.rating DESC, 1 LIMIT ")
        .push_bind(search.limit);
    Ok(query.build_query_scalar().fetch_all(readers).await?)
}

/// The last of the products that are ranked, where there are more that meet the search.
async fn last_ranked(readers: &SqlitePool, expression: &str, search: &ShelfSearch) -> Result<Option<i64>, StoreError> {
    let mut query = matching("SELECT words.rowid", expression, search);
    query.push(" ORDER BY words.rowid LIMIT 1 OFFSET ").push_bind(RANKED);
    Ok(query.build_query_scalar().fetch_optional(readers).await?)
}

fn matching(select: &str, expression: &str, search: &ShelfSearch) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(select);
    query.push(" FROM words CROSS JOIN facet ON facet.number = words.rowid WHERE words MATCH ").push_bind(expression.to_owned());
    filter(&mut query, search);
    query
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
