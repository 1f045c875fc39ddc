"""Rows and scopes written short."""

from engine.records import Example, Message, NumberedExample
from engine.scope import Intent, Rule, Scope


def row(number: int, prompt: str, answer: str, intent: str = "", talk: str = "") -> NumberedExample:
    messages = (Message("user", prompt), Message("assistant", answer))
    return NumberedExample(number, Example(messages, intent=intent, conversation=talk))


SCOPE = Scope(
    name="shoes",
    intents=(
        Intent("returns", 20, ("return", "send back", "worn")),
        Intent("refunds", 20, ("refund", "money back")),
        Intent("shipping", 20, ("delivery", "postage", "shipping")),
    ),
    out_of_scope=("jobs and wholesale", "anything that is not about our shoes"),
    rules=(
        Rule(
            "R01",
            "Return window",
            "Unworn shoes can be returned within 45 days of delivery.",
            intent="returns",
            entity="shoes",
            condition="unworn",
            facts=("45 days",),
            keywords=("return window", "days return", "send back"),
        ),
        Rule(
            "R02",
            "Refund time",
            "A refund is paid within 7 working days after the return reaches our warehouse.",
            intent="refunds",
            entity="refund",
            facts=("7 working days",),
            keywords=("refund take", "refund time", "when refund"),
        ),
        Rule(
            "R03",
            "Gift cards",
            "Gift cards cannot be refunded or exchanged for cash.",
            intent="refunds",
            entity="gift cards",
            facts=("no",),
            keywords=("gift card refund", "gift card cash"),
        ),
        Rule(
            "R04",
            "Standard shipping",
            "Standard shipping costs $5.50.",
            intent="shipping",
            entity="standard shipping",
            facts=("5.50 dollars",),
            keywords=("shipping cost", "postage"),
        ),
        Rule(
            "R05",
            "Free shipping",
            "Standard shipping is free on orders of $85 or more.",
            intent="shipping",
            entity="free shipping",
            facts=("85 dollars",),
            keywords=("free shipping", "free delivery"),
        ),
    ),
)
