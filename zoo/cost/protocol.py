"""Every threshold of the measuring protocol."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Protocol:
    """How long to warm up, how to cut rounds, when to stop, what to flag.

    The reasons for the values stand in docs/measuring.md#warm-up-and-intervals.

    Attributes
    ----------
    cohort_size : int
        Models beside the anchor; more would stretch a round over slow drifts of the machine.
    warmup_iterations, warmup_agreement, warmup_s : int, float, float
        Warm when two successive medians of so many iterations agree within the fraction; at most so long.
    min_rounds, max_rounds : int
        Eight rounds are the fewest whose order statistics bound a median at 99%; the most bounds a
        model that never settles even where the budget would let it go on.
    least_rounds, overtime : int, float
        The fewest rounds whose median has an interval: a cohort goes on for those that have fewer, beyond its budget,
        up to so many times the budget.
    min_iterations, min_round_s, round_s : int, float, float
        A round lasts until it has so many iterations and seconds, and ends at ``round_s`` in any case
        (after its first iteration).
    process_calls : int
        Calls of a round's new process after its first and before the one unrecorded call of any round, at
        most, none where the first took ``round_s``, and no more once they took that.
    target_half_width : float
        Stop at this half-width of the interval, as a fraction of the median.
    cohort_budget_s : float
        Rounds of one cohort at one setting; what is not resolved by then ends as ``unconverged``.
    start_timeout_s, call_timeout_s : float
        A worker that takes longer to start, or to answer beyond what its calls should take, is hung.
    read_state_s : float
        After each round on a GPU, calls for about so long during which its state is read and nothing is timed.
    compared_images, compared_s : int, float
        Images at most whose first class is compared with that of fp32, and seconds after which no more are called.
    worker_memory : float
        Fraction of the machine's memory that a worker may fill, so that a model that exhausts it fails
        alone.
    pressure, steal, drift, autocorrelation, launch_ratio : float
        Flags: share of time in which something waited for a core, share stolen by the hypervisor, change of the
        anchor from first to last third, lag-1 autocorrelation of rounds, wall over device time.
    """

    cohort_size: int = 5
    warmup_iterations: int = 5
    warmup_agreement: float = 0.05
    warmup_s: float = 30.0
    min_rounds: int = 8
    max_rounds: int = 64
    least_rounds: int = 6
    overtime: float = 2.0
    min_iterations: int = 5
    min_round_s: float = 0.1
    round_s: float = 0.5
    process_calls: int = 1
    target_half_width: float = 0.02
    cohort_budget_s: float = 90.0
    start_timeout_s: float = 120.0
    call_timeout_s: float = 60.0
    read_state_s: float = 0.05
    compared_images: int = 200
    compared_s: float = 10.0
    worker_memory: float = 0.7
    pressure: float = 0.05
    steal: float = 0.01
    drift: float = 0.05
    autocorrelation: float = 0.5
    launch_ratio: float = 1.2
