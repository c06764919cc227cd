//! A cluster to try flags on, ours and kubectl's, and servers that listen to how they ask.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::ask::arc;
use crate::cluster::Cluster;
use crate::process;
use crate::process::Done;

/// The runner set that is asked about, and where. No controller serves it, and nobody cares.
pub const NAMESPACE: &str = "arc-flags";
/// A value of a Secret: nobody may show it.
pub const CANARY: &str = "canary-flags";
/// One question, to be asked in many ways.
pub const WHY: [&str; 5] = ["why", "-n", NAMESPACE, "web", "-ojson"];
/// The same by kubectl.
pub const GET: [&str; 6] = ["get", "-n", NAMESPACE, "autoscalingrunnersets/web", "-o", "name"];

const WORLD: &str = include_str!("world.yaml");

pub struct Bench {
    pub cluster: Cluster,
    pub server: String,
    pub token: String,
    /// The file with the certificate authority.
    pub authority: PathBuf,
}

impl Bench {
    pub fn start(bin: &Path) -> Outcome<Self> {
        let cluster = Cluster::start(bin)?;
        let crds = bin.join("charts/0.6.1/gha-runner-scale-set-controller/crds");
        let world = cluster.folder.path().join("world.yaml");
        std::fs::write(&world, WORLD.replace("CANARY", CANARY)).map_err(|error| error.to_string())?;
        let line = format!(
            "kubectl apply --server-side -f '{}'
             kubectl wait --for=condition=Established crd --all --timeout=180s
             kubectl apply -f '{}'
             kubectl delete role left -n {NAMESPACE} --wait=false",
            crds.display(),
            world.display()
        );
        process::must(&mut cluster.shell(&line))?;
        let access = cluster.access();
        let text = |field: &str| access[field].as_str().unwrap_or_default().to_owned();
        let (server, token) = (text("server"), text("token"));
        let authority = cluster.folder.path().join("authority.crt");
        std::fs::write(&authority, text("authority")).map_err(|error| error.to_string())?;
        Ok(Self { cluster, server, token, authority })
    }

    /// Our program, as the administrator.
    pub fn ours(&self, words: &[&str]) -> Command {
        self.ours_with(&self.cluster.kubeconfig, words)
    }

    pub fn ours_with(&self, kubeconfig: &Path, words: &[&str]) -> Command {
        let mut command = arc(kubeconfig);
        command.args(words);
        command
    }

    pub fn kubectl(&self, words: &[&str]) -> Command {
        self.kubectl_with(&self.cluster.kubeconfig, words)
    }

    pub fn kubectl_with(&self, kubeconfig: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(self.cluster.bin.join("kubectl"));
        let home = self.cluster.folder.path().join("home");
        command.env_clear().env("HOME", home).env("KUBECONFIG", kubeconfig).args(words);
        command
    }

    /// Asks the question with flags added: both programs answer.
    pub fn both_answer(&self, flags: &[&str]) -> Outcome<()> {
        self.both_answer_with(&self.cluster.kubeconfig, flags)
    }

    pub fn both_answer_with(&self, kubeconfig: &Path, flags: &[&str]) -> Outcome<()> {
        answers(&mut self.ours_with(kubeconfig, &[&WHY, flags].concat()))?;
        process::must(&mut self.kubectl_with(kubeconfig, &[&GET, flags].concat())).map(|_| ())
    }

    /// Asks the question with flags added: both programs refuse, ours with 2 and these words.
    pub fn both_refuse(&self, flags: &[&str], words: &[&str]) -> Outcome<()> {
        self.both_refuse_with(&self.cluster.kubeconfig, flags, words)
    }

    pub fn both_refuse_with(&self, kubeconfig: &Path, flags: &[&str], words: &[&str]) -> Outcome<()> {
        refused(&mut self.ours_with(kubeconfig, &[&WHY, flags].concat()), 2, words)?;
        fails(&mut self.kubectl_with(kubeconfig, &[&GET, flags].concat()))
    }

