//! Room `review`.
