"""Whether an English answer says yes or no: the lead word first, then who can or cannot."""

from __future__ import annotations

import re
from typing import Literal

_READ = 600
"""Characters read: the answer to a yes/no question stands at its beginning."""

_PLEASANTRY = re.compile(
    r"(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^.!,;?\n]{0,40}[.!,;\n]"
    r"|(?:thanks|thank you|great question|good question|no problem|no worries|not a problem"
    r"|happy to help|glad you asked|(?:i(?:'m| am) )?sorry (?:for|about|to hear)"
    r"|i understand|apologies for)\b[^.!,;?\n]{0,80}[.!,;?\n]"
    r"|(?:well|so|ok|okay|oh|ah|right|hmm)\b[,.! ])\s*"
)
_SUBORDINATE = re.compile(
    r"(?:if|even if|when|while|although|though|even though|as long as|unless|since|because"
    r"|provided|once|after|before)\b[^,.!?]*,\s*(?:then\s+)?"
)
_UNSURE = re.compile(
    r"(?:it (?:really )?depends|that depends|maybe|perhaps|possibly"
    r"|i(?:'m| am) not (?:sure|certain)|i (?:don't|do not) (?:know|have)"
    r"|i (?:can't|cannot) (?:say|tell|confirm))\b"
)
_NEUTRAL = re.compile(
    r"\b(?:don't|do not) (?:worry|hesitate)\b|\b(?:can't|cannot) wait\b|\bno (?:doubt|problem"
    r"|worries|later than|more than|less than|fewer than|matter|extra)\b"
    r"|\bnot (?:only|just|a problem)\b"
    r"|\bcouldn't be (?:easier|simpler)\b"
)
_DOUBLE = re.compile(
    r"\b(?:not|isn't|aren't|never) (?:impossible|ineligible|forbidden|prohibited|unable)\b"
    r"|\bno reason (?:why )?(?:you|we|it) (?:can't|cannot|couldn't)\b"
    r"|\bnothing (?:is )?(?:stop|prevent)(?:s|ping|ing) you\b"
)
_UNTRUE = re.compile(
    r"\b(?:(?:(?:it|that)(?:'s| is) (?:not|never)|(?:it|that) isn't)"
    r" (?:true|right|correct|accurate|so|the case)"
    r"|(?:it|that)(?:'s| is) (?:false|wrong|incorrect|untrue|inaccurate|a myth"
    r"|a mis(?:take|understanding))"
    r"|(?:i|we) (?:(?:would|do|did)(?: not|n't)|never) (?:say|said|claim(?:ed)?|mean|meant)"
    r"|(?:nothing|nobody|no one|nowhere|no (?:rule|policy|part of (?:it|the policy)))"
    r" (?:\w+ ){0,4}?(?:says?|claims?|means?|states?))"
    r"(?: to (?:say|think|believe|assume))?(?: that\b)?\s+(?=\w)"
)
"""What turns the clause behind it round: "it is not true that you cannot"."""
_LEAD_NO = re.compile(
    r"(?:(?:absolutely|certainly|definitely|of course|sure(?:ly)?|probably) not\b|nope\b|nah\b"
    r"|no(?=$|[,.!;:\s-])|not (?:at (?:all|this|the)|yet|quite|really|possible|allowed|permitted"
    r"|currently|for|under|without|after|unless|if|in|on|when|once|this|that|usually|necessarily)\b"
    r"|never\b|not[.!,]|negative\b"
    r"|(?:unfortunately|regrettably|sadly)\b"
    r"(?!,? (?:yes|you (?:do|will|have to|must)\b|that is the case))"
    r"|(?:i(?:'m| am)|we(?:'re| are)) afraid (?:not|that|we|you|i|it|this|no)\b(?! is the case)"
    r"|(?:(?:i(?:'m| am)|we(?:'re| are)) (?:very |so |really )?)?"
    r"sorry,? (?:but|no|we|you|that|it|this|i)\b)"
)
_LEAD_YES = re.compile(
    r"(?:yes|yep|yeah|yup|certainly|absolutely|definitely|of course|sure(?: thing)?|indeed|correct"
    r"|exactly|affirmative|that(?:'s| is) (?:right|correct|possible|fine|allowed)"
    r"|(?:unfortunately|sadly|i(?:'m| am) afraid),? (?:yes|that is the case))\b"
)
_STATE = (
    r"(?:possible|allowed|permitted|available|eligible|covered|accepted|included|refundable"
    r"|returnable|exchangeable|able|free|required|needed|necessary|valid|welcome|entitled|offered)"
)
_ADVERB = (
    r"(?:(?:still|also|always|certainly|absolutely|definitely|of course|usually|normally|generally"
    r"|currently|simply|just|only|even|then|really|easily|both|either)\s+)?"
)
_NEGATIVE = (
    r"(?:can't|cannot|can not|could not|couldn't|won't|will not|wouldn't|may not|must not|mustn't"
    r"|shouldn't|should not|don't|do not|doesn't|does not|didn't|never|unable|impossible|no longer"
    r"|not|isn't|aren't|ain't|ineligible|nonrefundable|non-refundable|forbidden|prohibited)"
)
_SUBJECT = (
    r"\b(?:you|we|they|it|this|that|these|those|he|she|there|i"
    r"|(?:[a-z'-]+ ){0,3}(?:shoes?|items?|pairs?|orders?|returns?|exchanges?|refunds?|shipping"
    r"|delivery|customers?|gift cards?|receipts?|boots?|sandals?|trainers?|sneakers?|soles?"
    r"|store|team|policy|price|prices|fee|cards?))"
)
_SAYS_NO = re.compile(
    rf"{_SUBJECT}(?:'re|'s| is| are| be| will be| was)? {_ADVERB}{_NEGATIVE}\b"
    rf"|\b(?:not|isn't|aren't|never|no longer) (?:\w+ ){{0,2}}{_STATE}\b"
    r"|\bthere(?:'s| is| are) no\b|\b(?:we|you) have no\b"
    r"|\bno (?:receipt|box|fee|charge|cost|refund|return|exchange)s?\b"
)
_SAYS_YES = re.compile(
    rf"{_SUBJECT} {_ADVERB}(?:can|may|do|does|must|have to|need to)\b(?! not|n't)"
    rf"|\b(?:you|they|it|this|that|these|those) {_ADVERB}(?:will|could)\b(?! not|n't)"
    rf"|\b(?:is|are|'re|'s) {_ADVERB}(?:fully |completely |entirely )?{_STATE}\b"
    r"|\bwe(?:'d| would| are|'re) (?:be )?(?:happy|glad|able)\b"
    rf"|\bwe {_ADVERB}(?:offer|accept|allow|cover|refund|exchange|replace|ship|deliver|take"
    r"|provide)\b"
)
_DENIED = re.compile(
    r"[,.!\s-]*(?:but )?(?:you|we|it|that) (?:can't|cannot|can not|don't|do not)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "*": None, "_": None})


def yes_or_no(text: str) -> bool | None:
    """True for an answer that affirms, False for one that denies, None when it is unclear.

    The lead word decides ("No, ...", "Absolutely", "Unfortunately ..."); else the first of the
    opening three sentences that says who can, cannot, does or does not. English only; a double
    negation ("no reason you can't", "it is not true that you can't") affirms, whatever leads; a
    conditional or conceding clause in front is
    skipped. It reads the answer's own polarity, not whether it fits the question.
    """
    plain = text[:_READ].translate(_STRAIGHT).strip(" \t\n\"'").lower()
    plain = _skip(_PLEASANTRY, plain, 4)
    for sentence in _SENTENCE.split(plain)[:3]:
        reading = _read_turned(sentence) or _read_lead(sentence) or _read_clause(sentence)
        if reading is not None:
            return None if reading == "unclear" else reading == "yes"
    return None


_Reading = Literal["yes", "no", "unclear"]


def _skip(pattern: re.Pattern[str], text: str, times: int) -> str:
    for _ in range(times):
        found = pattern.match(text)
        if found is None or found.end() >= len(text):
            break
        text = text[found.end() :].lstrip()
    return text


def _read_turned(sentence: str) -> _Reading | None:
    """Of a sentence that calls a clause untrue: the opposite of that clause."""
    turn = _UNTRUE.search(sentence)
    clause = _read_clause(sentence[turn.end() :]) if turn else None
    return {"yes": "no", "no": "yes"}.get(clause or "")  # type: ignore[return-value]


def _read_lead(sentence: str) -> _Reading | None:
    if _UNSURE.match(sentence):
        return "unclear"
    sentence = _NEUTRAL.sub(" ", sentence).strip()
    if _LEAD_NO.match(sentence):
        return "no"
    yes = _LEAD_YES.match(sentence)
    if yes is None:
        return None
    return "unclear" if _DENIED.match(sentence, yes.end()) else "yes"


def _read_clause(sentence: str) -> _Reading | None:
    main = _NEUTRAL.sub(" ", _skip(_SUBORDINATE, sentence, 2))
    if _DOUBLE.search(main):
        return "yes"
    no, yes = _SAYS_NO.search(main), _SAYS_YES.search(main)
    if no is None or yes is None:
        return "no" if no else "yes" if yes else None
    # "you can not": what affirms must be over before what denies begins.
    return "yes" if yes.end() <= no.start() else "no"
