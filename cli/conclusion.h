#ifndef CLI_CONCLUSION_H
#define CLI_CONCLUSION_H
/*
 * From what was run to what is told about it: the bottleneck, what Flink allots, the scenario as it
 * was run. The same for every verb that writes result folders.
 */
#include "sim/arena.h"
#include "sim/text.h"
#include "studies/compare.h"
#include "studies/result.h"

struct cli_conclusion {
    struct study_diagnosis diagnosis;
    struct sim_text resolved; /* the scenario with every default */
    struct study_result result;
};

/*
 * Conclude about one configuration; what is made lives in the arena and in *conclusion, which the
 * caller ends by cli_conclusion_finish(), whatever came out.
 */
bool cli_conclusion_make(struct cli_conclusion *conclusion, const struct study_compare *compare,
                         uint32_t config, struct sim_arena *arena, struct sim_err *err);
void cli_conclusion_finish(struct cli_conclusion *conclusion);

#endif
