//! What the channels of a websocket to a pod mean, and what the server says at the end of an exec.

use serde_json::Value;

use crate::model::TermSafe;

pub(super) const STDIN: u8 = 0;
pub(super) const STDOUT: u8 = 1;
pub(super) const STDERR: u8 = 2;
/// A `Status`, when the program has ended.
pub(super) const STATUS: u8 = 3;
pub(super) const RESIZE: u8 = 4;

/// Data of the first port, and what went wrong with it.
pub(super) const PORT_DATA: u8 = 0;
pub(super) const PORT_ERROR: u8 = 1;

/// How a remote program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Code(i32),
    /// It could not be run, or the server gave up; with the server's words.
    Failed(String),
}

/// Reads the `Status` of channel 3.
pub(super) fn exit(status: &[u8]) -> Exit {
    let status: Value = serde_json::from_slice(status).unwrap_or(Value::Null);
    if status["status"] == "Success" {
        return Exit::Code(0);
    }
    let causes = status.pointer("/details/causes").and_then(Value::as_array);
    let code = causes
        .into_iter()
        .flatten()
        .find(|cause| cause["reason"] == "ExitCode")
        .and_then(|cause| cause["message"].as_str()?.parse().ok());
    code.map_or_else(
        || {
            let message = status["message"].as_str().unwrap_or("no reason was given");
            Exit::Failed(TermSafe::new(message).to_string())
        },
        Exit::Code,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_in_the_causes() {
        assert_eq!(exit(br#"{"metadata":{},"status":"Success"}"#), Exit::Code(0));
        let failed =
            br#"{"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode",
            "details":{"causes":[{"reason":"ExitCode","message":"130"}]}}"#;
        assert_eq!(exit(failed), Exit::Code(130));
    }

    #[test]
    fn without_one_the_servers_words_are_kept_and_are_safe() {
        let status = b"{\"status\":\"Failure\",\"message\":\"no \\u001b[2Jshell\"}";
        let Exit::Failed(words) = exit(status) else {
            panic!("no code was given")
        };
        assert!(words.contains("shell") && !words.contains('\u{1b}'));
        assert!(matches!(exit(b"garbage"), Exit::Failed(_)));
    }
}
