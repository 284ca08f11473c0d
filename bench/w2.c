/*
 * W2, M/M/1: arrivals at rate 0.9, service at rate 1, one server, first in first out, no limit.
 *
 * usage: bench_w2 CUSTOMERS
 *
 * Prints nanoseconds per customer (an arrival and a departure each), and the mean time in the
 * system, which must be near 10.
 */
#include <math.h>

#include "bench/fifo.h"
#include "bench/harness.h"
#include "sim/arena.h"
#include "sim/dist.h"
#include "sim/draws.h"
#include "sim/sim.h"

/* More than ever are there at the same time: 0.9 to the power of this is nothing. */
#define MOST_PRESENT (1u << 12)

struct system {
    struct sim_draws gaps;
    struct sim_draws services;
    struct fifo present;
    sim_time *came; /* when each of them came */
    sim_event arrival;
    sim_event departure;
    uint64_t left;
    uint64_t wanted;
    sim_time in_system;
};

static void on_arrival(struct sim *sim, void *owner)
{
    struct system *system = owner;
    sim_time now = sim_now(sim);
    system->came[fifo_push(&system->present)] = now;
    sim_event_again(sim, now + sim_draws_take(&system->gaps));
    if (fifo_count(&system->present) == 1) {
        sim_event_schedule(sim, system->departure, now + sim_draws_take(&system->services));
    }
}

static void on_departure(struct sim *sim, void *owner)
{
    struct system *system = owner;
    sim_time now = sim_now(sim);
    system->in_system += now - system->came[fifo_pop(&system->present)];
    if (fifo_count(&system->present) > 0) {
        sim_event_again(sim, now + sim_draws_take(&system->services));
    }
    if (++system->left == system->wanted) {
        sim_stop(sim);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench_w2 CUSTOMERS\n");
        return 2;
    }
    const struct sim_dist gap = {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9 / 0.9};
    const struct sim_dist service = {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9};
    struct system system = {
        .present = fifo_for(MOST_PRESENT),
        .wanted = bench_count(argv[1]),
    };
    struct sim *sim = sim_create();
    struct sim_arena *arena = sim_arena_create();
    system.came = sim_arena_alloc(arena, fifo_size(&system.present), sizeof *system.came);
    sim_stream_init(&system.gaps.stream, 42, 0, "w2", "arrivals");
    sim_stream_init(&system.services.stream, 42, 0, "w2", "service");
    sim_draws_init(&system.gaps, &gap);
    sim_draws_init(&system.services, &service);
    system.arrival = sim_event_create(sim, 1, 0, on_arrival, &system);
    system.departure = sim_event_create(sim, 0, 0, on_departure, &system);
    sim_event_schedule(sim, system.arrival, sim_draws_take(&system.gaps));

    double began = bench_seconds();
    sim_run(sim, SIM_TIME_MAX);
    double took = bench_seconds() - began;

    double customers = (double)system.left;
    double mean = (double)system.in_system * 1e-9 / customers;
    bench_check(system.left == system.wanted, "all customers left", customers);
    /* Four standard errors: 0.1 at 10^6. */
    bench_check(fabs(mean - 10) < 0.4 * sqrt(1e6 / customers), "mean time in system near 10", mean);
    printf("w2 ns/customer %.2f mean_sys %.4f\n", took / customers * 1e9, mean);
    sim_destroy(sim);
    sim_arena_destroy(arena);
    return 0;
}
