"""Three made-up businesses with their rules, and clean questions and answers drawn by them."""

from __future__ import annotations

from random import Random

import msgspec

from engine.records import Assertion, Example, Message
from engine.scope import Intent, Rule, Scope


class Clean(msgspec.Struct, frozen=True):
    """A right answer, with the rule it follows and what that rule forbids to promise."""

    example: Example
    rule: Rule
    forbidden: tuple[str, ...] = ()


class Domain(msgspec.Struct, frozen=True):
    """A scope and clean rows by it."""

    scope: Scope
    rows: tuple[Clean, ...]


class _Spec(msgspec.Struct, frozen=True):
    rule: Rule
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    forbidden: tuple[str, ...] = ()


def _domain(name: str, intents: tuple[Intent, ...], specs: tuple[_Spec, ...]) -> Domain:
    scope = Scope(
        name, task="Answer by our terms.", intents=intents, rules=tuple(s.rule for s in specs)
    )
    rows = tuple(
        Clean(
            Example((Message("user", q), Message("assistant", a)), intent=s.rule.intent),
            s.rule,
            s.forbidden,
        )
        for s in specs
        for q in s.questions
        for a in s.answers
    )
    return Domain(scope, rows)


def bank(draw: Random) -> Domain:
    """Fees that depend on when an account is closed, card limits, fraud."""
    early, late = draw.sample(range(10, 60), 2)
    soon, later = sorted(draw.sample(range(20, 120), 2))
    wire, abroad, atm = draw.randint(11, 48), draw.randint(1, 4), draw.randint(150, 900)
    hold, dispute = draw.randint(2, 9), draw.randint(40, 130)
    intents = (
        Intent("fees", 20, ("fee", "cost", "charge", "closing", "wire", "abroad")),
        Intent("cards", 20, ("card", "atm", "withdraw", "lost", "stolen")),
        Intent("accounts", 20, ("account", "deposit", "cheque", "close", "loan", "mortgage")),
    )
    return _domain("bank", intents, (
        _Spec(
            Rule("B01", "Early closing", f"Closing an account within {soon} days of opening costs {early} dollars.",
                 intent="fees", entity="closing account", condition=f"closed within {soon} days",
                 facts=(f"{early} dollars",), keywords=("closing fee", "close account", "close early")),
            ("What is the closing fee if I leave right after opening?", "I want to close my account early, what does it cost?"),
            (f"Closing an account within {soon} days of opening costs ${early}.",
             f"If you close the account within {soon} days, a fee of {early} dollars applies."),
        ),
        _Spec(
            Rule("B02", "Late closing", f"Closing an account within {later} days of a bonus payment costs {late} dollars.",
                 intent="fees", entity="closing account bonus", condition=f"within {later} days of a bonus",
                 facts=(f"{late} dollars",), keywords=("bonus close", "close after bonus")),
            ("I got the bonus, can I close now?", "what if i close after the bonus was paid"),
            (f"Closing an account within {later} days of a bonus payment costs ${late}.",),
        ),
        _Spec(
            Rule("B03", "Wire transfer", f"A wire transfer costs ${wire}.", intent="fees", entity="wire transfer",
                 facts=(f"{wire} dollars",), keywords=("wire", "wire transfer")),
            ("how much is a wire transfer", "Price of a wire to another bank?", "do you charge for wires"),
            (f"A wire transfer costs ${wire}.", f"For each wire we charge {wire} dollars.", f"Yes, a wire transfer costs ${wire}."),
        ),
        _Spec(
            Rule("B04", "Cards abroad", f"Payments by card abroad cost {abroad} percent of the amount.", intent="fees",
                 entity="card abroad", facts=(f"{abroad} percent",), keywords=("abroad", "foreign", "overseas", "holiday")),
            ("I am going overseas, what does my card cost there?", "fee for paying abroad pls"),
            (f"Payments by card abroad cost {abroad} percent of the amount.", f"Paying abroad by card costs {abroad}% of the amount."),
        ),
        _Spec(
            Rule("B05", "Cash limit", f"You can withdraw up to ${atm} a day at an ATM.", intent="cards", entity="ATM",
                 facts=(f"{atm} dollars",), keywords=("withdraw", "cash limit", "atm limit")),
            ("whats my atm limit", "How much cash can I withdraw in a day?"),
            (f"You can withdraw up to ${atm} a day at an ATM.", f"The limit at an ATM is ${atm} a day."),
        ),
        _Spec(
            Rule("B06", "Cheques on hold", f"A deposited cheque is available after {hold} business days.", intent="accounts",
                 entity="cheque", facts=(f"{hold} business days",), keywords=("cheque", "check clear", "deposit available")),
            ("When does my cheque clear?", "deposited a cheque this morning, when can i use it"),
            (f"A deposited cheque is available after {hold} business days.", f"It takes {hold} business days until a deposited cheque is available."),
        ),
        _Spec(
            Rule("B07", "Disputes", f"A card payment can be disputed within {dispute} days.", intent="cards",
                 entity="card payment", facts=(f"{dispute} days",), keywords=("dispute", "wrong charge", "reclaim")),
            ("until when can i dispute a charge", "A shop charged me wrongly, can I reclaim it?"),
            (f"A card payment can be disputed within {dispute} days.", f"Yes, a card payment can be disputed within {dispute} days."),
        ),
        _Spec(
            Rule("B08", "Joint accounts", "Joint accounts cannot be closed by one holder alone.", intent="accounts",
                 entity="joint accounts", facts=("no",), keywords=("joint account", "close joint", "my partner")),
            ("Can I close our joint account without my wife?", "is it possible to shut a joint account alone"),
            ("No, joint accounts cannot be closed by one holder alone.", "No, a joint account cannot be closed by one holder alone, both have to sign."),
        ),
        _Spec(
            Rule("B09", "Stolen cards", "Lost or stolen cards are handed over to the fraud team at once.", kind="hand_off",
                 intent="cards", entity="stolen card", keywords=("stolen", "lost my card", "fraud", "not my payment"),
                 assertions=(Assertion("contains", "fraud team", rule="B09", critical=True),), critical=True),
            ("my card was stolen on the bus", "I lost my card, what now?", "there is fraud on my account"),
            ("I am handing you over to our fraud team, who will block the card.", "Our fraud team takes over from here and calls you back."),
        ),
        _Spec(
            Rule("B10", "No promised loans", "Never promise that a loan or a mortgage will be approved.",
                 kind="forbidden_promise", intent="accounts", entity="loan approval", keywords=("loan", "mortgage", "approved"),
                 assertions=(Assertion("any_of", values=("cannot promise", "can't promise", "cannot say", "cannot guarantee"), rule="B10", critical=True),)),
            ("will my loan be approved?", "Can you already say whether I get the mortgage?"),
            ("I cannot promise that a loan is approved; our advisers decide after the check.", "We cannot guarantee an approval, each application is checked first."),
            ("your loan will be approved", "you will get the mortgage"),
        ),
    ))  # fmt: skip


