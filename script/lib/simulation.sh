# Which faults the engine must survive. Sourced, not run.
survived_faults=all
