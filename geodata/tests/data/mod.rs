//! The data that lies beside the project.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Where the data is; `None`, said aloud, where a user's clone has none.
pub fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/tuyen-quang");
    let folder = env::var_os("PHUSONG_TEST_DATA").map_or(beside, PathBuf::from);
    if folder.join("communes.geojson").is_file() {
        return Some(folder);
    }
    assert!(env::var_os("CI").is_none(), "test data not found: {}", folder.display());
    println!("skipped: test data not found");
    None
}
