//! The manifest that people paste, as far as the program reads it itself.

const MANIFEST: &str = include_str!("../../../slack/manifest.yaml");

/// The scopes that the manifest asks for. A test holds this against a reader of YAML.
pub fn scopes() -> impl Iterator<Item = &'static str> {
    let list = MANIFEST.lines().map(str::trim).skip_while(|line| *line != "bot:").skip(1);
    list.map_while(|line| line.strip_prefix("- "))
}
