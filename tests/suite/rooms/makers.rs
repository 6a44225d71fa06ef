//! Who makes authority and who hands out what could write. Programs that must not compile show that
//! the doors there are stay shut; this shows that no new door was added beside them.

use super::lexer::{Token, tokens};
use super::signatures::{Function, Reach, Signatures, read};
use super::source::sources;

/// What could be used to write past the gate.
const POWER: [&str; 7] = [
    "Client",
    "SecretString",
    "Wire",
    "Transport",
    "Guarded",
    "Elevated",
    "Acquired",
];

fn violations(path: &str, source: &str) -> Vec<String> {
    let signatures = read(source);
    let mut found = makers(path, &signatures);
    found.extend(hand_outs(path, &signatures));
    if ["registry/", "app/", "view/"].iter().any(|room| path.starts_with(room)) {
        found.extend(kept_authority(path, source));
    }
    found
}

fn makers(path: &str, signatures: &Signatures) -> Vec<String> {
    let mut found = Vec::new();
    let mut tell = |f: &Function, why: &str| found.push(format!("src/{path}:{}: fn {}: {why}", f.line, f.name));
    for function in &signatures.functions {
        for order in ["Mutation", "Drain"] {
            if function.gives(order) && !function.borrows("Escalation") {
                tell(function, &format!("a {order} is made only from a borrowed Escalation"));
            }
        }
        if function.gives("Stream") && !function.borrows("Escalation") {
            tell(function, "a Stream is made only from a borrowed Escalation");
        }
        let in_gate = path == "escalation/live.rs" || path.starts_with("escalation/gate/");
        if function.gives("Escalation") && !in_gate {
            tell(function, "an Escalation is given out by the gate only");
        }
        if path == "escalation/live.rs" && function.gives("Escalation") && function.reach == Reach::Public {
            tell(function, "whoever can call it has authority from nothing");
        }
        let keeps_records = path.starts_with("audit/") || path.starts_with("escalation/gate/");
        if function.gives("Receipt") && !keeps_records {
            tell(function, "a Receipt is given out by the journal only");
        }
    }
    found
}

/// Public functions and fields of the rooms that hold clients. The endpoint's own trait is the one
/// way to a transport, and the name scan says who may call it.
fn hand_outs(path: &str, signatures: &Signatures) -> Vec<String> {
    let holds = ["cluster/", "escalation/", "credential/"]
        .iter()
        .any(|room| path.starts_with(room));
    if !holds {
        return Vec::new();
    }
    let power = |list: &[Token]| {
        list.iter()
            .filter_map(Token::ident)
            .find(|t| POWER.contains(t))
            .map(str::to_owned)
    };
    let functions = signatures
        .functions
        .iter()
        .filter(|f| f.reach == Reach::Public && !f.of_trait);
    let given = functions.filter_map(|f| Some((f.line, f.name.clone(), power(&f.gives)?)));
    let fields = signatures
        .fields
        .iter()
        .filter_map(|f| Some((f.line, f.name.clone(), power(&f.kind)?)));
    given
        .chain(fields)
        .filter(|(_, name, _)| !may_hand_out(path, name))
        .map(|(line, name, what)| format!("src/{path}:{line}: {name} hands out {what}"))
        .collect()
}

fn may_hand_out(path: &str, name: &str) -> bool {
    // What a provider returns to the gate, which drops it at the end; and the base identity's own
    // credentials inside the folder that makes its connections, of which only Kubeconfigs is named
    // outside.
    (path, name) == ("escalation/provider.rs", "token") || path.starts_with("cluster/connect/")
}

/// In rooms that are data and pure functions authority is borrowed for one call and never kept.
fn kept_authority(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut in_use = false;
    for (at, token) in tokens.iter().enumerate() {
        match token.ident() {
            Some("use") => in_use = true,
            Some("Escalation") if !in_use && at.checked_sub(1).is_none_or(|before| !tokens[before].is('&')) => {
                found.push(format!(
                    "src/{path}:{}: an Escalation that is not borrowed could be kept",
                    token.line
                ));
            }
            _ if token.is(';') => in_use = false,
            _ => {}
        }
    }
    found
}

#[test]
fn authority_is_made_in_one_place_and_nothing_that_could_write_is_handed_out() {
    let found: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| violations(path, text))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn one_line_makes_the_escalation() {
    let mut made = Vec::new();
    for (path, text) in sources() {
        let tokens = tokens(&text);
        let word = |at: usize, name: &str| tokens.get(at).and_then(Token::ident) == Some(name);
        let calls = (0..tokens.len()).filter(|at| word(*at, "Escalation") && word(at + 2, "new"));
        made.extend(calls.map(|_| path.clone()));
    }
    assert_eq!(made, ["escalation/gate/ask.rs"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(path: &str, source: &str) -> bool {
        !violations(path, source).is_empty()
    }

    #[test]
    fn new_doors_are_caught() {
        for (path, source) in [
            (
                "escalation/live.rs",
                "impl Mutation { pub fn forged(action: u64) -> Self { x } }",
            ),
            (
                "escalation/live.rs",
                "impl Default for Mutation { fn default() -> Self { x } }",
            ),
            (
                "escalation/stream.rs",
                "impl Stream { pub fn forged(action: u64) -> Self { x } }",
            ),
            ("registry/actions/streams.rs", "fn shell(aim: Aim) -> Stream { x }"),
            (
                "registry/actions/writes.rs",
                "fn delete(order: Order) -> Mutation { x }",
            ),
            (
                "escalation/live.rs",
                "impl Escalation { pub fn for_tests(grant: Grant) -> Self { x } }",
            ),
            ("runtime/mod.rs", "fn f() -> Option<Escalation> { x }"),
            ("escalation/petition.rs", "pub fn receipt() -> Receipt { x }"),
            (
                "escalation/gate/mod.rs",
                "impl Gate { pub fn client(&self) -> &Client { x } }",
            ),
            (
                "escalation/gate/mod.rs",
                "impl Gate { pub async fn token(&self) -> Option<SecretString> { x } }",
            ),
            (
                "cluster/reader.rs",
                "impl Reader { pub fn client(&self) -> kube::Client { x } }",
            ),
            ("cluster/reader.rs", "pub struct Reader { pub client: Client }"),
            (
                "app/state.rs",
                "pub struct State { authority: Option<Arc<Escalation>> }",
            ),
            ("app/msg.rs", "enum Fact { Granted(Escalation) }"),
        ] {
            assert!(caught(path, source), "{path}: {source}");
        }
    }

    #[test]
    fn the_doors_there_are_pass() {
        for (path, source) in [
            (
                "escalation/live.rs",
                "impl Mutation { pub fn delete(authority: &Escalation, n: u64) -> Self { x } }",
            ),
            (
                "escalation/live.rs",
                "impl Escalation { pub(super) fn new(grant: Grant) -> Self { x } }",
            ),
            (
                "escalation/gate/ask.rs",
                "impl Gate { pub async fn ask(&self) -> Result<Escalation, E> { x } }",
            ),
            (
                "cluster/reader.rs",
                "impl Reader { pub(super) fn client(&self) -> &Client { x } }",
            ),
            (
                "app/update/mod.rs",
                "use crate::escalation::Escalation; fn f(a: Option<&Escalation>) {}",
            ),
            (
                "escalation/provider.rs",
                "pub struct Credential { pub token: SecretString }",
            ),
        ] {
            let found = violations(path, source);
            assert!(found.is_empty(), "{found:?}");
        }
    }
}
