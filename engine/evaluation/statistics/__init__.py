"""The statistics of the verdict: paired tests and intervals, clusters, planning. Pure functions.

scipy and numpy are imported inside the functions that need them.
"""

from engine.evaluation.statistics.clusters import cluster_sums, holm, sign_flip_p
from engine.evaluation.statistics.means import PairedMean, paired_mean
from engine.evaluation.statistics.paired import (
    Interval,
    PairedSummary,
    PairedTable,
    mcnemar_exact_p,
    mcnemar_mid_p,
    newcombe_interval,
    non_inferior,
    paired_summary,
    tango_interval,
    tango_lower_bound,
    tango_statistic,
    tango_upper_bound,
    wilson_interval,
)
from engine.evaluation.statistics.planning import (
    cases_needed,
    cases_needed_for_margin,
    cases_to_allow,
    chance_to_show,
    fixes_needed,
    more_to_bound,
    more_to_clear,
    more_to_show,
    smallest_fall,
    violations_allowed,
)
from engine.evaluation.statistics.power import power_to_clear
from engine.evaluation.statistics.proportions import clopper_pearson_lower, clopper_pearson_upper

__all__ = [
    "Interval",
    "PairedMean",
    "PairedSummary",
    "PairedTable",
    "cases_needed",
    "cases_needed_for_margin",
    "cases_to_allow",
    "chance_to_show",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "cluster_sums",
    "fixes_needed",
    "holm",
    "mcnemar_exact_p",
    "mcnemar_mid_p",
    "more_to_bound",
    "more_to_clear",
    "more_to_show",
    "newcombe_interval",
    "non_inferior",
    "paired_mean",
    "paired_summary",
    "power_to_clear",
    "sign_flip_p",
    "smallest_fall",
    "tango_interval",
    "tango_lower_bound",
    "tango_statistic",
    "tango_upper_bound",
    "violations_allowed",
    "wilson_interval",
]
