//! The source tree as the scans see it: every path that every file names, resolved to the crate
//! root where it starts with `crate`, `self` or `super`, and whether it stands in test code.

use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::{Kind, Token, tokens};

/// A path named in a file, e.g. `kube::Client`; of a `use` each branch is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub segments: Vec<String>,
    pub line: usize,
    /// Starts at the crate root; `segments` follow it.
    pub from_root: bool,
    /// Re-exported by a `pub use`.
    pub exported: bool,
    pub in_test: bool,
    /// Called as a method: `.name(`.
    pub method: bool,
}

impl Named {
    pub fn text(&self) -> String {
        let root = if self.from_root { "crate::" } else { "" };
        format!("{root}{}", self.segments.join("::"))
    }

    pub fn has(&self, segment: &str) -> bool {
        self.segments.iter().any(|s| s == segment)
    }

    /// `first::second` anywhere in it.
    pub fn has_pair(&self, first: &str, second: &str) -> bool {
        self.segments.windows(2).any(|w| w[0] == first && w[1] == second)
    }

    pub fn starts_with(&self, name: &str) -> bool {
        !self.from_root && self.segments.first().is_some_and(|s| s == name)
    }
}

/// One file under `src/`.
#[derive(Debug)]
pub struct File {
    /// Relative to `src/`, with `/`.
    pub path: String,
    pub names: Vec<Named>,
}

impl File {
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    pub fn is_in(&self, place: &str) -> bool {
        self.path == place || self.path.starts_with(&format!("{place}/"))
    }

    pub fn read(path: &str, source: &str) -> Self {
        let mut reader = Reader {
            tokens: tokens(source),
            at: 0,
            module: module_of(path),
            depth: 0,
            inline: Vec::new(),
            test_depth: None,
            names: Vec::new(),
        };
        reader.run();
        Self {
            path: path.to_owned(),
            names: reader.names,
        }
    }
}

/// Path under `src/` and text of every source file.
pub fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("source files are readable");
        let name = path.strip_prefix(&root).expect("walked from there");
        (name.to_string_lossy().replace('\\', "/"), text)
    };
    paths.into_iter().map(read).collect()
}

pub fn read_all() -> Vec<File> {
    let mut test_roots = Vec::new();
    let mut files = Vec::new();
    for (name, source) in sources() {
        test_roots.extend(test_modules(&name, &source));
        files.push(File::read(&name, &source));
    }
    // A module declared under cfg(test) is test code as a whole, with everything below it.
    for file in &mut files {
        let module = module_of(&file.path);
        if test_roots.iter().any(|root| module.starts_with(root)) {
            file.names.iter_mut().for_each(|n| n.in_test = true);
        }
    }
    files
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("source folders are readable") {
        let path = entry.expect("source folders are readable").path();
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// `cluster/connect/exec.rs` is `cluster::connect::exec`, `cluster/mod.rs` is `cluster`.
fn module_of(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|p| p == "mod" || p == "lib" || p == "main") {
        parts.pop();
    }
    parts
}

fn test_modules(path: &str, source: &str) -> Vec<Vec<String>> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if let Some((name, end)) = test_module(&tokens, at)
            && tokens[end].is(';')
        {
            let mut module = module_of(path);
            module.push(name);
            found.push(module);
        }
    }
    found
}

