//! Who sends: static bearer tokens of people, and tokens minted here for service accounts. Holds
//! tokens, so nothing in it is Debug. A minted token is known by its whole text; its signature is
//! decoration.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::store::{Key, Store, uid};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserInfo {
    pub username: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: BTreeMap<String, Vec<String>>,
}

pub(super) const CREDENTIAL_ID: &str = "authentication.kubernetes.io/credential-id";

impl UserInfo {
    pub(super) fn anonymous() -> Self {
        Self {
            username: "system:anonymous".to_owned(),
            groups: vec!["system:unauthenticated".to_owned()],
            ..Self::default()
        }
    }

    pub(super) fn person(name: &str, groups: &[&str]) -> Self {
        let mut groups: Vec<String> = groups.iter().map(|g| (*g).to_owned()).collect();
        groups.push("system:authenticated".to_owned());
        Self {
            username: name.to_owned(),
            uid: name.to_owned(),
            groups,
            extra: BTreeMap::new(),
        }
    }

    fn service_account(minted: &Minted) -> Self {
        let id = format!("JTI={}", minted.jti);
        Self {
            username: format!(
                "system:serviceaccount:{}:{}",
                minted.account.namespace, minted.account.name
            ),
            uid: minted.account_uid.clone(),
            groups: vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{}", minted.account.namespace),
                "system:authenticated".to_owned(),
            ],
            extra: BTreeMap::from([(CREDENTIAL_ID.to_owned(), vec![id])]),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let mut user = json!({"username": self.username, "groups": self.groups});
        if !self.uid.is_empty() {
            user["uid"] = json!(self.uid);
        }
        if !self.extra.is_empty() {
            user["extra"] = json!(self.extra);
        }
        user
    }
}

/// What the server remembers of a token it made.
pub(super) struct Minted {
    pub account: Key,
    pub account_uid: String,
    /// The bound Secret and its uid.
    pub bound: Option<(Key, String)>,
    pub jti: String,
    pub expires_ms: i64,
    /// False if it was asked for other audiences than the API server's.
    pub for_api_server: bool,
}

pub(super) struct Authn {
    people: HashMap<String, UserInfo>,
    minted: HashMap<String, Minted>,
    /// Successful authentications, for each replica and token, and until when they are believed.
    cache: HashMap<(usize, String), (UserInfo, i64)>,
    pub cache_ms: i64,
}

impl Authn {
    pub fn new() -> Self {
        Self {
            people: HashMap::new(),
            minted: HashMap::new(),
            cache: HashMap::new(),
            cache_ms: 0,
        }
    }

    pub fn add_person(&mut self, token: &str, user: UserInfo) {
        self.people.insert(token.to_owned(), user);
    }

    pub fn add_minted(&mut self, token: String, minted: Minted) {
        self.minted.insert(token, minted);
    }

    pub fn minted_tokens(&self) -> impl Iterator<Item = &str> {
        self.minted.keys().map(String::as_str)
    }

    /// The user behind an `Authorization` header. Like a real server it believes a success for
    /// `cache_ms`, whatever has happened to the token since.
    pub fn authenticate(
        &mut self,
        replica: usize,
        header: Option<&str>,
        store: &Store,
        now_ms: i64,
    ) -> Result<UserInfo, Refusal> {
        let Some(header) = header else {
            return Ok(UserInfo::anonymous());
        };
        let token = header.strip_prefix("Bearer ").ok_or_else(Refusal::unauthorized)?;
        let slot = (replica, token.to_owned());
        if let Some((user, until)) = self.cache.get(&slot)
            && now_ms < *until
        {
            return Ok(user.clone());
        }
        self.cache.remove(&slot);
        let user = self.fresh(token, store, now_ms).ok_or_else(Refusal::unauthorized)?;
        if self.cache_ms > 0 {
            self.cache.insert(slot, (user.clone(), now_ms + self.cache_ms));
        }
        Ok(user)
    }

    fn fresh(&self, token: &str, store: &Store, now_ms: i64) -> Option<UserInfo> {
        if let Some(user) = self.people.get(token) {
            return Some(user.clone());
        }
        let minted = self.minted.get(token)?;
        let alive = |key: &Key, id: &str| store.get(key).is_some_and(|object| uid(object) == id);
        let holds = minted.for_api_server
            && now_ms < minted.expires_ms
            && alive(&minted.account, &minted.account_uid)
            && minted.bound.as_ref().is_none_or(|(key, id)| alive(key, id));
        holds.then(|| UserInfo::service_account(minted))
    }
}
