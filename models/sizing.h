#ifndef MODELS_SIZING_H
#define MODELS_SIZING_H
/*
 * From configuration to numbers of buffers: what a result partition and an input gate ask of the
 * global pool (rules SIZ-2 to SIZ-6, SIZ-9, BAT-1 to BAT-3).
 *
 * Everything a stream job has is of type NET_TYPE_PIPELINED_BOUNDED; the other types stand here
 * for the sake of the sizes alone. Mirrors NettyShuffleUtils, InputGateSpecUtils and
 * ResultPartitionFactory.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/error.h"

/* ResultPartitionType */
enum net_partition_type {
    NET_TYPE_BLOCKING,
    NET_TYPE_BLOCKING_PERSISTENT,
    NET_TYPE_PIPELINED,
    NET_TYPE_PIPELINED_BOUNDED,
    NET_TYPE_PIPELINED_APPROXIMATE,
    NET_TYPE_HYBRID_FULL,
    NET_TYPE_HYBRID_SELECTIVE,
};

/* What only partitions of batch jobs depend on. */
struct net_batch_config {
    int64_t sort_min_parallelism; /* taskmanager.network.sort-shuffle.min-parallelism */
    int64_t sort_min_buffers;     /* taskmanager.network.sort-shuffle.min-buffers */
    bool is_tiered;               /* kept by tiered storage, as 2.x keeps hybrid partitions */
    int64_t tier_guaranteed;      /* sum of the tiers' guaranteed buffers: memory 100, disk 1 */
};

/* Flink's defaults: 1, 512, not tiered, 101. */
void net_batch_config_init(struct net_batch_config *batch);

/* The local pool of a result partition. */
struct net_partition_size {
    int64_t required;
    int64_t max;                  /* INT32_MAX: unbounded */
    int64_t max_per_subpartition; /* M */
    int64_t max_overdraft;        /* 0 for types without (SIZ-5) */
};

/* The local pool of an input gate, and what its channels take beside it. */
struct net_gate_size {
    int64_t required;              /* guaranteed when every channel is remote */
    int64_t configured;            /* P B + F: all that it may hold when every channel is remote */
    int64_t exclusive_per_channel; /* of every remote channel */
    int64_t floating_min;          /* required size of the pool, at least 1 */
    int64_t floating_max;          /* maximum of the pool */
};

/* Size of the pool of a partition with `subpartitions` subpartitions, at least 1 (SIZ-2, SIZ-5).
 * `batch` may be NULL for a pipelined type. */
void net_size_partition(const struct net_config *config, const struct net_batch_config *batch,
                        enum net_partition_type type, int64_t subpartitions,
                        struct net_partition_size *size);

/*
 * Size of a gate with `channels` channels (SIZ-4). Fails with Flink's exception when there is no
 * channel or no floating buffer is left: code SIM_ERR_INPUT, the class in err->file, the message in
 * err->text. `batch` as above.
 */
bool net_size_gate(const struct net_config *config, const struct net_batch_config *batch,
                   enum net_partition_type type, int64_t channels, struct net_gate_size *size,
                   struct sim_err *err);

/* One gate or partition of a task, for net_size_announce(). */
struct net_announced {
    enum net_partition_type type;
    int64_t channels; /* or subpartitions */
    int64_t times;    /* gates alike: consumers of one partition that is reused; 1 otherwise */
};

/*
 * Buffers that a task announces to fine-grained resource management (SIZ-9). Fails as Flink does
 * (see net_size_gate()) when a partition is unbounded and may not be announced.
 */
bool net_size_announce(const struct net_config *config, const struct net_batch_config *batch,
                       const struct net_announced *gates, uint32_t gate_count,
                       const struct net_announced *partitions, uint32_t partition_count,
                       int64_t *buffers, struct sim_err *err);

#endif