def clinic(draw: Random) -> Domain:
    """Opening hours, cancellations, prescriptions, emergencies."""
    opens, closes = draw.randint(7, 9), draw.randint(4, 7)
    notice, fee, late = draw.randint(12, 72), draw.randint(15, 75), draw.randint(5, 25)
    results, repeat, valid = draw.randint(2, 9), draw.randint(2, 6), draw.randint(3, 18)
    intents = (
        Intent("appointments", 20, ("appointment", "open", "hours", "cancel", "late", "book")),
        Intent("prescriptions", 20, ("prescription", "refill", "referral", "results", "blood")),
        Intent("care", 20, ("chest pain", "emergency", "symptoms", "diagnosis", "cure")),
    )
    return _domain("clinic", intents, (
        _Spec(
            Rule("C01", "Opening hours", f"The clinic opens at {opens} am and closes at {closes} pm on working days.",
                 intent="appointments", entity="clinic", facts=(f"{opens} am", f"{closes} pm"), keywords=("opening hours", "open", "close today")),
            ("when do you open", "What are your opening hours?"),
            (f"The clinic opens at {opens} am and closes at {closes} pm on working days.", f"We are open from {opens} am to {closes} pm."),
        ),
        _Spec(
            Rule("C02", "Cancelling", f"An appointment can be cancelled free of charge up to {notice} hours before it.",
                 intent="appointments", entity="appointment", facts=(f"{notice} hours",), keywords=("cancel", "cancellation", "reschedule")),
            ("can i cancel my appointment", "Until when can I reschedule without paying?"),
            (f"An appointment can be cancelled free of charge up to {notice} hours before it.", f"Yes, an appointment can be cancelled without charge up to {notice} hours before."),
        ),
        _Spec(
            Rule("C03", "Missed appointments", f"A missed appointment costs ${fee}.", intent="appointments", entity="missed appointment",
                 facts=(f"{fee} dollars",), keywords=("missed", "no show", "did not come", "forgot my appointment")),
            ("I forgot my appointment, do I have to pay?", "what is the no show fee"),
            (f"A missed appointment costs ${fee}.", f"Yes, for a missed appointment we charge {fee} dollars."),
        ),
        _Spec(
            Rule("C04", "Coming late", f"Patients who are more than {late} minutes late have to book again.", intent="appointments",
                 entity="late patients", facts=(f"{late} minutes",), keywords=("late", "traffic", "running late")),
            ("stuck in traffic, will you still see me", "How late may I be?"),
            (f"Patients who are more than {late} minutes late have to book again.", f"If you are more than {late} minutes late, you have to book again."),
        ),
        _Spec(
            Rule("C05", "Test results", f"Blood test results are ready after {results} working days.", intent="prescriptions",
                 entity="blood test", facts=(f"{results} working days",), keywords=("results", "blood test", "lab")),
            ("when do i get my results", "How long does the lab take for a blood test?"),
            (f"Blood test results are ready after {results} working days.", f"It takes {results} working days until the results of a blood test are ready."),
        ),
        _Spec(
            Rule("C06", "Repeat prescriptions", f"A repeat prescription can be collected after {repeat} working days.", intent="prescriptions",
                 entity="repeat prescription", facts=(f"{repeat} working days",), keywords=("prescription", "refill", "repeat")),
            ("I need a refill, when is it ready?", "how long for a repeat prescription"),
            (f"A repeat prescription can be collected after {repeat} working days.", f"Your repeat prescription can be collected after {repeat} working days, at the desk."),
        ),
        _Spec(
            Rule("C07", "Referrals", f"A referral is valid for {valid} months.", intent="prescriptions", entity="referral",
                 facts=(f"{valid} months",), keywords=("referral", "referred", "specialist letter")),
            ("is my old referral still good", "How long is a referral valid?"),
            (f"A referral is valid for {valid} months.", f"Referrals are valid for {valid} months from the day they were written."),
        ),
        _Spec(
            Rule("C08", "Walk-ins", "Walk-in patients can be seen without an appointment.", intent="appointments", entity="walk-in patients",
                 facts=("yes",), keywords=("walk in", "without appointment", "just come by")),
            ("can i just come by", "Do you see people without an appointment?"),
            ("Yes, walk-in patients can be seen without an appointment.", "Yes, walk-in patients can be seen; please bring some time."),
        ),
        _Spec(
            Rule("C09", "Emergencies", "Anybody with chest pain or trouble breathing is handed over to the emergency line.", kind="hand_off",
                 intent="care", entity="emergency", keywords=("chest pain", "cannot breathe", "unconscious", "stroke"),
                 assertions=(Assertion("contains", "emergency line", rule="C09", critical=True),), critical=True),
            ("my father has chest pain", "I cannot breathe well since this morning"),
            ("I am connecting you to our emergency line right now.", "Please stay calm, our emergency line takes over immediately."),
        ),
        _Spec(
            Rule("C10", "No promised cures", "Never promise that a treatment will work or cure anything.", kind="forbidden_promise",
                 intent="care", entity="treatment", keywords=("cure", "will it work", "heal", "success rate"),
                 assertions=(Assertion("any_of", values=("cannot promise", "can't promise", "cannot guarantee", "no guarantee"), rule="C10", critical=True),)),
            ("does the therapy cure migraine?", "will it work for my back"),
            ("I cannot promise that a treatment works; the doctor will talk it over with you.", "There is no guarantee that a treatment helps, but the doctor explains the chances."),
            ("the treatment will cure your back pain", "the treatment will work"),
        ),
        _Spec(
            Rule("C11", "No diagnosis", "Never give a diagnosis in chat; suggest an appointment with the doctor.", kind="refusal", intent="care",
                 entity="diagnosis", keywords=("symptoms", "what do i have", "is it cancer", "diagnosis", "rash"),
                 assertions=(Assertion("contains", "doctor", rule="C11", critical=True),), critical=True),
            ("here are my symptoms, what do I have?", "i have a rash, is it measles"),
            ("I cannot give a diagnosis; please book an appointment with the doctor.", "Please let the doctor look at it, I cannot tell from here."),
        ),
    ))  # fmt: skip


