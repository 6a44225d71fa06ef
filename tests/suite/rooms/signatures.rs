//! Functions and public fields of a file, as far as the scans ask: who may call them, what they
//! take, what they give. Bodies are not read.

use super::lexer::{Kind, Token, tokens};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Private,
    /// `pub(super)`, `pub(crate)`, `pub(in …)`
    Restricted,
    Public,
}

#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub reach: Reach,
    /// The type of the `impl` block around it.
    pub owner: Option<String>,
    /// Of a trait: its reach is the trait's.
    pub of_trait: bool,
    pub takes: Vec<Token>,
    pub gives: Vec<Token>,
}

impl Function {
    /// The type is among what it gives as a value; `Self` stands for its owner. A borrow gives
    /// nothing away, and a channel for such values makes none.
    pub fn gives(&self, name: &str) -> bool {
        let own = self.owner.as_deref() == Some(name);
        let is_it = |t: &str| t == name || (own && t == "Self");
        (0..self.gives.len()).any(|at| {
            let before = |n: usize| at.checked_sub(n).map(|before| &self.gives[before]);
            let borrowed = before(1).is_some_and(|t| t.is('&'));
            let sent = before(2).and_then(Token::ident).is_some_and(|t| t.ends_with("Sender"));
            self.gives[at].ident().is_some_and(is_it) && !borrowed && !sent
        })
    }

    /// Borrows the type: `&Name`.
    pub fn borrows(&self, name: &str) -> bool {
        self.takes
            .windows(2)
            .any(|w| w[0].is('&') && w[1].ident() == Some(name))
    }
}

/// A `pub` field of a struct, with the tokens of its type.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub line: usize,
    pub kind: Vec<Token>,
}

pub struct Signatures {
    pub functions: Vec<Function>,
    pub fields: Vec<Field>,
}

pub fn read(source: &str) -> Signatures {
    let tokens = without_tests(tokens(source));
    let mut reader = Reader {
        tokens,
        at: 0,
        depth: 0,
        impls: Vec::new(),
    };
    reader.run()
}

/// `#[cfg(test)] mod … { … }` is left out.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match super::source::test_module(&tokens, at) {
            Some((_, open)) if tokens[open].is('{') => at = after_block(&tokens, open),
            _ => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    kept
}

fn after_block(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += usize::from(token.is('{'));
        depth -= usize::from(token.is('}'));
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Type, whether of a trait, and the depth outside of each block around the place.
    impls: Vec<(String, bool, usize)>,
}

impl Reader {
    fn run(&mut self) -> Signatures {
        let mut found = Signatures {
            functions: Vec::new(),
            fields: Vec::new(),
        };
        while self.at < self.tokens.len() {
            let token = self.tokens[self.at].clone();
            match token.ident() {
                Some("impl") if self.starts_item() => self.impl_block(),
                Some("fn") if self.ident(1).is_some() => found.functions.push(self.function()),
                Some("pub") if self.is_field() => found.fields.push(self.field()),
                _ => self.step(&token),
            }
        }
        found
    }

    fn step(&mut self, token: &Token) {
        if token.is('{') {
            self.depth += 1;
        } else if token.is('}') {
            self.depth = self.depth.saturating_sub(1);
            self.impls.retain(|(_, _, depth)| *depth < self.depth);
        }
        self.at += 1;
    }

    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn ident(&self, ahead: usize) -> Option<&str> {
        self.peek(ahead).and_then(Token::ident)
    }

    /// Not the `impl` of a type: `-> impl Trait`, `(x: impl Trait)`.
    fn starts_item(&self) -> bool {
        self.at == 0 || {
            let before = &self.tokens[self.at - 1];
            before.is('}') || before.is(';') || before.is(']') || before.is('{')
        }
    }

    fn impl_block(&mut self) {
        let mut head = Vec::new();
        while let Some(token) = self.peek(0).filter(|t| !t.is('{')).cloned() {
            head.push(token);
            self.at += 1;
        }
        let of_trait = head.iter().any(|t| t.ident() == Some("for"));
        let from = head
            .iter()
            .position(|t| t.ident() == Some("for"))
            .map_or(1, |at| at + 1);
        self.impls
            .push((type_name(&head[from.min(head.len())..]), of_trait, self.depth));
    }

    fn function(&mut self) -> Function {
        let line = self.tokens[self.at].line;
        let reach = self.reach();
        let name = self.ident(1).unwrap_or_default().to_owned();
        self.at += 2;
        if self.peek(0).is_some_and(|t| t.is('<')) {
            self.skip_generics();
        }
        let takes = self.bracketed();
        let mut gives = Vec::new();
        while let Some(token) = self.peek(0).filter(|t| !t.is('{') && !t.is(';')).cloned() {
            gives.push(token);
            self.at += 1;
        }
        let around = self.impls.last();
        Function {
            name,
            line,
            reach,
            owner: around.map(|(owner, ..)| owner.clone()),
            of_trait: around.is_some_and(|(_, of_trait, _)| *of_trait),
            takes,
            gives,
        }
    }

