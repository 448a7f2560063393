//! The phrases and words that the judgement knows, as data. How they are written: see `lexicon.rs`.

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
    /// It points somewhere: a question before it is answered there.
    Pointer,
    /// A question, or with a link the title of a text that answers it.
    Title,
}

impl Cue {
    /// The cue as one bit.
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// What a word can be, apart from any phrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Stands before the sentence proper: a greeting, "so", "please".
    Opener,
    /// A greeting, which opens a matter of its own.
    Greeting,
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
}

impl Class {
    /// The class as one bit.
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The words of each class, in the order of [`Class`].
pub(super) const CLASSES: &[(Class, &str)] = &[
    (
        Class::Opener,
        "@ hi hello hey heya hiya yo howdy greetings good morning afternoon evening everyone everybody folks guys team \
         gang people so ok okay well also and but um umm uh hmm hm btw anyway oh ah eh sorry yes yeah yep no nope quick \
         question or actually basically cool great thanks thx ty lol haha aha hmmm then dear gentlemen dude man bro sir \
         mate alright right because cause again",
    ),
    (Class::Greeting, "hi hello hey heya hiya yo howdy greetings morning afternoon evening sup"),
    (Class::Named, "there all yall lot channel community friends devs gentlemen"),
    (
        Class::Ack,
        "@ thanks thank thx ty tnx thnx tx cheers you u so very much many a lot tons bunch million again ok okay k kk okey oki alright allright \
         got it great perfect cool awesome nice sweet excellent brilliant lovely super wonderful fantastic good all that for the your help \
         everyone everybody all guys man mate dude bro sir oh ah and i see noted understood gotcha roger ack makes sense appreciated appreciate \
         appreciate this info tip lgtm sounds cool yay ya really both very kindly well indeed then",
    ),
    (
        Class::AckCore,
        "thanks thank thx ty tnx thnx tx cheers ok okay k kk okey oki alright allright great perfect cool awesome nice sweet excellent \
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
    (Class::Turn, "can could would please pls plz do any how what where why when who have did u you whats"),
    (Class::Laugh, "lol lmao rofl haha hahaha hehe heh hah lolz xd"),
    (Class::You, "you u ur your youre ya yours youve"),
];

/// All phrases by what they say.
pub(super) const PHRASES: &[(Cue, &[&str])] = &[
    (Cue::Ask, ASK),
    (Cue::Calm, CALM),
    (Cue::Void, VOID),
    (Cue::Offer, OFFER),
    (Cue::Back, BACK),
    (Cue::Closing, CLOSING),
    (Cue::Takes, TAKES),
    (Cue::Stuck, STUCK),
    (Cue::Declines, DECLINES),
    (Cue::Chase, CHASE),
    (Cue::Problem, PROBLEM),
    (Cue::Since, SINCE),
    (Cue::Title, &["^^ how to"]),
    (Cue::Deadline, DEADLINE),
    (Cue::Need, &["i|we need the|a|an|this|these|your|it|all|that|both|some|those|more|<number>", "needed"]),
    (Cue::Pointer, POINTER),
];

const ASK: &[&str] = &[
    "^^ does|did it *",
    "^^ isnt it *",
    "please|pls|plz|kindly do the",
    "^ can|could|would|will this|that|these|those|an|a|the|my|our|your|he|she",
    "^ should|shall we|i|this|it",
    "^^ is|are|was|were|has|have|does|did|do|can|could|will|would|should <name>|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today",
    "^^ whats *",
    "^^ any (*) blockers|issues|concerns|objections|comments|reason|preference|preferences|takers|volunteers|idea|ideas|suggestions|thoughts|news|update|updates|plans|way|chance|progress|tips|recommendations|risk|risks|downsides",
    "^ have|has|havent|hasnt we|they|i|he|she",
    "^ just|still|quickly checking|following|circling in|up|back",
    "^ checking|following|circling in|up|back (on|with) (you|this|@|the|my)",
    "still waiting for|on",
    "reminder|nudge to|for you|@|please",
    "@ reminder",
    "friendly|gentle|quick|kind reminder to",
    "^^ if you|u|someone|anyone|somebody|anybody could",
    "^^ if anyone|someone|somebody|anybody has|have time|capacity|bandwidth|cycles|experience|ideas|suggestions|advice|any|info",
    "^^ if anyone|someone|somebody|anybody has|have (a) (spare|free|few|some) minute|moment|time|cycles|min|minutes",
    "need|needs|needing|missing one|two|another|<number>|a|an|more|your (more) approval|approvals|review|reviews|approver|reviewer|reviewers|sign|signature|volunteer|volunteers|pair",
    "pr|mr|patch|change|diff|doc|draft|rfc|ready|up|open for review",
    "^ you|u around|there|free|available|online|awake",
    "hoping you|u|someone|somebody|anyone can|could|might|would",
    "would|id|wed like to cancel|change|upgrade|downgrade|order|book|schedule|apply|return|exchange|transfer|withdraw|renew|purchase|buy|report|reset|delete|remove|switch|move",
    "call me|us back|when|at|on|asap|please",
    "can|could|would|will|does|do|has|did|is any|some one|body",
    "what next|now $",
    "now|then what $",
    "^ (do) you|u mean",
    "would|will be * if you|u|someone|somebody|anyone",
    "^^ who|what * a|the|this|that|my|our|your",
    "whos around|available|free|up|going|coming|joining|able|working|handling|responsible|taking|in|on|got|using|interested|behind|owning|doing|next|to",
    "^^ bump|ping ,",
    "^ need|needing a|the|this|that|your|my|an|some|these|more|new|<number>",
    "^ looking for",
    "im|am looking for a|an|some|someone|somebody|info|information|help|people|any",
    "aidez moi",
    "svp|stp $",
    "^ ayuda|ayúdame|hilfe|ayudame",
    "^ bitte",
    "^ what|which time|day|date|page|section|file|line|part|step|ticket|issue|pr",
    "^ why does|do|did|would|is|are|dont|cant|wont|isnt|doesnt|cannot|didnt",
    "what|which * should|can|could|do i|we",
    "^ does that|this",
    "^^ how|where i can|could|should|do * *",
    "please|pls|plz $",
    "me|us please|pls|plz",
    "^^ is|are|does|did|has|will|can|could|should|would|was|were the|my|our|your|these|those|all",
    "^ what|which|whose * (*) is|are|do|does|did|should|can|could|would|will|has|have|was|were|am",
    "^^ how * is|are|does|do|did|was|were|can|should|would|will",
    "^ what|how|why|where|when does|did|do",
    "^^ any news|update|updates|eta|progress|word on|about|from|yet|for|here|with|regarding|please|pls",
    "^^ bump|ping $",
    "^ someone|somebody (please|pls|really|still) needs|should|must|has to",
    "one of you",
    "i|we need|want someone|somebody|you|volunteers|people to|who|with|from|for",
    "review|reviews|help|approval|approvals|access|reviewer|reviewers|feedback|input|volunteers|eyes|answer|decision|action|info|information needed|required|requested|wanted",
    "needed (by|asap|before|urgently) today|tomorrow|eod|cob|noon|monday|tuesday|wednesday|thursday|friday|asap|end|close|before|urgently",
    "^ whose turn|is|pr|job",
    "^ wont|wouldnt|shouldnt|doesnt that|this|it|we|they",
    "need|needs (a|another|one) second|more|other|extra|third reviewer|pair|approval|review|opinion|set|approver|reviewers",
    "hear your thoughts|opinion|take|views|feedback",
    // Questions by their word order.
    "^ what|how|why|where|when|who|whos|whats (else|exactly|on) do|does|did|is|are|was|were|can|could|should|would|will|has|have|am|might i|you|u|we|they|he|she|it|that|this|the|there|these|those|your|my|our|a|an|one|ya",
    "^ whats|wheres|whos|hows the|this|that|your|a|an|up|wrong|going|best|happening",
    "how do|can|could|should|would|might i|we|you|u|one",
    "how does one|it|that|this",
    "^ how come|many|much|long|often",
    "^ what|which version|kind|type|sort|one|ones|error|errors|distro|driver|drivers|channel|branch|command|card|package|program|app|repo|team|time|happens|happened|else",
    "^ who can|is|owns|knows|has|should|handles|would|do|does|maintains|wants",
    "^ do|did|does|didnt i|you|u|we|they|ya|anyone|anybody|someone|somebody",
    "^ did|does it work|help|run|show|say|start|boot|happen|support|have|need|take|make|matter|come|still|also|use|mean|give|look|require|include",
    "^ dont you|u *",
    "^ is it|there|this|that|anyone|anybody|someone|somebody|he|she",
    "^ isnt there",
    "^^ what|who|where|whats|wheres is|are|was|were",
    "^ are there|you|u|we|they",
    "^ was|were there|you|that|it|they|u",
    "^ has|have|hasnt|havent you|u|anyone|anybody|someone|somebody",
    "^ can any",
    "^ can|could|may|should|shouldnt|cant|couldnt i|we|u|you|someone|anyone|somebody|anybody|one|it|ya|they",
    "^ would|will|wont|wouldnt you|u|it|that|this|anyone|someone|there|anybody|somebody|ya",
    "^ am i",
    "^ may|might|could|can i|we have|get|ask",
    // People at large.
    "can|could|would|will|does|do|has|did|is|should anyone|anybody|someone|somebody|any1|sum1|some1|ne1",
    "anyone|anybody|any1|ne1 (here|else|there|in) (ever|happen|able|got) (to) know|knows|have|has|had|got|seen|around|help|familiar|using|use|uses|tried|able|experience|experienced|recommend|care|mind|awake|alive|want|willing|wanna|interested|please|pls|explain|tell|suggest|point",
    "someone|somebody|sum1|some1 (here|else|there|pls|please) know|help|please|pls|explain|tell|point|familiar",
    "^ anyone|anybody|any1 here|else|there",
    "any|some one (here|else|there) know|knows|have|has|had|got|seen|help|using|tried|able|can|could|please",
    "any (good|other|quick|better|more) idea|ideas|thoughts|suggestion|suggestions|pointers|hints|tips|clue|clues|recommendations|takers|volunteers|objections|chance|way",
    "^ thoughts|opinions|feedback|suggestions|ideas|input on|about|for|welcome|please|pls",
    "is|was|are there a|any|an|some (good|easy|simple|other|better) way|ways|tool|command|program|package|reason|doc|docs|guide|chance|channel",
    "is it possible|ok|okay|safe|normal|just",
    "help|assistance|advice|suggestions|feedback|input|pointers|guidance|review|reviews (with|on|here) (this) (would|is|will) (be) (much|greatly|very|really|highly) appreciated|welcome",
    // Asking for something to be done.
    "please|pls|plz|plse|kindly (can|could|someone|somebody|also|just|quickly) help|resolve|rectify|address|correct|ensure|arrange|process|include|attach|bring|clarify|expedite|prepare|finish|approve|review|check|look|send|share|add|grant|give|fix|update|confirm|advise|let|take|provide|merge|restart|rerun|run|deploy|upload|create|remove|delete|enable|disable|reset|ping|call|tell|explain|answer|reply|respond|make|assign|investigate|have|post|paste|pastebin|verify|test|sign|submit|fill|complete|vote|rsvp|book|invite|open|close|unblock|assist|escalate|bump|forward|schedule|cancel|redeploy|rollback|revert|rotate|whitelist|allow|prioritize|prioritise|state|repeat|rephrase|stop|suggest|get|tag|file|sync|push|pull|rebase|refund|look",
    "help|approve|review|advise|assist|confirm|check|merge|look|respond|reply|unblock|fix please|pls|plz $",
    "^^ please|pls|plz help $",
    "help me|us (please|pls|with|out|to|fix|find|get|understand|figure)",
    "^^ help $",
    "^ help with|please|pls|needed|wanted|me",
    "^ review|approve|approval|access|eyes|sign please|pls|plz|needed|wanted|requested|request|off",
    "need|needs|needing|require (some|a|an|your|any|little|bit|urgent|quick|more|another) (of) help|assistance|advice|approval|review|reviews|reviewer|reviewers|access|permission|permissions|input|guidance|eyes|feedback|hand|support|decision|answer|stamp|clarification",
    "need|needs someone|somebody|you|u|a volunteer|person|to",
    "looking for (a|some|an|any|more) (good) help|review|reviewer|reviewers|advice|feedback|someone|somebody|volunteers|way|tutorial|guide|recommendations|suggestions|input|approval|pointers|eyes",
    "in need of",
    "request|requesting|requested (for) (a|an) access|review|approval|help|permission|permissions",
    "would|id|wed like|love|need to know|ask|request|understand|hear|clarify",
    "would|id|wed like|love|need|appreciate (to) (get|have) (some|a|an|your|any) help|access|feedback|input|opinion|review|thoughts|advice|suggestions|opinions",
    "^ could|can use (a|some|your) help|hand|eyes|second",
    "^ ptal",
    "ptal",
    "would|will|itd|could be (really|very|super|so|much|greatly) (a) great|good|nice|helpful|awesome|appreciated|lovely|amazing|cool|wonderful|perfect|ideal|grateful if you|u|someone|somebody|we|anyone|i",
    "be|itd be (really|very|super|so|much|greatly) appreciated|grateful if",
    "appreciate (it) (any|a|some|your) if|help|review|advice|pointers|input|feedback|suggestions|look|thoughts|guidance",
    "grateful if|for any",
    "any (and) (all) help|assistance|advice|pointers|input|feedback|suggestions|hints|tips would|will|greatly|much|very|with|on|please|plz|pls|here|appreciated|welcome",
    "would|do you|u|anyone|someone mind",
    "^ mind if|taking|checking|having|looking|sharing|sending|reviewing|giving|telling|explaining|pasting|repeating|helping|posting|merging",
    "wondering about|why|if|whether|how|what|when|where|who|which|is|can|does|would|could|anyone|should",
    "curious (to) (know) (about) why|if|whether|how|what|when|where|who|which",
    "(i) wonder if anyone|anybody|someone|somebody|you|u|theres|there",
    "not sure|clear how|what|where|who|which|whether to|i|we (should) (do|use|go|proceed)",
    "dont|do|didnt not know|understand|get how|why|what|where|who|which to|i|is|do",
    "no|any idea|clue how|why|what|where|who to|i",
    "trying to figure|find|work|understand out (how|why|what|where|who|which|if|whether)",
    "cant figure|work|find out (how|why|what|where|which)",
    "i|we|ive|weve (have|got|also|still|just|do) (have|got) (a|another|one|some|few|couple|of) (quick|small|dumb|stupid|silly|simple|noob|newbie|basic|general|weird|strange|last|more|few|of) question|questions|problem|problems|favor|favour",
    "^ question|q about|for|on|regarding|re|is",
    "having|have|hitting|facing|experiencing|ran|running (into) (a|some|an|this|the|real|bit|lot|of|serious|weird) trouble|issue|issues|problem|problems|difficulty|difficulties with|getting|when|while|connecting|logging|accessing|installing|in|where|trying|to|here",
    "im|am|been|are|were|got|get (a) (bit|really|totally|completely|currently) stuck on|with|at|in|here|trying|again",
    // Asking to be told.
    "let me|us know (asap|please|pls) what|when|where|which|who|how|whether|why|your|once|by|asap|the|today",
    "let me|us know if",
    "lmk what|when|where|which|who|how|whether|if|your|once|thoughts",
    "^ tell|show|send|give|pass|hand|point|walk|teach me|us",
    "(please|can|could|someone) tell me how|what|where|why|if|which|when|who",
    "^ paste|pastebin|post|show|send|share the|your|us|me|output",
    "^ describe|define|explain|clarify|elaborate|specify the|your|what|how|why|please",
    "^ ping|dm|pm|message|remind|notify|email|cc me|us",
    "^ review|approve|merge (this|my|the|our) pr|mr|@|<link>|cl|patch|diff",
    "^ take|have (a) look at my|our|this pr|mr|diff|change|patch",
    "when|whenever|if you|u|someone (get|have|has|gets|find|got) (a|some|the) (free|spare) chance|moment|minute|min|sec|second|time|mins|bandwidth|cycles",
    "at your (earliest) convenience",
    "asap (please|pls|plz)",
    "hoping|hope someone|somebody|anyone|anybody (here) can|could|might|knows|will|has",
    "hoping|hope you|u (guys) can|could|might help|explain|advise|assist|clarify|shed|point|tell",
    "whats (the|a|best|up|wrong|going|your|happening) (best|right|proper|correct|easiest|recommended) way|command|name|difference|reason|with|eta|status",
    "what|how about (the)",
    "^ could this|that|it be",
    // Other languages, lightly.
    "^ kann|könnte|weiß|weiss|hat|kennt|könnt|kannst|könntest|habt|gibt|ist (mir|mal|bitte) jemand|wer|einer|du|ihr|es|man|bitte",
    "^ wie|wo|warum|wieso|wann|was|welche|welcher|wer|woher kann|ist|geht|macht|bekomme|muss|kommt|soll|sind|finde|funktioniert|heißt|man|ich",
    "kann|könnte|weiß|weiss|hat|kennt (mir|mal|bitte) jemand|einer",
    "^ est ce que",
    "^ quelquun|qqn|quelqun peut|sait|a|pourrait|connait|connaît",
    "^ comment faire|puis|peut|je|on|installer",
    "^ pourriez|pouvez|peux|pourrais|savez|avez vous|tu",
    "^ alguien|alguno sabe|puede|tiene|me|conoce|podria|podría|ha",
    "^ cómo|como|qué|que|dónde|donde|cuál|cual|cuándo|quién puedo|hago|se|puede|es|está|esta|instalo|versión",
    "^ puedes|puede|podrías|podrias|podría|podria|pueden|sabes (alguien|me|por)",
    "^ alguém|alguem sabe|pode|consegue|tem",
    "^ qualcuno|qualcun sa|può|puo|ha",
];

const CALM: &[&str] = &[
    "can|could you (even) imagine|believe",
    "^ why (even) bother",
    "^ why even",
    "^^ any questions|plans (so|yet|about|on|for) (far|this|that|the|today|tonight|weekend) (weekend) $",
    "^^ interested|curious|stuck|confused|lost|bored|hungry|tired $",
    "^^ missed (*) (*) (*) (*) $",
    "^^ did you|u know $",
    "^^ right|ok|okay|k|huh|eh|really|seriously|no|yes|yeah|oh|ah|hm|hmm|see|deal|wow|orly|rly|srsly|wat|wtf $",
    "^^ oh|wow|no|yeah|ah|hmm really|seriously|yeah|ok|okay|right $",
    "^^ so what $",
    "isnt|wasnt|arent|aint it|that|he|she|they|this (great|nice|awesome|cool|lovely|amazing|beautiful|fun|funny|crazy|wild|wonderful|neat) $",
    "isnt|wasnt|aint it|that|this (just) great|nice|awesome|cool|lovely|amazing|beautiful|fun|funny|crazy|wild|wonderful|neat|hilarious|adorable|something",
    "huh|innit|amirite $",
    "^ what a|an",
    "^ how cool|great|nice|awesome|amazing|crazy|hard|cute|funny|lovely|sweet|neat is|can|could that|this|it",
    "^ how (very) cool|great|nice|awesome|amazing|crazy|cute|funny|lovely|sweet|dare",
    "^ how hard can|could",
    "^ who cares|knows|would|wouldnt|doesnt|needs|said|cared|does (have|thought|guessed|known|not|love|want|like|that|knew) ",
    "^ whos counting $",
    "^ what could (possibly) go",
    "^ what else is new $",
    "^ whats not to",
    "^ what|where would i|we (do|be) without",
    "^ guess what",
    "^ (do) you|u|ya know what|that $",
    "^ you|ya know|see $",
    "^ how|hows are|r|is|is|was you|u|ya|your|everyone|everybody|things|life|it|yall (all|guys|doing|today|going|weekend|day|morning|holiday|holidays|vacation|trip) (today|all|going|guys|doing|everyone|everybody|so|far|this|morning) $",
    "^ hows it|everyone|everybody|things|life|your (going|doing|day|weekend|morning) (today|all|so|everyone|everybody|guys|folks|going) $",
    "^ how are|r you|u|ya (all|guys|doing|today|everyone) (today|doing) $",
    "^ whats up|new|happening|cooking|good (everyone|guys|all|everybody|people|folks|dude|man|doc) $",
    "^ sup|wassup|wazzup $",
    "^ why|how would|do|does you|anyone|anybody|someone|people even|ever",
    "^ are|r you|u (fucking|freaking|actually) kidding|serious|joking|insane|crazy|nuts|high|mad|drunk (me) $",
    "^ (are) you|u serious|kidding|joking (me) $",
    "^ sure|yes|yeah|ok|okay|well why not $",
    "^ why bother",
    "^ why dont|not you|we|u (just) try|use|just|ask|go",
    "^ why not just|ask|try|use",
    "^ why do|does|would|is|are|did * even",
    "^^ i know right $",
    "^ how was|is|are|hows your|everyones|the|yalls weekend|vacation|holiday|holidays|day|trip|morning|evening|break|weather|family|flight",
    "^ maybe|perhaps|possibly|presumably try|you|u|youre|use|check|it|its|that|this|the|a|an|there|theres|thats|he|she|they|<link>|<code>|<quote>",
    "^ whats the point|harm|worst $",
    "^ is it friday|weekend|monday|lunch|beer|home (yet|already|time)",
    "^ remember when|that|the",
    "^ what do you|ya know $",
    "^ hows that for",
    "^ wheres the fun",
    "^^ need|want help|access|assistance|info|inspiration (with|to|for) (this|that|the|a) (it) $",
    "^^ have|got (a|any|some|more) question|questions|feedback|ideas|thoughts|concerns|comments (about|on|for|or) (comments|feedback|questions|this|the) $",
    "^^ questions|feedback|concerns|comments (or) (comments|feedback|questions|about) (the|this|about|on) (*|the) (*) $",
    "^^ want|wanna|ready|curious|interested|excited to|in|about|for join|learn|know|help|more|see|try|get|hear|participate|contribute|joining|learning|helping|contributing",
    "^ did you|u know that|you",
    "^ did you|u know (*) (*) (*) (*) can",
];

const VOID: &[&str] = &[
    "^ not|dont|no * (*) (*) please|pls|plz $",
    "^^ whats really|so|even",
    "^^ whats new in|with|this",
    "^ where were|was we|i",
    "never|without|dont|doesnt|not|wont have|having|had",
    "are|r you|u kidding|serious|joking|insane",
    "tell us a|about|something",
    "how to guide|guides|doc|docs|video|page|section|article|post|talk",
    "one|a|1|sec|second|minute|min|moment|hold|wait sec|second|minute|min|moment|on|please|pls|plz (please|pls|plz)",
    "give|gimme me (just|like) a|one|some|few|couple|5|10|15|two|an|sometime (few|couple|more|of) (sec|second|seconds|minute|minutes|min|mins|moment|time|bit|day|hour|moments)",
    "was|were trying to figure|find|work|understand",
    "^ what|which|how|why|where|when i|we|you|it|they|he|she|the|that|this * (*) (*)",
    "can|could you (even) imagine|believe",
    "^^ is the same",
    "^^ please do $",
    "please|pls|kindly do not|as|whatever|so",
    "^^ whats more|important|worse|funny|interesting|weird|cool|nice|great|best",
    "^ what can|could i say",
    "did the trick|job",
    "tell me about it",
    "should you|anyone|u need|have|want|require|wish|find|run|be",
    "^^ yes|yeah|sure|oh|no|ok|okay please",
    "yes|yeah|sure|oh please $",
    "can|could you (even) imagine|believe",
    "can|may|could i|we (just) say|suggest|recommend|add|assure|point",
    "can you not $",
    "^ would you look",
    "asked|asks|asking (me|us|him|her|them|you|people|around|somebody|someone|@) (about) if|whether|why|how|what|when|who|where|for|to|that|the|a",
    "(was|were|got|been) asked (to|about|for|that|if)",
    "he|she|they|people|customer|customers|users asked|wondered|wanted|wants|asks (me|us|to|know) if|whether|why|how|know|to",
    "told|tells him|her|them|me|us|you|everyone|people to",
    "was|were|wasnt|stopped|started|avoid (just) having|getting",
    "let me|us know how it|that|this|things|you goes|works|went|turns|go|get|make",
    "let me|us know if it|that|this|its|thats (all) (works|helps|fixes|helped|worked|solves|better|did|resolves|is|does)",
    "know|knows|explains|explain|explained|shows|see|documented|describes|learned|learnt|understand|understood|discussed|discuss|wrote|writes|remember how|what|why|where to|it|the|we|this|they",
    "please|pls|kindly note|beware|notice|find|see|ignore|disregard|remember|refrain|dont|be|welcome|join|enjoy|keep|feel|bear|excuse|forgive|stand|accept (not|aware|advised|attached|below|careful|free|in|me|us)",
    "yes|yeah|sure|oh|no please $",
    "if you|u|anyone|anybody|someone|somebody|they|youre|theres|any (have|has|need|needs|want|wants|got|get|gets|run|runs|are|is|ever|face|still) (any|a|more|other|into|further|some) questions|question|help|problems|problem|issues|issue|concerns|trouble|doubts|stuck",
    "no need to|for",
    "if (only) anyone|anybody|someone|somebody|any1",
    "dont|didnt|doesnt|not|wont|cant|havent|hasnt|without (even|really) have|know|see|take|want|having any",
    "you|u|they|users|people|he|she|it|youll (will|would|might|may|do|does|dont|ll|still|also|only) need|needs|want|wants|require",
    "just wondering $",
    "no help needed",
    "dont|doesnt|didnt|no|not|wont (longer|really) need (any|your|a|more) help|access|assistance|review|support",
    "how to guide|guides|doc|docs|video|page|section",
    "heres|here how|is how|what|why",
    "(thats|this|that|exactly|explains) (is|was) (exactly) what|how|why|where i|we|you|it|they|he|im|the",
    "^ q a",
];

const OFFER: &[&str] = &[
    "let me|us know (here|@) if i|we can|could be of",
    "ping|dm|pm|message|call|page|email|tell me|us * if",
    "be of (any|some) (more|further) help|use|assistance|service",
    "page|call me|us if",
    "let me|us know (here|@) if|when|whenever you|u|anyone|youd (ever|still|do|all|guys) need|have|want|run|get|hit|got|see|find|notice|encounter|face|like|spot|experience|feel|plan|decide",
    "let me|us know (here|@) if|when|whenever you are|feel interested|ready|stuck|lost|blocked|unsure|uncomfortable|confused",
    "let me|us know (here|@) if theres|anything|any|something|questions|interested|needed|problems",
    "let me|us know (here|@) if there is|are",
    "let me|us know (here|@) if i|we can|could (be|of) help|assist|do",
    "let me|us know (here|@) if it|that|this (still) doesnt|fails|breaks|isnt|does not",
    "lmk|holler|shout|yell|ping|dm|pm|message|ask|reach|contact|tell (me|us|out|@|here|away|in) (directly|here|anytime) if you|u|any|anything|theres|questions|there",
    "reach out (to|if|anytime|here|with)",
    "^ ask away",
    "feel free to",
    "dont hesitate to",
    "happy|glad to help|assist|pair|jump|take|answer|walk|chat|hop|explain|review|look|share|show",
    "(do|would|did) you|u want|like|need me|us to",
    "want|need me|us to",
    "do you|u need|want (any|a|some) hand|help (with) (that|this|it) $",
    "^ need|want (any|a|some) hand|help (with) (that|this|it) $",
    "^ can|could|may i|we help (you|u|with|out|anyone|at|in|here|there)",
    "^ how can|may|could i|we help|assist|be",
    "^ what can i|we do for|help",
    "^ shall|should i|we open|file|send|take|make|do|create|write|schedule|book|add|check (that|a|it|this|an|the|one) (*) for you|u",
    "i|we can|could|will|would (also|always|happily|gladly) help",
    "ill|id (also|always|happily|gladly) (be) (happy|glad) (to) help",
    "if you|u want|like|prefer i|we can|could|will",
    "i|we can|could * * * if you|u want|like|need|prefer",
    "i|we can|could * * if you|u want|like|need|prefer",
    "im (here|around|available|free) if|to help|chat",
];

const BACK: &[&str] = &[
    "what|which version|error|errors|exactly|kind|type|driver|distro|browser|os|card|message|output|branch|environment",
    "what does|do|did|is (the|it|that|your) (log|logs|output|error|say|show|print|return|get|see|mean)",
    "(what|which|have|did|do|are|can|could|how|where|when|is) (do|did|are|have) you|u tried|try|get|see|using|use|run|running|mean|paste|post|share|send|pastebin|check|checked|restart|reboot|reproduce|doing|trying|have|on|install|installed|sure|describe|explain|elaborate|clarify|expect|want|getting|seeing|set|configure|confirm|show|tell|provide|give|change|add|enabled",
    "what happens|happened if|when|after|exactly|then|next",
    "^ (please|pls) paste|pastebin|post|show|send|share the|your|us|me|output",
    "^ is|are|does|do|did|was your|the|it|you|u|that|there|this",
    "^ (please|pls) (try|run|check) and (tell|paste|post|see|report)",
];

const CLOSING: &[&str] = &[
    "thanks|thx|thank|ty|tnx|thnx|cheers|appreciated",
    "that|this|it did it|the",
    "that|this does it $",
    "that|it|this|all|its|everything|now (all) (is) (now) works|worked|working|fixed|solved|resolved|sorted",
    "works|worked|working now|fine|great|perfectly|perfect|again|like|for|ok|well",
    "got|problem|issue|thats|i|is|been (now) fixed|solved|resolved|sorted",
    "^ fixed|solved|resolved|sorted (it|now|that) $",
    "will do (that|it|so) $",
    "will do thanks|thx|ty|now|right|asap|tomorrow|today",
    "got it (working|to|now|fixed|sorted)",
    "all|were|im|its good|set|sorted|clear|fine now",
    "all set|sorted|good|clear $",
    "makes sense now",
    "^ makes sense $",
    "ill|lets|gonna|lemme (just|go|now) try|do|use|read|give|go (that|it|this|with|for|those|them|the) (a) (now|then|shot|try|out|instead|first|tomorrow|later|when|and)",
    "i will (just|go|now) try|do|use|read|give|go|look",
    "im|going gonna|to try|do|use|read|reinstall|reboot|install",
    "closing this|the|it",
    "^ merged|deployed|shipped $",
    "never mind",
    "nevermind|nvm",
    "you|u saved|rock|rule",
    "you|u were|are right|awesome|great|amazing",
    "youre|you|your|ur (are) welcome|awesome",
    "np|yw",
    "no problem|worries|prob",
    "good|great to know|hear",
    "good luck",
    "have fun",
    "gotta|got to go|run|leave|sleep",
    "oh|ah|aha i see|got|found|get",
    "found it|out|the",
    "i|ive figured|worked it out",
    "figured it out",
    "my bad|mistake|fault",
];

const TAKES: &[&str] = &[
    "on it (now|already|today) $",
    "^ im|am on it",
    "looking into|at it|this|that (now)",
    "^ looking (into) (it|now)",
    "ill|lemme|imma|ima (just|quickly|go|also|gladly|have|take|to) (a) check|look|take|handle|do|fix|see|get|investigate|find|pick|review|dig|ask|confirm|verify|test|merge|approve|reproduce|follow|circle|grab|own",
    "let me (just|quickly|go|have|take) (a) check|look|see|find|ask|confirm|verify|test|investigate|get|dig|think|try",
    "i will (just|quickly|have|take) (a) check|look|take|handle|do|fix|see|get|investigate|find|review|ask|confirm|verify|test|merge|approve",
    "^ will do|check|look|take|fix|handle|have|review|investigate|get|follow|merge|ping|confirm",
    "^ checking|investigating|reviewing (now|it|this|that|with)",
    "taking a look",
    "taking this|it",
    "give|gimme me (a|one|just|like) (few|couple|second|five|10|ten|5) sec|second|minute|min|moment|minutes|mins|seconds",
    "^ one|1|just (a) sec|second|moment|minute|min $",
    "hold|hang on $",
    "ive got this|it $",
    "^ i|we got this $",
    "^ mine $",
    "^ can do $",
    "bear with me",
];

const STUCK: &[&str] = &[
    "still (the) same|no|not|nothing|broken|stuck|fails|failing|doesnt|dont|cant|wont|isnt|didnt|unable|crashes|hangs|says|say|gives|giving|confused|lost",
    "still get|getting|have|having|see|seeing (the|this|that|an|a|same|some) (same) error|errors|problem|issue|message|problems|nothing|it|thing",
    "same error|thing|problem|issue|result|results|story|output|message|behavior|behaviour",
    "(it|that|this) didnt|doesnt|dont|isnt|wont|wasnt|not|never (seem|really|even) (to) (any) work|help|change|fix|solve|working|helping|do",
    "did|does not work|help|change|fix|solve|do",
    "no luck|joy|dice|change|difference|effect|success|go $",
    "no luck|joy|dice|change|difference|effect|success",
    "nothing happens|changes|changed|happened|works|worked|helped",
    "to no avail",
    "not working|helping|fixed|solved|resolved",
    "already tried|did|done",
    "tried that|it|this|everything|both|all|those",
    "get|getting|got|gives|gave|giving (me) (the|this|an|a|same|another|following) (same|following|different|new) error|errors",
    "keeps|keep failing|crashing|happening|saying|giving|coming|getting",
    "im|am (really|still|so|completely|totally) confused|lost|stuck|stumped",
    "dont understand|get what|why|how|it|this|that",
    "makes no sense|difference",
    "fails|failed|crashes|hangs|freezes (again|with|at|on) $",
    "no such file|command|package",
    "cant|cannot|couldnt (even|seem) (to) find|get|see|access|connect|install|open|locate|boot|login|log|figure|make",
    "unable to find|get|see|access|connect|install|open|locate|boot|login|log|figure|make",
    "^ nope (not|still|it|that|same|nothing)",
    "^ no it|that doesnt|didnt|isnt|wont",
    "command not found",
    "weird|strange|odd",
];

const DECLINES: &[&str] = &[
    "no need for|to (a) call|meet|huddle|talk",
    "no more|voice|video|phone calls|call",
    "no call|calls|huddle|meeting|zoom (please|pls|needed|thanks|for|here|now|today)",
    "keep it|this|things (in|to) here|async|written|text|thread|chat|writing",
    "keep it|this|things in|to the|this thread|channel|chat|writing",
    "stay|do|discuss|stick (it|this|in|with|to|that) (in|the|this|to) here|async|thread|chat|text|writing",
    "rather|prefer|prefers (not|to) (to|stay|keep|do) (it|this) (in) write|writing|text|async|type|chat|written|thread",
    "rather|prefer not|no (to) (do|have|a|jump) (a|on|have) call|calls|huddle|meet|meeting|talk|zoom",
    "dont|cant|cannot|wont|not (want|like|do|able|need|take|have|really|a) (to|a|any|on|do|fan) (do|have|take|a|of|on|join) call|calls|huddle|zoom|meetings|huddles",
    "cant|cannot|dont (really) talk (on|right|now|over)",
    "async|text|writing|chat|thread (is|works|would) (be) better|fine|best|preferred|easier (for) (me)",
];

const CHASE: &[&str] = &[
    "any (more|further) news|update|updates|luck|progress|movement|word|eta|takers|response|reply|answer|answers",
    "^^ bump|ping|bumping|pinging (this|@|again|on|up)",
    "^^ up $",
    "^^ anyone|anybody|someone|any1|hello (at|please|pls|all|here|there|help) $",
    "gentle|friendly|quick|just (a) (gentle|friendly|quick) ping|reminder|nudge|bump|poke",
    "following|checking|circling|follow (back) up|in (on|with)",
    "still waiting",
    "no|nobody|noone (one) answer|answers|reply|response|knows|know|idea",
    "did|has|have you|u|anyone|anybody|someone (get|had|have|had|gotten|found|the|a) (a|the|to|any) chance|time|look",
    "status on|of|update",
    "whats|what (is) the status|eta|update",
];

/// That something goes on since some time.
const SINCE: &[&str] = &[
    "since (about|around) (this|the|last|an|a) morning|yesterday|today|monday|tuesday|wednesday|thursday|friday|update|upgrade|deploy|release|night|week|hour|weekend|noon|lunch|minutes|updating|upgrading|installing|days",
    "(right|just) after (the|i|an|a|my) (last|latest|todays|yesterdays|recent|new) update|upgrade|upgrading|updating|upgraded|updated|deploy|release|installing|installed|reboot|rebooting|install|deployment|merge|restart",
    "all of a sudden",
    "suddenly",
    "out of nowhere",
    "for (the) (last|past) (few|couple|two|three|*) days|hours|minutes|hour|day",
];

const PROBLEM: &[&str] = &[
    "i|we cant|cannot|couldnt (even|seem|get|find|access|log|login|connect|open|install|see|make|start|use|boot|run|build|push|pull|deploy|reach|play|mount|load|save|edit|sign|join|send|print)",
    "im|am|are|were|we|been|is|not unable|able to",
    "doesnt|dont|wont|isnt|didnt|not (seem|to|even|really) work|working|boot|start|load|open|connect|show|recognize|detect|respond|responding|loading|showing|starting|mount|build|compile|install|run|play",
    "im|we|i|am|are|keep|keeps|just|now|been get|getting|got|seeing|see|hitting (a|an|this|the|some|these|following) (*) error|errors|issue|warning|message|exception|timeout|timeouts|403|404|500|502|503|401",
    "getting|hitting|seeing (a|an|this|the|some|these|lots|following) (of) (*) error|errors|timeouts|timeout|exception|exceptions|403|404|500|502|503|401",
    "keeps|keep crashing|failing|freezing|disconnecting|dropping|saying|asking|bouncing|timing|restarting|hanging|getting|rejecting",
    "is|are|seems|looks|appears|be (to) (be) broken|stuck|down|failing|frozen|hanging|unresponsive|unreachable|missing|crashing|corrupted|wedged",
    "fails|failed|failing|crashes|crashed|hangs|freezes|stopped (working|to|with|when|at|after|responding)",
    "problem|problems|trouble|issue|issues|difficulty|difficulties with|in|when|while|getting|installing|connecting",
    "i|we have|got (a|an|some|this|the) (*) problem|issue|trouble|problems|issues|error",
    "lost access|connection|my",
    "locked out",
    "no longer works|working|work|able|see|have",
];

const DEADLINE: &[&str] = &[
    "by|before|until (the) eod|eow|cob|noon|midnight|tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|end|lunch|standup|weekend|<number>",
    "asap",
    "urgently",
    "(by) end of (the|this) day|week|month",
];

const POINTER: &[&str] = &[
    "^^ sign|head|drop|join|register|rsvp|subscribe|apply up|over|in|to|us|here|by|your|them|a|our|for|the|on|now|at",
    "^^ come|stop (on) by|to|along|over|talk|join",
    "^^ (just) ask|post (it|them|away|your|us|me) in|here|away|at|on|them|it|about",
    "^^ (please|just) see|read|visit|check|watch (out) (*) (*) <link>|faq|docs|wiki|handbook|guide|documentation|announcement",
    "^^ the|our|a recording|slides|answer|notes (is|are) here|below|at|in",
    "^^ (then) dm|ping|contact|email|message me|us|@",
    "^^ heres|here (is) how|what|why|the|our|a",
    "^^ we have a|an",
];
