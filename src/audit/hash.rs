//! Every hash of the journal in one place, each with a domain of its own, so that a hash made for
//! one purpose can never pass for another.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

pub const SCHEMA: &str = "kglass.journal/1";

pub type Hash = [u8; 32];

/// `prev` of the first record: it commits to the key that signs the journal.
pub fn genesis(public_key: &[u8; 32]) -> Hash {
    tagged("genesis", &[public_key])
}

/// Hash of a record: over the hash before it and its canonical text without `hash` and `sig`.
pub fn record(prev: &Hash, body: &str) -> Hash {
    tagged("record", &[prev, body.as_bytes()])
}

/// What is signed for a record.
pub fn signed(hash: &Hash) -> Hash {
    tagged("signature", &[hash])
}

fn tagged(purpose: &str, parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(SCHEMA.as_bytes());
    hasher.update([0]);
    hasher.update(purpose.as_bytes());
    hasher.update([0]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A session's name: lower-case base32 (RFC 4648, no padding, 16 characters) of the first 80 bits
/// of SHA-256(session public key).
pub fn session_hash(public_key: &[u8; 32]) -> String {
    let digest: Hash = Sha256::digest(public_key).into();
    BASE32_NOPAD.encode(&digest[..10]).to_lowercase()
}

/// The `Audit-ID` of a request: lower-case base32 of the first 160 bits of its intent record's
/// hash. The record holds a nonce, so the id cannot be guessed or made up afterwards.
pub fn audit_id(intent: &Hash) -> String {
    BASE32_NOPAD.encode(&intent[..20]).to_lowercase()
}

pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Lower-case hex of exactly 32 bytes.
pub fn parse_hex(text: &str) -> Option<Hash> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Could `name` be a session's name?
pub fn is_session_hash(name: &str) -> bool {
    name.len() == 16
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_by_the_first_80_bits_of_its_keys_hash() {
        // printf '%032d' 0 | tr 0 '\0' | sha256sum | xxd -r -p | head -c10 | base32 | tr A-Z a-z
        assert_eq!(session_hash(&[0; 32]), "mzuhvlpymk6xo3ep");
        assert!(is_session_hash(&session_hash(&[7; 32])));
    }

    #[test]
    fn an_audit_id_is_32_lower_case_characters_of_the_intents_hash() {
        assert_eq!(audit_id(&[0; 32]), "a".repeat(32));
        assert_eq!(audit_id(&[0xff; 32]), "7".repeat(32));
    }

    #[test]
    fn the_same_bytes_hash_differently_for_each_purpose() {
        let same = [1; 32];
        let all = [genesis(&same), record(&same, ""), signed(&same)];
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    }
}
