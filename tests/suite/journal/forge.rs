//! A second, independent spelling of the journal's format, for forgeries with a key of one's own.

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn tagged(purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let head: &[&[u8]] = &[b"\0kglass.journal/1\0", purpose.as_bytes(), b"\0"];
    Sha256::digest([head, parts].concat().concat()).into()
}

pub fn name_of(key: &SigningKey) -> String {
    let digest = Sha256::digest(key.verifying_key().as_bytes());
    BASE32_NOPAD.encode(&digest[..10]).to_lowercase()
}

pub fn public(key: &SigningKey) -> String {
    BASE64.encode(key.verifying_key().as_bytes())
}

pub fn prev_of(key: &SigningKey) -> String {
    HEXLOWER.encode(&tagged("genesis", &[key.verifying_key().as_bytes()]))
}

/// Hashes and signs a record; serde_json's sorted maps are canonical for ASCII keys.
pub fn forge(mut record: Value, key: &SigningKey) -> Vec<u8> {
    let map = record.as_object_mut().expect("an object");
    map.remove("hash");
    map.remove("sig");
    let prev = HEXLOWER
        .decode(map["prev"].as_str().expect("prev").as_bytes())
        .expect("hex");
    let body = serde_json::to_vec(map).expect("json");
    let hash = tagged("record", &[&prev, &body]);
    record["sig"] = BASE64
        .encode(&key.sign(&tagged("signature", &[&hash])).to_bytes())
        .into();
    record["hash"] = HEXLOWER.encode(&hash).into();
    let mut line = serde_json::to_vec(&record).expect("json");
    line.push(b'\n');
    line
}

pub fn parse(line: &[u8]) -> Value {
    serde_json::from_slice(line).expect("json")
}

pub fn mine() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// A record of one's own after `last`.
pub fn follow(last: &[u8], kind: &str, data: Value, key: &SigningKey) -> Vec<u8> {
    let last = parse(last);
    let mut record = last.clone();
    record["seq"] = (last["seq"].as_u64().expect("seq") + 1).into();
    record["prev"] = last["hash"].clone();
    record["kind"] = kind.into();
    record["data"] = data;
    record["keyId"] = name_of(key).into();
    forge(record, key)
}

/// The whole journal again under a key of one's own.
pub fn resign(all: &[Vec<u8>], key: &SigningKey, keep_session: bool) -> Vec<Vec<u8>> {
    let mut prev = prev_of(key);
    all.iter()
        .map(|line| {
            let mut record = parse(line);
            if record["seq"] == 1 {
                record["sessionKey"] = public(key).into();
            }
            if !keep_session {
                record["session"] = name_of(key).into();
            }
            record["keyId"] = name_of(key).into();
            record["prev"] = prev.clone().into();
            let line = forge(record, key);
            parse(&line)["hash"].as_str().expect("hash").clone_into(&mut prev);
            line
        })
        .collect()
}
