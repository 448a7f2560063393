//! The phrases that tell what else a sentence says.

/// What is asked of somebody who asked: about what they did, see or use.
pub(super) const BACK: &[&str] = &[
    "what|which version|error|errors|exactly|kind|type|driver|distro|browser|os|card|message|output|branch|environment",
    "what does|do|did|is (the|it|that|your) (log|logs|output|error|say|show|print|return|get|see|mean)",
    "(what|which|have|did|do|are|can|could|how|where|when|is) (do|did|are|have) you|u tried|try|get|see|using|use|run|running|mean|paste|post|share|send|pastebin|check|checked|restart|reboot|reproduce|doing|trying|have|on|install|installed|sure|describe|explain|elaborate|clarify|expect|want|getting|seeing|set|configure|confirm|show|tell|provide|give|change|add|enabled",
    "what happens|happened if|when|after|exactly|then|next",
    "^ (please) paste|pastebin|post|show|send|share the|your|us|me|output",
    "^ is|are|does|do|did|was your|the|it|you|u|that|there|this",
    "^ (please) (try|run|check) and (tell|paste|post|see|report)",
];

/// The matter seems settled.
pub(super) const CLOSING: &[&str] = &[
    "thanks|thank|ty|cheers|appreciated",
    "that|this|it did it|the",
    "that|this does it $",
    "that|it|this|all|its|everything|now (all) (is) (now) works|worked|working|fixed|solved|resolved|sorted",
    "works|worked|working now|fine|great|perfectly|perfect|again|like|for|ok|well",
    "got|problem|issue|thats|i|is|been (now) fixed|solved|resolved|sorted",
    "^ fixed|solved|resolved|sorted (it|now|that) $",
    "will do (that|it|so) $",
    "will do thanks|ty|now|right|asap|tomorrow|today",
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

/// Somebody takes it on.
pub(super) const TAKES: &[&str] = &[
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

/// An attempt changed nothing.
pub(super) const STUCK: &[&str] = &[
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

/// Rather no call.
pub(super) const DECLINES: &[&str] = &[
    "no need for|to (a) call|meet|huddle|talk",
    "no more|voice|video|phone calls|call",
    "no call|calls|huddle|meeting|zoom (please|needed|thanks|for|here|now|today)",
    "keep it|this|things (in|to) here|async|written|text|thread|chat|writing",
    "keep it|this|things in|to the|this thread|channel|chat|writing",
    "stay|do|discuss|stick (it|this|in|with|to|that) (in|the|this|to) here|async|thread|chat|text|writing",
    "rather|prefer|prefers (not|to) (to|stay|keep|do) (it|this) (in) write|writing|text|async|type|chat|written|thread",
    "rather|prefer not|no (to) (do|have|a|jump) (a|on|have) call|calls|huddle|meet|meeting|talk|zoom",
    "dont|cant|cannot|wont|not (want|like|do|able|need|take|have|really|a) (to|a|any|on|do|fan) (do|have|take|a|of|on|join) call|calls|huddle|zoom|meetings|huddles",
    "cant|cannot|dont (really) talk (on|right|now|over)",
    "async|text|writing|chat|thread (is|works|would) (be) better|fine|best|preferred|easier (for) (me)",
];

/// A reminder of an earlier question.
pub(super) const CHASE: &[&str] = &[
    "any (more|further) news|update|updates|luck|progress|movement|word|eta|takers|response|reply|answer|answers",
    "^^ bump|ping|bumping|pinging (this|@|again|on|up)",
    "^^ up $",
    "^^ anyone|anybody|someone|hello (at|please|all|here|there|help) $",
    "gentle|friendly|quick|just (a) (gentle|friendly|quick) ping|reminder|nudge|bump|poke",
    "following|checking|circling|follow (back) up|in (on|with)",
    "still waiting",
    "no|nobody|noone (one) answer|answers|reply|response|knows|know|idea",
    "did|has|have you|u|anyone|anybody|someone (get|had|have|gotten|found|the|a) (a|the|to|any) chance|time|look",
    "status on|of|update",
    "whats|what (is) the status|eta|update",
];

/// That something goes on since some time.
pub(super) const SINCE: &[&str] = &[
    "^^ (i|we) (just|have) upgraded|updated (my|our|the) (*) from|to",
    "since (about|around) (this|the|an|a) (last|latest|new) morning|yesterday|today|monday|tuesday|wednesday|thursday|friday|update|upgrade|deploy|release|night|week|hour|weekend|noon|lunch|minutes|updating|upgrading|installing|days",
    "(right|just) after (the|i|an|a|my) (dist|last|latest|todays|yesterdays|recent|new) update|upgrade|upgrading|updating|upgraded|updated|deploy|release|installing|installed|reboot|rebooting|install|deployment|merge|restart",
    "all of a sudden",
    "everytime|whenever|whenver i|we|it",
    "every time|single i|we|it|time",
    "suddenly",
    "out of nowhere",
    "for (the) last|past (*) days|hours|minutes|hour|day|week|weeks",
    "for days|hours|weeks|ages",
];

/// Something does not work.
pub(super) const PROBLEM: &[&str] = &[
    "been trying|struggling|fighting|stuck",
    "gives|give|gave|giving|throws|says|shows|returns|get|got (me) (an|a|the|this|that|these|some) error|errors",
    "is|are|got|been|get (all|totally|completely) messed|screwed|broken|borked|fubar|stuffed",
    "doesnt|dont|isnt|not seem to be working|loading|able",
    "crashes|freezes|hangs|dies|crashed|froze|hung",
    "is|are|has|have (all|just) gone|disappeared|vanished|missing",
    "wont|doesnt|dont|isnt|cant|cannot * properly|anymore|correctly|right|any",
    "i|we cant|cannot|couldnt (even|seem|get|find|access|log|login|connect|open|install|see|make|start|use|boot|run|build|push|pull|deploy|reach|play|mount|load|save|edit|sign|join|send|print)",
    "im|am|are|were|we|been|is|not unable|able to",
    "doesnt|dont|wont|isnt|didnt|not (seem|to|even|really) work|working|boot|start|load|open|connect|show|recognize|detect|respond|responding|loading|showing|starting|mount|build|compile|install|run|play",
    "im|we|i|am|are|keep|keeps|just|now|been get|getting|got|seeing|see|hitting (a|an|this|the|some|these|following) (*) error|errors|issue|warning|message|exception|timeout|timeouts|403|404|500|502|503|401",
    "getting|hitting|seeing (a|an|this|the|some|these|lots|following) (of) (*) error|errors|timeouts|timeout|exception|exceptions|403|404|500|502|503|401",
    "keeps|keep crashing|failing|freezing|disconnecting|dropping|saying|asking|bouncing|timing|restarting|hanging|getting|rejecting",
    "is|are|been|seems|looks|appears|be (to) (be) broken|stuck|down|failing|frozen|hanging|unresponsive|unreachable|missing|crashing|corrupted|wedged",
    "fails|failed|failing|crashes|crashed|hangs|freezes",
    "stopped working|responding",
    "it|this|that|which|integration|update (completely|totally|all) broke|stopped|breaks|killed (all) my|our|the|everything|up",
    "problem|problems|trouble|issue|issues|difficulty|difficulties with|in|when|while|getting|installing|connecting",
    "i|we have|got (a|an|some|this|the) (*) problem|issue|trouble|problems|issues|error",
    "lost access|connection|my",
    "locked out",
    "forgot|lost (my|the) password|key|keys|badge",
    "no longer works|working|work|able|see|have",
    "^^ cant|cannot|couldnt|unable (seem|even|to) (to) access|log|login|connect|open|sign|reach|see|find|join|load|get|send|print|push|build",
    "never|hasnt|didnt|havent (*) arrive|arrives|arrived|come|came|loads|finishes|received|receive|starts",
    "has|is|are|was|got|been (*) jammed|leaking|offline|locked|expired|stolen|blank|flickering|unusable",
    "password|license|certificate|cert|token|account|trial expired|locked",
    "charged twice|again|wrong|double|incorrectly",
    "shows|has|have|got|see (the) wrong",
    "wont|doesnt|not let|allow|letting me|us|it",
    "no sound|audio|wifi|wireless|internet|network|picture|video|display|signal|connection|connectivity (at|after|since|anymore|when|on|with)",
    "freezing|frozen sometimes|again|up|when|after|randomly|constantly",
    "logged|kicked|thrown|signed out (every|all|after|randomly|again)",
];

/// By when something is due.
pub(super) const DEADLINE: &[&str] = &[
    "by|before|until (the) eod|eow|cob|noon|midnight|tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|end|lunch|standup|weekend|<number>",
    "asap",
    "urgently",
    "(by) end of (the|this) day|week|month",
];

/// What one who comes in is after.
pub(super) const WISH: &[&str] = &[
    "im|am|been|i|we trying|attempting|struggling to",
    "i|id|we|wed (would) (just|also|only) want|wanna|like|love (to) get|make|use|set|install|run|add|remove|delete|change|connect|create|build|upgrade|update|move|copy|configure|import|export|print|open|start|learn|know|buy|order|contribute|join|work|understand|find|implement|do|see|report|register|apply|book|return|cancel|speak|talk|develop|write|deploy|test|become|check|download|play|help|try|switch|migrate|replace",
    "im|am|we|were|are|been (currently|just) looking for|to *",
];

/// The answer, of whatever question stands before it in the same message.
pub(super) const ANSWER: &[&str] = &[
    "^^ because|cause|cuz *",
    "^^ nobody|nothing|noone|none *",
    "^^ no|nope|nah|yes|yep|yup ,",
    "^^ i think|guess|suppose not",
    "^^ i doubt it|that|so",
    "^^ answer|spoiler|hint ,",
    "^^ yes|no|yep|nope we|i|it|they|you|he|she do|does|did|is|are|can|have|has|dont|didnt|isnt|will",
];

/// The way, or a yes or no, that answers the question before it.
pub(super) const POINTER: &[&str] = &[
    "^^ no|nope|nah|yes|yeah|yep|not|hardly|probably|obviously|apparently ,",
    "^^ not really|quite|at|necessarily|exactly",
    "^^ probably not",
    "^^ that would|sounds|is|might|wont|could (be|not) (great|good|awesome|nice|fine|work|perfect|cool|lovely)",
    "^^ i think|guess|suppose|hope not|so",
    "^^ i doubt it|that",
    "^^ i am|im afraid",
    "^^ ah|oh|aha|sure|absolutely|definitely|done ,",
    "^^ book|join|use|grab|read|turn|try|click|drop|leftovers|leftover|find|tell|ping|email|dm *",
    "^^ the * is (at|in|here|on|below)",
    "^ see|read|check|visit|use the|our|this|pinned|<link>|<code>|wiki|docs",
    "^^ no|nope|yes|yeah theres|there|it|its|thats|they|because|but",
    "^^ sign|head|drop|join|register|rsvp|subscribe|apply up|over|in|to|us|here|by|your|them|a|our|for|the|on|now|at",
    "^^ come|stop (on) by|to|along|over|talk|join",
    "^^ (just) ask|post (it|them|away|your|us|me) in|here|away|at|on|them|it|about",
    "^^ (please|just) see|read|visit|check|watch (out) (*) (*) <link>|faq|docs|wiki|handbook|guide|documentation|announcement",
    "^^ the|our|a recording|slides|answer|notes (is|are) here|below|at|in",
    "^^ (then) dm|ping|contact|email|message me|us|@",
    "^^ heres|here (is) how|what|why|the|our|a",
    "^^ we have a|an",
];
