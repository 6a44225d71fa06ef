//! Programs that must not compile. Each stands beside its twin, the same lines without the
//! forbidden one, which must: otherwise a typing error would pass for a refusal. A program is a
//! file under `programs/`: `bad` is set for the forbidden half, and the line that must be refused
//! carries `//~ CODE`.
//!
//! They see the library from outside, as `main` and tests do. Inside the crate the same types hold
//! between rooms; `inside` shows that with modules laid over a copy of the source.

mod inside;
mod library;
mod lint;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use library::{CompileError, Library, Verdict};

struct Program {
    path: PathBuf,
    name: String,
    code: String,
    line: usize,
}

fn programs() -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/refused/programs");
    let files = std::fs::read_dir(folder).expect("the folder of programs is there");
    let mut found: Vec<Program> = files.map(|f| read(f.expect("readable").path())).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn read(path: PathBuf) -> Program {
    let text = std::fs::read_to_string(&path).expect("readable");
    let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
    let mut marks = text
        .lines()
        .enumerate()
        .filter_map(|(n, line)| Some((n + 1, line.split_once("//~ ")?.1)));
    let (line, code) = marks
        .next()
        .unwrap_or_else(|| panic!("{name} marks no line with //~ CODE"));
    assert!(
        marks.next().is_none(),
        "{name} marks more than one line: one program, one refusal"
    );
    let code = code.trim().to_owned();
    Program { path, name, code, line }
}

/// One crate of these programs. Thirty compilations of one file each take two minutes, nearly all
/// of it spent on reading what the library depends on.
fn crate_of(programs: &[&Program]) -> String {
    let mut text = String::new();
    for program in programs {
        let path = program.path.to_string_lossy();
        writeln!(text, "#[path = {path:?}]\nmod {};", program.name).expect("a String takes any text");
    }
    text
}

#[test]
fn every_twin_compiles() {
    let programs = programs();
    assert!(programs.len() >= 20, "only {} programs were found", programs.len());
    let all: Vec<&Program> = programs.iter().collect();
    if let Verdict::Refused(errors) = Library::get().compile("twins", &crate_of(&all), &[]) {
        panic!("the twins must compile, but: {errors:#?}");
    }
}

#[test]
fn every_forbidden_program_is_refused_at_its_line_with_its_code() {
    let programs = programs();
    let mut by_code: BTreeMap<&str, Vec<&Program>> = BTreeMap::new();
    for program in &programs {
        by_code.entry(&program.code).or_default().push(program);
    }
    // Each code by itself: the compiler stops after the pass that found errors, and would not
    // reach those of a later one.
    for (code, group) in by_code {
        match Library::get().compile(&format!("bad_{code}"), &crate_of(&group), &["bad"]) {
            Verdict::Compiles => panic!("programs that must be refused with {code} compile"),
            Verdict::Refused(errors) => compare(&group, &errors),
        }
    }
}

fn compare(group: &[&Program], errors: &[CompileError]) {
    let place = |p: &Program| (p.path.to_string_lossy().into_owned(), p.line, p.code.clone());
    let expected: BTreeSet<_> = group.iter().map(|p| place(p)).collect();
    let got: BTreeSet<_> = errors
        .iter()
        .map(|e| (e.file.clone(), e.line, e.code.clone()))
        .collect();
    let accepted: Vec<_> = expected.difference(&got).collect();
    let surprising: Vec<_> = got.difference(&expected).collect();
    assert!(
        accepted.is_empty() && surprising.is_empty(),
        "compiles, but must be refused: {accepted:#?}\nrefused otherwise than expected: {surprising:#?}\n{errors:#?}"
    );
}
