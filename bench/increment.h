#ifndef BENCH_INCREMENT_H
#define BENCH_INCREMENT_H
/*
 * The increments of the hold model, in nanoseconds, 10^9 for 1: what bench_w1 draws, and the
 * reference queues where the order of both is compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/dist.h"
#include "sim/draws.h"
#include "sim/random.h"
#include "sim/time.h"

enum increment_kind { INCREMENT_EXP, INCREMENT_BIMODAL, INCREMENT_TIES, INCREMENT_CONST };

static const char *const increment_names[] = {"exp", "bimodal", "ties", "const"};

struct increment {
    struct sim_dist mean_one;
    struct sim_draws exponential;
    struct sim_stream stream;
};

static inline void increment_start(struct increment *increment)
{
    increment->mean_one = (struct sim_dist){.kind = SIM_DIST_EXPONENTIAL, .a = 1e9};
    sim_stream_init_seed(&increment->exponential.stream, 12345);
    sim_draws_init(&increment->exponential, &increment->mean_one);
    sim_stream_init_seed(&increment->stream, 12345);
}

static inline sim_time increment_draw(struct increment *increment, enum increment_kind kind)
{
    switch (kind) {
    case INCREMENT_EXP:
        return sim_draws_take(&increment->exponential);
    case INCREMENT_BIMODAL: {
        double near = 0.95238e9 * sim_stream_uniform(&increment->stream);
        bool is_far = sim_stream_uniform(&increment->stream) >= 0.9;
        return (sim_time)(is_far ? 9.5238e9 + near : near);
    }
    case INCREMENT_TIES:
        return (1 + (sim_time)(sim_stream_bits(&increment->stream) & 7)) * SIM_S;
    case INCREMENT_CONST:
        break;
    }
    return SIM_S;
}

/* Ends the program when there is none of that name. */
static inline enum increment_kind increment_named(const char *name)
{
    for (int i = INCREMENT_EXP; i <= INCREMENT_CONST; i++) {
        if (strcmp(name, increment_names[i]) == 0) {
            return (enum increment_kind)i;
        }
    }
    fprintf(stderr, "no such increment: %s\n", name);
    exit(2);
}

#endif
