//! No record, no action, when the file itself is meddled with while a session runs: the descriptor
//! stays good, so only looking tells.

use std::fs;
use std::io::Write;
use std::path::Path;

use kglass::audit::{AppendFault, JOURNAL_FILE, Journal};

use super::{act, intent, origin, requested};

type Harm = fn(&Path, &Path);

const HARMS: [(&str, Harm); 8] = [
    ("deleted", |_, journal| fs::remove_file(journal).expect("deleted")),
    ("renamed", |folder, journal| {
        fs::rename(journal, folder.join("elsewhere")).expect("renamed");
    }),
    ("the folder deleted", |folder, _| {
        fs::remove_dir_all(folder).expect("deleted");
    }),
    ("the folder renamed", |folder, _| {
        fs::rename(folder, folder.with_extension("old")).expect("renamed");
    }),
    ("a link in its place", |folder, journal| {
        fs::rename(journal, folder.join("elsewhere")).expect("renamed");
        std::os::unix::fs::symlink(folder.join("elsewhere"), journal).expect("linked");
    }),
    ("a copy in its place", |folder, journal| {
        fs::rename(journal, folder.join("elsewhere")).expect("renamed");
        fs::copy(folder.join("elsewhere"), journal).expect("copied");
    }),
    ("cut", |_, journal| {
        let file = fs::OpenOptions::new().write(true).open(journal).expect("opened");
        let length = file.metadata().expect("known").len();
        file.set_len(length - 100).expect("cut");
    }),
    ("written to", |_, journal| {
        let mut file = fs::OpenOptions::new().append(true).open(journal).expect("opened");
        file.write_all(b"more\n").expect("written");
    }),
];

#[test]
fn no_receipt_is_given_by_a_journal_that_is_not_where_and_what_it_was() {
    for (what, harm) in HARMS {
        let state = tempfile::tempdir().expect("a folder");
        let journal = Journal::create(state.path(), &origin(), &requested()).expect("a journal");
        act(&journal, 1);
        harm(journal.folder(), &journal.folder().join(JOURNAL_FILE));
        let error = journal.intend(intent(2)).wait().expect_err(what);
        assert!(matches!(error.fault, AppendFault::Sync(_)), "{what}: {error}");
        assert!(error.to_string().contains("the journal is not what it was"), "{error}");
        let again = journal.intend(intent(3)).wait().expect_err(what);
        assert!(matches!(again.fault, AppendFault::Broken), "{what}: {again}");
    }
}
