//! What asks by its word order alone, whatever it is about: a verb before its subject, or a verb that
//! tells others what to do. The rest of the phrases name what is asked; these hear what nobody foresaw.

/// Questions by their word order, also without a question mark and in the middle of a sentence.
pub(super) const QUESTIONS: &[&str] = &[
    "can|could|will|would|should|shall|may|do|does|did you|u|anyone|someone|somebody|anybody",
    "are|r you|u",
    "what|how|why|where|when do|does|did *",
    "what|how|why|where|when is|are i|you|u|we|they|he|she|it|that|this|the|your|my|our|there|these|those *",
    "what|how|why|where|when|who|which can|could|should|would|will|has|have i|you|u|we|they|he|she|it|that|this|the|your|my|our|there|these|those *",
    "is|are|was there any|a|an|some",
    "should|shall|can|could|may i|we *",
    "^ whats|wheres|whos|hows|whens *",
    "^^ who * the|this|that|it|my|our|your|a",
    "^^ who has|have|wants|want|made|wrote|broke|took|left|did|does|got|gets|put|owns|uses|here *",
    "^^ why *",
    "^^ what|how about|if *",
    "am i *",
    "is this|that|it supposed|normal|correct|right|expected|intended|possible|ok|okay",
    "^^ got any *",
    "just me or *",
    "how is|are|hows (*) (*) going|coming|looking|holding",
    "everyone|everybody|all|you|u|guys|team ready (to|for) (*) $",
    "^^ how long|much|many|far|often|soon|old|big|do|does|did|can|to|is|are|would|should",
    "^^ what|which * is|are|do|does|did|was|were|can|could|should|would|will *",
    "^^ which <unknown>|<name> *",
    "^^ does * *",
    "^^ did|are <unknown>|<name> *",
    "^^ is|are|will|would|should|can|could the|a|an|my|your|our|this|that|these|those|it|he|she|they|we|you|there|any|all *",
    "^^ isnt|arent|wasnt that|this|it|there a|an|the|some|something|what|why|how|because|supposed|possible",
    // As it is thumbed in: "what os u using", "who u talking to".
    "what|where|who|how|when|why u *",
    "what|which <unknown>|<name>|os|version|time|one|kind|type u *",
    "^^ y u|is|are|do|does|did|cant|dont|not *",
    "or not|what|no $",
    "im|am wondering *",
];

/// Words that only one who asks uses.
pub(super) const COURTESIES: &[&str] = &[
    "please *",
    "please $",
    "thanks|thank (you) in advance|advanced",
    "tia $",
    "if you dont|wouldnt mind",
    "if its|it (is) not too much",
    "^^ sorry to bother|disturb|ask|interrupt",
    "lmk",
    "let us know $",
    "my question is|was",
    "interested in knowing|hearing|learning|understanding",
    "open to suggestions|ideas|feedback|advice",
    "suggestions|feedback|thoughts|ideas|comments|help welcome|appreciated",
    "confused about|by|why|how|what",
    "^^ up up",
    "say|come again $",
    "i|we (kindly|respectfully) request|ask|urge (that) you|everyone|all|people|anyone",
    "awaiting|waiting on|for your|approval|review|feedback|confirmation|response|reply",
    "not|doesnt|isnt|dont work|working for me|us",
];

/// Orders and wishes for others to meet. What a helper tells somebody to try or to run is an answer, so
/// the verbs are those of work done together.
pub(super) const ORDERS: &[&str] = &[
    "^ make (absolutely|very|really|double) sure you|to|everyone|everybody|your|the|we|all|@|nobody|noone",
    "^ remember to *",
    "^ dont|never forget to|your|the|about *",
    "^ (please) be sure to *",
    "^^ add|put|share|post|pick|merge|submit|upload|bring|invite|assign|finish|prepare|schedule|rename|move|include|attach|mention|cite|book|order|rebase|squash|update|reserve|print|rewrite|revert|close|forward|drop|replace|change|correct|paste|restore|clean|translate|label|tag|commit|push|deploy|release|remove|delete|tidy|lock|unlock|shorten|split the|it|this|that|these|those|your|my|our|them|all|<link>|@|<name>",
    "^^ send|give|write|call|email|tell|show @|the|your|our|<name>",
    "^^ use * instead|rather|not",
    "^ @ should|must|needs|has (also|probably|really) (to) *",
    "@ everyone|everybody|all|anyone|please go ahead and *",
    "you guys|all|lot need|have|should|must|gotta *",
    "need|needs <number>|one|two|three more",
    "lf|lfg (a|*) *",
    "^^ wait for me|us",
    "^^ (is) (there) anything|anyone|anybody else on|to|for|before|we|want|wants|you|u *",
    "^^ any other (*) (*) $",
    "^^ vote *",
    "show of hands",
    "motion to *",
    "i (would) (like) (to) move that *",
    "floor is yours",
    "^ (its) your turn",
    "let the group|team|others|everyone know",
    "it|that|this would|will|might be (very|really|so|super|most) great|good|nice|ideal|fantastic|helpful|useful|best|awesome|cool|better to|for|when",
    "itd be (very|really|so|super|most) great|good|nice|ideal|fantastic|helpful|useful|best|awesome|cool|better to|for|when",
    "be|its (very|really|so|super|most) ideal to|if|for",
    "lets have|do|hold|set|get (up) (a|an|another|some|our) (*) meeting|call|chat|session|sync|talk|huddle|zoom",
    "lets coordinate|schedule|organize|organise *",
    "^ does|do|would|will <number>|tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|that|it|now|noon (*) (*) (*) work|suit|fit|do",
    "when|what|which (*) works|suits (for|best|with|better) (for|everyone|everybody|you|all)",
];

/// The trouble of a room that all share, which only the one who speaks or shares can mend.
pub(super) const ROOM: &[&str] = &[
    "youre|ur|you|u (are|r) (still) (on) muted|mute",
    "mute yourself|your|yourselves",
    "^^ (please) repeat|louder|slower|bigger|unmute|mute (please|that|it|yourself|your|yourselves) $",
    "^^ no sound|audio|video (here|for|from|on|yet|at) $",
    "audio|sound|screen|video|stream|slides (is|are|keeps|has|just) frozen|lagging|cutting|choppy|broken|froze|stopped|stuck|blurry|muted",
    "link|links (is|are|seems) (to) (be) broken|dead|expired|missing|wrong",
    "we can not hear|see (you|your|the|anything|it|any|him|her|that) $",
    "we cant|cannot|dont (really) hear|see (you|your|the|anything|it|any|him|her|that) $",
];

/// What follows those word orders and asks nothing all the same.
pub(super) const FIGURES: &[&str] = &[
    "^^ drop|post|share|put it|them|yours in|here",
    "^ dont|never forget to have|breathe|smile|enjoy",
    "^^ who else but|than",
    "thought|think|figured it|that|this would|might be * to",
    "thought|think|figured itd be * to",
    "imagine (*) (*) (*) (*) make sure",
    "make sure you have|know|are|understand|got|can|had|use",
    "isnt that|this|it (just) the *",
];
