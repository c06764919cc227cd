//! ARC's own order of deletion, step by step.

use super::Case;
use super::add_credentials;
use crate::arc;
use crate::arc::finalizers;
use crate::arc::limits;
use crate::arc::phrases::Means;
use crate::arc::versions::Version;
use crate::diagnose::containers_ended;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::report::Class;
use crate::diagnose::sets;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;

/// From this release on every runner is removed at GitHub, also one that succeeded, Secrets of container hooks are
/// looked for only where hooks are used, and nothing waits for the runner's pod.
const ASKS_FOR_SUCCEEDED: Version = Version::new(0, 11, 0);

/// From this release on the protection of all the chart's objects is taken off in one pass, before of one in each.
const RELEASES_AT_ONCE: Version = Version::new(0, 9, 3);

/// True if nothing runs in a pod any more.
fn has_ended(pod: &Object) -> bool {
    matches!(pod.text("/status/phase"), Some("Failed" | "Succeeded")) || containers_ended(pod)
}

impl Case<'_, '_> {
    /// `autoscalingrunnerset_controller.go`: listener, runner sets, GitHub, protected objects, own finalizer.
    pub fn runner_set(&mut self) {
        let set = self.object;
        self.needs.push(Need::Controller);
        let home =
            self.world.controllers.alive(&set.id.namespace).map(|controller| controller.id.namespace.clone());
        let listeners: Vec<ObjectId> = sets::listeners(self.view, &set.id)
            .into_iter()
            .filter(|listener| home.as_ref().is_none_or(|home| *home == listener.id.namespace))
            .map(|listener| listener.id.clone())
            .collect();
        let reading = self.view.list(&arc::AUTOSCALING_LISTENER, home.as_deref()).reading;
        if !reading.is_complete() {
            let namespace = home.unwrap_or_default();
            self.gap(
                &arc::AUTOSCALING_LISTENER,
                &namespace,
                &reading,
                &[Class::RbacMissing, Class::ListenerOrphaned],
            );
        }
        let children = sets::owned(self.view, &arc::EPHEMERAL_RUNNER_SET, set);
        let reading = self.view.list(&arc::EPHEMERAL_RUNNER_SET, Some(&set.id.namespace)).reading;
        if !reading.is_complete() {
            self.gap(&arc::EPHEMERAL_RUNNER_SET, &set.id.namespace, &reading, &[Class::SecretMissing]);
        }
        for id in &listeners {
            if !self.view.find(id).is_some_and(Object::is_deleting) {
                self.listener_rights(&set.id.namespace, &id.name);
            }
            let evidence = vec![self.view.evidence(id, "spec.autoscalingRunnerSetName", set.id.name.clone())];
            self.first(id, "the listener has to go first".to_owned(), evidence);
        }
        for child in &children {
            if listeners.is_empty() || child.is_deleting() {
                self.first(&child.id, "its EphemeralRunnerSet has to go first".to_owned(), Vec::new());
            }
        }
        // The last steps need rights that can be seen to be missing long before they are reached.
        let last = self.release_protected(set);
        self.stage = if !listeners.is_empty() {
            "step 1 of 5: the listener goes".to_owned()
        } else if !children.is_empty() {
            "step 2 of 5: its runners go".to_owned()
        } else if let Some(remote) = sets::Remote::of(set) {
            self.credentials(set);
            format!("step 3 of 5: GitHub forgets scale set {}", remote.id)
        } else {
            self.waits_for_its_next_pass(set);
            last
        };
    }

    /// Step 4: taking the protection off what the chart made needs the right to patch it.
    fn release_protected(&mut self, set: &Object) -> String {
        let mut left = 0_usize;
        for id in sets::protected_by(set) {
            match self.view.look(&id) {
                Lookup::Found(object) if object.has_finalizer(finalizers::CLEANUP_PROTECTION) => {
                    left += 1;
                    if let Some(row) = arc::kind_row(&id.kind) {
                        self.access("patch", row.group, row.plural, &id.namespace, &id.name);
                    }
                }
                Lookup::Found(_) | Lookup::Absent => {}
                Lookup::Unread(reading) => {
                    left += 1;
                    self.gap(&id.kind, &id.namespace, &reading, &[Class::RbacMissing]);
                }
            }
        }
        match left {
            0 => "step 5 of 5: its own finalizer is taken off".to_owned(),
            left if self.runs_before(&set.id.namespace, RELEASES_AT_ONCE) => format!(
                "step 4 of 5: the chart's protected objects are released, one in each pass of the controller; {left} left"
            ),
            _ => "step 4 of 5: the chart's protected objects are released".to_owned(),
        }
    }

