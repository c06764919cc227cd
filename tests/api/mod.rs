//! A stand-in for a kube-apiserver on loopback: it serves what stands in a snapshot file, fails where it is told
//! to, and remembers what it was asked.
//!
//! It takes writes as a real one does (`writes`: PATCH as JSON Patch with tests, DELETE with preconditions, POST; each
//! tried out or for good), by the laws that decide what goes and what stays (`laws`), and keeps a list of those that it
//! accepted. Beside that the world changes through [`Api::change`] and [`Api::before_write`].
//!
//! ```ignore
//! let api = Api::of(World::of_file("examples/healthy.yaml").page_size(2));
//! api.fault("/secrets", Fault::Html(502));
//! let output = api.command(env!("CARGO_BIN_EXE_kubectl-arc")).args(["why", "-A"]).output().unwrap();
//! assert_eq!(output.status.code(), Some(3));
//! assert!(api.requests().contains(&"GET /version".to_owned()));
//!
//! // The answer to the next PATCH for good is lost, after it was carried out.
//! api.strike(On { dry: Some(false), times: 1, ..On::every("PATCH") }, Fault::Cut);
//! // Just before the first write for good somebody makes another object of that name.
//! api.before_write(1, |world| world.recreate("EphemeralRunner", "arc-runners", "r", "u-2"));
//! assert!(api.written().is_empty());
//! ```

#![allow(dead_code, reason = "each test uses its own part of it")]

mod discovery;
mod fault;
mod kinds;
mod laws;
mod lists;
mod patch;
mod race;
mod role;
mod routes;
mod selector;
mod serve;
mod status;
mod world;
mod writes;
mod yaml;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

pub use fault::{Fault, On};
#[allow(unused_imports, reason = "each test uses its own part of it")]
pub use role::{Right, Role};
pub use world::World;
pub use writes::Written;

/// The token that the kubeconfig holds; no output may ever show it.
pub const TOKEN: &str = "t0k3n-canary";

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// As it was sent, still encoded; `""` if there was none.
    pub query: String,
    pub accept: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What the server knows, shared with the thread that answers.
pub struct State {
    pub world: World,
    pub faults: Vec<fault::Rule>,
    pub asked: Vec<Asked>,
    pub written: Vec<Written>,
    pub races: Vec<race::Race>,
    /// How many writes arrived for good, and how many to be tried out.
    pub arrived: [usize; 2],
}

impl Asked {
    /// Anything but a question. An access review is a POST that only asks.
    pub fn is_write(&self) -> bool {
        self.method != "GET" && !self.path.starts_with("/apis/authorization.k8s.io/")
    }

    /// Whether it is only to be tried out.
    pub fn is_dry(&self) -> bool {
        self.query.contains("dryRun=All")
            || (self.method == "DELETE" && self.body.contains("\"dryRun\":[\"All\"]"))
    }
}

/// A running server. It stops when it is dropped.
pub struct Api {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    folder: PathBuf,
    /// Dropped last: closes the server.
    _stop: serve::Stop,
}

impl Api {
    /// Serves a snapshot file.
    pub fn of_file(path: impl AsRef<Path>) -> Self {
        Self::of(World::of_file(path))
    }

    pub fn of(world: World) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let state = Arc::new(Mutex::new(State {
            world,
            faults: Vec::new(),
            asked: Vec::new(),
            written: Vec::new(),
            races: Vec::new(),
            arrived: [0, 0],
        }));
        let (address, stop) = serve::start(Arc::clone(&state));
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("fake-api-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let api = Self { address, state, folder, _stop: stop };
        std::fs::write(api.kubeconfig(), api.kubeconfig_text()).unwrap();
        api
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig whose current context has the snapshot's name and the namespace `default`.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// The program at `binary` with this cluster and nothing else of the tester's environment.
    pub fn command(&self, binary: &str) -> Command {
        let mut command = Command::new(binary);
        command.env_clear().env("KUBECONFIG", self.kubeconfig()).env("HOME", &self.folder);
        command
    }

    /// From now on, requests whose path contains `path` fail like this. Several faults add up.
    pub fn fault(&self, path: &str, fault: Fault) {
        self.strike(On { path, ..On::every("") }, fault);
    }

    /// The same, for the next such request alone.
    pub fn fault_once(&self, path: &str, fault: Fault) {
        self.strike(On { path, times: 1, ..On::every("") }, fault);
    }

    /// From now on, these requests fail like this.
    pub fn strike(&self, on: On<'_>, fault: Fault) {
        self.state().faults.push(fault::Rule::new(on, fault));
    }

    /// Nothing fails any more.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Changes the world just before the write for good of this number arrives; the first is number 1.
    pub fn before_write(&self, number: usize, change: impl FnOnce(&mut World) + Send + 'static) {
        self.state().races.push(race::Race { number, dry: false, change: Box::new(change) });
    }

    /// The same for writes that are only tried out.
    pub fn before_trial(&self, number: usize, change: impl FnOnce(&mut World) + Send + 'static) {
        self.state().races.push(race::Race { number, dry: true, change: Box::new(change) });
    }

    /// Every write that was accepted for good, in order.
    pub fn written(&self) -> Vec<Written> {
        self.state().written.clone()
    }

    /// The world as it is.
    pub fn world(&self) -> World {
        self.state().world.clone()
    }

    /// Changes what is served.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.state().world);
    }

    /// Every request so far, in the order of arrival.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// `METHOD PATH` of every request so far, sorted: parallel requests arrive in any order.
    pub fn requests(&self) -> Vec<String> {
        let asked = self.asked();
        let mut lines: Vec<String> = asked.iter().map(|one| format!("{} {}", one.method, one.path)).collect();
        lines.sort();
        lines
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        let mut state = self.state();
        state.asked.clear();
        state.written.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn kubeconfig_text(&self) -> String {
        let context = match self.state().world.context.as_str() {
            "" => "test".to_owned(),
            context => context.to_owned(),
        };
        serde_json::json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "contexts": [{"name": context, "context": {"cluster": "c", "user": "u", "namespace": "default"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.url()}}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
        })
        .to_string()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
