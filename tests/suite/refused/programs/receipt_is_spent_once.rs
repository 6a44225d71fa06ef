//! One receipt, one request.
use kglass::audit::{Receipt, Sent};

pub fn twice(receipt: Receipt) -> Sent {
    let sent = receipt.spend();
    #[cfg(bad)]
    let sent = receipt.spend(); //~ E0382
    sent
}
