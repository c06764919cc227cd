//! What all scenarios share: the built programs, the machine, and one cluster.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use serde_json::json;

use crate::Outcome;
use crate::api::Api;
use crate::charts;
use crate::cluster::Cluster;
use crate::github::GitHub;
use crate::go;
use crate::scenario::Chart;
use crate::scenario::Install;
use crate::wait;
use crate::wait::Scope;

/// So many clusters work at the same time.
const AT_ONCE: usize = 2;
/// The healthy runner set in the shared cluster.
pub const NEIGHBOUR: &str = "arc-web/web";

pub struct House {
    version: String,
    bin: OnceLock<Outcome<PathBuf>>,
    free: Mutex<usize>,
    freed: Condvar,
    shared: Mutex<Option<Arc<Shared>>>,
    /// Scenarios that have yet to use the shared cluster.
    guests: AtomicUsize,
}

/// A cluster with a controller and a healthy runner set.
pub struct Shared {
    pub cluster: Cluster,
    _github: GitHub,
}

impl House {
    pub fn new(version: &str, guests: usize) -> Self {
        Self {
            version: version.to_owned(),
            bin: OnceLock::new(),
            free: Mutex::new(AT_ONCE),
            freed: Condvar::new(),
            shared: Mutex::new(None),
            guests: AtomicUsize::new(guests),
        }
    }

    /// The built programs.
    pub fn bin(&self) -> Outcome<PathBuf> {
        self.bin.get_or_init(|| go::build(&self.version)).clone()
    }

    /// Waits until so many clusters may work.
    pub fn enter(&self, clusters: usize) -> Entry<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < clusters {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= clusters;
        Entry { house: self, clusters }
    }

    /// Waits until no cluster works, and keeps it so.
    pub fn enter_alone(&self) -> Entry<'_> {
        self.enter(AT_ONCE)
    }

    /// The shared cluster, started by the first who needs it.
    pub fn shared(&self) -> Outcome<Arc<Shared>> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = &*shared {
            return Ok(Arc::clone(shared));
        }
        let started = Arc::new(Shared::start(&self.bin()?)?);
        *shared = Some(Arc::clone(&started));
        Ok(started)
    }

    /// A scenario no longer needs the shared cluster. The last one ends it.
    pub fn leave(&self) {
        if self.guests.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.shared.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

/// Dropping it lets others enter.
pub struct Entry<'a> {
    house: &'a House,
    clusters: usize,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        *self.house.free.lock().unwrap_or_else(PoisonError::into_inner) += self.clusters;
        self.house.freed.notify_all();
    }
}

impl Shared {
    fn start(bin: &Path) -> Outcome<Self> {
        let cluster = Cluster::start(bin)?;
        let github = GitHub::start(bin)?;
        let controller = Install {
            chart: Chart::Controller,
            release: "arc".to_owned(),
            namespace: "arc-systems".to_owned(),
            version: None,
            values: json!({}),
            wait: true,
        };
        charts::install(&cluster, &controller)?;
        let (namespace, release) = NEIGHBOUR.split_once('/').unwrap_or_default();
        let web = Install {
            chart: Chart::RunnerSet,
            release: release.to_owned(),
            namespace: namespace.to_owned(),
            values: json!({
                "githubConfigUrl": format!("{}/acme", github.url),
                "githubConfigSecret": {"github_token": "web"},
                "minRunners": 1,
            }),
            ..controller
        };
        charts::install(&cluster, &web)?;
        let api = Api::of(&cluster.kubeconfig)?;
        let scope = Scope { cluster: &cluster, api: &api, namespaces: None };
        wait::until(
            &scope,
            &crate::scenario::Wait { running: Some(NEIGHBOUR.to_owned()), ..Default::default() },
        )?;
        Ok(Self { cluster, _github: github })
    }
}
