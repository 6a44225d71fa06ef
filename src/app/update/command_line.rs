//! The grammar of the command line: `<command> [namespace] [/filter] [-f letters] [-l selector] [@context]`, in
//! any order after the first word, with the case kept as typed.

/// One line as understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line<'a> {
    pub word: &'a str,
    pub argument: Option<&'a str>,
    pub filter: Option<&'a str>,
    /// Letters of a fuzzy filter.
    pub fuzzy: Option<&'a str>,
    pub labels: Option<String>,
    pub context: Option<&'a str>,
}

pub fn parse(line: &str) -> Result<Line<'_>, String> {
    let (line, filter) = match line.split_once(" /") {
        // A filter may hold blanks and goes to the end of the line.
        Some((before, filter)) => (before, Some(filter)),
        None => (line, None),
    };
    let mut parsed = Line {
        filter,
        ..Line::default()
    };
    let mut words = words(line).into_iter();
    parsed.word = words.next().unwrap_or_default();
    while let Some(word) = words.next() {
        if word == "-f" {
            parsed.fuzzy = Some(words.next().ok_or("-f needs letters, like -f chk")?);
        } else if word == "-l" {
            parsed.labels = Some(words.next().ok_or("-l needs a selector, like -l app=web")?.into());
        } else if let Some(context) = word.strip_prefix('@') {
            parsed.context = Some(context);
        } else if word.contains('=') || word.contains(" in ") || word.contains(" notin ") {
            parsed.labels = Some(word.into());
        } else if let Some(other) = parsed.argument.replace(word) {
            return Err(format!("`{other}` and `{word}`: one name is enough"));
        }
    }
    Ok(parsed)
}

/// By blanks, but what is in single quotes is one word.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part);
        } else {
            words.extend(part.split_whitespace());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_come_in_any_order_and_keep_their_case() {
        let line = parse("po -l app=Web kube-system @Prod /Err or").expect("a line");
        assert_eq!(
            line,
            Line {
                word: "po",
                argument: Some("kube-system"),
                filter: Some("Err or"),
                fuzzy: None,
                labels: Some("app=Web".into()),
                context: Some("Prod"),
            }
        );
    }

    #[test]
    fn a_selector_with_blanks_is_quoted() {
        let line = parse("pod 'a in (b,c),d notin (e)' shop").expect("a line");
        assert_eq!(line.labels.as_deref(), Some("a in (b,c),d notin (e)"));
        assert_eq!(line.argument, Some("shop"));
    }

    #[test]
    fn two_namespaces_are_one_too_many() {
        assert!(parse("po a b").is_err());
        assert!(parse("po -l").is_err());
        assert!(parse("po -f").is_err());
        assert_eq!(parse("po -f ngx shop").expect("a line").fuzzy, Some("ngx"));
    }
}
