//! From an authenticated request to its handler: authorization, then path, review, resource or
//! subresource. Admission is asked by the handlers, once they know old and new object.

use std::sync::Arc;

use serde_json::{Value, json};

use super::admission::{Admission, Annotations};
use super::answer::{Answer, Outcome};
use super::asked::Asked;
use super::authn::UserInfo;
use super::kinds::{self, Kind};
use super::refusal::Refusal;
use super::request::Attributes;
use super::served::is_served;
use super::server::{Metrics, Shared, State};
use super::store::Store;
use super::table::Form;
use super::writer::Writer;
use super::{
    collection, create, delete, discovery, eviction, exec, log, metrics, object, patch, port_forward, rbac, reviews,
};
use super::{scale, token_request, update, watch};

pub(super) fn answer(shared: &Arc<Shared>, asked: &Asked, user: Result<UserInfo, Refusal>) -> Answer {
    let user = match user {
        Ok(user) => user,
        Err(refusal) => return refusal.into(),
    };
    let mut answer = handle(shared, asked, &user).unwrap_or_else(Answer::from);
    let decision = answer.annotations.entry(DECISION.to_owned());
    decision.or_insert_with(|| "allow".to_owned());
    answer
}

/// Who decided is told in the audit event, as a real server does.
const DECISION: &str = "authorization.k8s.io/decision";

fn forbidden(user: &UserInfo, at: &Attributes) -> Answer {
    Answer::from(Refusal::forbidden(user, at)).annotated(DECISION, "forbid".to_owned())
}

fn handle(shared: &Arc<Shared>, asked: &Asked, user: &UserInfo) -> Outcome {
    let mut state = shared.settled();
    if !rbac::allows(&state.store, user, &asked.at) {
        return Ok(forbidden(user, &asked.at));
    }
    let at = &asked.at;
    if at.resource.is_none() {
        return path(&state, asked);
    }
    if at.group == "authentication.k8s.io" || at.group == "authorization.k8s.io" {
        let now = shared.clock.now_ms();
        let answer = reviews::create(&state.store, user, at, &asked.json()?, now);
        return answer.unwrap_or_else(|| Err(Refusal::method_not_allowed()));
    }
    let plural = at.resource.as_deref().unwrap_or_default();
    let kind = kinds::find(&at.group, &at.version, plural).ok_or_else(|| {
        if kinds::is_known_version(&at.group, &at.version) {
            Refusal::no_such_path()
        } else {
            Refusal::nothing_here()
        }
    })?;
    if kind.is_measured() && state.metrics == Metrics::Down {
        return Err(Refusal::unavailable());
    }
    if !is_served(&state, kind) {
        return Err(Refusal::no_such_path());
    }
    let verbs = match &at.subresource {
        Some(sub) => kind.subresource(sub).ok_or_else(Refusal::no_such_path)?.verbs,
        None => kind.verbs,
    };
    // An object is not posted to, and a collection not put.
    let misplaced = match at.verb.as_str() {
        "create" => at.subresource.is_none() && asked.names_object(),
        "update" | "patch" => !asked.names_object(),
        _ => false,
    };
    if misplaced || !verbs.contains(&at.verb.as_str()) {
        return Err(Refusal::method_not_allowed());
    }
    if matches!(at.subresource.as_deref(), Some("exec" | "portforward")) {
        return Ok(connect(shared, &mut state, kind, asked, user));
    }
    match at.verb.as_str() {
        "get" | "list" | "watch" => read(shared, &mut state, kind, asked),
        _ => Ok(write(shared, &mut state, kind, asked, user)),
    }
}

fn path(state: &State, asked: &Asked) -> Outcome {
    if asked.at.verb != "get" {
        return Err(Refusal::method_not_allowed());
    }
    match asked.at.path.trim_end_matches('/') {
        "/version" => Ok(Answer::ok(json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitCommit": "embedded", "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "rustc", "platform": "embedded",
            "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
        }))),
        "/healthz" | "/livez" | "/readyz" => Ok(Answer::text("ok")),
        _ => discovery::get(state, asked),
    }
}

