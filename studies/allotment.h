#ifndef STUDIES_ALLOTMENT_H
#define STUDIES_ALLOTMENT_H
/*
 * The rule of thumb beside what Flink allots.
 *
 * An often quoted rule says that an exchange needs T = P x (B + F) buffers: parallelism x
 * (exclusive buffers a channel + floating buffers a gate). Flink counts otherwise: floating buffers
 * are per gate, and the output side has a pool of its own (SIZ-2, SIZ-4). And most of what is
 * allotted may never be used, because another limit stops the producer first.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/demand.h"
#include "sim/arena.h"
#include "sim/error.h"
#include "studies/diagnosis.h"
#include "studies/outcome.h"

/* Of one all-to-all edge; sizes are of one producer's partition and of one consumer's gate. */
struct study_allotment {
    uint32_t edge;
    uint32_t from;
    uint32_t to;
    int64_t channels;      /* of a gate: the parallelism P of the producers */
    int64_t subpartitions; /* of a partition */
    int64_t exclusive;     /* B as allotted a channel */
    int64_t floating;      /* F as allotted a gate */
    int64_t rule;          /* P x (B + F) */
    int64_t partition_required;
    int64_t partition_max;
    int64_t gate_exclusive; /* of the remote channels of the gate that has most of them */
    int64_t gate_max;       /* and its floating ones at most */
    double partition_used;  /* mean over time and producers, of all their outputs */
    int64_t partition_most; /* used at once by one producer */
    double gate_used;       /* of all inputs of a consumer */
    int64_t gate_most;
    enum study_limit limit; /* that stopped the producers */
    double limit_share;     /* of the time, in the subtask that it stopped most */
};

/* The vertex that has the pools of a chain: its first; of a vertex that is alone: itself. */
uint32_t study_lead_of(const struct net_spec *spec, uint32_t vertex);

/* The allotments of all all-to-all edges of the job, in their order; the array lives in the arena.
 * `outcome` may be one of a job that could not start. */
bool study_allotments(const struct study_outcome *outcome, struct sim_arena *arena,
                      struct study_allotment **allotments, uint32_t *count, struct sim_err *err);

#endif
