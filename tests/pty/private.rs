//! What the program has in its memory comes into no file: a core dump would hold the live token.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Home;

#[test]
fn no_core_is_dumped_of_a_program_that_may_hold_a_token() {
    // As after `ulimit -c unlimited`.
    let most = getrlimit(Resource::Core).maximum;
    let unlimited = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Core, unlimited).expect("the soft limit may be as the hard one");
    assert_ne!(most, Some(0), "where no core may be dumped anyway this shows nothing");
    for args in [&[][..], &["demo"]] {
        let home = Home::new();
        let kglass = home.open(args, (80, 24));
        kglass.wait_for("? keys");
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", kglass.pid())).expect("it runs");
        let core = limits.lines().find(|line| line.starts_with("Max core file size"));
        let core: Vec<&str> = core.expect("a limit").split_whitespace().skip(4).collect();
        assert_eq!(core, ["0", "0", "bytes"], "{args:?}");
    }
}
