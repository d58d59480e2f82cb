//! The first files of an application, by language.

use headwater_model::Invalid;

use crate::Result;

/// File names within the folder, with their text.
pub(super) fn files(name: &str, language: &str) -> Result<Vec<(String, String)>> {
    let files: &[(&str, &str)] = match language.to_ascii_lowercase().as_str() {
        "python" => &[("main.py", PYTHON), ("requirements.txt", "quixstreams<4\n")],
        "node" | "javascript" => &[("main.js", NODE), ("package.json", PACKAGE)],
        _ => return Err(Invalid::new("language", format!("'{language}' is not python or node")).into()),
    };
    let (entry, language) = match files[0].0 {
        "main.py" => ("main.py", "python"),
        other => (other, "node"),
    };
    // A JSON string is a YAML string, whatever characters the name has.
    let quoted = serde_json::Value::from(name);
    let app = format!(
        "name: {quoted}\nlanguage: {language}\nvariables: []\nrunEntryPoint: {entry}\ndefaultFile: {entry}\n"
    );
    let all = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    Ok(all.chain([("app.yaml".to_owned(), app)]).collect())
}

const PYTHON: &str = r#"from quixstreams import Application

# Connection and credentials come from the platform.
app = Application(consumer_group="my-group", auto_offset_reset="earliest")

topic = app.topic("my-topic")

with app.get_producer() as producer:
    message = topic.serialize(key="first", value={"hello": "world"})
    producer.produce(topic=topic.name, key=message.key, value=message.value)

print("sent a first message")
"#;

const NODE: &str =
    "console.log(`running in ${process.env.Quix__Workspace__Id}`);\nsetInterval(() => {}, 60_000);\n";

const PACKAGE: &str = "{\n  \"name\": \"application\",\n  \"private\": true,\n  \"dependencies\": {}\n}\n";

#[cfg(test)]
mod tests {
    use headwater_model::Application;

    use super::*;

    #[test]
    fn what_is_made_can_be_read() {
        for language in ["Python", "node"] {
            let files = files("A \"quoted\": name", language).unwrap();
            let (_, yaml) = files.iter().find(|(file, _)| file == "app.yaml").unwrap();
            let app = Application::parse(yaml).unwrap();
            assert_eq!(app.name, "A \"quoted\": name");
            let entry = app.run_entry_point.unwrap();
            assert!(files.iter().any(|(file, _)| *file == entry));
        }
        assert!(files("a", "cobol").is_err());
    }
}
