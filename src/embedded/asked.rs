//! One request as handlers see it: attributes, query, headers and body, and the bodies' forms.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::refusal::Refusal;
use super::request::{Attributes, Params};
use super::store::Key;

pub(super) struct Asked {
    pub at: Attributes,
    pub query: Params,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// `application/json` of `application/json; charset=utf-8`.
    pub fn media_type(&self) -> &str {
        self.header("content-type").split(';').next().unwrap_or_default().trim()
    }

    /// The path has an object's name, not only the query.
    pub fn names_object(&self) -> bool {
        let plural = self.at.resource.as_deref().unwrap_or_default();
        let name = self.at.name.as_deref().unwrap_or_default();
        !name.is_empty() && self.at.path.contains(&format!("/{plural}/{name}"))
    }

    /// The object that the path names.
    pub fn key(&self, kind: &'static Kind) -> Key {
        let namespace = self.at.namespace.as_deref().unwrap_or_default();
        Key::new(kind, namespace, self.at.name.as_deref().unwrap_or_default())
    }

    /// The body as JSON; nothing sent is an empty object.
    pub fn json(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Ok(json!({}));
        }
        if !matches!(self.media_type(), "" | "application/json") {
            return Err(Refusal::unsupported_media(&[
                "application/json",
                "application/yaml",
                "application/vnd.kubernetes.protobuf",
            ]));
        }
        let value: Value = serde_json::from_slice(&self.body)
            .map_err(|e| Refusal::bad_request(&format!("the object provided is unrecognized: {e}")))?;
        Ok(value)
    }

    /// `DeleteOptions` may come as a body, as query parameters, or both.
    pub fn delete_options(&self) -> Result<Value, Refusal> {
        let mut options = self.json()?;
        for field in ["propagationPolicy", "orphanDependents"] {
            if let (Some(value), None) = (self.query.get(field), options.get(field)) {
                options[field] = json!(value);
            }
        }
        if let (Some(grace), None) = (
            self.query.get("gracePeriodSeconds").and_then(|g| g.parse::<i64>().ok()),
            options.get("gracePeriodSeconds"),
        ) {
            options["gracePeriodSeconds"] = json!(grace);
        }
        Ok(options)
    }
}
