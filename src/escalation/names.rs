//! Names that carry the rules: the encoded user name in
//! a grant, grant and Job. The policies of the kit compute the same in CEL; both must agree.

/// Longest name of a Secret.
const LONGEST_NAME: usize = 253;
/// Longest user name that a grant's policy accepts.
const LONGEST_USER: usize = 150;

/// Characters of a user name that a Secret's name cannot carry, with what stands for them.
pub(super) const ENCODED: [(char, &str); 10] = [
    ('-', "-d"),
    ('@', "-a"),
    (':', "-c"),
    ('_', "-u"),
    ('.', "-p"),
    ('/', "-s"),
    ('+', "-l"),
    ('#', "-h"),
    ('=', "-e"),
    (' ', "-w"),
];

/// What a session's name looks like (`audit::session_hash` makes it).
pub fn is_session_hash(text: &str) -> bool {
    text.len() == 16
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}

/// `<who>`: injective, without dots, so that a grant's name has exactly three parts.
pub fn encode_user(user: &str) -> Result<String, String> {
    if user.is_empty() || user.len() > LONGEST_USER {
        return Err(format!(
            "the user name has {} characters, and a grant carries 1 to {LONGEST_USER}",
            user.len()
        ));
    }
    let mut encoded = String::from("u");
    for c in user.chars() {
        if let Some((_, code)) = ENCODED.iter().find(|(plain, _)| *plain == c) {
            encoded.push_str(code);
        } else if c.is_ascii_uppercase() {
            encoded.push_str("-0");
            encoded.push(c.to_ascii_lowercase());
        } else if c.is_ascii_lowercase() || c.is_ascii_digit() {
            encoded.push(c);
        } else {
            return Err(format!(
                "the user name has {c:?}, which the name of a grant cannot carry"
            ));
        }
    }
    Ok(encoded)
}

/// `<deadline>-<hash>`, the id of Job and grant.
pub fn grant_id(deadline: u64, hash: &str) -> String {
    format!("{deadline:010}-{hash}")
}

/// `<identity>.<who>.<id>`
pub fn grant_name(identity: &str, user: &str, id: &str) -> Result<String, String> {
    let name = format!("{identity}.{}.{id}", encode_user(user)?);
    if name.len() > LONGEST_NAME {
        return Err(format!(
            "the grant of `{identity}` to `{user}` would have a name of {} characters",
            name.len()
        ));
    }
    Ok(name)
}

pub fn job_name(id: &str) -> String {
    format!("g-{id}")
}

/// Deadline (epoch seconds) and hash out of a grant's name.
pub fn parse_grant_name(name: &str) -> Option<(u64, &str)> {
    let mut parts = name.split('.');
    let (_, _, id) = (parts.next()?, parts.next()?, parts.next()?);
    let (deadline, hash) = id.split_once('-')?;
    let is_whole = parts.next().is_none() && deadline.len() == 10 && is_session_hash(hash);
    is_whole.then_some((deadline.parse().ok()?, hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_hash_of_a_key_is_a_sessions_name() {
        let hash = crate::audit::session_hash(&[7; 32]);
        assert!(is_session_hash(&hash), "{hash}");
        for bad in [
            "",
            "abcdefghij23456",
            "abcdefghij2345678",
            "abcdefghij234561",
            "ABCDEFGHIJ234567",
        ] {
            assert!(!is_session_hash(bad), "{bad}");
        }
    }

    #[test]
    fn names_of_people_are_carried_whole() {
        assert_eq!(encode_user("oncall").unwrap(), "uoncall");
        assert_eq!(encode_user("Ann-Lee@x.io").unwrap(), "u-0ann-d-0lee-ax-pio");
        assert!(encode_user("arn:aws:sts::1:assumed-role/Ops_1/a=b").is_ok());
        assert!(encode_user("ännchen").is_err());
        assert!(encode_user("a\nb").is_err());
        assert!(encode_user("").is_err());
    }

    #[test]
    fn a_grants_name_is_read_back_and_anything_else_is_not() {
        let name = grant_name("restarter", "a.b", &grant_id(1_800_000_000, "abcdefghij234567")).unwrap();
        assert_eq!(name, "restarter.ua-pb.1800000000-abcdefghij234567");
        assert_eq!(parse_grant_name(&name), Some((1_800_000_000, "abcdefghij234567")));
        for bad in [
            "a.b",
            "a.b.1-x",
            "a.b.1800000000-abcdefghij234567.c",
            "a.b.1800000000-abcdefghij23456",
        ] {
            assert_eq!(parse_grant_name(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_too_long_for_a_secret_is_refused() {
        assert!(
            grant_name(
                &"r".repeat(200),
                "somebody.with.a.name@example.org",
                &grant_id(1_800_000_000, "abcdefghij234567")
            )
            .is_err()
        );
    }

    proptest! {
        #[test]
        fn two_people_never_share_a_name(a in "[A-Za-z0-9@:_./+#= -]{1,20}", b in "[A-Za-z0-9@:_./+#= -]{1,20}") {
            prop_assume!(a != b);
            prop_assert_ne!(encode_user(&a).unwrap(), encode_user(&b).unwrap());
        }

        #[test]
        fn a_name_holds_no_dot_and_ends_well(a in "[A-Za-z0-9@:_./+#= -]{1,40}") {
            let name = encode_user(&a).unwrap();
            prop_assert!(!name.contains('.') && !name.ends_with('-'));
        }
    }
}
