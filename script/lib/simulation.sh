# Which faults the engine must survive. Sourced, not run.
survived_faults=all,-http-401,-http-403,-http-404,-http-410,-http-412,-client-suspended,-server-skew
