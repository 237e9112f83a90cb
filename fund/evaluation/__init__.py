"""Self-evaluation of a programme: versioned forms, weights, scores, grade. Pure: no database, no Flask."""

from fund.evaluation.appraisal import BlockResult, Deduction, Evaluation, Problem, RowResult, evaluate
from fund.evaluation.scoring import (
    BANDS_2017,
    BANDS_2020,
    REVERSE_LINEAR,
    REVERSE_RATIO,
    Execution,
    band_limits,
    completion,
    execution_score,
    grade_of,
    score_band,
    score_quantitative,
)
from fund.evaluation.versions import FORMS, Block, FormVersion, form_for_year
from fund.evaluation.weighting import split_weight

__all__ = [
    "BANDS_2017",
    "BANDS_2020",
    "FORMS",
    "REVERSE_LINEAR",
    "REVERSE_RATIO",
    "Block",
    "BlockResult",
    "Deduction",
    "Evaluation",
    "Execution",
    "FormVersion",
    "Problem",
    "RowResult",
    "band_limits",
    "completion",
    "evaluate",
    "execution_score",
    "form_for_year",
    "grade_of",
    "score_band",
    "score_quantitative",
    "split_weight",
]
