//! The architecture, checked by reading the source: arrows between rooms, names, packages. Each
//! scan is shown samples that it must catch, because a scan that cannot fail proves nothing.

mod arrows;
mod lexer;
mod makers;
mod names;
mod packages;
mod signatures;
mod source;
