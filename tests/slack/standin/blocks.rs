//! The rules of Block Kit that Slack enforces, with its sentences about what is wrong where.

use std::collections::BTreeSet;

use serde_json::Value;

use super::refusals::Refusal;

/// The most characters of text that all blocks of a message may hold together. Slack does not document
/// it; its users measured it.
const MOST_TEXT_IN_ALL: usize = 13_200;

/// Where blocks are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// In a message.
    Message,
    /// In a modal or a home.
    View,
}

impl Surface {
    fn most_blocks(self) -> usize {
        match self {
            Surface::Message => 50,
            Surface::View => 100,
        }
    }
}

/// Checks a list of blocks.
pub fn check(blocks: &Value, surface: Surface) -> Result<(), Refusal> {
    let Value::Array(list) = blocks else {
        return Err(Refusal::Named("invalid_blocks_format"));
    };
    if !list.iter().all(Value::is_object) {
        return Err(Refusal::Named("invalid_blocks_format"));
    }
    let mut checker = Checker::default();
    let root = if surface == Surface::Message { "/blocks" } else { "/view/blocks" };
    checker.most(list.len(), surface.most_blocks(), root);
    for (index, block) in list.iter().enumerate() {
        checker.block(block, &format!("{root}/{index}"));
    }
    if !checker.faults.is_empty() {
        return Err(Refusal::Explained("invalid_blocks", checker.faults));
    }
    if surface == Surface::Message && text_in_all(blocks) > MOST_TEXT_IN_ALL {
        return Err(Refusal::Named("msg_blocks_too_long"));
    }
    Ok(())
}

fn text_in_all(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(text_in_all).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match value.as_str().filter(|_| key == "text") {
                Some(text) => text.chars().count(),
                None => text_in_all(value),
            })
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The ids of all elements that a person can act on, with the block of each.
pub fn actions(blocks: &Value) -> Vec<(&str, &Value)> {
    let mut found = Vec::new();
    for block in blocks.as_array().into_iter().flatten() {
        let id = block["block_id"].as_str().unwrap_or_default();
        let several = block["elements"].as_array().into_iter().flatten();
        let one = [&block["accessory"], &block["element"]];
        found.extend(several.chain(one).filter(|element| element["action_id"].is_string()).map(|e| (id, e)));
    }
    found
}

#[derive(Default)]
struct Checker {
    faults: Vec<String>,
    block_ids: BTreeSet<String>,
    action_ids: BTreeSet<String>,
}

impl Checker {
    fn fault(&mut self, what: &str, pointer: &str) {
        self.faults.push(format!("[ERROR] {what} [json-pointer:{pointer}]"));
    }

    fn most(&mut self, count: usize, most: usize, pointer: &str) {
        if count > most {
            self.fault(&format!("no more than {most} items allowed"), pointer);
        }
    }

    fn length(&mut self, text: &str, most: usize, pointer: &str) {
        if text.is_empty() {
            self.fault("must be more than 0 characters", pointer);
        } else if text.chars().count() > most {
            self.fault(&format!("must be less than {} characters", most + 1), pointer);
        }
    }

    /// An optional string that is unique in the message.
    fn id(&mut self, holder: &Value, field: &str, pointer: &str) {
        let Some(value) = holder.get(field) else { return };
        let at = format!("{pointer}/{field}");
        let Some(id) = value.as_str() else { return self.fault("must be a string", &at) };
        self.length(id, 255, &at);
        let known = if field == "block_id" { &mut self.block_ids } else { &mut self.action_ids };
        if !known.insert(id.to_owned()) {
            self.fault(&format!("`{field}` {id} already exists"), &at);
        }
    }

    /// A text object.
    fn text(&mut self, text: &Value, most: usize, plain_only: bool, pointer: &str) {
        match text["type"].as_str() {
            Some("plain_text") => {}
            Some("mrkdwn") if !plain_only => {}
            Some(_) | None => {
                return self.fault("unsupported or missing text type", &format!("{pointer}/type"));
            }
        }
        match text["text"].as_str() {
            Some(words) => self.length(words, most, &format!("{pointer}/text")),
            None => self.fault("missing required field: text", pointer),
        }
    }

