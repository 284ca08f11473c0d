#ifndef MODELS_MEMORY_H
#define MODELS_MEMORY_H
/*
 * From memory configuration to network memory and its number of segments (rules MEM-1 to MEM-12,
 * CFG-2), byte for byte as Flink's start scripts compute it.
 *
 * Fractions are 32-bit floats in Flink; a share of a size is the exact product of the size and the
 * shortest decimal of the fraction as a double, cut to whole bytes (MEM-6), so that a tenth of 1
 * GiB is 107374184 bytes. Mirrors ProcessMemoryUtils, TaskExecutorFlinkMemoryUtils, RangeFraction
 * and NettyShuffleEnvironmentConfiguration.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/error.h"

/* What decided a size. */
enum net_memory_bound {
    NET_BOUND_FRACTION, /* the share, within its limits */
    NET_BOUND_MIN,      /* its lower limit */
    NET_BOUND_MAX,      /* its upper limit */
    NET_BOUND_REST,     /* what the other parts leave */
    NET_BOUND_COUNT,    /* taskmanager.network.numberOfBuffers */
    NET_BOUND_LOCAL,    /* a mini cluster's fixed size */
};

/* The memory of a task manager, in bytes. */
struct net_memory {
    int64_t process; /* NET_UNSET for a mini cluster, as flink, metaspace and overhead */
    int64_t flink;
    int64_t framework_heap;
    int64_t framework_off_heap;
    int64_t task_heap;
    int64_t task_off_heap;
    int64_t managed;
    int64_t network;
    int64_t metaspace;
    int64_t overhead;
    enum net_memory_bound network_bound;
    enum net_memory_bound overhead_bound;
    int64_t segment_size;
    int64_t segments; /* N */
};

/*
 * Derive all parts. Fails where Flink would: code SIM_ERR_INPUT, the class of the exception in
 * err->file, its message in err->text.
 */
bool net_memory_derive(const struct net_config *config, struct net_memory *memory,
                       struct sim_err *err);

/*
 * Flink's spelling of a size in messages, "64.000mb (67108864 bytes)" or "0 bytes"
 * (MemorySize.toHumanReadableString). Writes at most `size` bytes, zero included.
 */
void net_memory_format(char *buffer, size_t size, int64_t bytes);

/* size x factor, cut to whole bytes (MEM-6); false when that is no 64-bit number. Neither may be
 * negative. */
bool net_memory_multiply(int64_t size, double factor, int64_t *product);

#endif
