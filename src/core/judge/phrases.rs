//! The phrases and words that the judgement knows, as data. How they are written: see `tree.rs`.

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
    /// Belongs to thanks or an acknowledgement.
    Ack,
    /// Is thanks or an acknowledgement by itself.
    AckCore,
    /// Belongs to small talk.
    Small,
    /// Is small talk by itself.
    SmallCore,
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
        "@ hi hello hey heya hiya yo howdy greetings good morning afternoon evening all everyone everybody folks guys team \
         there gang people so ok okay well also and but um umm uh hmm btw anyway oh ah eh right now then sorry yes yeah \
         yep no nope quick question or like actually basically just cool great thanks thx ty",
    ),
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
];

const ASK: &[&str] = &[
    // Questions by their word order.
    "^ what|how|why|where|when|who|whos|whats (else|exactly|on) do|does|did|is|are|was|were|can|could|should|would|will|has|have|am|might i|you|u|we|they|he|she|it|that|this|the|there|these|those|your|my|our|a|an|one|ya",
    "^ whats|wheres|whos|hows the|this|that|your|a|an|up|wrong|going|best|happening",
    "how do|can|could|should|would|might i|we|you|u|one",
    "how does one|it|that|this",
    "^ how come|many|much|long|often",
    "^ what|which version|kind|type|sort|one|ones|error|errors|distro|driver|drivers|channel|branch|command|card|package|program|app|repo|team|time|happens|happened|else",
    "^ who can|is|owns|knows|has|should|handles|would|do|does|maintains|wants",
    "^ do|did|does|didnt|doesnt i|you|u|we|they|ya|anyone|anybody|someone|somebody|it",
    "^ dont you|u",
    "^ is|isnt it|there|this|that|anyone|anybody|someone|somebody|he|she",
    "^ are|arent there|you|u|we|they|any",
    "^ was|were there|you|that|it|they|u",
    "^ has|have|hasnt|havent you|u|anyone|anybody|someone|somebody",
    "^ can|could|may|should|shouldnt|cant|couldnt i|we|u|you|someone|anyone|somebody|anybody|one|it|ya|they",
    "^ would|will|wont|wouldnt you|u|it|that|this|anyone|someone|there|anybody|somebody|ya",
    "^ am i",
    "^ may|might|could|can i|we have|get|ask",
    // People at large.
    "can|could|would|will|does|do|has|did|is|should anyone|anybody|someone|somebody|any1|sum1|some1|ne1",
    "anyone|anybody|any1|someone|somebody|ne1 (here|else|there|in) (ever|happen|able) (to) know|knows|have|has|had|got|seen|around|help|familiar|using|use|uses|tried|able|experience|experienced|recommend|care|mind|know|awake|alive|want|willing|wanna|interested|please|pls|explain|tell|suggest|point",
    "^ anyone|anybody|any1 here|else|there",
    "any (good|other|quick|specific|particular) idea|ideas|thoughts|suggestion|suggestions|advice|pointers|hints|tips|clue|clues|recommendations|recommendation|takers|volunteers|feedback|objections|chance|way|help (appreciated)",
    "^ thoughts|opinions|feedback|suggestions|ideas|input on|about|for|welcome|please|pls",
    "is|was|are there a|any|an|some (good|easy|simple|other|better) way|ways|tool|command|program|package|reason|doc|docs|guide|chance|channel",
    "is it possible|ok|okay|safe|normal|just",
    "help|assistance|advice|suggestions|feedback|input|pointers|guidance|review|reviews (with|on|here) (this) (would|is|will) (be) (much|greatly|very|really|highly) appreciated|welcome",
    // Asking for something to be done.
    "please|pls|plz|plse|kindly (can|could|someone|somebody|also|just|quickly) help|approve|review|check|look|send|share|add|grant|give|fix|update|confirm|advise|let|take|provide|merge|restart|rerun|run|deploy|upload|create|remove|delete|enable|disable|reset|ping|call|tell|explain|answer|reply|respond|make|move|assign|investigate|have|post|paste|pastebin|verify|test|try|read|sign|submit|fill|complete|vote|rsvp|book|invite|open|close|change|put|set|unblock|assist|escalate|bump|forward|schedule|cancel|redeploy|rollback|revert|rotate|whitelist|allow|prioritize|prioritise|state|repeat|rephrase|stop|suggest|do|get|use|ask|tag|file|sync|push|pull|rebase|refund|look",
    "help|approve|review|advise|assist|confirm|check|merge|look|respond|reply|unblock|fix please|pls|plz $",
    "^^ please|pls|plz (help) $",
    "help me|us (please|pls|with|out|to|fix|find|get|understand|figure)",
    "^^ help $",
    "^ help with|please|pls|needed|wanted|me",
    "^ review|approve|approval|access|eyes|sign please|pls|plz|needed|wanted|requested|request|off",
    "need|needs|needing|require|want (some|a|an|your|any|little|bit|urgent|quick|more|another) (of) help|assistance|advice|approval|review|reviews|reviewer|reviewers|access|permission|permissions|input|guidance|eyes|feedback|hand|support|decision|answer|stamp|clarification",
    "need|needs someone|somebody|you|u|a volunteer|person|to",
    "looking for (a|some|an|any|more) (good) help|review|reviewer|reviewers|advice|feedback|someone|somebody|volunteers|way|tutorial|guide|recommendations|suggestions|input|approval|pointers|eyes",
    "in need of",
    "request|requesting|requested (for) (a|an) access|review|approval|help|permission|permissions",
    "(i|we) would|id|wed like|love|need (to) (get|have) (some|a|your|an|to) (know|help|access|feedback|input|opinion|review|thoughts|advice|ask|understand|request)",
    "^ could|can use (a|some|your) help|hand|eyes|second",
    "^ ptal",
    "ptal",
    "would|will|itd|could be (really|very|super|so|much|greatly) (a) great|good|nice|helpful|awesome|appreciated|lovely|amazing|cool|wonderful|perfect|ideal|grateful if you|u|someone|somebody|we|anyone|i",
    "be|itd be (really|very|super|so|much|greatly) appreciated|grateful if",
    "appreciate (it) (any|a|some|your) if|help|review|advice|pointers|input|feedback|suggestions|look|thoughts|guidance",
    "grateful if|for any",
    "any (and|all) help|assistance|advice|pointers|input|feedback|suggestions|hints|tips (would|is|will|greatly|much|very|with|on) (be) (greatly|much|very|really)",
    "would|do you|u|anyone|someone mind",
    "^ mind if|taking|checking|having|looking|sharing|sending|reviewing|giving|telling|explaining|pasting|repeating|helping|posting|merging",
    "wondering (about|why|if|whether|how|what|when|where|who|which|is|can|does)",
    "curious (to) (know) (about) why|if|whether|how|what|when|where|who|which",
    "(i) wonder if anyone|anybody|someone|somebody|you|u|theres|there",
    "not sure|clear how|why|what|where|who|which|whether|if|when (to) i|we|should|can",
    "dont|do|didnt not know|understand|get how|why|what|where|who|which to|i|is|do",
    "no|any idea|clue how|why|what|where|who to|i",
    "trying to figure|find|work|understand out (how|why|what|where|who|which|if|whether)",
    "cant figure|work|find out (how|why|what|where|which)",
    "(i|we) have|has|had|got (a|another|one|some|few|couple|of) (quick|small|dumb|stupid|silly|simple|noob|newbie|basic|general|weird|strange|last|more|few|of) question|questions|problem|problems|favor|favour",
    "^ question|q about|for|on|regarding|re|is",
    "having|have|hitting|facing|experiencing|ran|running (into) (a|some|an|this|the|real|bit|lot|of|serious|weird) trouble|issue|issues|problem|problems|difficulty|difficulties with|getting|when|while|connecting|logging|accessing|installing|in|where|trying|to|here",
    "(im|i|am|were|we|been|are|got|get) stuck on|with|at|in|here|trying",
    // Asking to be told.
    "let me|us know (asap|please|pls) what|when|where|which|who|how|whether|why|your|once|by|asap|the|today",
    "let me|us know if you|u|this|that|its|it|there|i|we|the|they|anyone (can|could|are|think|agree|want|would|will|works|work|is|sounds|looks|make|know|see|find|prefer|re|should|were|did|ok|okay|helps|fixes|does)",
    "lmk what|when|where|which|who|how|whether|if|your|once|thoughts",
    "^ tell|show|send|give|pass|hand|point|walk|teach me|us",
    "(please|can|could|someone) tell me how|what|where|why|if|which|when|who",
    "^ paste|pastebin|post|show|send|share|attach|upload the|your|a|it|us|me|output|that",
    "^ describe|define|explain|clarify|elaborate|specify the|your|what|how|why|please",
    "^ ping|dm|pm|message|remind|notify|email|call|cc me|us",
    "^ review|approve|merge (this|my|the|our) pr|mr|@|<link>|cl|patch|diff",
    "^ take|have (a) look at",
    "when|whenever|if you|u|someone (get|have|has|gets|find|got) (a|some|the) (free|spare) chance|moment|minute|min|sec|second|time|mins|bandwidth|cycles",
    "at your (earliest) convenience",
    "asap (please|pls|plz)",
    "^^ how to",
    "hoping|hope someone|somebody|anyone|you (here) can|could|might|knows|will|has",
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
    "^^ right|ok|okay|k|huh|eh|really|seriously|no|yes|yeah|oh|ah|hm|hmm|see|deal|what|wow|orly|rly|srsly|wat|wtf $",
    "^^ oh|wow|no|yeah|ah|hmm really|seriously|yeah|ok|okay|right $",
    "^^ so what $",
    "isnt|wasnt|arent|aint it|that|he|she|they|this (great|nice|awesome|cool|lovely|amazing|beautiful|fun|funny|crazy|wild|wonderful|neat) $",
    "isnt|wasnt|aint it|that|this (just) great|nice|awesome|cool|lovely|amazing|beautiful|fun|funny|crazy|wild|wonderful|neat|hilarious|adorable|something",
    "huh|eh|innit|amirite|no|ne|nah $",
    "^ what a|an",
    "^ how (very) cool|great|nice|awesome|amazing|crazy|hard|cute|funny|lovely|sweet|dare",
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
    "^ why|how would|do you|anyone|anybody|someone (even|ever)",
    "^ are|r you|u (fucking|freaking|actually) kidding|serious|joking|insane|crazy|nuts|high|mad|drunk (me) $",
    "^ (are) you|u serious|kidding|joking (me) $",
    "^ sure|yes|yeah|ok|okay|well why not $",
    "^ why not $",
    "^ why bother",
    "^ whats the point|harm|worst",
    "^ is it friday|weekend|monday|lunch|beer|home (yet|already|time)",
    "^ remember when|that|the",
    "^ what|how do you|ya know",
    "^ hows that for",
    "^ wheres the fun",
    "^ when in doubt",
    "^ need help|access|more|assistance|something|info|a",
    "^ have|got (a|any|some|more) question|questions|feedback|ideas|thoughts|concerns|comments|issue|issues",
    "^ (any) questions|feedback|concerns|comments $",
    "^ want|wanna|ready|curious|interested|excited to|in|about|for (join|learn|know|help|more|see|try|get|hear|participate|contribute)",
    "^ did|have you|u know|hear|see|heard that|about|you",
    "^ missed|missing|looking|struggling|stuck|tired|confused|new|sound (the|for|of|to|with|interesting|good|fun|here)",
];

