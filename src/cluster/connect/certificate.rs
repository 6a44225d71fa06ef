//! When a client certificate ends, read from its DER: the one field that says why a server answers
//! 401 to somebody who did nothing wrong. No other part of X.509 is looked at, and nothing is
//! decided by it but a message.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `notAfter` of the first certificate in `pem`; None if it cannot be read.
pub(super) fn not_after(pem: &[u8]) -> Option<Timestamp> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, to_be_signed, _) = element(certificate)?;
    let mut rest = to_be_signed;
    // Version (optional), serial number, signature algorithm and issuer stand before the validity.
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (tag, validity, _) = element(rest)?;
    let (_, _, after_start) = element(validity)?;
    let (kind, end, _) = element(after_start)?;
    (tag == SEQUENCE).then(|| time(kind, end)).flatten()
}

/// Tag, content and what follows of the first DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let count = usize::from(first & 0x7f);
        // Longer than any certificate.
        if count > 3 || count > rest.len() {
            return None;
        }
        length = rest[..count].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest = &rest[count..];
    }
    (length <= rest.len()).then(|| (tag, &rest[..length], &rest[length..]))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(kind: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let full = match kind {
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let civil = DateTime::strptime("%Y%m%d%H%M%SZ", &full).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let end = |pem: &str| not_after(pem.as_bytes()).map(|t| t.to_string());
        assert_eq!(
            end(include_str!("fixtures/client-expired.pem")).as_deref(),
            Some("2020-01-02T03:04:05Z")
        );
        assert_eq!(
            end(include_str!("fixtures/ca.pem")).as_deref(),
            Some("2119-01-01T00:00:00Z"),
            "the long form of the time"
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let good = CertificateDer::from_pem_slice(include_bytes!("fixtures/ca.pem")).unwrap();
        for length in 0..120 {
            assert_eq!(element(&good[..length]), None, "cut at {length}");
        }
        for pem in [
            "",
            "x",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(not_after(pem.as_bytes()), None);
        }
    }
}
