//! The CEL environment of admission policies: the standard library, the extensions that the API
//! server adds, and shims for what only it has. A function that is missing here makes a policy fail
//! to evaluate, and a policy that fails refuses; nothing is let through for want of a function.

use std::any::Any;
use std::sync::Arc;

use cel::common::types::{CelInt, CelList, CelString, Type};
use cel::common::value::{StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError, extensions};
use regex::Regex;

use super::super::clock::parse_ms;
use super::authorizer;

/// One for all policies: it knows no request.
pub(super) fn environment() -> Arc<Env> {
    let mut env = Env::stdlib();
    for library in [
        extensions::strings,
        extensions::lists,
        times,
        regular_expressions,
        authorizer::library,
    ] {
        env.add_extension(library)
            .expect("the libraries declare different functions");
    }
    Arc::new(env)
}

/// Without the crate's own times, which bring a table of all time zones with them: policies read
/// `creationTimestamp` and count seconds.
fn times(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_type(TIMESTAMP.to_owned())?;
    cel::add_overload!(env, fn timestamp: (CelString) -> Result<Timestamp>)?;
    cel::add_overload!(env, fn seconds: (Timestamp) -> CelInt, name = "int")
}

/// The API server's own: `find` and `findAll`.
fn regular_expressions(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_member_overload!(env, fn find: (CelString, CelString) -> Result<CelString>)?;
    cel::add_member_overload!(env, fn find_all: (CelString, CelString) -> Result<CelList>)?;
    cel::add_member_overload!(env, fn find_some: (CelString, CelString, CelInt) -> Result<CelList>, name = "findAll")
}

fn find(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    let found = compiled(pattern)?.find(text.inner()).map(|m| m.as_str().to_owned());
    Ok(found.unwrap_or_default().into())
}

fn find_all(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelList<'static>, ExecutionError> {
    find_some(text, pattern, &CelInt::from(-1))
}

/// A negative limit is none.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the evaluator hands arguments by reference"
)]
fn find_some(
    text: &CelString<'_>,
    pattern: &CelString<'_>,
    limit: &CelInt,
) -> Result<CelList<'static>, ExecutionError> {
    let limit = usize::try_from(*limit.inner()).unwrap_or(usize::MAX);
    let pattern = compiled(pattern)?;
    let found = pattern.find_iter(text.inner()).take(limit);
    let found = found.map(|m| Box::new(CelString::from(m.as_str().to_owned())) as Box<dyn Val>);
    Ok(found.collect::<Vec<_>>().into())
}

fn compiled(pattern: &CelString<'_>) -> Result<Regex, ExecutionError> {
    Regex::new(pattern.inner()).map_err(|e| ExecutionError::function_error("regex", e.to_string()))
}

fn timestamp(text: &CelString<'_>) -> Result<Timestamp, ExecutionError> {
    parse_ms(text.inner())
        .map(Timestamp)
        .ok_or_else(|| ExecutionError::function_error("timestamp", format!("{} is no RFC 3339 time", text.inner())))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the evaluator hands arguments by reference"
)]
fn seconds(at: &Timestamp) -> CelInt {
    at.0.div_euclid(1000).into()
}

/// Unix milliseconds.
#[derive(Clone, Copy, Debug)]
struct Timestamp(i64);

static TIMESTAMP: Type = Type::new_unspecified_type("google.protobuf.Timestamp");

impl Val for Timestamp {
    fn get_type(&self) -> &Type {
        &TIMESTAMP
    }

    fn cel_type() -> &'static Type {
        &TIMESTAMP
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|o| o.0 == self.0)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Timestamp {}
