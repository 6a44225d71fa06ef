//! What this process has in memory is nobody else's: base credentials, and while the glass is broken
//! the live token. Must be done before anything is read that could be one.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// No core is dumped, whatever kills the program, and no other program of the same user may read its
/// memory or attach to it. Children inherit the first only.
pub fn keep_memory_private() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // The limit alone does not bind a core that goes to a pipe (systemd-coredump, apport).
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn neither_a_dump_nor_another_program_gets_at_the_memory() {
        keep_memory_private().expect("both may be lowered by anybody");
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        assert_eq!(dumpable_behavior().expect("Linux"), DumpableBehavior::NotDumpable);
    }
}