    /// What the controller said last of this set is that it comes back, and it is not so long ago that it should have.
    fn waits_for_its_next_pass(&mut self, set: &Object) {
        let Some(controller) = self.world.controllers.alive(&set.id.namespace) else { return };
        let Log::Read(tail) = logs::of_controller(self.view, controller) else { return };
        let Some(last) = tail.of(&set.id).next() else { return };
        let comes_back = last.phrase().is_some_and(|row| row.means == Means::Releases);
        if comes_back && last.age(self.view.now()).is_some_and(|age| age < limits::LONGEST_RETRY) {
            let text = "the controller releases the chart's protected objects, one in each pass, and after errors it \
                        pauses for up to 17 minutes between two; a restart of it skips the pause";
            self.world.waiting.entry(set.id.clone()).or_insert_with(|| text.to_owned());
        }
    }

    /// `autoscalinglistener_controller.go`: pod, Secrets, RoleBinding and Role in the runner namespace,
    /// ServiceAccount, own finalizer. No call to GitHub.
    pub fn listener(&mut self) {
        let listener = self.object;
        self.needs.push(Need::Controller);
        let home = listener.id.namespace.clone();
        let set = sets::set_of(listener);
        let runner_namespace = set.map(|set| set.namespace).unwrap_or_default();
        let controllers = &self.world.controllers;
        let beside = controllers
            .responsible(&runner_namespace)
            .into_iter()
            .any(|controller| controller.is_alive() && controller.id.namespace == home);
        if !beside && controllers.alive(&runner_namespace).is_some() {
            self.stage = "deleting, where no controller looks".to_owned();
            self.needs.push(Need::Found);
        } else {
            self.stage = "deleting its pod, Secrets, ServiceAccount, RoleBinding and Role".to_owned();
        }
        let pod = ObjectId::new(&arc::POD, &home, &listener.id.name);
        if self.view.find(&pod).is_some_and(Object::is_deleting) {
            self.first(&pod, "its pod has to go first".to_owned(), Vec::new());
        }
        for resource in ["pods", "secrets", "serviceaccounts"] {
            self.access("delete", "", resource, &home, "");
        }
        self.listener_rights(&runner_namespace, &listener.id.name);
    }

    /// The listener's RoleBinding and Role lie in the runner namespace, where the manager Role alone lets the
    /// controller delete them.
    fn listener_rights(&mut self, runner_namespace: &str, listener: &str) {
        for (kind, plural) in [(arc::ROLE_BINDING, "rolebindings"), (arc::ROLE, "roles")] {
            let id = ObjectId::new(&kind, runner_namespace, listener);
            match self.view.look(&id) {
                Lookup::Found(_) => {
                    self.access("delete", arc::rbac::RBAC, plural, runner_namespace, listener);
                }
                Lookup::Absent => {}
                Lookup::Unread(reading) => {
                    self.gap(&kind, runner_namespace, &reading, &[Class::RbacMissing]);
                }
            }
        }
    }

    /// `ephemeralrunnerset_controller.go`: every runner it owns; idle ones are removed at GitHub first.
    pub fn ephemeral_runner_set(&mut self) {
        let set = self.object;
        self.needs.push(Need::Controller);
        let runners = sets::owned(self.view, &arc::EPHEMERAL_RUNNER, set);
        let reading = self.view.list(&arc::EPHEMERAL_RUNNER, Some(&set.id.namespace)).reading;
        if !reading.is_complete() {
            self.gap(
                &arc::EPHEMERAL_RUNNER,
                &set.id.namespace,
                &reading,
                &[Class::SecretMissing, Class::JobStillRunning],
            );
        }
        let mut left = 0_usize;
        for runner in &runners {
            if runner.is_deleting() {
                self.first(&runner.id, "its runner has to go first".to_owned(), Vec::new());
            } else if sets::is_done(runner) {
                self.first(&runner.id, "its finished runner has to go first".to_owned(), Vec::new());
            } else {
                left += 1;
                self.live_runner(runner);
            }
        }
        self.stage = match (runners.len(), left) {
            (0, _) => "no runner is left; its own finalizer is taken off".to_owned(),
            (1, 0) => "its runner is going".to_owned(),
            (all, 0) => format!("its {all} runners are going"),
            (1, _) => "its runner is to be removed at GitHub".to_owned(),
            (all, 1) => format!("1 of {all} runners is to be removed at GitHub"),
            (all, left) => format!("{left} of {all} runners are to be removed at GitHub"),
        };
    }

