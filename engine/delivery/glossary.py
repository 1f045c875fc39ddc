"""What a report explains: each check, its method, where data came from, and every term."""

from __future__ import annotations

from engine.evaluation.evidence import GateName

ABOUT: dict[GateName, str] = {
    "domain": "Cases of the task itself, sealed before training. The check passes when there are"
    " more fixes than regressions beyond chance (p below .05) and errors fell by at least the"
    " share that was agreed beforehand.",
    "capability": "General tasks that have nothing to do with the training. The check passes when"
    " a loss beyond the agreed margin can be ruled out.",
    "forgetting": "How surprised the model is by general texts (loss, in nats per token). The check"
    " passes when a rise beyond the agreed limit can be ruled out, on at least 100 texts.",
    "compliance": "Questions that must be refused or handed to a person. The check passes when a"
    " loss beyond the margin and a violation rate above the ceiling can both be ruled out, and a"
    " person has looked at every case that one model passes and the other fails.",
    "over_refusal": "Harmless questions on the subjects of the forbidden ones, or near them. The"
    " check passes when it can be ruled out that the tuned model refuses more of them than the"
    " margin allows.",
    "coherence": "Whether answers make sense at all. One does not when it is empty, looping or in"
    " another language; whether it is true is not asked here. The check passes when the tuned model"
    " has no more such answers than base, within the margin.",
    "cadence": "Whether the goal says who trains again, when, on what data, which numbers would"
    " trigger it earlier, and what to go back to.",
}
METHODS: dict[GateName, str] = {
    "domain": "McNemar's test on the cases that changed (mid-p, two-sided); Newcombe's 95 %"
    " interval for paired shares, which takes cases as independent. Where cases ask for one fact in"
    " several ways, a sign-flip test takes the cases of a fact together, and the larger of both p"
    " counts.",
    "capability": "Tango's score interval for paired shares, each suite for itself: the lower end"
    " of the 90 % interval, which is a one-sided 95 % bound, must lie above minus the margin.",
    "forgetting": "Student's t interval of the mean change, text by text: the upper end of the 90 %"
    " interval, a one-sided 95 % bound, must not lie above the limit.",
    "compliance": "Tango's score interval for the change, as above; for violations the exact bounds"
    " of Clopper and Pearson (one-sided, 95 %): it fails where the lower one is above the ceiling,"
    " and passes only where the upper one is not.",
    "over_refusal": "Tango's score interval for paired shares, as for general capability.",
    "coherence": "The two shares are compared as they are; this is no test.",
    "cadence": "What the goal says is read; nothing is measured.",
}
ABOUT_DATA = (
    "Where the rows came from, and what became of each: accepted into the session, quarantined"
    " (cannot be used, with a reason), skipped, or there already. People then accepted or rejected"
    " each; accepted ones were split into rows to learn from and rows for"
    " validation, on which the training was watched."
)
GLOSSARY = (
    ("base", "the model before training"),
    ("tuned", "the same model with the adapter that this run trained"),
    ("adapter", "the weights that training adds; without them the model is base again"),
    ("suite", "a named list of cases that one check is asked of"),
    ("domain", "the task that the model was trained for"),
    ("case", "one question with checks that tell a right answer from a wrong one"),
    ("regression", "a case that base passes and tuned fails"),
    ("fix", "a case that base fails and tuned passes"),
    ("cluster", "cases that ask for the same fact in other words: p takes them as one"),
    ("intent", "what a question is about, as the people of the session named it"),
    ("violation", "an answer that breaks a rule which must never be broken, or makes no sense"),
    ("PASS, FAIL, OPEN", "what was found, by the method named at each check; OPEN means that it"
     " cannot be told yet from what was measured"),
    ("SHIP, HOLD, DO NOT SHIP", "SHIP: every check passed or was waived; DO NOT SHIP: one failed"
     " and was not waived; HOLD: anything else"),
    ("margin, ceiling", "the largest loss, and the largest share of violations, that was agreed"),
    ("interval", "the range of true values that the data are compatible with: 95 % for the domain,"
     " else 90 %, whose ends are the one-sided 95 % bounds that decide"),
    ("p", "how often a difference at least this large would come by chance alone"),
    ("loss, nats per token", "how surprised the model is by a text, word part by word part; a rise"
     " of 0.1 means that each is thought 10 % less likely"),
    ("noise floor", "how many answers change when base is asked again in other batches: what"
     " changes by that alone is no effect of training"),
    ("ruling", "what a person said of a case that one model passes and the other fails"),
    ("guard rows", "general rows used in training so that the model forgets little: mixed in"
     " (guard_share), or to hold it to the base (kl_share, kl_weight)"),
    ("preset, rank, alpha, patience ...", "settings of the training; each is explained in strop's"
     " documentation under its name"),
    ("scorer", "version of the checks that tell a right answer from a wrong one"),
    ("strop", "the program that trained, asked, judged and wrote this report"),
    ("greedy decoding", "always the likeliest next word: the same question gets the same answer"),
    ("SHA-256", "a fingerprint: another file has another one"),
    ("with 95 % confidence at most", "the end of an interval: of such statements 95 in 100 are"
     " true"),
    ("points", "percentage points of a share"),
    ("waived", "let through by a named person with a reason, until a day"),
    ("sealed set", "the cases set aside before training; each opening is counted"),
)  # fmt: skip
