//! Two servers' facts side by side, and the differences that the guide lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::facts::Facts;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub step: String,
    pub fact: String,
    pub real: String,
    pub other: String,
}

pub fn compare(real: &BTreeMap<String, Facts>, other: &BTreeMap<String, Facts>) -> Vec<Difference> {
    let mut all = Vec::new();
    let steps: BTreeSet<&String> = real.keys().chain(other.keys()).collect();
    let none = Facts::new();
    for step in steps {
        let (a, b) = (real.get(step).unwrap_or(&none), other.get(step).unwrap_or(&none));
        let facts: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for fact in facts {
            if a.get(fact) != b.get(fact) {
                all.push(Difference {
                    step: step.clone(),
                    fact: fact.clone(),
                    real: shown(a.get(fact)),
                    other: shown(b.get(fact)),
                });
            }
        }
    }
    all
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// The table of `docs/embedded.md`: request, fact, real server, embedded server, why. A `*` stands
/// for anything.
pub struct Differences(Vec<[String; 4]>);

impl Differences {
    pub fn listed() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/embedded.md");
        let text = std::fs::read_to_string(path).expect("the guide is there");
        let rows = text
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|line| {
                let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
                assert_eq!(cells.len(), 5, "request, fact, real, embedded, why: {line}");
                let cell = |at: usize| cells[at].trim_matches('`').replace("\\|", "|");
                [cell(0), cell(1), cell(2), cell(3)]
            })
            .collect();
        Self(rows)
    }

    /// Differences that no row names, and rows that name none.
    pub fn check(&self, found: &[Difference]) -> (Vec<Difference>, Vec<String>) {
        let covers = |row: &[String; 4], d: &Difference| {
            let pairs = [
                (&row[0], &d.step),
                (&row[1], &d.fact),
                (&row[2], &d.real),
                (&row[3], &d.other),
            ];
            pairs.into_iter().all(|(pattern, text)| fits(pattern, text))
        };
        let unlisted = found
            .iter()
            .filter(|d| !self.0.iter().any(|row| covers(row, d)))
            .cloned()
            .collect();
        let idle = self.0.iter().filter(|row| !found.iter().any(|d| covers(row, d)));
        (unlisted, idle.map(|row| row.join(" | ")).collect())
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("table *", "table pods") && fits("*", "") && fits("a*c*e", "abcde"));
        assert!(!fits("table *", "list pods") && !fits("a*c", "ab") && !fits("ab", "abc"));
    }
}
