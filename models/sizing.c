#include "models/sizing.h"

#include <stddef.h>
#include <stdio.h>

#define UNBOUNDED INT32_MAX
#define BATCH_GATE_LIMIT 1000 /* of required buffers, BAT-3 */
#define SORT_FACTOR 4         /* buffers a subpartition of a sorted partition, BAT-1 */

void net_batch_config_init(struct net_batch_config *batch)
{
    *batch = (struct net_batch_config){
        .sort_min_parallelism = 1,
        .sort_min_buffers = 512,
        .is_tiered = false,
        .tier_guaranteed = 101,
    };
}

static bool is_blocking(enum net_partition_type type)
{
    return type == NET_TYPE_BLOCKING || type == NET_TYPE_BLOCKING_PERSISTENT;
}

static bool is_hybrid(enum net_partition_type type)
{
    return type == NET_TYPE_HYBRID_FULL || type == NET_TYPE_HYBRID_SELECTIVE;
}

static bool is_bounded(enum net_partition_type type)
{
    return type == NET_TYPE_PIPELINED_BOUNDED || type == NET_TYPE_PIPELINED_APPROXIMATE;
}

static int64_t min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void net_size_partition(const struct net_config *config, const struct net_batch_config *batch,
                        enum net_partition_type type, int64_t subpartitions,
                        struct net_partition_size *size)
{
    bool is_sorted = is_blocking(type) && subpartitions >= batch->sort_min_parallelism;
    bool is_tiered = batch != NULL && batch->is_tiered;
    int64_t required = subpartitions + 1;
    int64_t max = UNBOUNDED;
    /* SIZ-2 */
    if (is_sorted) {
        required = batch->sort_min_buffers;
    } else if (is_tiered) {
        required = min_i64(batch->tier_guaranteed, required); /* BAT-2 */
    }
    if (is_sorted) {
        max = SORT_FACTOR * subpartitions; /* BAT-1 */
    } else if (is_bounded(type)) {
        max = subpartitions * config->buffers_per_channel + config->floating_buffers_per_gate;
    }
    bool has_overdraft = type == NET_TYPE_PIPELINED || type == NET_TYPE_PIPELINED_BOUNDED;
    if (config->transport == NET_TRANSPORT_TCP && is_bounded(type)) {
        *size = (struct net_partition_size){/* LEG-1, LEG-5 */
                                            .required = subpartitions,
                                            .max = max_i64(subpartitions, max),
                                            .max_per_subpartition = UNBOUNDED,
                                            .max_overdraft = 0};
        return;
    }
    *size = (struct net_partition_size){
        .required = required,
        .max = max_i64(required, max), /* SIZ-3 */
        .max_per_subpartition = config->max_buffers_per_channel,
        .max_overdraft = has_overdraft ? config->max_overdraft_per_gate : 0, /* SIZ-5 */
    };
}

static bool fail(struct sim_err *err, const char *exception, const char *message)
{
    return sim_err_set_at(err, SIM_ERR_INPUT, exception, 0, 0, "%s", message);
}

/* The most that a gate may require (SIZ-4). */
static int64_t gate_limit(const struct net_config *config, const struct net_batch_config *batch,
                          enum net_partition_type type)
{
    if (config->required_per_gate_max != NET_UNSET) {
        return config->required_per_gate_max;
    }
    bool is_unlimited = type == NET_TYPE_PIPELINED || type == NET_TYPE_PIPELINED_BOUNDED ||
                        (is_hybrid(type) && !batch->is_tiered);
    return is_unlimited ? INT32_MAX : BATCH_GATE_LIMIT;
}

bool net_size_gate(const struct net_config *config, const struct net_batch_config *batch,
                   enum net_partition_type type, int64_t channels, struct net_gate_size *size,
                   struct sim_err *err)
{
    if (channels < 1) {
        return fail(err, "IllegalArgumentException", "Must be positive.");
    }
    if (config->transport == NET_TRANSPORT_TCP && is_bounded(type)) {
        int64_t most = channels * config->buffers_per_channel + config->floating_buffers_per_gate;
        most = max_i64(channels, most);
        *size = (struct net_gate_size){/* LEG-1 */
                                       .required = channels,
                                       .configured = most,
                                       .exclusive_per_channel = 0,
                                       .floating_min = channels,
                                       .floating_max = most};
        return true;
    }
    /* SIZ-4 */
    int64_t target = channels * config->buffers_per_channel + 1;
    int64_t total = channels * config->buffers_per_channel + config->floating_buffers_per_gate;
    int64_t required = min_i64(gate_limit(config, batch, type), target);
    if (required < 1) {
        return fail(err, "IllegalArgumentException", "Require at least 1 buffer per gate.");
    }
    int64_t exclusive = min_i64(config->buffers_per_channel, (required - 1) / channels);
    int64_t floating_min = required - exclusive * channels;
    int64_t floating_max = total - exclusive * channels;
    if (floating_max < floating_min) {
        return fail(err, "IllegalStateException", "Wrong number of floating buffers.");
    }
    *size = (struct net_gate_size){
        .required = required,
        .configured = total,
        .exclusive_per_channel = exclusive,
        .floating_min = floating_min,
        .floating_max = floating_max,
    };
    return true;
}

static const char *const type_names[] = {
    [NET_TYPE_BLOCKING] = "BLOCKING",
    [NET_TYPE_BLOCKING_PERSISTENT] = "BLOCKING_PERSISTENT",
    [NET_TYPE_PIPELINED] = "PIPELINED",
    [NET_TYPE_PIPELINED_BOUNDED] = "PIPELINED_BOUNDED",
    [NET_TYPE_PIPELINED_APPROXIMATE] = "PIPELINED_APPROXIMATE",
    [NET_TYPE_HYBRID_FULL] = "HYBRID_FULL",
    [NET_TYPE_HYBRID_SELECTIVE] = "HYBRID_SELECTIVE",
};

bool net_size_announce(const struct net_config *config, const struct net_batch_config *batch,
                       const struct net_announced *gates, uint32_t gate_count,
                       const struct net_announced *partitions, uint32_t partition_count,
                       int64_t *buffers, struct sim_err *err)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < gate_count; i++) {
        struct net_gate_size size = {0};
        if (!net_size_gate(config, batch, gates[i].type, gates[i].channels, &size, err)) {
            return false;
        }
        sum += size.configured * gates[i].times;
    }
    for (uint32_t i = 0; i < partition_count; i++) {
        struct net_partition_size size;
        net_size_partition(config, batch, partitions[i].type, partitions[i].channels, &size);
        /* SIZ-9: what is not pipelined makes do with its minimum */
        int64_t announced = is_blocking(partitions[i].type) ? size.required : size.max;
        if (announced == UNBOUNDED) {
            char message[128];
            snprintf(message, sizeof message,
                     "Illegal to announce network memory requirement as Integer.MAX_VALUE, "
                     "partition type: %s",
                     type_names[partitions[i].type]);
            return fail(err, "IllegalArgumentException", message);
        }
        sum += announced * partitions[i].times;
    }
    *buffers = sum;
    return true;
}
