//! What must hold on every screen, whatever is accepted in the snapshots.
