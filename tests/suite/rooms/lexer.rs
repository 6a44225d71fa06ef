//! Rust source as tokens: comments and literals are gone, so that a name in a comment or a message
//! is no name. Knows as much of the language as is needed for that.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Ident(String),
    /// `::` is one.
    Sep,
    Punct(char),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

impl Token {
    pub fn is(&self, c: char) -> bool {
        self.kind == Kind::Punct(c)
    }

    pub fn ident(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ident(name) => Some(name),
            _ => None,
        }
    }
}

pub fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        out: Vec::new(),
    };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    out: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn bump(&mut self) -> char {
        let c = self.peek(0);
        self.at += 1;
        self.line += usize::from(c == '\n');
        c
    }

    fn push(&mut self, kind: Kind) {
        self.out.push(Token { kind, line: self.line });
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => while self.at < self.chars.len() && self.bump() != '\n' {},
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(),
            ('\'', _) => self.quote(),
            (':', ':') => {
                self.push(Kind::Sep);
                self.at += 2;
            }
            (c, _) if c.is_alphabetic() || c == '_' => self.word(),
            (c, _) if c.is_ascii_digit() => self.number(),
            (c, _) if c.is_whitespace() => {
                self.bump();
            }
            (c, _) => {
                self.push(Kind::Punct(c));
                self.bump();
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => {
                    depth += 1;
                    self.at += 2;
                }
                ('*', '/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {
                    self.bump();
                }
            }
        }
    }

    fn string(&mut self) {
        self.bump();
        while self.at < self.chars.len() {
            match self.bump() {
                '\\' => {
                    self.bump();
                }
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        self.bump();
        if self.peek(0) == '\\' {
            self.at += 2;
            while self.at < self.chars.len() && self.bump() != '\'' {}
        } else if self.peek(1) == '\'' {
            self.at += 2;
        } else {
            while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                self.bump();
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        let is_prefix = matches!(word.as_str(), "r" | "b" | "br" | "c" | "cr");
        match self.peek(0) {
            '"' if word.ends_with('r') && is_prefix => self.raw_string(),
            '"' if is_prefix => self.string(),
            '\'' if word == "b" => self.quote(),
            '#' if is_prefix && word.ends_with('r') && matches!(self.peek(1), '"' | '#') => self.raw_string(),
            // A raw identifier names what the plain one names.
            '#' if word == "r" => {
                self.at += 1;
                self.word();
            }
            _ => self.push(Kind::Ident(word)),
        }
    }

    fn raw_string(&mut self) {
        let mut hashes = 0;
        while self.peek(0) == '#' {
            hashes += 1;
            self.at += 1;
        }
        self.bump();
        while self.at < self.chars.len() {
            if self.bump() == '"' && (0..hashes).all(|n| self.peek(n) == '#') {
                self.at += hashes;
                return;
            }
        }
    }

    fn number(&mut self) {
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(source)
            .iter()
            .filter_map(Token::ident)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn names_in_comments_and_literals_are_not_names() {
        let source = r###"
            // kube
            /* kube /* kube */ kube */
            let a = "kube \" kube"; let b = r#"kube " kube"#; let c = b"kube"; let d = 'k'; let e = '\'';
            fn f<'kube>(x: &'kube str) {} let g = r##"kube"##;
        "###;
        assert_eq!(
            words(source),
            "let a let b let c let d let e fn f x str let g"
                .split(' ')
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn names_after_literals_are_seen_and_lines_are_counted() {
        let found = tokens("let a = \"x\ny\"; 'q'; r#type;\nkube::Client");
        let kube = found.iter().find(|t| t.ident() == Some("kube")).expect("seen");
        assert_eq!(kube.line, 3);
        assert!(found.iter().any(|t| t.ident() == Some("type")));
    }
}
