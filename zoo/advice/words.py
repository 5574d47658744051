"""The words in which the two questions of a rule are answered."""

SIMILAR, DISSIMILAR = "similar", "dissimilar"

MUCH, LITTLE = "much", "little"

BETWEEN, UNKNOWN = "between", "not known"
"""Near the line, and not measured: a rule that needs the answer then gives no advice."""