/// `#[cfg(test)] … mod NAME` at `at`: the name, and the place of `;` or `{` behind it.
pub fn test_module(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let shape = ["#", "[", "cfg", "(", "test", ")", "]"];
    let is = |token: &Token, text: &str| match &token.kind {
        Kind::Ident(name) => name == text,
        Kind::Punct(c) => text.len() == 1 && text.starts_with(*c),
        Kind::Sep => false,
    };
    let here = tokens.get(at..at + shape.len())?;
    if !here.iter().zip(shape).all(|(t, text)| is(t, text)) {
        return None;
    }
    let mut next = at + shape.len();
    // Further attributes stand between; anything else that is no module ends the look.
    while tokens.get(next)?.is('#') {
        while !tokens.get(next)?.is(']') {
            next += 1;
        }
        next += 1;
    }
    if tokens.get(next)?.ident() != Some("mod") {
        return None;
    }
    Some((tokens.get(next + 1)?.ident()?.to_owned(), next + 2))
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    module: Vec<String>,
    depth: usize,
    /// Inline modules around the place, with the depth at which each ends.
    inline: Vec<(String, usize)>,
    /// Test code until this depth is left.
    test_depth: Option<usize>,
    names: Vec<Named>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn ident(&self, ahead: usize) -> Option<&str> {
        self.peek(ahead).and_then(Token::ident)
    }

    fn run(&mut self) {
        while let Some(token) = self.peek(0).cloned() {
            if let Some((_, open)) = test_module(&self.tokens, self.at)
                && self.tokens[open].is('{')
                && self.test_depth.is_none()
            {
                self.test_depth = Some(self.depth);
            }
            match token.ident() {
                Some("mod") if self.peek(2).is_some_and(|t| t.is('{')) => {
                    let name = self.ident(1).unwrap_or_default().to_owned();
                    self.inline.push((name, self.depth));
                    self.at += 2;
                }
                Some("use") if !self.peek(1).is_some_and(|t| t.is('<')) => self.use_statement(),
                Some(_) => self.path(),
                None => self.other(&token),
            }
        }
    }

    fn other(&mut self, token: &Token) {
        if token.is('{') {
            self.depth += 1;
        } else if token.is('}') {
            self.depth = self.depth.saturating_sub(1);
            if self.inline.last().is_some_and(|(_, depth)| *depth == self.depth) {
                self.inline.pop();
            }
            if self.test_depth == Some(self.depth) {
                self.test_depth = None;
            }
        }
        self.at += 1;
    }

    /// A path in an expression, a type or a pattern.
    fn path(&mut self) {
        let line = self.tokens[self.at].line;
        let method = self.at > 0 && self.tokens[self.at - 1].is('.');
        if self.is_visibility() {
            self.at += 1;
            return;
        }
        let mut segments = Vec::new();
        while let Some(name) = self.ident(0) {
            segments.push(name.to_owned());
            self.at += 1;
            let next = self.peek(1).and_then(Token::ident).is_some();
            if !(next && self.peek(0).is_some_and(|t| t.kind == Kind::Sep)) {
                break;
            }
            self.at += 1;
        }
        self.add(segments, line, false, method);
    }

    /// The word in `pub(crate)`, `pub(super)`, `pub(self)`.
    fn is_visibility(&self) -> bool {
        let closed = self.peek(1).is_some_and(|t| t.is(')'));
        let opened = self.at >= 2 && self.tokens[self.at - 1].is('(');
        opened && closed && self.tokens[self.at - 2].ident() == Some("pub")
    }

    fn use_statement(&mut self) {
        let exported = self.at > 0 && {
            let before = &self.tokens[self.at - 1];
            before.ident() == Some("pub") || before.is(')')
        };
        self.at += 1;
        self.use_tree(&[], exported);
    }

    fn use_tree(&mut self, prefix: &[String], exported: bool) {
        let mut segments = prefix.to_vec();
        while let Some(token) = self.peek(0).cloned() {
            match &token.kind {
                Kind::Ident(name) if name == "as" => self.at += 2,
                Kind::Ident(name) => {
                    segments.push(name.clone());
                    self.at += 1;
                }
                Kind::Sep => self.at += 1,
                Kind::Punct('*') => {
                    segments.push("*".to_owned());
                    self.at += 1;
                }
                Kind::Punct('{') => {
                    self.at += 1;
                    while !self.peek(0).is_none_or(|t| t.is('}')) {
                        self.use_tree(&segments, exported);
                        self.at += usize::from(self.peek(0).is_some_and(|t| t.is(',')));
                    }
                    self.at += 1;
                    return;
                }
                Kind::Punct(_) => {
                    self.add(segments, token.line, exported, false);
                    return;
                }
            }
        }
    }

    fn add(&mut self, segments: Vec<String>, line: usize, exported: bool, method: bool) {
        let (from_root, segments) = self.resolve(segments);
        self.names.push(Named {
            segments,
            line,
            from_root,
            exported,
            in_test: self.test_depth.is_some(),
            method,
        });
    }

    /// `crate`, `self` and `super` at the start are followed to the crate root.
    fn resolve(&self, segments: Vec<String>) -> (bool, Vec<String>) {
        let mut base: Vec<String> = self.module.clone();
        base.extend(self.inline.iter().map(|(name, _)| name.clone()));
        let mut rest = segments.as_slice();
        match rest.first().map(String::as_str) {
            Some("crate") => base.clear(),
            Some("super") => {
                base.pop();
            }
            Some("self") if rest.len() > 1 => {}
            _ => return (false, segments),
        }
        rest = &rest[1..];
        while rest.first().is_some_and(|s| s == "super") {
            base.pop();
            rest = &rest[1..];
        }
        base.extend_from_slice(rest);
        (true, base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, source: &str) -> Vec<String> {
        let wanted = |n: &Named| n.from_root;
        File::read(path, source)
            .names
            .iter()
            .filter(|n| wanted(n))
            .map(Named::text)
            .collect()
    }

    #[test]
    fn nested_groups_are_followed_to_each_leaf() {
        let source = "use crate::{model::{Row, Cell as C}, cluster::query::*, app};";
        assert_eq!(
            names("view/mod.rs", source),
            [
                "crate::model::Row",
                "crate::model::Cell",
                "crate::cluster::query::*",
                "crate::app"
            ]
        );
    }

    #[test]
    fn super_is_followed_through_files_and_inline_modules() {
        assert_eq!(
            names("app/update/keys.rs", "use super::super::super::view::draw;"),
            ["crate::view::draw"]
        );
        assert_eq!(names("app/mod.rs", "use super::view::draw;"), ["crate::view::draw"]);
        let inline = "mod a { mod b { fn f() { super::super::super::view::draw() } } } fn g() { super::cli::x() }";
        assert_eq!(names("app/mod.rs", inline), ["crate::view::draw", "crate::cli::x"]);
        assert_eq!(
            names("app/mod.rs", "use self::state::State;"),
            ["crate::app::state::State"]
        );
    }

    #[test]
    fn paths_in_code_are_seen_without_a_use() {
        let source = "fn f(x: crate::view::Frame) -> Vec<crate::cli::Args> { $crate::runtime::go() }";
        assert_eq!(
            names("model/row.rs", source),
            ["crate::view::Frame", "crate::cli::Args", "crate::runtime::go"]
        );
    }

    #[test]
    fn test_code_is_known_as_such() {
        let source = "use a::x; #[cfg(test)] mod tests { use a::y; fn f() { {} } } fn g() { a::z() }";
        let file = File::read("app/mod.rs", source);
        let of = |last: &str| file.names.iter().find(|n| n.has(last)).expect("named").in_test;
        assert_eq!((of("x"), of("y"), of("z")), (false, true, false));
        let declared = "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests;\n#[cfg(not(test))] mod other;";
        assert_eq!(test_modules("app/mod.rs", declared), [["app", "tests"]]);
    }

    #[test]
    fn exports_and_methods_are_marked() {
        let file = File::read(
            "cluster/mod.rs",
            "pub use kube::Client; pub(crate) use kube::Api; use kube::core; e.transport(x)",
        );
        let exported: Vec<_> = file.names.iter().filter(|n| n.exported).map(Named::text).collect();
        assert_eq!(exported, ["kube::Client", "kube::Api"]);
        assert!(file.names.iter().any(|n| n.method && n.has("transport")));
    }
}
