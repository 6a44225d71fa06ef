//! A line of the shell taken apart: steps joined by `;`, `&&`, `||`, each a list of words with its
//! variables filled in. Of redirections only those that silence are known.

pub(super) struct Step {
    pub words: Vec<String>,
    /// Its output goes to `/dev/null`.
    pub silent: bool,
    joint: Joint,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    Always,
    IfWell,
    IfNot,
}

impl Step {
    pub fn runs_after(&self, last: i32) -> bool {
        match self.joint {
            Joint::Always => true,
            Joint::IfWell => last == 0,
            Joint::IfNot => last != 0,
        }
    }
}

pub(super) fn steps(line: &str, environment: &[(String, String)], last: i32) -> Vec<Step> {
    let mut all = Vec::new();
    let mut joint = Joint::Always;
    let mut words: Vec<String> = Vec::new();
    for word in split(line) {
        let next = match word.as_str() {
            ";" => Some(Joint::Always),
            "&&" => Some(Joint::IfWell),
            "||" => Some(Joint::IfNot),
            _ => None,
        };
        match next {
            Some(next) => {
                all.extend(step(std::mem::take(&mut words), joint));
                joint = next;
            }
            None => words.push(filled(&word, environment, last)),
        }
    }
    all.extend(step(words, joint));
    all
}

fn step(mut words: Vec<String>, joint: Joint) -> Option<Step> {
    let count = words.len();
    words.retain(|w| !matches!(w.as_str(), ">/dev/null" | "2>/dev/null" | "2>&1"));
    let silent = words.len() < count;
    (!words.is_empty()).then_some(Step { words, silent, joint })
}

/// Words and joints; quotes hold a word together.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted: Option<char> = None;
    let mut chars = line.chars().peekable();
    let end = |word: &mut String, words: &mut Vec<String>| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (Some(quote), c) if c == quote => quoted = None,
            (None, '\'' | '"') => quoted = Some(c),
            (None, ';' | '\n') => {
                end(&mut word, &mut words);
                words.push(";".to_owned());
            }
            (None, '&' | '|') if chars.peek() == Some(&c) => {
                chars.next();
                end(&mut word, &mut words);
                words.push(format!("{c}{c}"));
            }
            (None, c) if c.is_whitespace() => {
                // `> /dev/null` is `>/dev/null`.
                if !word.ends_with('>') {
                    end(&mut word, &mut words);
                }
            }
            _ => word.push(c),
        }
    }
    end(&mut word, &mut words);
    words
}

fn filled(word: &str, environment: &[(String, String)], last: i32) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(tail) = after.strip_prefix('?') {
            out.push_str(&last.to_string());
            rest = tail;
            continue;
        }
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        let value = environment.iter().rev().find(|(key, _)| key == name);
        match value {
            Some((_, value)) => out.push_str(value),
            None if name.is_empty() => out.push('$'),
            None => {}
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
