//! The programs of the shell. Whatever is not here is not found, as in a lean container.

use super::super::clock::rfc3339;
use super::Shell;

pub(super) enum Done {
    Said {
        code: i32,
        stdout: String,
        stderr: String,
    },
    Exit(i32),
    /// Takes the input until it ends.
    Copy,
    Top,
    Sleep(i64),
}

const PROGRAMS: &[&str] = &[
    "cat", "clear", "date", "echo", "env", "false", "hostname", "id", "kill", "ls", "ps", "pwd", "sh", "sleep", "stty",
    "top", "true", "uname", "whoami",
];

pub(super) fn exists(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or_default();
    PROGRAMS.contains(&name)
}

pub(super) fn run(shell: &mut Shell, words: &[String]) -> Done {
    let (name, arguments) = words.split_first().expect("a step has a word");
    let argument = |at: usize| arguments.get(at).map_or("", String::as_str);
    match name.rsplit('/').next().unwrap_or_default() {
        "exit" => Done::Exit(argument(0).parse().unwrap_or(shell.last)),
        "exec" if arguments.is_empty() => well(""),
        "exec" => run(shell, arguments),
        "true" | "export" | "set" | ":" => well(""),
        "false" => failed(1, String::new()),
        "echo" => echo(arguments),
        "pwd" => well(&format!("{}\n", shell.folder)),
        "whoami" => well("root\n"),
        "id" => well("uid=0(root) gid=0(root) groups=0(root)\n"),
        "hostname" => well(&format!("{}\n", shell.around.hostname)),
        "uname" => well("Linux\n"),
        "date" => well(&format!("{}\n", rfc3339(shell.now_ms))),
        "clear" => well("\u{1b}[H\u{1b}[2J"),
        "env" => well(
            &shell
                .around
                .environment
                .iter()
                .fold(String::new(), |all, (k, v)| format!("{all}{k}={v}\n")),
        ),
        "stty" => well(&format!("{} {}\n", shell.size.1, shell.size.0)),
        "ps" => well(&format!(
            "PID   USER     COMMAND\n    1 root     {}\n   17 root     ps\n",
            shell.around.command
        )),
        "kill" => failed(1, "sh: can't kill: Operation not permitted\n".to_owned()),
        "top" => Done::Top,
        "sleep" => Done::Sleep((argument(0).parse::<f64>().unwrap_or(0.0) * 1000.0) as i64),
        "cd" => change_folder(shell, argument(0)),
        "ls" => list(
            shell,
            arguments
                .iter()
                .find(|a| !a.starts_with('-'))
                .map_or("", String::as_str),
        ),
        "cat" if arguments.is_empty() => Done::Copy,
        "cat" => show(shell, arguments),
        "command" => located(argument(1)),
        assignment if assignment.contains('=') => well(""),
        _ => failed(127, format!("sh: {name}: not found\n")),
    }
}

fn well(stdout: &str) -> Done {
    Done::Said {
        code: 0,
        stdout: stdout.to_owned(),
        stderr: String::new(),
    }
}

fn failed(code: i32, stderr: String) -> Done {
    let stdout = String::new();
    Done::Said { code, stdout, stderr }
}

fn echo(arguments: &[String]) -> Done {
    let (end, words) = match arguments.split_first() {
        Some((first, rest)) if first == "-n" => ("", rest),
        _ => ("\n", arguments),
    };
    well(&format!("{}{end}", words.join(" ")))
}

fn located(name: &str) -> Done {
    if exists(name) {
        well(&format!("/bin/{name}\n"))
    } else {
        failed(127, String::new())
    }
}

/// From the shell's folder, without a trailing slash but for the root.
fn path_of(shell: &Shell, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') {
        Vec::new()
    } else {
        shell.folder.split('/').filter(|p| !p.is_empty()).collect()
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Names in a folder; the programs are files too.
fn names_in(shell: &Shell, folder: &str) -> Vec<String> {
    let prefix = if folder == "/" {
        "/".to_owned()
    } else {
        format!("{folder}/")
    };
    let programs = PROGRAMS.iter().map(|name| format!("/bin/{name}"));
    let fixed = ["/proc/1", "/tmp/.keep", "/root/.profile"].map(str::to_owned);
    let files = shell.around.files.iter().map(|(path, _)| path.clone());
    let mut names: Vec<String> = files
        .chain(programs)
        .chain(fixed)
        .filter_map(|path| path.strip_prefix(&prefix)?.split('/').next().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn change_folder(shell: &mut Shell, to: &str) -> Done {
    let path = path_of(shell, if to.is_empty() { "/root" } else { to });
    if path != "/" && names_in(shell, &path).is_empty() {
        return failed(2, format!("sh: cd: can't cd to {to}: No such file or directory\n"));
    }
    shell.folder = path;
    well("")
}

fn list(shell: &Shell, what: &str) -> Done {
    let path = path_of(shell, what);
    let names = names_in(shell, &path);
    if names.is_empty() && path != "/" {
        if shell.around.files.iter().any(|(file, _)| *file == path) {
            return well(&format!("{what}\n"));
        }
        return failed(1, format!("ls: {what}: No such file or directory\n"));
    }
    let shown = names.iter().filter(|name| !name.starts_with('.'));
    well(&shown.fold(String::new(), |all, name| format!("{all}{name}\n")))
}

fn show(shell: &Shell, files: &[String]) -> Done {
    let (mut stdout, mut missing) = (String::new(), Vec::new());
    for name in files {
        let path = path_of(shell, name);
        match shell.around.files.iter().rev().find(|(file, _)| *file == path) {
            Some((_, content)) => stdout.push_str(content),
            None => missing.push(format!("cat: can't open '{name}': No such file or directory\n")),
        }
    }
    let code = i32::from(!missing.is_empty());
    let stderr = missing.concat();
    Done::Said { code, stdout, stderr }
}
