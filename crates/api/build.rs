//! Makes sure that there is a folder to embed: without the Portal's build, a page that says how to make it.

use std::{fs, path::Path};

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let index = dist.join("index.html");
    if !index.exists() {
        let page = "<!doctype html><title>Headwater</title><p>This binary was built without the Portal. \
                    Run <code>make up</code> to build both.</p>\n";
        fs::create_dir_all(&dist).expect("web/ is writable");
        fs::write(index, page).expect("web/dist is writable");
    }
}
