#ifndef MODELS_DEBLOAT_H
#define MODELS_DEBLOAT_H
/*
 * Buffer debloating of one input gate: how fast data comes in, and how large buffers should be so
 * that all that is under way is consumed within a target time.
 *
 * Mirrors ThroughputCalculator, BufferSizeEMA and BufferDebloater (rules DBL-2 to DBL-5, DBL-9),
 * with Java's arithmetic: 64-bit integers, doubles that are cut or rounded where Flink does, time
 * in whole milliseconds. When to recalculate and whom to tell is up to the caller (DBL-1, DBL-6).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/time.h"

/* Throughput of a gate (DBL-2). Starts as {0}. */
struct net_throughput {
    int64_t bytes;         /* since the last calculation */
    int64_t measured_ms;   /* active time since then, up to `since_ms` */
    int64_t since_ms;      /* while it runs */
    bool is_running;       /* the gate has data */
    int64_t bytes_per_sec; /* of the last calculation that had time */
};

/* Bytes came in; time runs from now on. */
void net_throughput_add(struct net_throughput *throughput, int64_t bytes, sim_time now);

/* A poll found nothing: time stops. A poll found something: it runs. */
void net_throughput_pause(struct net_throughput *throughput, sim_time now);
void net_throughput_resume(struct net_throughput *throughput, sim_time now);

/* Bytes per second of active time since the last calculation; the last value when there was no such
 * time. Starts anew. */
int64_t net_throughput_calculate(struct net_throughput *throughput, sim_time now);

struct net_debloater_params {
    enum net_version version; /* how sizes are rounded (DBL-3) */
    int64_t target_ms;        /* taskmanager.network.memory.buffer-debloat.target */
    int32_t starting_size;    /* the segment size in F120, DBL-9 */
    int32_t max_size;         /* the segment size */
    int32_t min_size;
    int32_t threshold_percent;
    int64_t samples;
};

struct net_debloater {
    struct net_debloater_params params;
    double average;         /* DBL-3: `last` */
    int32_t announced_size; /* DBL-5 */
    int64_t estimated_ms;   /* DBL-4: to consume what is in use, at the last calculation */
};

void net_debloater_init(struct net_debloater *debloater, const struct net_debloater_params *params);

/*
 * Calculate the buffer size from the throughput (at least 0) and the buffers in use of all channels
 * (DBL-3, DBL-4). Returns the size to announce, or 0 when it is too near the last one (DBL-5). A
 * total that 64 bits do not hold counts as the largest that they do (Flink's is wrong there).
 */
int32_t net_debloater_recalculate(struct net_debloater *debloater, int64_t bytes_per_sec,
                                  int64_t buffers_in_use);

/* The parts of it: bytes that should be under way, and the next average, as a buffer size. */
int64_t net_debloater_desired_bytes(const struct net_debloater *debloater, int64_t bytes_per_sec);
int32_t net_debloater_next_size(struct net_debloater *debloater, int64_t desired_bytes,
                                int32_t buffers);

#endif