    /// A runner that is not being deleted yet: GitHub has to forget it before the controller deletes it. The
    /// controller gets the credentials before it looks whether the runner is busy.
    fn live_runner(&mut self, runner: &Object) {
        let mut because = "its runner has to be removed at GitHub first".to_owned();
        if let Some(job) = sets::job(runner) {
            because = format!("its runner is busy with {job}");
            self.busy_while_its_pod_runs(runner, &job);
        }
        self.first(&runner.id, because, Vec::new());
        let mut needs = vec![Need::Controller];
        add_credentials(self.view, runner, "/spec", &mut needs);
        let stuck = Stuck {
            id: runner.id.clone(),
            since: self.object.deletion_timestamp,
            deleting: false,
            finalizers: runner.finalizers.clone(),
            stage: "not deleted yet: GitHub has to forget it first".to_owned(),
            needs,
            set: sets::set_of(runner),
        };
        let place = if self.young { &mut self.world.young } else { &mut self.world.stuck };
        place.insert(runner.id.clone(), stuck);
    }

    /// A busy runner is left alone by design. That is no reason not to say what else would stop it. Without a pod
    /// that runs, nothing is left that could end the job.
    fn busy_while_its_pod_runs(&mut self, runner: &Object, job: &str) {
        let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
        match self.view.look(&pod) {
            Lookup::Found(pod) if !has_ended(pod) => {
                let text = format!("it is busy with {job} and goes when that ends");
                self.world.waiting.insert(runner.id.clone(), text);
            }
            Lookup::Found(_) | Lookup::Absent => {}
            Lookup::Unread(reading) => {
                self.gap(&arc::POD, &pod.namespace, &reading, &[Class::JobStillRunning]);
            }
        }
    }

    /// `ephemeralrunner_controller.go`: GitHub forgets the runner before the registration finalizer goes.
    pub fn registration(&mut self) {
        let runner = self.object;
        if !runner.has_finalizer(finalizers::RUNNER) {
            self.stage = "the registration finalizer is left alone".to_owned();
            self.needs.push(Need::Other(format!(
                "a person has to take {} off: the controller does not look at a runner without {}",
                finalizers::RUNNER_REGISTRATION,
                finalizers::RUNNER
            )));
            return;
        }
        self.stage = "step 1 of 2: GitHub forgets the runner".to_owned();
        if let Some(job) = sets::job(runner) {
            self.busy_while_its_pod_runs(runner, &job);
        }
        self.needs.push(Need::Controller);
        // Up to 0.10.1 a runner that succeeded is let go without a call to GitHub.
        let asks = !self.runs_before(&runner.id.namespace, ASKS_FOR_SUCCEEDED)
            || runner.text("/status/phase") != Some("Succeeded");
        if asks {
            self.credentials(runner);
        }
    }

    /// Up to 0.10.1 a runner keeps its finalizer until its pod is gone. Where the build cannot be told, so is it said.
    fn pod_first(&mut self) {
        let pod = ObjectId::new(&arc::POD, &self.object.id.namespace, &self.object.id.name);
        let namespace = &self.object.id.namespace;
        let build = self.world.controllers.alive(namespace).and_then(|found| Version::parse(&found.version));
        if build.is_some_and(|build| build >= ASKS_FOR_SUCCEEDED)
            || !self.view.find(&pod).is_some_and(Object::is_deleting)
        {
            return;
        }
        let because = match build {
            Some(_) => "its pod has to go first".to_owned(),
            None => "its pod has to go first, if the controller is older than 0.11.0, which nothing tells"
                .to_owned(),
        };
        self.first(&pod, because, Vec::new());
    }

    /// True if the controller that is responsible here is known to be older.
    fn runs_before(&self, namespace: &str, version: Version) -> bool {
        let controller = self.world.controllers.alive(namespace);
        controller
            .and_then(|controller| Version::parse(&controller.version))
            .is_some_and(|build| build < version)
    }

    /// `ephemeralrunner_controller.go`: pod, Secret and what container hooks left.
    pub fn runner(&mut self) {
        if self.object.has_finalizer(finalizers::RUNNER_REGISTRATION) {
            return;
        }
        self.stage = "step 2 of 2: its pod and Secret go".to_owned();
        self.needs.push(Need::Controller);
        let namespace = self.object.id.namespace.clone();
        let name = self.object.id.name.clone();
        self.pod_first();
        self.access("delete", "", "pods", &namespace, &name);
        self.access("delete", "", "secrets", &namespace, &name);
        if sets::uses_hooks(self.object) || self.runs_before(&self.object.id.namespace, ASKS_FOR_SUCCEEDED) {
            self.access("list", "", "secrets", &namespace, "");
        }
    }

    fn credentials(&mut self, object: &Object) {
        self.credentials_at(object, "/spec");
    }

    /// What talking to GitHub takes: the Secret, the right to read it, and GitHub.
    fn credentials_at(&mut self, object: &Object, spec: &str) {
        add_credentials(self.view, object, spec, &mut self.needs);
    }
}
