//! Where at GitHub something that stays behind can be removed.

/// The settings page that lists the runners and runner scale sets of the address at the end of a text such as
/// `runner scale set 17 "arc" at https://github.com/acme`.
pub fn settings_page(leaves: &str) -> Option<String> {
    let (_, address) = leaves.rsplit_once(" at https://")?;
    let address = address.trim_end_matches('/');
    if !address.chars().all(|c| c.is_ascii_alphanumeric() || "./-_:".contains(c)) {
        return None;
    }
    let parts: Vec<&str> = address.split('/').collect();
    match parts.as_slice() {
        [host, organization] => {
            Some(format!("https://{host}/organizations/{organization}/settings/actions/runners"))
        }
        [host, "enterprises", enterprise] => {
            Some(format!("https://{host}/enterprises/{enterprise}/settings/actions/runners"))
        }
        [host, owner, repository] => {
            Some(format!("https://{host}/{owner}/{repository}/settings/actions/runners"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_has_its_page() {
        let page = |address: &str| settings_page(&format!("runner scale set 17 \"arc\" at {address}"));
        let org = "https://github.com/organizations/acme/settings/actions/runners";
        assert_eq!(page("https://github.com/acme").as_deref(), Some(org));
        let repository = "https://ghes.acme.io/acme/app/settings/actions/runners";
        assert_eq!(page("https://ghes.acme.io/acme/app/").as_deref(), Some(repository));
        let enterprise = "https://github.com/enterprises/acme/settings/actions/runners";
        assert_eq!(page("https://github.com/enterprises/acme").as_deref(), Some(enterprise));
        assert_eq!(page("https://github.com/acme$(reboot)"), None);
        assert_eq!(settings_page("a PersistentVolume"), None);
    }
}