const VOID: &[&str] = &[
    "can|could you (even) imagine|believe",
    "can|may|could i|we (just) say|suggest|recommend|add|assure|point",
    "can you not $",
    "^ would you look",
    "asked|asks|asking (me|us|him|her|them|you|people|around|somebody|someone|@) (about) if|whether|why|how|what|when|who|where|for|to|that|the|a",
    "(was|were|got|been) asked (to|about|for|that|if)",
    "(he|she|they|people|customer|customers|users|someone|who) asked|wondered|wanted (me|us|to|know) (if|whether|why|how|know)",
    "(told|tells|said|says) (him|her|them|me|that|they|he|she) to",
    "know|knows|explains|explain|explained|shows|see|documented|describes|learned|learnt|understand|understood|discussed|discuss|wrote|writes|remember how|what|why|where to|it|the|we|this|they",
    "please|pls|kindly note|beware|notice|find|see|ignore|disregard|remember|refrain|dont|do|be|welcome|join|enjoy|keep|feel|bear|excuse|forgive|stand|accept (not|aware|advised|attached|below|careful|free|in|me|us)",
    "yes|yeah|sure|oh|no please $",
    "if (you|u|anyone|anybody|someone|somebody|they|youre|u) (have|has|need|needs|want|wants|got|get|gets|run|runs|are|is|ever|face|see|feel|still|still) (any|a|more|other|into|further|some) (questions|question|help|problems|problem|issues|issue|concerns|trouble|doubts|stuck)",
    "no need (to)",
    "no help needed",
    "(dont|doesnt|do|didnt|no|not|wont) (not|longer) need (any|your|a|more) help|access|assistance|review|support",
    "how to guide|guides|doc|docs|video|page|section",
    "heres|here how|is how|what|why",
    "(thats|this|that|exactly|explains) (is|was) (exactly) what|how|why|where i|we|you|it|they|he|im|the",
    "^ when i|we|you|it|they|he|she|the",
    "^ what i|we|you|it|they|he|she",
    "faq",
    "^ q a",
];

