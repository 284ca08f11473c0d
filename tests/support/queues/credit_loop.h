#ifndef TESTS_SUPPORT_QUEUES_CREDIT_LOOP_H
#define TESTS_SUPPORT_QUEUES_CREDIT_LOOP_H
/*
 * A closed credit loop: a producer may send while it has credits; each message takes one along over
 * the link, the consumer works on the messages one by one, and the credit goes back over the link.
 *
 * As a closed queueing network: two single servers (exponential) and the link's two ways, delays
 * without a queue, with as many customers as credits.
 */
#include <stdint.h>

#include "sim/time.h"

struct credit_loop_params {
    uint32_t credits;
    sim_time produce_mean; /* exponential */
    sim_time consume_mean; /* exponential */
    sim_time latency;      /* one way, constant */
    sim_time warm_up;
    sim_time duration; /* after the warm-up */
    uint64_t seed;
    uint64_t replication;
};

/* Means over time after the warm-up. */
struct credit_loop_result {
    double throughput;     /* messages consumed, per ns */
    double producer_holds; /* credits at the producer, the one at work included */
    double consumer_holds; /* messages at the consumer, the one at work included */
};

struct credit_loop_result credit_loop_run(const struct credit_loop_params *params);

#endif
