//! Users with credentials of their own, who have the roles of docs/rbac and nothing else.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::ask::arc;
use crate::ask::requests;
use crate::cluster::Cluster;
use crate::process;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person<'a> {
    /// May do everything.
    Admin,
    /// Has `kubectl-arc-why`.
    Reader,
    /// Has `kubectl-arc-why` and `kubectl-arc-unblock`.
    Healer,
    /// Has `kubectl-arc-why` where the scenario of this name says so, and nowhere else.
    Guest(&'a str),
}

/// Where the users live.
const HOME: &str = "default";
/// The roles as they are documented, and who has them in the whole cluster.
const ROLES: &[&str] = &["why", "why-cluster", "unblock", "manager-rights"];
const BOUND: &[(Person<'_>, &str)] =
    &[(Person::Reader, "why"), (Person::Healer, "why"), (Person::Healer, "unblock")];

impl Person<'_> {
    fn name(self) -> String {
        match self {
            Self::Admin => "admin".to_owned(),
            Self::Reader => "reader".to_owned(),
            Self::Healer => "healer".to_owned(),
            Self::Guest(scenario) => format!("guest-{scenario}"),
        }
    }
}

/// Brings the documented roles and the users into a cluster.
pub fn settle(cluster: &Cluster) -> Outcome<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rbac");
    let files: Vec<String> =
        ROLES.iter().map(|role| format!("-f '{}'", folder.join(format!("{role}.yaml")).display())).collect();
    let mut lines = vec![format!("kubectl apply {}", files.join(" "))];
    for person in [Person::Reader, Person::Healer] {
        lines.push(format!("kubectl create serviceaccount {} -n {HOME}", person.name()));
    }
    for (person, role) in BOUND {
        let name = person.name();
        lines.push(format!(
            "kubectl create clusterrolebinding {name}-{role} --clusterrole=kubectl-arc-{role} --serviceaccount={HOME}:{name}"
        ));
    }
    process::must(&mut cluster.shell(&lines.join("\n"))).map(|_| ())
}

/// The credentials of a user.
pub fn token(cluster: &Cluster, person: Person<'_>) -> Outcome<String> {
    let line = format!("kubectl create token {} -n {HOME}", person.name());
    process::must(&mut cluster.shell(&line)).map(|token| token.trim().to_owned())
}

/// Lets a guest in: he may read in these namespaces, and nowhere else. The API server takes a moment to know it.
pub fn invite(cluster: &Cluster, guest: Person<'_>, namespaces: &[String]) -> Outcome<()> {
    let name = guest.name();
    let mut lines = vec![format!(
        "kubectl get serviceaccount {name} -n {HOME} >/dev/null 2>&1 || kubectl create serviceaccount {name} -n {HOME}"
    )];
    lines.extend(namespaces.iter().map(|namespace| {
        format!(
            "kubectl get rolebinding {name} -n {namespace} >/dev/null 2>&1 || \
             kubectl create rolebinding {name} -n {namespace} --clusterrole=kubectl-arc-why --serviceaccount={HOME}:{name}
             for try in $(seq 300); do
               kubectl auth can-i list pods -n {namespace} --as system:serviceaccount:{HOME}:{name} >/dev/null && break
               sleep 0.2
             done"
        )
    }));
    process::must(&mut cluster.shell(&lines.join("\n"))).map(|_| ())
}

/// The reader is told what the admin was told, and is refused nothing; None: the cluster has changed since.
pub fn reads_alike(kubeconfig: &Path, words: &[&str], admin: &Value) -> Outcome<Option<()>> {
    let done = process::run(arc(kubeconfig).arg("why").args(words).args(["-o", "json", "-v=6"]))?;
    let requests = requests(&done.stderr);
    if requests.is_empty() {
        return Err(format!("the reader's requests are not shown:\n{}", done.stderr));
    }
    let is_wrong = |line: &&&str| {
        let asks = line.contains("verb=\"GET\"") || line.contains("/subjectaccessreviews");
        !asks || line.contains("status=\"403")
    };
    if let Some(line) = requests.iter().find(is_wrong) {
        return Err(format!("the reader may not do this, or should not: {line}"));
    }
    let answer: Value = serde_json::from_str(&done.stdout)
        .map_err(|error| format!("the reader's answer: {error}\n{}{}", done.stdout, done.stderr))?;
    Ok((answer == *admin).then_some(()))
}

/// Somebody who may only read is told what he may not do, and has done nothing.
pub fn may_not_write(unblock: &dyn Fn() -> Command) -> Outcome<()> {
    let refusal = format!("User \"system:serviceaccount:{HOME}:reader\" cannot ");
    let dry = is_refused(unblock().args(["--yes", "--dry-run=server"]), &refusal)?;
    if !dry.contains("the server would refuse something; nothing was changed") {
        return Err(format!("the reader's --dry-run=server says:\n{dry}"));
    }
    is_refused(unblock().args(["--yes", "--journal=none"]), &refusal).map(|_| ())
}

/// The server says no in such words, and what was blocked still is. What was said, without line breaks.
pub fn is_refused(unblock: &mut Command, words: &str) -> Outcome<String> {
    let done = process::run(unblock)?;
    let said = [done.stdout.as_str(), &done.stderr].concat();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match done.code == Some(1) && said.contains(words) {
        true => Ok(said),
        false => {
            Err(format!("unblock should be refused with {words:?}; it ends with {:?}: {said}", done.code))
        }
    }
}

/// A kubeconfig without credentials to a server without TLS.
pub fn kubeconfig(server: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "box",
        "clusters": [{"name": "box", "cluster": {"server": server}}],
        "contexts": [{"name": "box", "context": {"cluster": "box", "user": "box"}}],
        "users": [{"name": "box", "user": {}}],
    })
}
