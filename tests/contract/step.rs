//! One request of the table, as data.

use serde_json::Value;

pub const MERGE: &str = "application/merge-patch+json";
pub const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub const JSON_PATCH: &str = "application/json-patch+json";
pub const APPLY: &str = "application/apply-patch+yaml";
pub const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
pub const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
pub const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
pub const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub user: &'static str,
    pub method: &'static str,
    /// `{name}` stands for what an earlier step kept.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub media: &'static str,
    /// Values that are facts: JSON pointers.
    pub see: Vec<&'static str>,
    /// Kept for later steps: name and JSON pointer, or `etag`.
    pub keep: Vec<(&'static str, &'static str)>,
    /// Asked again until the value is there.
    pub until: Option<(&'static str, Value)>,
    /// Part of the stage, not of the comparison.
    pub silent: bool,
}

fn step(id: &str, method: &'static str, path: &str) -> Step {
    Step {
        id: id.to_owned(),
        user: "admin",
        method,
        path: path.to_owned(),
        headers: Vec::new(),
        body: String::new(),
        media: "application/json",
        see: Vec::new(),
        keep: Vec::new(),
        until: None,
        silent: false,
    }
}

pub fn get(id: &str, path: &str) -> Step {
    step(id, "GET", path)
}

pub fn post(id: &str, path: &str, body: &Value) -> Step {
    let mut step = step(id, "POST", path);
    step.body = body.to_string();
    step
}

pub fn put(id: &str, path: &str, body: &str) -> Step {
    let mut step = step(id, "PUT", path);
    body.clone_into(&mut step.body);
    step
}

pub fn patch(id: &str, path: &str, body: &Value) -> Step {
    let mut step = step(id, "PATCH", path);
    step.body = body.to_string();
    step.media = MERGE;
    step
}

pub fn delete(id: &str, path: &str) -> Step {
    step(id, "DELETE", path)
}

impl Step {
    pub fn by(mut self, user: &'static str) -> Self {
        self.user = user;
        self
    }

    pub fn accept(self, media: &str) -> Self {
        self.header("Accept", media)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn media(mut self, media: &'static str) -> Self {
        self.media = media;
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    pub fn see(mut self, pointers: &[&'static str]) -> Self {
        self.see.extend(pointers);
        self
    }

    pub fn keep(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.keep.push((name, pointer));
        self
    }

    pub fn until(mut self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.until = Some((pointer, value.into()));
        self
    }

    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    pub fn is_watch(&self) -> bool {
        self.path.contains("watch=")
    }
}
