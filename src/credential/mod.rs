//! Room `credential`.