const OFFER: &[&str] = &[
    "(just) let me|us know (here|@) if (you|u|theres|there|anything|anyone|i|any|something|questions|more|we|it|that|this|its) (need|have|want|run|get|hit|got|see|find|is|still|would|still|notice|encounter|are|can|could|face) (any|anything|more|help|into|stuck|a|some|questions|me|interested|trouble|doesnt|fails|breaks|not)",
    "lmk|holler|shout|yell|ping|dm|pm|message|ask|reach|contact|tell me|us|out|@|here|away|if (if|to|anytime|you|u|with) (you|u|any|theres|to|i|need|have)",
    "(^) feel free to",
    "dont hesitate to",
    "happy|glad to help|assist|pair|jump|take|answer|walk|chat|hop|explain|review|look|share|show",
    "(do|would|did) you|u want|like|need me|us to",
    "(^) want|need me|us to",
    "(do) (you) (^) need|want (any|a|some) hand|help (with) (that|this|it) $",
    "^ can|could|may i|we help (you|u|with|out|anyone|at|in|here|there)",
    "^ how can|may|could i|we help|assist|be",
    "^ what can i|we do for|help",
    "^ shall|should i|we (do|open|file|send|take|make) (that|a|it|this) (for) (you|u)",
    "i|we can|could|will|would (also|always|happily|gladly) help (you|u|with|if|out)",
    "i|we can|could (also|always|happily|gladly|probably|maybe) (take|do|look|send|show|help|share|pair|jump|review|add) (at|it|that|on|you|this|a|in|into) (look|call|if) (you|u|want|like|needed|helpful)",
    "im (here|around|available|free) if|to help|chat",
];

