//! A CA, and a certificate of it for one address, made by openssl as an administrator would.

use std::path::{Path, PathBuf};

use super::land::{run, text};

pub struct Papers {
    pub ca: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

pub fn papers(folder: &Path, address: &str) -> Papers {
    let at = |name: &str| folder.join(name);
    let papers = Papers {
        ca: at("ca.pem"),
        certificate: at("receiver.pem"),
        key: at("receiver.key"),
    };
    let (ca, ca_key, request) = (text(&papers.ca), at("ca.key"), at("receiver.csr"));
    let names = at("names.cnf");
    std::fs::write(&names, format!("subjectAltName=IP:{address},DNS:siem.example\n")).unwrap();
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let root = [
        "req",
        "-x509",
        "-days",
        "2",
        "-subj",
        "/CN=test CA",
        "-keyout",
        text(&ca_key),
        "-out",
        ca,
    ];
    run("openssl", &[&root[..], &curve].concat());
    let ask = [
        "req",
        "-subj",
        "/CN=siem",
        "-keyout",
        text(&papers.key),
        "-out",
        text(&request),
    ];
    run("openssl", &[&ask[..], &curve].concat());
    let sign = [
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        text(&request),
        "-CA",
        ca,
        "-CAkey",
        text(&ca_key),
    ];
    let out = [
        "-CAcreateserial",
        "-extfile",
        text(&names),
        "-out",
        text(&papers.certificate),
    ];
    run("openssl", &[&sign[..], &out].concat());
    papers
}
