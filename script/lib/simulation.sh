# Which faults the engine must survive. Sourced, not run.
survived_faults=all,-http-401,-http-403,-http-404,-http-410,-http-412,-client-suspended,-server-skew,-server-clock-jump
# How many seeds every run of the tests simulates: always the same ones, so that a run that fails, fails again.
simulated_seeds=60
