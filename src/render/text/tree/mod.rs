//! The way from the targets to the roots, as a short tree; deadlocks as the cycles they are.

mod alike;
mod draw;
mod item;
mod plan;
mod points;

use super::Page;
use super::fold::Group;
use crate::graph::Node;
use crate::model::ObjectId;
use plan::Plan;
use points::Points;
use std::collections::BTreeSet;

/// Draws what waits for what, if anything does. Returns all objects that were there to draw.
pub fn write(page: &mut Page, groups: &[Group]) -> BTreeSet<ObjectId> {
    let points = Points::of(page.diagnosis, page.style.verbose);
    let starts = points.starts(page.diagnosis);
    let reached: BTreeSet<ObjectId> = points.told().filter_map(Node::object).cloned().collect();
    if starts.iter().all(|start| points.waits(start).is_empty()) {
        return reached;
    }
    let items = Plan::new(&points, groups, page, &starts).forest(starts);
    page.heading("What waits for what");
    draw::forest(&mut page.text, items, &page.style);
    reached
}