fn read(shared: &Arc<Shared>, state: &mut State, kind: &'static Kind, asked: &Asked) -> Outcome {
    let (at, query, store) = (&asked.at, &asked.query, &state.store);
    let form = Form::asked(&state.store, kind, asked);
    let now = shared.clock.now_ms();
    if kind.is_measured() {
        return metrics::read(state, kind, asked, &form, now);
    }
    match (at.subresource.as_deref(), at.verb.as_str()) {
        (None, "list") => collection::list(store, kind, at, query, &form, now),
        (None, "watch") => watch::open(shared, store, kind, at, query, form),
        (None | Some("status" | "ephemeralcontainers"), _) => object::get(store, kind, &asked.key(kind), &form, now),
        (Some("scale"), _) => scale::get(store, kind, &asked.key(kind)),
        (Some("log"), _) => log::get(shared, state, kind, asked),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// A websocket is opened by GET, but it is `create` that allows it, as in the API server since 1.35.
fn connect(shared: &Arc<Shared>, state: &mut State, kind: &'static Kind, asked: &Asked, user: &UserInfo) -> Answer {
    let mut create = asked.at.clone();
    "create".clone_into(&mut create.verb);
    if !rbac::allows(&state.store, user, &create) {
        return forbidden(user, &create);
    }
    let shell = asked.at.subresource.as_deref() == Some("exec");
    let options = if shell {
        ("PodExecOptions", exec::options(asked))
    } else {
        ("PodPortForwardOptions", port_forward::options(asked))
    };
    let admission = state.admission.clone();
    let mut writer = writer(shared, &mut state.store, admission.as_deref(), asked, user);
    let admitted = exec::admit(&mut writer, kind, options);
    let notes = writer.notes;
    let outcome = admitted.and_then(|()| {
        if shell {
            exec::open(shared, state, kind, asked)
        } else {
            port_forward::open(shared, state, kind, asked)
        }
    });
    annotated(outcome, notes)
}

fn writer<'a>(
    shared: &Shared,
    store: &'a mut Store,
    admission: Option<&'a dyn Admission>,
    asked: &'a Asked,
    user: &'a UserInfo,
) -> Writer<'a> {
    Writer {
        store,
        admission,
        user,
        asked,
        now_ms: shared.clock.now_ms(),
        dry_run: asked.query.is_dry_run(),
        notes: Annotations::new(),
    }
}

fn write(shared: &Shared, state: &mut State, kind: &'static Kind, asked: &Asked, user: &UserInfo) -> Answer {
    let admission = state.admission.clone();
    let mut writer = writer(shared, &mut state.store, admission.as_deref(), asked, user);
    let outcome = match (asked.at.subresource.as_deref(), asked.at.verb.as_str()) {
        (None, "create") => create::create(&mut writer, kind),
        (None, "update") => update::replace(&mut writer, kind, update::Part::Whole),
        (None, "patch") => patch::patch(&mut writer, kind, update::Part::Whole),
        (None, "delete") => delete::one(&mut writer, kind),
        (None, "deletecollection") => delete::collection(&mut writer, kind),
        (Some("status"), "update") => update::replace(&mut writer, kind, update::Part::Status),
        (Some("status"), _) => patch::patch(&mut writer, kind, update::Part::Status),
        (Some("ephemeralcontainers"), "update") => update::replace(&mut writer, kind, update::Part::Ephemeral),
        (Some("ephemeralcontainers"), _) => patch::patch(&mut writer, kind, update::Part::Ephemeral),
        (Some("scale"), _) => scale::set(&mut writer, kind),
        (Some("eviction"), _) => eviction::create(&mut writer, kind),
        (Some("token"), _) => token_request::create(&mut writer, &mut state.authn, &shared.random),
        _ => Err(Refusal::method_not_allowed()),
    };
    let notes = writer.notes;
    annotated(outcome, notes)
}

fn annotated(outcome: Outcome, notes: Annotations) -> Answer {
    let mut answer = outcome.unwrap_or_else(Answer::from);
    answer.annotations.extend(notes);
    answer
}

/// A `Status` of success, as deletions and evictions answer.
pub(super) fn success(code: Option<u16>, details: Option<Value>) -> Value {
    let mut status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"});
    if let Some(code) = code {
        status["code"] = json!(code);
    }
    if let Some(details) = details {
        status["details"] = details;
    }
    status
}
