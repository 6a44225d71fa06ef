//! One ValidatingAdmissionPolicy, compiled. What this server does not know of a policy makes the
//! policy fail to compile: a rule left out in silence would let something through.

use std::fmt;

use cel::{Env, Program};
use serde_json::Value;

use super::super::store::text;
use super::matching::Constraints;

pub(super) struct Policy {
    pub name: String,
    /// `failurePolicy: Fail`, the default: an expression that cannot be evaluated refuses.
    pub fails_closed: bool,
    pub constraints: Constraints,
    pub conditions: Vec<(String, Program)>,
    /// In the order in which they may use each other.
    pub variables: Vec<(String, Program)>,
    pub validations: Vec<Validation>,
    pub annotations: Vec<(String, Program)>,
}

pub(super) struct Validation {
    pub source: String,
    pub expression: Program,
    pub message: Option<String>,
    pub message_expression: Option<Program>,
}

/// Why a policy cannot be evaluated, with the place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uncompiled(pub String);

impl fmt::Display for Uncompiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fields of a spec that are looked at; with any other the policy is not evaluated.
const KNOWN: [&str; 6] = [
    "failurePolicy",
    "matchConstraints",
    "matchConditions",
    "variables",
    "validations",
    "auditAnnotations",
];

impl Policy {
    pub fn compile(env: &Env, object: &Value) -> Result<Self, Uncompiled> {
        let spec = object.get("spec").and_then(Value::as_object);
        let spec = spec.ok_or_else(|| Uncompiled("spec is missing".to_owned()))?;
        if let Some(unknown) = spec.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(Uncompiled(format!("spec.{unknown} is not evaluated by this server")));
        }
        let of = |field: &str| spec.get(field).unwrap_or(&Value::Null);
        Ok(Self {
            name: text(object, "/metadata/name").unwrap_or_default().to_owned(),
            fails_closed: of("failurePolicy") != "Ignore",
            constraints: Constraints::read(of("matchConstraints"))?,
            conditions: named(env, of("matchConditions"), "name", "expression")?,
            variables: named(env, of("variables"), "name", "expression")?,
            validations: each(of("validations"), |rule| validation(env, rule))?,
            annotations: named(env, of("auditAnnotations"), "key", "valueExpression")?,
        })
    }
}

fn each<T>(list: &Value, read: impl Fn(&Value) -> Result<T, Uncompiled>) -> Result<Vec<T>, Uncompiled> {
    list.as_array().into_iter().flatten().map(read).collect()
}

fn named(env: &Env, list: &Value, name: &str, expression: &str) -> Result<Vec<(String, Program)>, Uncompiled> {
    each(list, |item| {
        let name = item[name].as_str().unwrap_or_default().to_owned();
        Ok((name, program(env, &item[expression])?))
    })
}

fn validation(env: &Env, rule: &Value) -> Result<Validation, Uncompiled> {
    let message_expression = Some(&rule["messageExpression"]).filter(|m| !m.is_null());
    Ok(Validation {
        source: rule["expression"].as_str().unwrap_or_default().trim().to_owned(),
        expression: program(env, &rule["expression"])?,
        message: rule["message"].as_str().map(str::to_owned),
        message_expression: message_expression.map(|m| program(env, m)).transpose()?,
    })
}

fn program(env: &Env, source: &Value) -> Result<Program, Uncompiled> {
    let source = source.as_str().unwrap_or_default();
    env.compile(source).map_err(|e| Uncompiled(format!("`{source}`: {e}")))
}
