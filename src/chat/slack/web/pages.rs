//! Lists that Slack hands out page by page.

use super::CallError;

/// No workspace has more pages of users or channels than this.
pub const MOST_PAGES: usize = 5_000;

/// A page of something.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// The pages of a list, one after the other.
#[derive(Debug)]
pub struct Followed<T> {
    /// The rows of all of them.
    pub rows: Vec<T>,
    /// Whether that was the whole list.
    pub whole: bool,
}

/// Follows a list through at most `most` pages, each read by `page` from where the last one ended. A list
/// that begins anew where it ended is not followed in a circle.
///
/// # Errors
/// When one of the pages cannot be read.
pub async fn follow<T, Reading>(
    most: usize,
    mut page: impl FnMut(Option<String>) -> Reading,
) -> Result<Followed<T>, CallError>
where
    Reading: Future<Output = Result<Page<T>, CallError>>,
{
    let mut rows = Vec::new();
    let mut cursor = None;
    for _ in 0..most {
        let read = page(cursor.clone()).await?;
        rows.extend(read.rows);
        match read.next {
            None => return Ok(Followed { rows, whole: true }),
            next if next == cursor => break,
            next => cursor = next,
        }
    }
    Ok(Followed { rows, whole: false })
}
