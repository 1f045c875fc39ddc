"""From answers to a decision: assertions, suites, statistics, verdict."""
