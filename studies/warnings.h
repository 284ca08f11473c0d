#ifndef STUDIES_WARNINGS_H
#define STUDIES_WARNINGS_H
/*
 * What to doubt in the numbers of a study, each with what would help.
 */
#include <stdint.h>

#include "sim/arena.h"
#include "studies/compare.h"
/* The code of a load that grows without end: its averages mean nothing. */
#define STUDY_WARNING_NEVER_SETTLES "never-settles"

struct study_warning {
    const char *code; /* stable, for programs: "few-replications" */
    const char *text; /* one sentence */
    const char *remedy;
};

struct study_warnings {
    struct study_warning *list;
    uint32_t count;
};

/*
 * Look at configuration `config`. Texts live in the arena. A job that could not start has none.
 */
void study_warnings_make(struct study_warnings *warnings, const struct study_compare *compare,
                         uint32_t config, struct sim_arena *arena);

#endif
