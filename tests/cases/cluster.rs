//! The objects of a cluster, and how a case speaks of them: `Kind namespace/name`, with `*` for any part of a name.

use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub objects: Vec<Value>,
    /// Namespaces that are being deleted, with what an API that is down says of it.
    pub terminating: Vec<(String, Option<String>)>,
}

pub fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// `Secret arc-runners/gh-app`, `Node node-1`.
pub fn named(object: &Value) -> String {
    let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
    match text(object, "/metadata/namespace") {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

/// True if `*` in the pattern may stand for what the text has there.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|left| {
            (0..=left.len()).filter(|at| left.is_char_boundary(*at)).any(|at| matches(rest, &left[at..]))
        }),
    }
}

impl Cluster {
    /// Takes an object in, with the uid that only it has and those of its owners.
    pub fn add(&mut self, mut object: Value) -> Result<(), String> {
        let name = named(&object);
        if !text(&object, "/metadata/name").is_empty() {
            if self.objects.iter().any(|other| named(other) == name) {
                return Err(format!("{name} is there already"));
            }
            complete(&mut object, self.objects.len());
        }
        self.objects.push(object);
        Ok(())
    }

    pub fn add_once(&mut self, object: Value) {
        // It is there already, and the same.
        self.add(object).ok();
    }

    /// Where the objects are that a reference means; an error if there is none.
    pub fn find(&self, reference: &str) -> Result<Vec<usize>, String> {
        let found: Vec<usize> = self
            .objects
            .iter()
            .enumerate()
            .filter(|(_, object)| matches(reference, &named(object)))
            .map(|(at, _)| at)
            .collect();
        if found.is_empty() { Err(format!("nothing is called {reference}")) } else { Ok(found) }
    }

    /// Takes objects away, and what they own and what lies in them.
    pub fn remove(&mut self, at: &[usize]) {
        let mut gone: BTreeSet<usize> = at.iter().copied().collect();
        loop {
            let uids: BTreeSet<&str> =
                gone.iter().map(|at| text(&self.objects[*at], "/metadata/uid")).collect();
            let namespaces: BTreeSet<&str> = gone
                .iter()
                .map(|at| &self.objects[*at])
                .filter(|object| text(object, "/kind") == "Namespace")
                .map(|object| text(object, "/metadata/name"))
                .collect();
            let follows = |object: &Value| {
                let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
                owners.is_some_and(|owners| owners.iter().any(|owner| uids.contains(text(owner, "/uid"))))
                    || namespaces.contains(text(object, "/metadata/namespace"))
            };
            let more: Vec<usize> = (0..self.objects.len())
                .filter(|at| !gone.contains(at) && follows(&self.objects[*at]))
                .collect();
            if more.is_empty() {
                break;
            }
            gone.extend(more);
        }
        let mut at = 0;
        self.objects.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
    }
}

fn complete(object: &mut Value, number: usize) {
    let own = uid(&named(object));
    let namespace = text(object, "/metadata/namespace").to_owned();
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    metadata.entry("uid").or_insert(own.into());
    metadata.entry("resourceVersion").or_insert((4100 + number).to_string().into());
    let owners = metadata.get_mut("ownerReferences").and_then(Value::as_array_mut);
    for owner in owners.into_iter().flatten() {
        let of = format!("{} {namespace}/{}", text(owner, "/kind"), text(owner, "/name"));
        if let Some(owner) = owner.as_object_mut() {
            owner.entry("uid").or_insert(uid(&of).into());
        }
    }
}

/// A uid that follows from the name, so that every run gives the same.
pub fn uid(name: &str) -> String {
    let hash = |seed: u64| {
        name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    let (a, b) = (hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

#[test]
fn a_star_stands_for_any_part_of_a_name() {
    for (pattern, text, says) in [
        ("Pod a/b", "Pod a/b", true),
        ("Pod a/*", "Pod a/b", true),
        ("* a/*-listener", "Role a/ci-x-listener", true),
        ("Pod a/b", "Pod a/bc", false),
        ("Pod */b", "Pod a/bc", false),
    ] {
        assert_eq!(matches(pattern, text), says, "{pattern} {text}");
    }
}
