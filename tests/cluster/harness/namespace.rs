//! A namespace per test, so that tests share one cluster without seeing each other.

use std::{
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::json;

use super::{people, request::Request, rig::Rig};

/// Reads as its name; deleted when dropped, without waiting.
pub struct Namespace<'rig> {
    rig: &'rig Rig,
    name: String,
}

impl Rig {
    /// Makes `<prefix>-<number>`, ready for pods.
    pub fn namespace(&self, prefix: &str) -> Namespace<'_> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("{prefix}-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.create_namespace(&name);
        Namespace { rig: self, name }
    }

    /// Makes a namespace of exactly this name, which stays.
    pub fn create_namespace(&self, name: &str) {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let admin = people::token("admin");
        let reply = self.http("POST", "/api/v1/namespaces", Some(&admin), Some(&object));
        assert_eq!(reply.status, 201, "namespace {name}: {}", reply.message());
        if self.options().controllers {
            // Pods are refused until the controller manager has made their account.
            let account = format!("/api/v1/namespaces/{name}/serviceaccounts/default");
            self.wait(&format!("default account of {name}"), Duration::from_secs(30), || {
                self.http("GET", &account, Some(&admin), None).status == 200
            });
        }
    }
}

impl Namespace<'_> {
    /// Path of a resource of the core group in it: `pods`, `pods/web-1/log`.
    pub fn path(&self, resource: &str) -> String {
        format!("/api/v1/namespaces/{}/{resource}", self.name)
    }

    /// Path of a resource of another group in it: `apps/v1`, `deployments/web`.
    pub fn path_in(&self, group_version: &str, resource: &str) -> String {
        format!("/apis/{group_version}/namespaces/{}/{resource}", self.name)
    }
}

impl Deref for Namespace<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let path = format!("/api/v1/namespaces/{}", self.name);
        // The server may be one that the test has killed.
        let _ = self
            .rig
            .send(&Request::new("DELETE", &path).token(&people::token("admin")));
    }
}