    /// Read backwards from `fn`, over `async`, `const`, `unsafe`.
    fn reach(&self) -> Reach {
        let mut at = self.at;
        while at > 0 && matches!(self.tokens[at - 1].ident(), Some("async" | "const" | "unsafe")) {
            at -= 1;
        }
        match at.checked_sub(1).map(|n| &self.tokens[n]) {
            Some(before) if before.ident() == Some("pub") => Reach::Public,
            Some(before) if before.is(')') => {
                let open = (0..at).rev().find(|n| self.tokens[*n].is('('));
                let opened = open.and_then(|n| n.checked_sub(1)).map(|n| &self.tokens[n]);
                let restricted = opened.is_some_and(|t| t.ident() == Some("pub"));
                if restricted { Reach::Restricted } else { Reach::Private }
            }
            _ => Reach::Private,
        }
    }

    fn skip_generics(&mut self) {
        let mut depth = 0_i32;
        while let Some(token) = self.peek(0).cloned() {
            let is_arrow = token.is('-') && self.peek(1).is_some_and(|t| t.is('>'));
            depth += i32::from(token.is('<')) - i32::from(token.is('>'));
            self.at += if is_arrow { 2 } else { 1 };
            if depth == 0 {
                return;
            }
        }
    }

    fn bracketed(&mut self) -> Vec<Token> {
        let mut inside = Vec::new();
        let mut depth = 0_i32;
        while let Some(token) = self.peek(0).cloned() {
            depth += i32::from(token.is('(')) - i32::from(token.is(')'));
            inside.push(token);
            self.at += 1;
            if depth == 0 {
                return inside;
            }
        }
        inside
    }

    /// `pub name:`
    fn is_field(&self) -> bool {
        self.ident(1).is_some() && self.peek(2).is_some_and(|t| t.is(':'))
    }

    fn field(&mut self) -> Field {
        let (name, line) = (self.ident(1).unwrap_or_default().to_owned(), self.tokens[self.at].line);
        self.at += 3;
        let mut kind = Vec::new();
        let mut depth = 0_i32;
        while let Some(token) = self.peek(0).cloned() {
            depth += i32::from(token.is('<') || token.is('(')) - i32::from(token.is('>') || token.is(')'));
            if depth < 0 || (depth == 0 && token.is(',')) || token.is('}') {
                break;
            }
            kind.push(token);
            self.at += 1;
        }
        Field { name, line, kind }
    }
}

/// The last segment of the path at the start, past generics of the `impl` itself.
fn type_name(head: &[Token]) -> String {
    let mut depth = 0_i32;
    let mut name = String::new();
    for (at, token) in head.iter().enumerate() {
        depth += i32::from(token.is('<')) - i32::from(token.is('>'));
        match &token.kind {
            Kind::Ident(word) if depth == 0 => {
                word.clone_into(&mut name);
                if head.get(at + 1).is_none_or(|t| t.kind != Kind::Sep) {
                    break;
                }
            }
            _ => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r"
        impl<'a> Deref for x::Wrapper<'a> { fn deref(&self) -> &Self::Target { &self.0 } }
        impl Mutation {
            pub fn delete<F: Fn(u8) -> u8>(authority: &Escalation, f: F) -> Self { if a < b { f(1) } }
            pub(super) async fn made(&self) -> Result<Mutation, E> { fn inner() -> u8 { 1 } }
            const fn bare() -> u8 { 1 }
        }
        pub fn free(x: impl Into<String>) -> impl Iterator<Item = u8> { todo }
        #[cfg(test)] mod tests { pub fn hidden() -> Client { x } }
        pub struct S { pub client: Option<(u64, kube::Client)>, pub name: String, secret: u8 }
    ";

    #[test]
    fn functions_are_seen_with_reach_owner_and_what_they_give() {
        let found = read(SAMPLE);
        let seen: Vec<_> = found
            .functions
            .iter()
            .map(|f| (f.name.as_str(), f.reach, f.owner.as_deref(), f.of_trait))
            .collect();
        let mutation = Some("Mutation");
        assert_eq!(
            seen,
            [
                ("deref", Reach::Private, Some("Wrapper"), true),
                ("delete", Reach::Public, mutation, false),
                ("made", Reach::Restricted, mutation, false),
                ("inner", Reach::Private, mutation, false),
                ("bare", Reach::Private, mutation, false),
                ("free", Reach::Public, None, false),
            ]
        );
        let delete = &found.functions[1];
        assert!(delete.gives("Mutation") && delete.borrows("Escalation"));
        let made = &found.functions[2];
        assert!(made.gives("Mutation") && !made.borrows("Escalation"));
    }

    #[test]
    fn a_borrow_and_a_channel_give_nothing() {
        let found =
            read("fn a(&self) -> Option<&Mutation> {} fn b() -> mpsc::Sender<Mutation> {} fn c() -> Vec<Mutation> {}");
        let gives: Vec<_> = found.functions.iter().map(|f| f.gives("Mutation")).collect();
        assert_eq!(gives, [false, false, true]);
    }

    #[test]
    fn public_fields_are_seen_with_their_types() {
        let found = read(SAMPLE);
        let names: Vec<_> = found.fields.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["client", "name"]);
        assert!(found.fields[0].kind.iter().any(|t| t.ident() == Some("Client")));
    }
}