    fn list<'a>(&mut self, holder: &'a Value, field: &str, most: usize, pointer: &str) -> &'a [Value] {
        let at = format!("{pointer}/{field}");
        let Some(list) = holder[field].as_array() else {
            self.fault(&format!("missing required field: {field}"), pointer);
            return &[];
        };
        if list.is_empty() {
            self.fault("no fewer than 1 items allowed", &at);
        }
        self.most(list.len(), most, &at);
        list
    }

    fn block(&mut self, block: &Value, at: &str) {
        self.id(block, "block_id", at);
        match block["type"].as_str().unwrap_or_default() {
            "section" => self.section(block, at),
            "header" => self.text(&block["text"], 150, true, &format!("{at}/text")),
            "actions" => {
                for (index, element) in self.list(block, "elements", 25, at).iter().enumerate() {
                    if element["type"] == "plain_text_input" {
                        let at = format!("{at}/elements/{index}/type");
                        self.fault("unsupported type: plain_text_input", &at);
                    }
                    self.element(element, &format!("{at}/elements/{index}"));
                }
            }
            "context" => self.context(block, at),
            "input" => {
                self.text(&block["label"], 2000, true, &format!("{at}/label"));
                if block["hint"].is_object() {
                    self.text(&block["hint"], 2000, true, &format!("{at}/hint"));
                }
                if block.get("optional").is_some_and(|optional| !optional.is_boolean()) {
                    self.fault("must be a boolean", &format!("{at}/optional"));
                }
                self.input(&block["element"], &format!("{at}/element"));
            }
            "image" => self.image(block, at),
            "rich_text" => {
                self.list(block, "elements", usize::MAX, at);
            }
            "markdown" => {
                self.length(block["text"].as_str().unwrap_or_default(), 12_000, &format!("{at}/text"));
            }
            "divider" => {}
            other => self.fault(&format!("unsupported type: {other}"), &format!("{at}/type")),
        }
    }

    /// What stands in an `input` block: something to fill in.
    fn input(&mut self, element: &Value, at: &str) {
        match element["type"].as_str().unwrap_or_default() {
            other @ ("button" | "overflow" | "image") => {
                self.fault(&format!("unsupported type: {other}"), &format!("{at}/type"));
            }
            _ => self.element(element, at),
        }
        for (field, least, most) in [("min_length", 0, 3_000), ("max_length", 1, 3_000)] {
            if let Some(length) = element.get(field)
                && !length.as_u64().is_some_and(|length| (least..=most).contains(&length))
            {
                self.fault(&format!("must be between {least} and {most}"), &format!("{at}/{field}"));
            }
        }
        if let (Some(least), Some(most)) = (element["min_length"].as_u64(), element["max_length"].as_u64())
            && least > most
        {
            self.fault("must be less than `max_length`", &format!("{at}/min_length"));
        }
    }

    fn section(&mut self, block: &Value, at: &str) {
        let has_fields = block.get("fields").is_some();
        if block.get("text").is_some() || !has_fields {
            self.text(&block["text"], 3000, false, &format!("{at}/text"));
        }
        if has_fields {
            for (index, field) in self.list(block, "fields", 10, at).iter().enumerate() {
                self.text(field, 2000, false, &format!("{at}/fields/{index}"));
            }
        }
        if block.get("accessory").is_some() {
            self.element(&block["accessory"], &format!("{at}/accessory"));
        }
    }

    fn context(&mut self, block: &Value, at: &str) {
        for (index, element) in self.list(block, "elements", 10, at).iter().enumerate() {
            let at = format!("{at}/elements/{index}");
            if element["type"] == "image" {
                self.image(element, &at);
            } else {
                self.text(element, 3000, false, &at);
            }
        }
    }

    fn image(&mut self, image: &Value, at: &str) {
        for (field, most) in [("image_url", 3000), ("alt_text", 2000)] {
            match image[field].as_str() {
                Some(text) => self.length(text, most, &format!("{at}/{field}")),
                None => self.fault(&format!("missing required field: {field}"), at),
            }
        }
    }

    fn element(&mut self, element: &Value, at: &str) {
        self.id(element, "action_id", at);
        if element.get("confirm").is_some() {
            self.confirm(&element["confirm"], &format!("{at}/confirm"));
        }
        if element.get("placeholder").is_some() {
            self.text(&element["placeholder"], 150, true, &format!("{at}/placeholder"));
        }
        match element["type"].as_str().unwrap_or_default() {
            "button" => self.button(element, at),
            "static_select" | "multi_static_select" => self.options(element, 100, 75, at),
            "overflow" => self.options(element, 5, 75, at),
            "radio_buttons" | "checkboxes" => self.options(element, 10, 75, at),
            "image" => self.image(element, at),
            "plain_text_input"
            | "users_select"
            | "multi_users_select"
            | "conversations_select"
            | "channels_select"
            | "datepicker"
            | "timepicker"
            | "datetimepicker"
            | "number_input" => {}
            other => self.fault(&format!("unsupported type: {other}"), &format!("{at}/type")),
        }
    }

    fn button(&mut self, button: &Value, at: &str) {
        self.text(&button["text"], 75, true, &format!("{at}/text"));
        if let Some(value) = button.get("value") {
            self.length(value.as_str().unwrap_or_default(), 2000, &format!("{at}/value"));
        }
        if let Some(url) = button.get("url") {
            self.length(url.as_str().unwrap_or_default(), 3000, &format!("{at}/url"));
        }
        if let Some(style) = button.get("style")
            && style != "primary"
            && style != "danger"
        {
            self.fault("must be one of: primary, danger", &format!("{at}/style"));
        }
    }

    fn options(&mut self, element: &Value, most: usize, text: usize, at: &str) {
        if element.get("option_groups").is_some() {
            self.list(element, "option_groups", 100, at);
            return;
        }
        for (index, option) in self.list(element, "options", most, at).iter().enumerate() {
            let at = format!("{at}/options/{index}");
            self.text(&option["text"], text, false, &format!("{at}/text"));
            self.length(option["value"].as_str().unwrap_or_default(), 150, &format!("{at}/value"));
        }
    }

    fn confirm(&mut self, confirm: &Value, at: &str) {
        for (field, most) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
            if confirm.get(field).is_some() {
                self.text(&confirm[field], most, field != "text", &format!("{at}/{field}"));
            }
        }
    }
}
