//! The key of one session: made at entry, kept in memory, erased on drop. It has no way out of
//! this file but signatures and its public half.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::hash::{self, Hash};

/// Signs records. Neither Clone nor Debug nor serialisable; zeroized by ed25519-dalek on drop.
pub struct SessionKey(SigningKey);

impl SessionKey {
    /// A fresh key from the operating system's randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Base64 of the signature over a record's hash.
    pub fn sign(&self, record: &Hash) -> String {
        BASE64.encode(&self.0.sign(&hash::signed(record)).to_bytes())
    }
}

/// The public half, for verification.
#[derive(Clone, Debug)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// From base64, refusing what is no point on the curve or a weak one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = BASE64.decode(text.as_bytes()).ok()?.try_into().ok()?;
        let key = VerifyingKey::from_bytes(&bytes).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    pub fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Strict: one signature per record and key, no malleable twin.
    pub fn has_signed(&self, record: &Hash, signature: &str) -> bool {
        let Ok(bytes) = BASE64.decode(signature.as_bytes()) else {
            return false;
        };
        Signature::from_slice(&bytes)
            .is_ok_and(|signature| self.0.verify_strict(&hash::signed(record), &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_that_signed_verifies() {
        let (mine, other) = (
            SessionKey::generate().expect("random"),
            SessionKey::generate().expect("random"),
        );
        let signature = mine.sign(&[7; 32]);
        let public = |k: &SessionKey| PublicKey::parse(&BASE64.encode(&k.public())).expect("key");
        assert!(public(&mine).has_signed(&[7; 32], &signature));
        assert!(!public(&mine).has_signed(&[8; 32], &signature));
        assert!(!public(&other).has_signed(&[7; 32], &signature));
        assert!(!public(&mine).has_signed(&[7; 32], &format!("{signature} ")));
    }

    #[test]
    fn a_weak_point_is_no_key() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(PublicKey::parse(&BASE64.encode(&identity)).is_none());
    }
}
