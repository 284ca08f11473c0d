#ifndef TESTS_SUPPORT_QUEUES_TANDEM_H
#define TESTS_SUPPORT_QUEUES_TANDEM_H
/*
 * Two stations in a row with limited room and blocking after service.
 *
 * Customers come at random (Poisson) and are lost when station 1 is full. One who is done at
 * station 1 moves on when station 2 has room; else it keeps server 1, which is blocked until then.
 * Services are exponential, so the whole is a Markov chain.
 */
#include <stdint.h>

#include "sim/time.h"

struct tandem_params {
    sim_time arrival_mean;
    sim_time service_mean[2];
    uint32_t capacity[2]; /* waiting, in service and blocked; at least 1 */
    sim_time warm_up;
    sim_time duration; /* after the warm-up */
    uint64_t seed;
    uint64_t replication;
};

/* Means over time after the warm-up. */
struct tandem_result {
    double number[2];
    double blocked;    /* share of time */
    double throughput; /* customers that leave station 2, per ns */
};

struct tandem_result tandem_run(const struct tandem_params *params);

#endif
