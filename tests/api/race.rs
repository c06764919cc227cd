//! Changes of the world at the worst moment: just before a write arrives.

use super::Asked;
use super::State;
use super::world::World;

/// A change, and the number of the write before which it happens.
pub struct Race {
    pub number: usize,
    /// Counts what is tried out instead of what is sent for good.
    pub dry: bool,
    pub change: Box<dyn FnOnce(&mut World) + Send>,
}

/// Counts the request, and changes what is to be changed before it.
pub fn run(state: &mut State, asked: &Asked) {
    if !asked.is_write() {
        return;
    }
    let dry = asked.is_dry();
    let count = &mut state.arrived[usize::from(dry)];
    *count += 1;
    let number = *count;
    let (due, later): (Vec<Race>, Vec<Race>) = std::mem::take(&mut state.races)
        .into_iter()
        .partition(|race| race.dry == dry && race.number == number);
    state.races = later;
    for race in due {
        (race.change)(&mut state.world);
    }
}
