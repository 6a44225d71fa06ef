//! The thin binary: everything is in the library.

use std::alloc::System;
use std::process::ExitCode;

/// Clears whatever is freed: the HTTP client copies a token into headers and buffers that no
/// wrapper of ours reaches, and a freed copy would otherwise stay in memory after the grant.
#[global_allocator]
static CLEARING: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

fn main() -> ExitCode {
    kglass::cli::main()
}
