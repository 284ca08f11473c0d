#ifndef STUDIES_SIZE_H
#define STUDIES_SIZE_H
/*
 * How many network buffers a job needs, and whether it starts: the demand of a scenario
 * (models/demand.h) as a report, with the rule of thumb P x (B + F) and the Kubernetes operator's
 * autoscaler beside it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "models/demand.h"
#include "models/spec.h"
#include "sim/arena.h"
#include "sim/error.h"

/* What a quick look without a scenario assumes: one producing and one consuming vertex. */
struct study_size_quick {
    struct net_config config;
    uint32_t producers;
    uint32_t consumers;
    enum net_partition_kind partition;
    uint32_t slots; /* of each task manager; there are as many as the job needs */
    bool has_slot_sharing;
};

struct study_size {
    const struct net_spec *spec; /* borrowed */
    struct net_demand demand;
    int64_t rule_of_thumb;    /* P x (B + F) of the widest exchange, in segments */
    int64_t autoscaler_bytes; /* network memory of a task manager */
    struct sim_err refusal;   /* what Flink says when the job does not start */
};

enum study_size_format {
    STUDY_SIZE_TABLE, /* for people, at most 80 columns */
    STUDY_SIZE_MD,    /* the same as Markdown */
    STUDY_SIZE_CSV,   /* scope,vertex,index,peer,metric,value */
    STUDY_SIZE_JSON,
};

/* A scenario for a quick look, in the arena. Its edge must not have weights. */
struct net_spec *study_size_quick_spec(const struct study_size_quick *quick,
                                       struct sim_arena *arena);

/* Work out the sizes of a scenario, which must outlive the result; fails as net_demand_make(). */
bool study_size_make(struct study_size *size, const struct net_spec *spec, struct sim_arena *arena,
                     struct sim_err *err);

void study_size_print(const struct study_size *size, enum study_size_format format, FILE *out);

/* Segments that a pool is guaranteed, and that it may hold at most, exclusive ones included. */
int64_t study_size_required(const struct net_pool_demand *pool);
int64_t study_size_maximum(const struct net_pool_demand *pool);

/* P x B + F, what the configuration speaks of, and P x (B + F), what the rule of thumb makes of it.
 */
int64_t study_size_configured(const struct net_config *config, uint32_t channels);
int64_t study_size_rule_of_thumb(const struct net_config *config, uint32_t channels);

/* Bytes of so many segments; INT64_MAX when they are too many to say. */
int64_t study_size_bytes(const struct study_size *size, int64_t segments);

#endif
