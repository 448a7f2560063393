//! The phrases and words that the judgement knows, as data. How they are written: see `lexicon.rs`.

mod asking;
mod order;
mod signs;

/// What a phrase says about its sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cue {
    /// It asks, with or without a question mark.
    Ask,
    /// Its question mark is a figure of speech.
    Calm,
    /// From here on the sentence asks nothing: a condition, reported speech, a notice.
    Void,
    /// From here on it is an offer, which asks nothing.
    Offer,
    /// It asks the one who asked: about what they did, see or use.
    Back,
    /// The matter seems settled.
    Closing,
    /// Somebody takes it on.
    Takes,
    /// An attempt changed nothing.
    Stuck,
    /// Rather no call.
    Declines,
    /// A reminder of an earlier question.
    Chase,
    /// Something does not work: after a greeting, or since some time, it is a cry for help.
    Problem,
    /// It goes on since some time.
    Since,
    /// It is due by some time.
    Deadline,
    /// Something is needed: with a deadline, a request.
    Need,
    /// It points somewhere, or says yes or no: a question before it is answered.
    Pointer,
    /// A question, or with a link the title of a text that answers it.
    Title,
    /// The answer of the question before it, whoever was asked.
    Answer,
    /// The writer is after something: with a greeting before it, the beginning of a question.
    Wish,
    /// It puts what others may do as a condition: with gladness about it, a request.
    Condition,
    /// It would be welcome.
    Glad,
    /// It tells others what to do: to all, or with a deadline, a request.
    Order,
}

impl Cue {
    /// The cue as one bit.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What a word can be, apart from any phrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Stands before the sentence proper: a greeting, "so", "please".
    Opener,
    /// A greeting, which opens a matter of its own.
    Greeting,
    /// "My", with which one comes in with one's own trouble.
    Mine,
    /// Stands for a name after a greeting.
    Named,
    /// Belongs to thanks or an acknowledgement.
    Ack,
    /// Is thanks or an acknowledgement by itself.
    AckCore,
    /// Belongs to small talk.
    Small,
    /// Is small talk by itself.
    SmallCore,
    /// Speaks of the writer.
    Me,
    /// After a name, begins a question to the one named: "ben can you".
    Turn,
    /// Laughter, after which a question is hardly meant.
    Laugh,
    /// Addresses the reader.
    You,
    /// Sets one thing beside another to choose from.
    Either,
    /// Speaks to all who are there.
    All,
    /// Begins a question that calls in whoever it suits: "need a desk?".
    Lure,
}

