//! Pages of what keeps a runner set and its listener from coming up.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[];
