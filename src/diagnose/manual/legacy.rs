//! Pages of legacy mode: the controller of RunnerDeployments and RunnerSets.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[];
