//! Certificates made on the spot, of any odd shape that a test needs.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING as P256;
use ring::signature::EcdsaKeyPair;
use ring::signature::KeyPair as _;

const ECDSA_WITH_SHA256: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
const P256_KEY: &[u8] =
    b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const COMMON_NAME: &[u8] = b"\x06\x03\x55\x04\x03";
const SUBJECT_ALT_NAME: &[u8] = b"\x06\x03\x55\x1d\x11";
const BASIC_CONSTRAINTS: &[u8] = b"\x06\x03\x55\x1d\x13";

/// What a certificate should look like.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    pub names: &'a [&'a str],
    pub ca: bool,
    pub expired: bool,
    /// X.509 version 1: without any extension.
    pub version_1: bool,
}

impl<'a> Wish<'a> {
    pub fn server(names: &'a [&'a str]) -> Self {
        Self { names, ca: false, expired: false, version_1: false }
    }
}

/// A certificate and its key.
pub struct Certificate {
    pub der: Vec<u8>,
    pub key_der: Vec<u8>,
}

impl Certificate {
    /// Signed by itself.
    pub fn own(wish: Wish<'_>) -> Self {
        let key_der = new_key();
        let der = signed(wish, "itself", "itself", &key_der, &key_der);
        Self { der, key_der }
    }

    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.key_der)
    }

    /// As a kubeconfig's `certificate-authority-data`.
    pub fn data(&self) -> String {
        STANDARD.encode(self.pem())
    }
}

/// A certificate authority.
pub struct Authority(Certificate);

impl Authority {
    pub fn new() -> Self {
        Self(Certificate::own(Wish { ca: true, ..Wish::server(&[]) }))
    }

    pub fn issue(&self, wish: Wish<'_>) -> Certificate {
        let key_der = new_key();
        let der = signed(wish, "itself", "subject", &self.0.key_der, &key_der);
        Certificate { der, key_der }
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn data(&self) -> String {
        self.0.data()
    }
}

fn new_key() -> Vec<u8> {
    EcdsaKeyPair::generate_pkcs8(&P256, &SystemRandom::new()).unwrap().as_ref().to_vec()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// One DER element.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut element = vec![tag];
    match content.len() {
        short @ 0..0x80 => element.push(short as u8),
        medium @ 0x80..0x100 => element.extend([0x81, medium as u8]),
        long => element.extend([0x82, (long >> 8) as u8, long as u8]),
    }
    element.extend(content);
    element
}

fn name(text: &str) -> Vec<u8> {
    der(0x30, &[&der(0x31, &[&der(0x30, &[COMMON_NAME, &der(0x0C, &[text.as_bytes()])])])])
}

fn signed(wish: Wish<'_>, issuer: &str, subject: &str, issuer_key: &[u8], key: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let issuer_key = EcdsaKeyPair::from_pkcs8(&P256, issuer_key, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&P256, key, &random).unwrap();
    let end: &[u8] = if wish.expired { b"210101000000Z" } else { b"491231000000Z" };
    let validity = der(0x30, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[end])]);
    let public = der(0x30, &[P256_KEY, &der(0x03, &[b"\0", key.public_key().as_ref()])]);
    let (version, extensions) = match wish.version_1 {
        true => (Vec::new(), Vec::new()),
        false => (der(0xA0, &[b"\x02\x01\x02"]), der(0xA3, &[&der(0x30, &[&extensions(wish)])])),
    };
    let tbs = der(
        0x30,
        &[
            &version,
            b"\x02\x01\x07",
            ECDSA_WITH_SHA256,
            &name(issuer),
            &validity,
            &name(subject),
            &public,
            &extensions,
        ],
    );
    let signature = issuer_key.sign(&random, &tbs).unwrap();
    der(0x30, &[&tbs, ECDSA_WITH_SHA256, &der(0x03, &[b"\0", signature.as_ref()])])
}

fn extensions(wish: Wish<'_>) -> Vec<u8> {
    let mut extensions = Vec::new();
    if wish.ca {
        let constraints = der(0x30, &[b"\x01\x01\xff"]);
        extensions.extend(der(0x30, &[BASIC_CONSTRAINTS, b"\x01\x01\xff", &der(0x04, &[&constraints])]));
    }
    let names = wish.names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => der(0x87, &[&ip.octets()]),
        Ok(IpAddr::V6(ip)) => der(0x87, &[&ip.octets()]),
        Err(_) => der(0x82, &[name.as_bytes()]),
    });
    let names: Vec<u8> = names.flatten().collect();
    if !names.is_empty() {
        extensions.extend(der(0x30, &[SUBJECT_ALT_NAME, &der(0x04, &[&der(0x30, &[&names])])]));
    }
    extensions
}