const BACK: &[&str] = &[
    "what|which version|error|errors|exactly|kind|type|driver|distro|browser|os|card|message|output|branch|environment",
    "what does|do|did|is (the|it|that|your) (log|logs|output|error|say|show|print|return|get|see|mean)",
    "(what|which|have|did|do|are|can|could|how|where|when|is) (do|did|are|have) you|u tried|try|get|see|using|use|run|running|mean|paste|post|share|send|pastebin|check|checked|restart|reboot|reproduce|doing|trying|have|on|install|installed|sure|describe|explain|elaborate|clarify|expect|want|getting|seeing|set|configure|confirm|show|tell|provide|give|change|add|enabled",
    "what happens|happened if|when|after|exactly|then|next",
    "^ paste|pastebin|post|show|send|share|attach|upload the|your|a|it|us|me|output|that",
    "^ is|are|does|do|did|was your|the|it|you|u|that|there|this",
    "^ (please|pls) (try|run|check) and (tell|paste|post|see|report)",
];

const CLOSING: &[&str] = &[
    "thanks|thx|thank|ty|tnx|thnx|cheers|appreciated",
    "that|this|it did|does it|the",
    "(that|it|this|all|its|everything|now) works|worked|working|fixed|solved|resolved|sorted (now|fine|great|perfectly|it|that|perfect|like|thanks|again|well)",
    "works|worked|working now|fine|great|perfectly|perfect|again|well|like|thanks|for",
    "(got|problem|issue|its|thats|i|that|all|is) fixed|solved|resolved|sorted",
    "will do",
    "got it (working|to|now|thanks|fixed|sorted)",
    "^^ (ok|great|perfect|awesome) got it $",
    "^^ done $",
    "(all|were|im|its) good|set|sorted|clear now",
    "all set|sorted|good $",
    "makes sense",
    "ill|i will|lets|im gonna|gonna|going|to try|do|go|use|look|check|read|give (it|that|this|with|for|into) (a) (that|it|then|now|shot|try)",
    "closing this|the|it",
    "merged|deployed|shipped $",
    "never mind|mind",
    "nevermind|nvm",
    "you|u saved|rock|rule|were|are right|my|the|awesome|great|best",
    "youre|your|ur|you are welcome|right",
    "np|no problem|worries|prob",
];

