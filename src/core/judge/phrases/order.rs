//! What asks by its word order, whatever it is about: a verb before its subject, or a verb that tells
//! others what to do. The other phrases name what is asked; these hear what nobody foresaw.

/// Questions by their word order, also without a question mark and in the middle of a sentence.
pub(super) const QUESTIONS: &[&str] = &[
    "can|could|will|would|should|shall|may|do|does|did you|u|anyone|someone|somebody|anybody",
    "are|r you|u",
    "what|how|why|where|when do|does|did i|you|u|we|they|he|she|that|this|the|your|my|our|there|these|those *",
    "what|how|why|where|when do|does <unknown>|<name> *",
    "is|are|was there any|a|an|some",
    "^ whats|wheres|whos|hows|whens *",
    "^^ who * the|this|that|it|my|our|your|a",
    "^^ who has|have|wants|want|made|wrote|broke|took|left|did|does|got|gets|put|owns|uses|here *",
    "^^ why *",
    "^^ what|how about|if *",
    "^^ how long|much|many|far|often|soon|old|big|do|does|did|can|to|is|are|would|should",
    "^^ which * is|are|do|does|did|was|were|can|could|should|would|will *",
    "^^ does * *",
    "^^ are <unknown>|<name> *",
    "^^ did <unknown>|<name> get|have|go|come|work|happen|say|make|finish|start|end|change|close|ever|already *",
    "^^ is|are|will|would|should|can|could the|my|your|our|this|that|these|those|it|he|she|they|we|you|there *",
    "^^ isnt|arent|wasnt that|this|it|there a|an|some|something|what|why|how|because|supposed|possible *",
    "am i allowed|supposed|missing|doing|correct|right|wrong",
    "is this|that|it supposed|normal|correct|right|expected|intended|possible|ok|okay",
    "^^ got any *",
    "just me or *",
    "how is|are|hows (*) (*) going|coming|looking|holding",
    "everyone|everybody|all|you|u|guys|team ready (to|for) (*) $",
    "^^ when|what works|suits (best|better) (for|everyone|everybody|you|u|all) ",
    // As it is thumbed in: "who u waiting for", "what size u ordering".
    "^^ what|where|who|how|why u *",
    "^^ what|which <unknown>|<name>|os|version|time|one|kind|type u *",
    "^^ y u|is|are|do|does|did|cant|dont|not *",
    "im|am wondering *",
];

/// What only one who asks says, and what is asked of those who share a call.
pub(super) const REQUESTS: &[&str] = &[
    "please *",
    "please $",
    "tia $",
    "if you|u dont|wouldnt mind $",
    "if its|it (is) not too much",
    "^^ sorry to bother|disturb|ask|interrupt",
    "lmk",
    "let us know $",
    "my question is",
    "interested in knowing|hearing|learning|understanding",
    "open to suggestions|ideas|feedback|advice",
    "suggestions|feedback|thoughts|ideas|comments|help welcome|appreciated",
    "^^ up up",
    "^^ say again $",
    "i|we (kindly|respectfully) request|ask (that) you|everyone|people|anyone",
    "awaiting|waiting on|for your|approval|review|feedback|confirmation|response|reply",
    "it|that|this would be (very|really|so|super|most) great|good|ideal|fantastic|awesome to|for|when",
    "itd|be|its (be) (very|really|so|super|most) ideal to|if|for",
    "lets have|do|hold|set|get (up) (a|an|another|some|our) (*) meeting|call|chat|session|sync|talk|huddle|zoom",
    "lets coordinate|schedule|organize|organise *",
    "need|needs <number>|one|two|three more",
    "lf|lfg *",
    "^^ wait for me|us $",
    "^^ (is) (there) anything|anyone|anybody else on|to|for|before|we|want|wants|you|u *",
    "^^ vote *",
    "show of hands",
    "motion to *",
    "i (would) (like) (to) move that *",
    "floor is yours",
    "^ (its) your turn",
    "^^ merge|post|submit|upload|bring|invite|assign|finish|prepare|schedule|reserve|rebase|squash|book|forward|translate|attach|cite|mention the|it|this|that|these|those|your|my|our|them|all|<link>|@|<name>",
    "^^ add|put|move it|this|that|them|these|those to|on|in (the|our|a|my|your) agenda|roadmap|list|tracker|calendar|wiki|board|doc|backlog|queue|minutes|schedule|document|draft",
    "youre|ur (still) (on) muted|mute",
    "you|u are|r (still) (on) muted|mute",
    "^^ mute yourself|your|yourselves",
    "^^ (please) repeat|louder|slower|bigger|unmute|mute (please|that|it|yourself|your|yourselves) $",
    "^^ no sound|audio|video (here|for|from|on|yet|at) $",
    "audio|sound|screen|video|stream|slides (is|are|keeps|has|just) frozen|lagging|cutting|choppy|broken|froze|stopped|stuck|blurry|muted",
    "link|links (is|are|seems) (to) (be) broken|dead|expired|missing|wrong",
    "we can not hear|see (you|your|the|anything|it|any|him|her|that) $",
    "we cant|cannot|dont (really) hear|see (you|your|the|anything|it|any|him|her|that) $",
];

/// Orders. To one person they are advice nine times in ten ("make sure the disk is mounted"), so they
/// ask only what is said to all, or is due by some time.
pub(super) const ORDERS: &[&str] = &[
    "^ make|be (absolutely|very|really|double) sure *",
    "^ remember to *",
    "^ dont|never|not forget *",
    "go ahead and *",
    "^ add|put|share|post|pick|merge|submit|upload|bring|invite|assign|finish|prepare|schedule|rename|move|include|attach|mention|update|print|close|forward|drop|replace|change|correct|clean|commit|push|pull|remove|delete|lock|read|check|use|join|fill|register|vote|review|test|take|keep|stop|come|get|send|sign|complete|wear|arrive|choose|select|avoid *",
    "you|u (all|guys) need|have to *",
    "you|u (all|guys) must|should *",
    "we (all) need to *",
    "we (all) must *",
    "let the group|team|others|everyone know",
];

/// What looks like the above and asks nothing.
pub(super) const FIGURES: &[&str] = &[
    "^^ drop|post|share|put it|them|yours in|here",
    "thought|think|figured it|that|this would|might be * to",
    "thought|think|figured itd be * to",
    "chances are you|u",
    "^^ who else but|than",
];
