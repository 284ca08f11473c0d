#ifndef STUDIES_SIZE_TABLE_H
#define STUDIES_SIZE_TABLE_H
/*
 * Tables that Flink's own sizing classes computed, recomputed row by row: result partitions, input
 * gates, announced buffers, memory, and defaults. The columns of the first line tell which table it
 * is; tests/reference/pool/README.md tells how they came about.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/error.h"

struct study_size_table {
    const char *kind; /* "partition", "gate", "announce", "memory" or "defaults" */
    uint64_t rows;    /* that agreed */
    bool agrees;

    /* The first difference. */
    uint32_t line;
    char column[64];
    char expected[1400];
    char got[1400];
};

/*
 * Recompute a table of that version, to its end or to the first difference (see table->agrees).
 * False with SIM_ERR_INPUT and the line when it is no such table, and with SIM_ERR_SYSTEM when it
 * cannot be read.
 */
bool study_size_table_check(const char *path, enum net_version version,
                            struct study_size_table *table, struct sim_err *err);

#endif