const TAKES: &[&str] = &[
    "on it (now|already)",
    "^ (im) looking into|at|now|it",
    "looking into it|this|that",
    "ill|i will|let me|lemme|ima|imma (just|quickly|go|also|gladly) check|look|take|handle|do|fix|see|have|get|investigate|find|pick|review|dig|ask|confirm|try|verify|test|merge|approve|reproduce|ping|follow|circle|grab|own",
    "will do|check|look|take|fix|handle|have|review|investigate|get|follow|merge|ping|confirm",
    "^ checking|investigating|reviewing (now|it|this|that|with)",
    "taking a look|this|it",
    "give|gimme me (a|one|a) sec|second|minute|min|moment|few|couple|5|five|10|ten",
    "one|a|just|1 sec|second|moment|minute|min $",
    "hold|hang on",
    "ive|i|we got|have this|it $",
    "^ mine $",
    "^ can do",
    "bear with me",
];

const STUCK: &[&str] = &[
    "still (the|not|no|isnt|doesnt|dont|cant|wont|get|getting|does|have|having|fails|failing|nothing|same|broken|stuck|says|say|gives|giving|see|seeing|happens|happening|happens|crashes|hangs|unable|didnt) (same|work|working|error|thing|issue|problem|a|the|it)",
    "same (error|thing|problem|issue|result|results|story|output|message|behavior|behaviour|as) (again|here|as|before|still)",
    "(it|that|this) didnt|doesnt|dont|does|did|not|isnt|wont|wasnt (not|seem|to|really|even|any) work|help|change|fix|solve|do|working|helping",
    "no luck|joy|dice|change|difference|effect|go|good|success|help",
    "nothing (happens|changes|changed|happened|works|worked|helped|new)",
    "to no avail",
    "not working|helping|fixed|solved|resolved",
    "already tried|did|done|have",
    "tried that|it|this|everything|both|all",
    "(but|now) (i) (now|still) get|getting|got (the|this|an|a|same|another) error|errors",
    "keeps|keep failing|crashing|happening|saying|giving|coming|getting",
    "i|im (really|still|so) confused|lost|stuck|dont understand|get|know",
    "makes no|zero sense|difference",
    "(it) (just|always) fails|failed|crashes|hangs|freezes (again|with)",
    "doesnt make|makes|made (any|no) difference|sense",
    "no such file|command|package",
    "cant|cannot|couldnt|unable (to) find|get|see|seem|access|connect|install|open|do|locate|boot|login|log|figure|make",
];

const DECLINES: &[&str] = &[
    "no (need|more|voice|video|phone) (for|to) (a|have) call|calls|huddle|meeting|zoom",
    "(lets|can|could|prefer|rather|better|please|id|well) (we) (to|just) keep|stay|do (it|this|that|things) in|here|async (writing|text|thread|chat|here|this|the)",
    "keep it|this|things|that here|async|written|in",
    "(id|i|we|would|wed) (would|had) rather|prefer (not|no|to|to) (to|do|have|a) (call|write|type|text|async|chat|calls|stay|keep)",
    "rather|prefer|please|pls|would not|no|dont (to|want|do|like|have) (to|a|do|have) call|calls|huddle|zoom|meet|meeting",
    "(cant|cannot|dont|not|wont|unable|couldnt) (able) (to|do|want|have|take|a|need) (to|take|do|join|have|a|need) call|calls|huddle|zoom|talk",
    "async|text|writing|chat|thread|here is|works|would (be) better|fine|best|preferred|easier (for) (me)",
    "(stick|stay) (to|with|in) text|writing|thread|chat|async",
    "no (thanks|thank) (you) (no) (to) call",
];

const CHASE: &[&str] = &[
    "any|some (more) news|update|updates|luck|progress|movement|word|eta|takers|response|reply|answer|answers",
    "^^ bump|ping|bumping|pinging|up (this|@|again|on) $",
    "^ bump|bumping|pinging",
    "^^ anyone|anybody|someone|any1|hello|help (at|please|pls|all|here|there) $",
    "(gentle|friendly|just|quick) ping|reminder|nudge|bump|poke|follow|following (on|up|about)",
    "following|checking|circling (back) (up|in|on|back)",
    "still waiting|no|nobody|noone (answer|reply|response|news|for|on)",
    "did|has|have you|u|anyone|anybody|someone (get|had|have|had|gotten|found) (a|the|to|any) (chance|time|look)",
    "no|noone|nobody one|any (knows|know|answers|answered|idea|ideas|can|help)",
    "status on|of|update",
    "what|whats is|the (the) status|eta|update",
];
