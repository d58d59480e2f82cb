//! Reads JSON whose member names and enum words are written in any case, as clients of several generations do.
//!
//! Folding follows the type that is read: members of a struct and words of an enum are matched without case, keys of
//! a map (variable names, say) are kept as they are.

use serde::de::{
    Deserializer, IntoDeserializer, Visitor,
    value::{MapDeserializer, SeqDeserializer},
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// A JSON value that is read without regard to case.
pub(super) struct Folded(pub(super) Value);

type Members<'a> = MapDeserializer<'a, std::vec::IntoIter<(String, Folded)>, Error>;

fn members(object: Map<String, Value>, rename: impl Fn(String) -> String) -> Members<'static> {
    let pairs: Vec<_> = object.into_iter().map(|(key, value)| (rename(key), Folded(value))).collect();
    MapDeserializer::new(pairs.into_iter())
}

fn word(text: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().find(|word| word.eq_ignore_ascii_case(text)).copied()
}

impl<'de> Deserializer<'de> for Folded {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(members(object, |key| key)),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Folded))),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => {
                let rename = |key: String| word(&key, fields).map_or(key, str::to_owned);
                visitor.visit_map(members(object, rename))
            }
            other => other.deserialize_struct(name, fields, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let value = match self.0 {
            Value::String(text) => Value::from(word(&text, variants).map_or(text, str::to_owned)),
            other => other,
        };
        value.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Folded {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Colour {
        DarkRed,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Inner {
        deep_name: Option<i64>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        the_name: String,
        colour: Colour,
        inner: Vec<Inner>,
        variables: BTreeMap<String, Inner>,
    }

    #[test]
    fn members_and_words_fold_and_keys_of_maps_stay() {
        let read = Outer::deserialize(Folded(json!({
            "TheName": "t", "COLOUR": "darkRED", "Inner": [{ "DEEPNAME": 1 }, { "deepName": null }],
            "variables": { "Input_Topic": { "DeepName": 2 } }, "unknown": {},
        })))
        .unwrap();
        assert_eq!(read.the_name, "t");
        assert_eq!(read.colour, Colour::DarkRed);
        assert_eq!(read.inner[0].deep_name, Some(1));
        assert_eq!(read.inner[1].deep_name, None);
        assert_eq!(read.variables["Input_Topic"].deep_name, Some(2));
    }

    #[test]
    fn wrong_words_are_named() {
        let error = Colour::deserialize(Folded(json!("blue"))).unwrap_err();
        assert!(error.to_string().contains("blue"), "{error}");
    }
}
