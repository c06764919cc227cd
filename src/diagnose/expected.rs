//! The controller that should be there, told by what it leaves behind when its Deployment goes.

use super::controllers::Controller;
use super::controllers::Controllers;
use super::report::Evidence;
use super::view::View;
use crate::arc;
use crate::arc::marks;
use crate::model::Object;
use crate::model::ObjectId;
use serde_json::Value;

/// The annotation that Helm puts on all objects of a release (Helm `pkg/action/validate.go`).
const HELM_RELEASE: &str = "meta.helm.sh/release-name";

/// A Deployment of a controller, and how it came to its name.
#[derive(Clone, Debug)]
pub struct Expected {
    pub deployment: ObjectId,
    /// The Helm release that made it.
    pub release: String,
    pub known: Known,
    pub evidence: Vec<Evidence>,
}

/// A Deployment that is there and does not look after a namespace.
#[derive(Clone, Debug)]
pub struct Inactive {
    pub id: ObjectId,
    /// Why not, a sentence without a final stop.
    pub text: String,
    /// True if it is known to run a controller.
    pub runs: bool,
}

/// How well the Deployment is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The manager RoleBinding in the very namespace grants to its ServiceAccount, which has the same name.
    Here,
    /// That of another runner set does.
    Elsewhere,
    /// Nothing tells the name.
    Guessed,
}

impl Expected {
    /// The Deployment that should look after a namespace.
    pub fn of(view: &View<'_>, namespace: &str) -> Self {
        let mut managers: Vec<&Object> = view
            .list(&arc::ROLE_BINDING, None)
            .objects
            .into_iter()
            .filter(|binding| binding.label(marks::COMPONENT) == Some(marks::MANAGER_ROLE_BINDING))
            .collect();
        managers.sort_by_key(|binding| binding.id.namespace != namespace);
        managers.into_iter().find_map(|binding| Self::named(view, binding, namespace)).unwrap_or_else(|| {
            let listener = view.list(&arc::AUTOSCALING_LISTENER, None).objects.into_iter().next();
            Self::guessed(view, listener)
        })
    }

    fn named(view: &View<'_>, binding: &Object, namespace: &str) -> Option<Self> {
        let (home, account) = binding.items("/subjects").iter().find_map(|subject| {
            let text = |key: &str| subject.get(key).and_then(Value::as_str);
            let account = text("kind") == Some("ServiceAccount");
            Some((text("namespace")?, text("name")?)).filter(|_| account)
        })?;
        Some(Self {
            deployment: ObjectId::new(&arc::DEPLOYMENT, home, account),
            release: release(view, home, account),
            known: if binding.id.namespace == namespace { Known::Here } else { Known::Elsewhere },
            evidence: vec![view.evidence(&binding.id, "subjects", format!("{home}/{account}"))],
        })
    }

    /// Listeners lie beside their controller; without one there is only what the documentation does.
    fn guessed(view: &View<'_>, listener: Option<&Object>) -> Self {
        let home = listener.map_or(marks::DEFAULT_CONTROLLER_NAMESPACE, |listener| &listener.id.namespace);
        let beside = |listener: &Object| view.evidence(&listener.id, "metadata.namespace", home);
        Self {
            deployment: ObjectId::new(&arc::DEPLOYMENT, home, marks::CONTROLLER_SUFFIX),
            release: "arc".to_owned(),
            known: Known::Guessed,
            evidence: listener.map(beside).into_iter().collect(),
        }
    }

    /// True if a controller that was found is this one, whatever its Deployment is called.
    fn is(&self, controller: &Controller) -> bool {
        self.deployment == controller.id
            || (self.known != Known::Guessed
                && self.deployment.namespace == controller.id.namespace
                && self.deployment.name == controller.service_account)
    }

    /// A Deployment that is there and should look after the namespace, but does not; which, and why not.
    pub fn inactive(&self, view: &View<'_>, controllers: &Controllers, namespace: &str) -> Option<Inactive> {
        // As long as nothing in the namespace names another one, it may be any that lives.
        let any = self.known != Known::Here;
        let mut found = controllers.found.iter();
        let elsewhere = found
            .clone()
            .find(|controller| self.is(controller))
            .or_else(|| found.find(|controller| any && controller.is_alive()));
        if let Some(controller) = elsewhere {
            let watched = controller.watches.as_deref().unwrap_or_default();
            let text = format!("{} watches namespace {watched} alone, and not {namespace}", controller.id);
            return Some(Inactive { id: controller.id.clone(), text, runs: true });
        }
        let id = &self.deployment;
        let text =
            format!("{id} is there, but nothing in it says that it runs the controller of runner sets");
        view.find(id).map(|_| Inactive { id: id.clone(), text, runs: false })
    }
}

/// The release that made a ServiceAccount. The chart calls it `<release>-gha-rs-controller`, or just `<release>` if
/// that contains the suffix, so the name alone does not tell; Helm's own marks do, as long as they are there.
fn release(view: &View<'_>, namespace: &str, account: &str) -> String {
    let id = ObjectId::new(&arc::SERVICE_ACCOUNT, namespace, account);
    if let Some(release) = view.find(&id).and_then(|account| account.annotation(HELM_RELEASE)) {
        return release.to_owned();
    }
    let short = account
        .strip_suffix(marks::CONTROLLER_SUFFIX)
        .and_then(|rest| rest.strip_suffix('-'))
        .unwrap_or(account);
    let records = view.list(&arc::SECRET, Some(namespace)).objects;
    let recorded = |release: &str| {
        records
            .iter()
            .any(|secret| secret.label("owner") == Some("helm") && secret.label("name") == Some(release))
    };
    if recorded(account) && !recorded(short) { account.to_owned() } else { short.to_owned() }
}
