//! One policy against one request: conditions, variables, validations, what the audit log is told.

use std::sync::Arc;

use cel::{Context, Env, ExecutionError, Program, Value as Cel};
use serde_json::{Value, json};

use super::super::admission::{AdmissionRequest, Annotations};
use super::super::request::Attributes;
use super::authorizer::Link;
use super::policy::{Policy, Validation};
use super::reach::Reach;
use super::value::{cel, map};

/// Adds what is told to the audit log, as `<policy>/<key>`. The error is why the request is refused.
pub(super) fn review(
    env: &Arc<Env>,
    policy: &Policy,
    request: &AdmissionRequest<'_>,
    said: &mut Annotations,
) -> Result<(), String> {
    let mut context = context(env, request);
    if !conditions_hold(policy, &context)? {
        return Ok(());
    }
    let failed = bind_variables(policy, &mut context);
    // The log is told whatever the verdict: it is where a refused attempt is found again.
    said.extend(annotations(policy, &context));
    policy
        .validations
        .iter()
        .try_for_each(|rule| validate(policy, rule, &context, failed.as_deref()))
}

fn context<'v>(env: &Arc<Env>, request: &AdmissionRequest<'_>) -> Context<'static, 'v> {
    let mut context = Context::with_env(Arc::clone(env));
    let or_null = |object: Option<&Value>| object.map_or(Cel::Null, cel);
    context.add_variable_from_value("object", or_null(request.object));
    context.add_variable_from_value("oldObject", or_null(request.old_object));
    context.add_variable_from_value("request", cel(&facts(request)));
    let namespace = request.attributes.namespace.as_deref();
    let namespace = namespace.and_then(|name| request.cluster.object("namespaces", "", name));
    context.add_variable_from_value("namespaceObject", or_null(namespace));
    let reach = Reach::of(request.cluster, request.user);
    let ask = Arc::new(move |about: &Attributes| reach.covers(about));
    context.add_variable_as_val("authorizer", Box::new(Link::first(ask)));
    context
}

/// `request`, with the fields that `AdmissionRequest` leaves out where they are empty.
fn facts(request: &AdmissionRequest<'_>) -> Value {
    let at = request.attributes;
    let resource = at.resource.as_deref().unwrap_or_default();
    let mut facts = json!({
        "operation": request.operation.as_str(),
        "kind": {"group": request.kind.0, "version": request.kind.1, "kind": request.kind.2},
        "resource": {"group": at.group, "version": at.version, "resource": resource},
        "userInfo": request.user.to_value(),
        "dryRun": request.dry_run,
        "options": request.options,
    });
    for (field, value) in [
        ("name", &at.name),
        ("namespace", &at.namespace),
        ("subResource", &at.subresource),
    ] {
        if let Some(value) = value.as_deref().filter(|v| !v.is_empty()) {
            facts[field] = json!(value);
        }
    }
    facts
}

/// Any condition that is false leaves the request to the other policies; one that cannot be told
/// does so only if none is false.
fn conditions_hold(policy: &Policy, context: &Context<'_, '_>) -> Result<bool, String> {
    let mut trouble = None;
    for (name, program) in &policy.conditions {
        match boolean(program, context) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(why) => trouble = Some(format!("match condition {name} resulted in error: {why}")),
        }
    }
    match trouble {
        Some(why) if policy.fails_closed => Err(why),
        Some(_) => Ok(false),
        None => Ok(true),
    }
}

/// The API server evaluates a variable when it is used. Here all are, once; one that cannot be
/// evaluated is left out, so that using it is an error. The answer is why the first one failed.
fn bind_variables(policy: &Policy, context: &mut Context<'_, '_>) -> Option<String> {
    let mut bound: Vec<(String, Cel)> = Vec::new();
    let mut failed = None;
    context.add_variable_from_value("variables", map(Vec::new()));
    for (name, program) in &policy.variables {
        match program.execute(context) {
            Ok(value) => bound.push((name.clone(), value)),
            Err(why) => {
                failed.get_or_insert(format!("variable {name}: {why}"));
            }
        }
        context.add_variable_from_value("variables", map(bound.clone()));
    }
    failed
}

fn validate(policy: &Policy, rule: &Validation, context: &Context<'_, '_>, failed: Option<&str>) -> Result<(), String> {
    match boolean(&rule.expression, context) {
        Ok(true) => Ok(()),
        Ok(false) => Err(message(rule, context)),
        Err(_) if !policy.fails_closed => Ok(()),
        Err(why) => {
            let cause = failed.map(|f| format!(" ({f})")).unwrap_or_default();
            Err(format!("expression '{}' resulted in error: {why}{cause}", rule.source))
        }
    }
}

/// As the API server: `messageExpression`, else `message`, else the expression itself.
fn message(rule: &Validation, context: &Context<'_, '_>) -> String {
    let said = rule.message_expression.as_ref().and_then(|m| string(m, context));
    said.filter(|s| !s.trim().is_empty())
        .or_else(|| rule.message.clone())
        .unwrap_or_else(|| format!("failed expression: {}", rule.source))
}

fn annotations(policy: &Policy, context: &Context<'_, '_>) -> Vec<(String, String)> {
    let said = policy
        .annotations
        .iter()
        .filter_map(|(key, program)| Some((key, string(program, context)?)));
    said.filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (format!("{}/{key}", policy.name), value))
        .collect()
}

fn boolean(program: &Program, context: &Context<'_, '_>) -> Result<bool, ExecutionError> {
    match program.execute(context)? {
        Cel::Bool(value) => Ok(value),
        other => Err(ExecutionError::UnexpectedType {
            got: other.type_of().to_string(),
            want: "bool".to_owned(),
        }),
    }
}

fn string(program: &Program, context: &Context<'_, '_>) -> Option<String> {
    match program.execute(context) {
        Ok(Cel::String(text)) => Some(text.to_string()),
        _ => None,
    }
}
