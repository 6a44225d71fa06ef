//! Minting at once after everything that could be mistaken for consent, on one open connection.

use serde_json::Value;

use super::attacker::{JOBS, KIT, OPERATOR, grant, hash, id, job, request, send, token_path, token_request};
use super::stage::rig;
use crate::harness::{self, Request};

#[test]
fn three_hundred_tries_give_no_token() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let made = send(rig, "lead", "POST", JOBS, &job(&id(120), 120));
    let job_uid = made.json["metadata"]["uid"].as_str().expect("a uid").to_owned();
    let mut open = rig.connect().expect("the API server listens");
    let token = rig.token("oncall");
    let mut post = |path: &str, body: &Value| {
        let request = Request::new("POST", path).token(&token).json(body);
        open.send(&request).expect("the API server answers")
    };
    let mut tokens = 0;
    for _ in 0..300 {
        assert_eq!(post(&format!("{KIT}/configmaps"), &request(&hash())).status, 201);
        let id = id(60);
        let forged = post(&format!("{KIT}/secrets"), &grant(&id, &job_uid, "oncall", OPERATOR));
        assert!(forged.status >= 400, "{}", forged.message());
        let uid = forged.json["metadata"]["uid"]
            .as_str()
            .unwrap_or("00000000-0000-0000-0000-000000000000")
            .to_owned();
        let name = format!("{OPERATOR}.uoncall.{id}");
        tokens += u32::from(post(&token_path(OPERATOR), &token_request(&name, &uid)).status < 400);
    }
    println!("race: {tokens} unapproved tokens of 300");
    assert_eq!(tokens, 0);
}

#[test]
fn while_it_is_installed_nobody_gets_a_token() {
    if harness::require().is_none() {
        return;
    }
    let rig = crate::harness::Rig::start(crate::harness::Options::default());
    let unbound: Value = serde_json::json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600},
    });
    let done = std::sync::atomic::AtomicBool::new(false);
    let (tries, tokens) = std::thread::scope(|scope| {
        let attack = scope.spawn(|| {
            let (mut tries, mut tokens) = (0, 0);
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let reply = send(&rig, "oncall", "POST", &token_path("restarter"), &unbound);
                tries += 1;
                tokens += u32::from(reply.status < 400);
            }
            (tries, tokens)
        });
        let said = super::stage::install(&rig, &super::stage::policy());
        // Some more tries with the rights in place.
        let more = send(&rig, "oncall", "POST", &token_path("restarter"), &unbound);
        assert!(more.message().contains("kglass-mint"), "{}", more.message());
        assert!(said.contains("phase 2"), "{said}");
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        attack.join().expect("the attacker ends")
    });
    println!("while it was installed: {tokens} tokens of {tries} tries");
    assert_eq!(tokens, 0);
}
