//! `[channels.*]`: where Usher speaks, which level holds there, and who owes answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::code::Code;
use super::super::model::{AnsweredBy, Channel, Level, Name, Voice};
use super::super::names::Names;
use super::super::reaction::{Reaction, Spelling, spelling};
use super::super::section::{Key, Section, Value, brief};
use super::ids::{Ids, Platform};

/// The key that stands for every channel that is not named.
pub(super) const ELSEWHERE: &str = "*";
/// The level of a channel that names none.
const USUAL_LEVEL: &str = "normal";

const VOICES: &[(&str, Voice)] =
    &[("watch", Voice::Watch), ("private", Voice::Private), ("speak", Voice::Speak)];
const ANSWERED_BY: &[(&str, AnsweredBy)] =
    &[("anyone", AnsweredBy::Anyone), ("responders", AnsweredBy::Responders)];

pub(super) struct Channels {
    pub(super) named: BTreeMap<Name, Channel>,
    pub(super) elsewhere: Channel,
}

pub(super) fn resolve(entries: &[(Key, Value<'_>)], names: &Names, levels: &[Arc<Level>]) -> Channels {
    let usual = levels.iter().find(|level| level.name == USUAL_LEVEL).cloned();
    let mut channels = Channels { named: BTreeMap::new(), elsewhere: plain(Voice::Watch) };
    let mut ids = Ids::new("channel");
    for (key, value) in entries {
        let Some(mut section) = value.section() else { continue };
        if key.name == ELSEWHERE {
            channels.elsewhere = behaviour(&mut section, names, levels, plain(Voice::Watch));
        } else {
            let mut channel = plain(Voice::Speak);
            channel.urgency.clone_from(&usual);
            channel.slack =
                section.get("slack").and_then(|id| ids.take(&id, Platform::SlackChannel, &key.name));
            channel.matrix =
                section.get("matrix").and_then(|id| ids.take(&id, Platform::MatrixRoom, &key.name));
            channel.purpose = section.text("purpose");
            let channel = behaviour(&mut section, names, levels, channel);
            channels.named.insert(key.name.clone(), channel);
        }
        section.finish();
    }
    channels
}

/// A channel of which the runbook says nothing.
fn plain(voice: Voice) -> Channel {
    Channel {
        slack: None,
        matrix: None,
        purpose: None,
        urgency: None,
        responders: Vec::new(),
        answered_by: AnsweredBy::Anyone,
        acknowledge: vec![Reaction::of("eyes")],
        dismiss: vec![Reaction::of("no_entry_sign")],
        template: None,
        voice,
    }
}

/// The keys that `[channels."*"]` has too.
fn behaviour(
    section: &mut Section<'_>,
    names: &Names,
    levels: &[Arc<Level>],
    mut channel: Channel,
) -> Channel {
    if let Some(name) = section.get("urgency").and_then(|value| names.levels.find(&value)) {
        channel.urgency = levels.iter().find(|level| level.name == name).cloned();
    }
    if let Some(value) = section.get("responders") {
        channel.responders = names.who(&value, false);
    }
    if let Some(value) = section.get("answered-by") {
        channel.answered_by = value.choice(ANSWERED_BY).unwrap_or(AnsweredBy::Anyone);
        if channel.answered_by == AnsweredBy::Responders && channel.responders.is_empty() {
            value.fault(
                Code::NoResponders,
                format!("{} lets only responders answer and has none", section.title()),
            );
        }
    }
    if let Some(value) = section.get("acknowledge") {
        channel.acknowledge = reactions(&value);
    }
    if let Some(value) = section.get("dismiss") {
        channel.dismiss = reactions(&value);
    }
    if let Some(both) = channel.dismiss.iter().find(|reaction| channel.acknowledge.contains(reaction)) {
        let message = format!("{both} takes a question on in {}, so it cannot dismiss one", section.title());
        section.report().add(Code::AmbiguousReaction, section.span(), message);
    }
    channel.template = section.text("template");
    if let Some(voice) = section.get("usher").and_then(|value| value.choice(VOICES)) {
        channel.voice = voice;
    }
    channel
}

fn reactions(value: &Value<'_>) -> Vec<Reaction> {
    let mut reactions = Vec::new();
    for value in value.one_or_list("a reaction or a list of reactions") {
        let Some(written) = value.text() else { continue };
        let reaction = Reaction::of(&written);
        match spelling(&written) {
            Spelling::Known => {}
            Spelling::Own(near) => report_slip(&value, &written, near),
            Spelling::NoReaction => {
                let message = format!("`{}` is no reaction; write its name or the emoji", brief(&written));
                value.fault(Code::BadText, message);
                continue;
            }
        }
        if !reactions.contains(&reaction) {
            reactions.push(reaction);
        }
    }
    reactions
}

/// Says that the name of a reaction looks like a slip of the finger.
pub(super) fn report_slip(value: &Value<'_>, written: &str, near: Option<&str>) {
    if let Some(near) = near {
        let message = format!("no emoji is called `{}`", brief(written));
        value.report().add_nearest(Code::UnknownReaction, value.span(), message, Some(near.to_owned()));
    }
}
