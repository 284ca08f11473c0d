#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H
/*
 * Whether what is to be run fits into the memory that this process can have, looked at before it is
 * taken.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/error.h"

/* What the process can still take, and what sets the limit ("free memory", "ulimit -v"). */
struct cli_memory {
    uint64_t bytes; /* UINT64_MAX: unknown */
    const char *limit;
};

/* The least of the machine's available memory, the limits of the process, less the stacks of so
 * many more threads, and of its control groups. */
struct cli_memory cli_memory_available(uint64_t threads);

/* What this process has taken of memory at most so far, in bytes; 0: unknown. */
uint64_t cli_memory_peak(void);

/*
 * Whether `at_once` runs fit that are held at once, one of which takes what the largest of the
 * specifications takes, and so many threads besides the caller's. Called before there are threads:
 * where the address space has a limit, they will share a heap. False with SIM_ERR_SYSTEM and the
 * estimate when they do not.
 */
bool cli_memory_check(const struct net_spec *const *specs, uint32_t count, uint64_t at_once,
                      uint64_t threads, struct sim_err *err);

#endif
