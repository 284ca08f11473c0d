#ifndef TESTS_SUPPORT_QUEUES_STATION_H
#define TESTS_SUPPORT_QUEUES_STATION_H
/*
 * One station with a queue, first come first served: G/G/c/K. The textbook queues M/M/1, M/D/1,
 * M/G/1, M/M/1/K, M/M/c and D/D/1 are this one with different distributions, servers and capacity.
 */
#include <stdint.h>

#include "sim/dist.h"
#include "sim/time.h"

struct station_params {
    struct sim_dist arrivals; /* time between two arrivals; the first comes after one such time */
    struct sim_dist service;
    uint32_t servers;  /* at least 1 */
    uint32_t capacity; /* customers waiting and in service; 0: no limit. Others are lost. */
    sim_time warm_up;  /* what happens before it is not counted */
    sim_time duration; /* after the warm-up */
    uint64_t seed;
    uint64_t replication;
};

/* What was seen after the warm-up. Customers count when they leave. */
struct station_result {
    double number;       /* mean over time of customers in the station */
    double busy;         /* mean over time of servers at work */
    double sojourn;      /* mean from arrival to departure, ns */
    double waiting;      /* mean from arrival to begin of service, ns */
    double waited_share; /* of the customers that left, those who had to wait */
    double lost_share;   /* of the customers that came, those who found it full */
    sim_time sojourn_min;
    sim_time sojourn_p50;
    sim_time sojourn_p99;
    sim_time sojourn_max;
    uint64_t left;
};

struct station_result station_run(const struct station_params *params);

#endif
