//! kubectl of the rig's own version, as any of its people.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use super::rig::Rig;

impl Rig {
    /// A command to add to: working directory, more arguments, pipes.
    pub fn kubectl_command(&self, user: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.binary().path());
        command.args(["kubectl", "--kubeconfig"]).arg(self.kubeconfig(user));
        // The discovery cache of the machine's user belongs to other clusters.
        command
            .arg("--cache-dir")
            .arg(self.folder().join("kubectl-cache"))
            .args(args);
        command
    }

    pub fn kubectl(&self, user: &str, args: &[&str]) -> Output {
        self.kubectl_with_input(user, args, "")
    }

    pub fn kubectl_with_input(&self, user: &str, args: &[&str], input: &str) -> Output {
        let mut child = self
            .kubectl_command(user, args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the rig's program runs");
        let mut stdin = child.stdin.take().expect("asked for above");
        // It may leave without reading; its exit code then says why.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("kubectl ends")
    }

    /// The output of a command that must succeed.
    #[track_caller]
    pub fn kubectl_ok(&self, user: &str, args: &[&str]) -> String {
        succeeded(args, self.kubectl(user, args))
    }

    #[track_caller]
    pub fn apply(&self, user: &str, yaml: &str) -> String {
        let args = ["apply", "-f", "-"];
        succeeded(&args, self.kubectl_with_input(user, &args, yaml))
    }
}

#[track_caller]
fn succeeded(args: &[&str], output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "kubectl {}: {errors}", args.join(" "));
    String::from_utf8(output.stdout).expect("kubectl writes UTF-8")
}
