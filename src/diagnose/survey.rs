//! Looking at every object once: does it move as it should?

use super::controllers::Controllers;
use super::creation;
use super::deletion;
use super::view::View;
use super::world::World;
use super::world::young;
use crate::arc;
use crate::arc::limits;
use crate::model::Object;
use jiff::Timestamp;

/// Whether a deletion is given the time that it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    Usual,
    /// Every deletion counts as an old one.
    None,
}

/// What moves and what does not.
pub fn survey(view: &View<'_>, patience: Patience) -> World {
    let mut world = World::new(Controllers::of(view));
    for controller in &world.controllers.found {
        if controller.is_restarting(view.now()) {
            let text = "its last ready replica went less than 2 minutes ago".to_owned();
            world.waiting.insert(controller.id.clone(), text);
        }
    }
    for object in view.everything() {
        match object.deletion_timestamp {
            Some(since) => deleting(view, object, since, patience, &mut world),
            None => creation::add(view, object, &mut world),
        }
    }
    world
}

fn deleting(view: &View<'_>, object: &Object, since: Timestamp, patience: Patience, world: &mut World) {
    let age = view.now().duration_since(since);
    if object.id.kind == arc::POD {
        if age < limits::POD_AFTER_GRACE {
            let text =
                if age.is_negative() { "it is in its grace period" } else { "its grace period just ended" };
            world.waiting.insert(object.id.clone(), text.to_owned());
            return;
        }
        return deletion::add(view, object, since, world, false);
    }
    let is_young = patience == Patience::Usual && age < limits::YOUNG_DELETION;
    if is_young {
        let text = young("its deletion was asked for", age, limits::YOUNG_DELETION);
        world.waiting.insert(object.id.clone(), text);
    }
    deletion::add(view, object, since, world, is_young);
}