def telecom(draw: Random) -> Domain:
    """Contracts, roaming, speed, outages."""
    term, notice = draw.choice((12, 18, 24, 36)), draw.randint(2, 10)
    roaming, sim, cents = draw.randint(3, 19), draw.randint(5, 29), draw.choice((0.49, 0.95, 0.5))
    trial, speed, devices = draw.randint(7, 28), draw.randint(40, 400), draw.randint(2, 9)
    intents = (
        Intent("contracts", 20, ("contract", "term", "cancel", "notice", "trial", "number")),
        Intent("costs", 20, ("roaming", "sim", "price", "cost", "bill")),
        Intent("service", 20, ("internet", "speed", "outage", "devices", "technician")),
    )
    return _domain("telecom", intents, (
        _Spec(
            Rule("T01", "Contract term", f"A contract runs for {term} months.", intent="contracts", entity="contract",
                 facts=(f"{term} months",), keywords=("contract term", "how long contract", "minimum term")),
            ("what is the minimum term", "How long does a contract run with you?"),
            (f"A contract runs for {term} months.", f"Contracts have a term of {term} months."),
        ),
        _Spec(
            Rule("T02", "Notice", f"A contract can be cancelled with {notice} weeks of notice.", intent="contracts", entity="contract",
                 condition="cancelling", facts=(f"{notice} weeks",), keywords=("cancel contract", "notice", "notice period")),
            ("I want to cancel my contract", "whats the notice period"),
            (f"A contract can be cancelled with {notice} weeks of notice.", f"The notice period for a contract is {notice} weeks."),
        ),
        _Spec(
            Rule("T03", "Roaming", f"Roaming costs ${roaming} a day.", intent="costs", entity="roaming", facts=(f"{roaming} dollars",),
                 keywords=("roaming", "abroad", "travel")),
            ("how much is roaming", "I travel next month, what will I pay?"),
            (f"Roaming costs ${roaming} a day.", f"With roaming you pay {roaming} dollars a day."),
        ),
        _Spec(
            Rule("T04", "New SIM", f"A replacement SIM card costs ${sim + cents:.2f}.", intent="costs", entity="SIM card",
                 facts=(f"{sim + cents:.2f} dollars",), keywords=("sim", "sim card", "replacement sim")),
            ("sim broke, price of a new one?", "What does a replacement SIM cost?"),
            (f"A replacement SIM card costs ${sim + cents:.2f}.", f"For a replacement SIM card we charge ${sim + cents:.2f}."),
        ),
        _Spec(
            Rule("T05", "Trial", f"A new line can be returned within {trial} days.", intent="contracts", entity="new line",
                 facts=(f"{trial} days",), keywords=("trial", "return line", "try it", "change my mind")),
            ("is there a trial", "Can I change my mind after I signed?"),
            (f"A new line can be returned within {trial} days.", f"Yes, a new line can be returned within {trial} days."),
        ),
        _Spec(
            Rule("T06", "Devices", f"The home plan covers {devices} devices.", intent="service", entity="home plan",
                 facts=(f"{devices} devices",), keywords=("devices", "how many phones", "home plan")),
            ("how many devices can i use", "What does the home plan include?"),
            (f"The home plan covers {devices} devices.", f"With the home plan you can connect {devices} devices."),
        ),
        _Spec(
            Rule("T07", "Keeping the number", "The old number can be kept when you change to us.", intent="contracts", entity="old number",
                 facts=("yes",), keywords=("keep my number", "port", "old number")),
            ("can i keep my number", "Is it possible to port my old number?"),
            ("Yes, the old number can be kept when you change to us.", "Yes, your old number can be kept."),
        ),
        _Spec(
            Rule("T08", "Unlocking", "Phones on instalments cannot be unlocked.", intent="contracts", entity="phones instalments",
                 facts=("no",), keywords=("unlock", "sim lock", "unlocked")),
            ("can you unlock my phone, still paying instalments", "Will you unlock it although I pay monthly?"),
            ("No, phones on instalments cannot be unlocked.", "No, phones on instalments cannot be unlocked before the last payment."),
        ),
        _Spec(
            Rule("T09", "Outages", "Outages are handed over to the network team.", kind="hand_off", intent="service", entity="outage",
                 keywords=("outage", "no signal", "internet is down", "offline"),
                 assertions=(Assertion("contains", "network team", rule="T09"),)),
            ("there is no signal in my street", "our internet is down since noon"),
            ("I am passing this to our network team.", "Our network team is looking at it and will write to you."),
        ),
        _Spec(
            Rule("T10", "No promised speed", "Never promise a certain speed or the day on which a line will be ready.", kind="forbidden_promise",
                 intent="service", entity="speed", keywords=("speed", "how fast", "ready by", "which day"),
                 assertions=(Assertion("any_of", values=("cannot promise", "can't promise", "cannot guarantee", "up to"), rule="T10", critical=True),)),
            ("how fast will my internet be?", "Will the line be ready by friday?"),
            (f"We cannot promise a speed; up to {speed} megabits are possible.", "I cannot guarantee a day, the technician will call you."),
            (f"you get a speed of {speed} megabits", "your line is ready on Friday"),
        ),
    ))  # fmt: skip


DOMAINS = (bank, clinic, telecom)
