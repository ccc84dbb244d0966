"""The bounds that keep a hostile expression short: sizes, depths, steps and processor time."""

TEXT_LENGTH = 100_000
"""Characters of one expression."""

TOKENS = 30_000
"""Words, numbers, strings and signs of one expression."""

NESTING = 100
"""Levels of the syntax tree: brackets in brackets, operators on operators."""

CALLS = 100
"""Functions that may be waiting for one another at the same time."""

STEPS = 2_000_000
"""Syntax nodes evaluated in one evaluation."""

SECONDS = 0.2
"""Processor time of one evaluation; the clock is read each `CLOCK_STEPS` steps."""

CLOCK_STEPS = 1_000

LIST_LENGTH = 200_000
"""Items of a list, and parts of a value that leaves the evaluation."""

STRING_LENGTH = 1_000_000
"""Characters of a string."""

VALUE_DEPTH = 60
"""Lists and contexts inside one another."""

CACHED = 2_048
"""Parsed expressions that are kept."""

CACHED_LENGTH = 2_000
"""Characters of an expression that is kept; a longer one is parsed each time."""