    /// A kubeconfig with one context, named `one`.
    pub fn config(&self, name: &str, cluster: &Value, user: &Value) -> Outcome<PathBuf> {
        self.write(
            name,
            &json!({
                "apiVersion": "v1", "kind": "Config", "current-context": "one",
                "clusters": [{"name": "one", "cluster": cluster}],
                "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
                "users": [{"name": "one", "user": user}],
            })
            .to_string(),
        )
    }

    /// The cluster as a kubeconfig has it.
    pub fn cluster_entry(&self) -> Value {
        json!({"server": self.server, "certificate-authority": self.authority})
    }

    pub fn write(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.cluster.folder.path().join(name);
        std::fs::write(&path, text).map_err(|error| error.to_string())?;
        Ok(path)
    }
}

/// Our program answers about the runner set, whatever the answer is.
pub fn answers(command: &mut Command) -> Outcome<Done> {
    let done = process::run(command)?;
    let json: Value = serde_json::from_str(&done.stdout).unwrap_or_default();
    let is_about = json["targets"][0]["object"]["name"] == "web";
    match done.code {
        Some(0 | 1) if is_about => Ok(done),
        code => Err(format!("{}: no answer ({code:?})\n{}{}", line(command), done.stdout, done.stderr)),
    }
}

/// Our program ends so, prints no answer, and says these words on stderr.
pub fn refused(command: &mut Command, code: i32, words: &[&str]) -> Outcome<Done> {
    let done = process::run(command)?;
    let unsaid = words.iter().find(|words| !done.stderr.contains(**words));
    if done.code != Some(code) || !done.stdout.is_empty() || unsaid.is_some() {
        let said = format!("{}{}", done.stdout, done.stderr);
        let missed = unsaid.map(|words| format!(", {words:?} is not said")).unwrap_or_default();
        return Err(format!("{}: ended with {:?}, not {code}{missed}\n{said}", line(command), done.code));
    }
    Ok(done)
}

/// kubectl does not do it.
pub fn fails(command: &mut Command) -> Outcome<()> {
    let done = process::run(command)?;
    match done.code {
        Some(0) => Err(format!("{}: succeeds\n{}", line(command), done.stdout)),
        _ => Ok(()),
    }
}

/// A text has all of these parts.
pub fn has(text: &str, parts: &[&str]) -> Outcome<()> {
    match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("{part:?} is not in\n{text}")),
        None => Ok(()),
    }
}

pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A server on loopback, for as long as the test runs.
pub struct Ear {
    pub address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Ear {
    /// Hears what is asked and never answers.
    pub fn silent() -> Outcome<Self> {
        Self::listen(|mut stream| {
            let mut rest = [0; 1024];
            while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
        })
    }

    /// Hears what is asked, and hangs up.
    pub fn hanging_up() -> Outcome<Self> {
        Self::listen(drop)
    }

    /// An HTTP proxy that leads everybody to one server, whatever was asked for.
    pub fn proxy(server: &str) -> Outcome<Self> {
        let server = server.trim_start_matches("https://").to_owned();
        Self::listen(move |mut stream| {
            let Ok(mut there) = TcpStream::connect(&server) else { return };
            if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_err() {
                return;
            }
            let (Ok(mut back), Ok(mut from)) = (stream.try_clone(), there.try_clone()) else { return };
            thread::spawn(move || std::io::copy(&mut from, &mut back));
            std::io::copy(&mut stream, &mut there).ok();
            there.shutdown(std::net::Shutdown::Both).ok();
        })
    }

    fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (notes, serve) = (Arc::clone(&heads), Arc::new(serve));
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (notes, serve) = (Arc::clone(&notes), Arc::clone(&serve));
                thread::spawn(move || {
                    let head = head(&mut stream);
                    notes.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                    serve(stream);
                });
            }
        });
        Ok(Self { address, heads })
    }

    /// The heads of the requests since this was asked last, in lower case as HTTP allows.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request up to its empty line.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.extend(byte);
    }
    String::from_utf8_lossy(&head).into_owned()
}
