//! `kglass sessions`.

use super::answer::{Answer, print};
use super::layers;
use crate::review;

pub fn list(json: bool) -> anyhow::Result<Answer> {
    let index = review::sessions(&layers::paths()?.sessions())?;
    print(&if json {
        review::json(&index).to_string()
    } else {
        review::text(&index)
    })?;
    Ok(Answer::Good)
}
