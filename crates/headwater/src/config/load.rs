//! Puts the layers together.

use std::path::Path;

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
    value::{Dict, Value},
};

use super::{Config, check};

/// The file read from the working directory when no other is named.
const FILE: &str = "headwater.toml";

/// Every problem of a configuration, a line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Problems(pub Vec<String>);

/// The configuration: defaults ← `file` (or `headwater.toml`, when there is one) ← environment ← `flags`.
///
/// `flags` are the dotted keys that the command line set.
pub fn load(file: Option<&Path>, flags: Vec<(&'static str, Value)>) -> Result<Config, Problems> {
    let mut problems = Vec::new();
    if let Some(file) = file
        && !file.is_file()
    {
        problems.push(format!("there is no configuration file {}", file.display()));
    }
    let defaults = Figment::from(Serialized::defaults(Config::default()));
    let mut figment = defaults.clone();
    // By its exact path: otherwise a file of the name would be looked for in all folders above.
    let file = Some(file.unwrap_or(Path::new(FILE))).filter(|file| file.is_file());
    if let Some(file) = file {
        figment = figment.merge(Toml::file_exact(file));
    }
    figment = figment.merge(Env::prefixed("HEADWATER__").split("__"));
    for (key, value) in flags {
        figment = figment.merge(Serialized::global(key, value));
    }

    let known: Dict = defaults.extract().map_err(told)?;
    let given: Dict = figment.extract().map_err(told)?;
    unknown(&known, &given, "", &mut problems);
    for key in leaves(&known, "") {
        misfit(&figment, &known, &key, &mut problems);
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let mut config: Config = figment.extract().map_err(told)?;
    let mut problems = check::problems(&config);
    // Replicas have working directories of their own, and are told paths below it.
    match std::path::absolute(&config.data_dir) {
        Ok(absolute) => config.data_dir = absolute,
        Err(error) => problems.push(format!("data_dir '{}': {error}", config.data_dir.display())),
    }
    match problems.is_empty() {
        true => Ok(config),
        false => Err(Problems(problems)),
    }
}

fn told(error: figment::Error) -> Problems {
    Problems(error.into_iter().map(|e| e.to_string()).collect())
}

/// Keys that no setting has, each with where it would be.
fn unknown(known: &Dict, given: &Dict, prefix: &str, problems: &mut Vec<String>) {
    for (key, value) in given {
        match (known.get(key), value) {
            (Some(Value::Dict(_, known)), Value::Dict(_, given)) => {
                unknown(known, given, &format!("{prefix}{key}."), problems);
            }
            (Some(_), _) => {}
            (None, _) => problems.push(format!("unknown setting '{prefix}{key}'")),
        }
    }
}

fn leaves(dict: &Dict, prefix: &str) -> Vec<String> {
    dict.iter()
        .flat_map(|(key, value)| match value {
            Value::Dict(_, inner) => leaves(inner, &format!("{prefix}{key}.")),
            _ => vec![format!("{prefix}{key}")],
        })
        .collect()
}

/// Tries a single setting on top of the defaults, so that one bad value does not hide another.
fn misfit(figment: &Figment, known: &Dict, key: &str, problems: &mut Vec<String>) {
    let Ok(value) = figment.find_value(key) else { return };
    let alone = Figment::from(Serialized::defaults(known)).merge(Serialized::global(key, value));
    if let Err(error) = alone.extract::<Config>() {
        problems.extend(error.into_iter().map(|e| format!("{key}: {}", e.kind)));
    }
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's jail wants its own error")]
mod tests {
    use super::*;

    fn with(toml: &str, env: &[(&str, &str)], flags: Vec<(&'static str, Value)>) -> Result<Config, Problems> {
        let mut out = None;
        figment::Jail::expect_with(|jail| {
            jail.create_file(FILE, toml)?;
            for (key, value) in env {
                jail.set_env(key, value);
            }
            out = Some(load(None, flags.clone()));
            Ok(())
        });
        out.unwrap()
    }

    #[test]
    fn later_layers_win() {
        let config = with(
            "data_dir = '/a'\n[http]\naddr = '127.0.0.1:1'\n[kafka]\naddr = '127.0.0.1:2'",
            &[("HEADWATER__KAFKA__ADDR", "127.0.0.1:3"), ("HEADWATER__HTTP__ADDR", "127.0.0.1:4")],
            vec![("http.addr", "127.0.0.1:5".into())],
        )
        .unwrap();
        assert_eq!(config.data_dir, Path::new("/a"));
        assert_eq!((config.http.addr.port(), config.kafka.addr.port()), (5, 3));
        assert!(config.kafka.sync);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let toml = "colour = 'red'\n[http]\naddr = 'nowhere'\nport = 1\n[kafka]\nsync = 'perhaps'\n[log]\nformat = 'xml'";
        let Problems(problems) = with(toml, &[], vec![]).unwrap_err();
        let all = problems.join("\n");
        for part in ["'colour'", "'http.port'", "http.addr", "kafka.sync", "log.format"] {
            assert!(all.contains(part), "{part} is not in:\n{all}");
        }
        assert_eq!(problems.len(), 5, "{all}");
    }

    #[test]
    fn beyond_loopback_wants_tls_or_an_explicit_word() {
        for port in ["http", "kafka", "public"] {
            let open = format!("[{port}]\naddr = '0.0.0.0:8000'");
            let Problems(problems) = with(&open, &[], vec![]).unwrap_err();
            assert!(problems[0].starts_with(port) && problems[0].contains("--insecure"), "{problems:?}");
            assert!(with(&open, &[("HEADWATER__HTTP__INSECURE", "true")], vec![]).is_ok(), "{port}");
        }
    }

    #[test]
    fn the_data_folder_is_absolute() {
        figment::Jail::expect_with(|jail| {
            let config = load(None, vec![]).unwrap();
            assert_eq!(config.data_dir, jail.directory().join(".headwater"));
            let config = load(None, vec![("data_dir", "./else/where".into())]).unwrap();
            assert_eq!(config.data_dir, jail.directory().join("else/where"));
            Ok(())
        });
        let Problems(problems) = with("data_dir = ''", &[], vec![]).unwrap_err();
        assert!(problems[0].starts_with("data_dir"), "{problems:?}");
    }

    #[test]
    fn the_file_of_a_parent_folder_is_not_ours() {
        figment::Jail::expect_with(|jail| {
            jail.create_file(FILE, "data_dir = '/parents'")?;
            jail.create_dir("inner")?;
            jail.change_dir("inner")?;
            assert_eq!(load(None, vec![]).unwrap().data_dir, jail.directory().join("inner/.headwater"));
            Ok(())
        });
    }
}