impl Class {
    /// The class as one bit.
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The words of each class.
pub(super) const CLASSES: &[(Class, &str)] = &[
    (
        Class::Opener,
        "@ hi hello hey heya hiya yo howdy greetings good morning afternoon evening everyone everybody folks guys team \
         gang people so ok okay well also and but um umm uh hmm hm btw anyway oh ah eh sorry yes yeah yep no nope quick \
         question or actually basically cool great thanks ty lol haha aha hmmm then dear gentlemen dude man bro sir \
         mate alright right because cause again",
    ),
    (Class::Greeting, "hi hello hey heya hiya yo howdy greetings morning afternoon evening sup"),
    (Class::Mine, "my"),
    (Class::Named, "there all yall lot channel community friends devs gentlemen"),
    (
        Class::Ack,
        "@ thanks thank ty tx cheers you u so very much many a lot tons bunch million again ok okay k kk okey oki alright allright \
         got it great perfect cool awesome nice sweet excellent brilliant lovely super wonderful fantastic good all that for the your help \
         everyone everybody guys man mate dude bro sir oh ah and i see noted understood gotcha roger ack makes sense appreciated appreciate \
         this info tip lgtm sounds yay ya really both kindly well indeed then",
    ),
    (
        Class::AckCore,
        "thanks thank ty tx cheers ok okay k kk okey oki alright allright great perfect cool awesome nice sweet excellent \
         brilliant noted understood gotcha roger ack appreciated appreciate lgtm got see sounds makes lovely wonderful fantastic super",
    ),
    (
        Class::Small,
        "@ hi hello hey heya hiya yo howdy greetings good morning afternoon evening night day all everyone everybody folks guys team \
         there gang people to you too lol lmao rofl haha hahaha hehe heh hah ha lolz me same +1 welcome youre ur np no problem worries \
         bye cya see later ya goodnight gn brb afk gtg back wow nice weekend have a great happy friday monday xd ditto indeed congrats \
         congratulations woohoo yay oh ah aww ooh hmm hm ouch oops whoops damn your very anytime my pleasure u mate man",
    ),
    (
        Class::SmallCore,
        "hi hello hey heya hiya yo howdy greetings morning afternoon evening lol lmao rofl haha hahaha hehe heh hah ha lolz same \
         +1 welcome np worries bye cya goodnight gn brb afk gtg wow xd ditto congrats congratulations woohoo yay aww ooh ouch oops whoops anytime \
         pleasure later weekend too problem hmm hm night",
    ),
    (Class::Me, "i im ive id ill my me mine we our us weve"),
    (Class::Turn, "can could would please do any how what where why when who have did u you whats try"),
    (Class::Laugh, "lol lmao rofl haha hahaha hehe heh hah lolz xd"),
    (
        Class::Lure,
        "need want wanna looking having struggling stuck curious interested tired hungry thirsty bored confused lost missed ever forgot",
    ),
    (Class::All, "everyone everybody folks guys team gang yall"),
    (Class::Either, "or"),
    (Class::You, "you u ur your youre ya yours youve"),
];

/// Words of requests that are often typed with two letters in the wrong order.
pub(super) const MISTYPED: &str = "can how the you what when where which there have know help this with could would should please \
    anyone someone anybody somebody again review update check question problem access password tomorrow everyone about does";

/// Words as they are typed in a hurry, each after the word it stands for.
pub(super) const SPELLINGS: &[(&str, &str)] = &[
    ("your", "yr"),
    ("please", "pls plz plse plez pleas pleaze plox plss plzz pliz"),
    ("what", "wat wut wot wht whut"),
    ("whats", "wats wuts wots"),
    ("which", "wich whitch"),
    ("does", "dose"),
    ("anyone", "any1 ne1 anyon"),
    ("someone", "some1 sum1"),
    ("everyone", "every1"),
    ("about", "abt"),
    ("know", "kno knw"),
    ("could", "cud coud"),
    ("should", "shud shoud"),
    ("would", "wud woud"),
    ("have", "hav"),
    ("there", "ther"),
    ("dont", "dnt"),
    ("doesnt", "dosnt dosent doesent"),
    ("havent", "havnt"),
    ("tomorrow", "tmrw tmr tmrow 2moro 2morrow tommorow tommorrow"),
    ("today", "2day"),
    ("tonight", "2nite tonite"),
    ("before", "b4"),
    ("because", "bcoz bcos bcuz"),
    ("thanks", "thx thnx tnx thanx"),
    ("message", "msg"),
];

/// All phrases by what they say.
pub(super) const PHRASES: &[(Cue, &[&str])] = &[
    (Cue::Ask, asking::ASK),
    (Cue::Ask, order::QUESTIONS),
    (Cue::Ask, order::REQUESTS),
    (Cue::Order, order::ORDERS),
    (Cue::Void, order::FIGURES),
    (Cue::Calm, asking::CALM),
    (Cue::Void, asking::VOID),
    (Cue::Offer, asking::OFFER),
    (Cue::Back, signs::BACK),
    (Cue::Closing, signs::CLOSING),
    (Cue::Takes, signs::TAKES),
    (Cue::Stuck, signs::STUCK),
    (Cue::Declines, signs::DECLINES),
    (Cue::Chase, signs::CHASE),
    (Cue::Problem, signs::PROBLEM),
    (Cue::Since, signs::SINCE),
    (Cue::Title, &["^^ how to"]),
    (Cue::Deadline, signs::DEADLINE),
    (
        Cue::Need,
        &[
            "i|we|id|wed (would|will|also) need the|a|an|this|these|your|it|all|that|both|some|those|more|<number>",
            "needed",
        ],
    ),
    (Cue::Pointer, signs::POINTER),
    (Cue::Answer, signs::ANSWER),
    (Cue::Wish, signs::WISH),
    (Cue::Condition, &["^ if you|u|someone|somebody|anyone|anybody|@|<name>|<unknown>|people|he|she|they *"]),
    (
        Cue::Glad,
        &[
            "that|it|this would|will be (really|very|super|so) great|fantastic|awesome|appreciated|amazing|wonderful|helpful|perfect|ideal|lovely|nice",
            "thatd|itd be (really|very|super|so) great|fantastic|awesome|appreciated|amazing|wonderful|helpful|perfect|ideal|lovely|nice",
        ],
    ),
];
