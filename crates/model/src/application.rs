//! `app.yaml`: what an application is and which variables it takes.

use serde::{Deserialize, Serialize};

use crate::{Invalid, name};

/// The file that makes a folder an application.
pub const FILE: &str = "app.yaml";

/// What a variable holds; topic kinds become arrows of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum InputType {
    /// A topic that the application reads.
    InputTopic,
    /// A topic that the application writes.
    OutputTopic,
    /// Plain text.
    #[default]
    FreeText,
    /// Text that is not shown.
    HiddenText,
    /// The name of a secret.
    Secret,
    /// One of several values.
    Options,
    /// A value kept by the project.
    ProjectVariable,
    /// A named set of values kept by the organisation.
    VariableGroup,
}

/// One choice of an `Options` variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is shown.
    pub label: String,
    /// What the application gets.
    pub value: String,
}

/// A variable that the application declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// The environment variable.
    pub name: String,
    /// What it holds.
    #[serde(default)]
    pub input_type: InputType,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Used when a deployment gives none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "scalar")]
    pub default_value: Option<String>,
    /// Whether a deployment must have a value.
    #[serde(default)]
    pub required: bool,
    /// Whether the value may span lines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiline: bool,
    /// The choices of an `Options` variable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
}

/// The contents of an `app.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Shown name.
    pub name: String,
    /// `python`, `node`, … in lower case; decides how it is built.
    #[serde(default)]
    pub language: String,
    /// What it can be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Path of the dockerfile within the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// The file that starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_entry_point: Option<String>,
    /// The file that an editor opens first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_file: Option<String>,
    /// Folders of the repository that belong to it beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included_folders: Vec<String>,
    /// Extension: the command to run, for languages that the platform does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Application {
    /// Reads an `app.yaml`. Unknown keys are kept out but not refused: newer tools write more.
    pub fn parse(yaml: &str) -> Result<Self, Invalid> {
        let mut app: Self =
            serde_saphyr::from_str(yaml).map_err(|error| Invalid::new(FILE, error.to_string()))?;
        app.language = app.language.to_ascii_lowercase();
        app.validate()?;
        Ok(app)
    }

    fn validate(&self) -> Result<(), Invalid> {
        name::display("name", &self.name)?;
        for (i, variable) in self.variables.iter().enumerate() {
            name::variable(&variable.name)?;
            if self.variables[..i].iter().any(|other| other.name == variable.name) {
                return Err(Invalid::new("variables", format!("'{}' stands twice", variable.name)));
            }
        }
        let paths = [&self.dockerfile, &self.run_entry_point, &self.default_file];
        for path in paths.into_iter().flatten().chain(&self.included_folders) {
            inside(path)?;
        }
        Ok(())
    }
}

/// Refuses a path that could leave the folder it is relative to.
pub fn inside(path: &str) -> Result<(), Invalid> {
    let leaves = path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| part == "..");
    if leaves || path.contains('\0') {
        return Err(Invalid::new("path", format!("'{path}' leaves the folder")));
    }
    Ok(())
}

/// Reads a scalar as text: YAML authors write `5` and `true` where the application will read text.
pub(crate) fn scalar<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Bool(bool),
        Int(i64),
        Float(f64),
        Text(String),
    }
    Ok(Option::<Scalar>::deserialize(deserializer)?.map(|value| match value {
        Scalar::Bool(v) => v.to_string(),
        Scalar::Int(v) => v.to_string(),
        Scalar::Float(v) => v.to_string(),
        Scalar::Text(v) => v,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_samples_write() {
        let app = Application::parse(
            "name: Hopping window\nlanguage: Python\nvariables:\n  - name: input\n    inputType: InputTopic\n    \
             defaultValue: cars\n    required: true\n  - name: rate\n    defaultValue: 5\nrunEntryPoint: main.py\nnew: 1\n",
        )
        .unwrap();
        assert_eq!(app.language, "python");
        assert_eq!(app.variables[0].input_type, InputType::InputTopic);
        assert_eq!(app.variables[1].default_value.as_deref(), Some("5"));
        assert_eq!(app.variables[1].input_type, InputType::FreeText);
    }

    #[test]
    fn refuses_what_would_harm() {
        for (yaml, part) in [
            ("language: python", "name"),
            ("name: a\nrunEntryPoint: ../x.py", "leaves"),
            ("name: a\nvariables: [{name: 'A B'}]", "variable name"),
            ("name: a\nvariables: [{name: A}, {name: A}]", "twice"),
            ("- a", ""),
        ] {
            let error = Application::parse(yaml).unwrap_err();
            assert!(error.to_string().contains(part), "{yaml}: {error}");
        }
    }
}
