//! Paths with parameters. Values are percent-encoded; paths are made of names that need none.

use std::fmt::Write;

pub fn uri(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut uri = path.to_owned();
    for (index, (name, value)) in parameters.iter().enumerate() {
        uri.push(if index == 0 { '?' } else { '&' });
        uri.push_str(name);
        uri.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                uri.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_become_parameters_of_their_own() {
        assert_eq!(
            uri("/api/v1/pods", &[("labelSelector", "a=b,c in (d)"), ("limit", "5")]),
            "/api/v1/pods?labelSelector=a%3Db%2Cc%20in%20%28d%29&limit=5"
        );
        assert_eq!(uri("/api", &[("x", "&watch=true#")]), "/api?x=%26watch%3Dtrue%23");
        assert_eq!(uri("/api", &[]), "/api");
    }
}
