//! Where this program keeps what it has to remember, by the custom of each system.

use etcetera::BaseStrategy as _;
use std::path::PathBuf;

/// `$XDG_STATE_HOME/kubectl-arc`, else `~/.local/state/kubectl-arc`; on Windows below `%APPDATA%`. None: the user has no
/// home.
pub fn folder() -> Option<PathBuf> {
    let places = etcetera::choose_base_strategy().ok()?;
    Some(places.state_dir().unwrap_or_else(|| places.data_dir()).join("kubectl-arc"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_a_folder_of_its_own() {
        let folder = super::folder().unwrap();
        assert!(folder.is_absolute() && folder.ends_with("kubectl-arc"), "{}", folder.display());
    }
}
