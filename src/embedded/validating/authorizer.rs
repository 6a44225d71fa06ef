//! `authorizer` of admission policies: asks the server's own RBAC whether the caller may do
//! something else too. The chain is that of the API server:
//! `authorizer.group(…).resource(…).namespace(…).name(…).check(verb).allowed()`.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use cel::common::functions::Function;
use cel::common::types::{CelBool, CelString, STRING_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::super::request::Attributes;

/// Answers whether the caller of the request under review may do what is asked.
pub(super) type Ask = Arc<dyn Fn(&Attributes) -> bool + Send + Sync>;

static AUTHORIZER: Type = Type::new_unspecified_type("kubernetes.authorization.Authorizer");
static GROUP_CHECK: Type = Type::new_unspecified_type("kubernetes.authorization.GroupCheck");
static RESOURCE_CHECK: Type = Type::new_unspecified_type("kubernetes.authorization.ResourceCheck");
static DECISION: Type = Type::new_unspecified_type("kubernetes.authorization.Decision");

/// One link of the chain: what was said so far, and the type that this makes it.
#[derive(Clone)]
pub(super) struct Link {
    kind: &'static Type,
    ask: Ask,
    about: Attributes,
    allowed: bool,
}

impl Link {
    pub fn first(ask: Ask) -> Self {
        Self {
            kind: &AUTHORIZER,
            ask,
            about: Attributes::default(),
            allowed: false,
        }
    }
}

pub(super) fn library(env: &mut Env) -> Result<(), DeclarationError> {
    let steps: [(&str, &'static Type, Function); 6] = [
        ("group", &AUTHORIZER, group),
        ("resource", &GROUP_CHECK, resource),
        ("subresource", &RESOURCE_CHECK, subresource),
        ("namespace", &RESOURCE_CHECK, namespace),
        ("name", &RESOURCE_CHECK, name),
        ("check", &RESOURCE_CHECK, check),
    ];
    for (step, of, function) in steps {
        env.add_member_overload(
            step,
            &format!("authorizer_{step}"),
            copy(of),
            vec![STRING_TYPE],
            function,
        )?;
    }
    env.add_member_overload("allowed", "decision_allowed", copy(&DECISION), vec![], allowed)
}

/// Types of the crate are not `Clone`; their names are.
fn copy(of: &'static Type) -> Type {
    Type::new_unspecified_type(of.name())
}

fn group<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    step(&args, &GROUP_CHECK, |link, group| link.about.group = group)
}

fn resource<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    step(&args, &RESOURCE_CHECK, |link, resource| {
        link.about.resource = Some(resource);
    })
}

fn subresource<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    step(&args, &RESOURCE_CHECK, |link, sub| link.about.subresource = Some(sub))
}

fn namespace<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    step(&args, &RESOURCE_CHECK, |link, namespace| {
        link.about.namespace = Some(namespace);
    })
}

fn name<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    step(&args, &RESOURCE_CHECK, |link, name| link.about.name = Some(name))
}

fn check<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    step(&args, &DECISION, |link, verb| {
        link.about.verb = verb;
        link.allowed = (link.ask)(&link.about);
    })
}

fn allowed<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    Ok(CowVal::owned(CelBool::from(link(&args)?.allowed)))
}

fn step<'b, 'v>(
    args: &[CowVal<'b, 'v>],
    next: &'static Type,
    say: impl FnOnce(&mut Link, String),
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let word = args.get(1).and_then(|a| a.downcast_ref::<CelString>());
    let word = word.ok_or_else(|| ExecutionError::function_error("authorizer", "takes a string"))?;
    let mut link = link(args)?.clone();
    say(&mut link, word.inner().to_owned());
    link.kind = next;
    Ok(CowVal::owned(link))
}

fn link<'a>(args: &'a [CowVal<'_, '_>]) -> Result<&'a Link, ExecutionError> {
    let first = args.first().and_then(|a| a.as_any()).and_then(|a| a.downcast_ref());
    first.ok_or_else(|| ExecutionError::function_error("authorizer", "is called on an authorizer"))
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind.name(), self.about)
    }
}

impl Val for Link {
    fn get_type(&self) -> &Type {
        self.kind
    }

    fn cel_type() -> &'static Type {
        &AUTHORIZER
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Link {}
