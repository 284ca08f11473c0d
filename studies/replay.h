#ifndef STUDIES_REPLAY_H
#define STUDIES_REPLAY_H
/*
 * Replay of recorded behaviour: the model does what Flink's own classes did, operation by
 * operation, and has to say the same.
 *
 * After each operation the result, the events in their order and every changed line of state are
 * compared; the replay stops at the first difference. Traces of normal use are audited as well.
 * tests/reference/pool/README.md tells what the traces are and how they came about.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/text.h"

/* What both sides said to one operation: lines with their ends. */
struct study_replay_sides {
    struct sim_text expected; /* the trace */
    struct sim_text got;      /* the model */
};

/* Starts as {0}; study_replay_report_finish() frees it. */
struct study_replay_report {
    char path[256];
    char kind[32];
    char profile[32]; /* empty where the trace names none */
    bool agrees;
    uint64_t operations; /* that agreed */

    /* The first difference; 0 stands for the state before the first operation. */
    uint64_t operation;
    uint32_t line; /* of the operation in the file */
    struct sim_text call;
    struct study_replay_sides result;
    struct study_replay_sides events;
    struct study_replay_sides state;
    char audit[256]; /* the invariant that is broken, if that is the difference */
};

/*
 * Replay one file. True when it was followed, to its end or to the first difference (see
 * report->agrees); false with SIM_ERR_INPUT and the line when the file is malformed, and with
 * SIM_ERR_SYSTEM when it cannot be read. The report is overwritten; it may be one of an earlier
 * replay.
 */
bool study_replay_file(const char *path, struct study_replay_report *report, struct sim_err *err);
void study_replay_report_finish(struct study_replay_report *report);

/* Append the report for people: one line when the trace agrees, else the operation and what both
 * sides said, in columns where that fits into 80. */
void study_replay_format(const struct study_replay_report *report, struct sim_text *text);

#endif
