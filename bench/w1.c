/*
 * W1, the hold model: N pending events; take the earliest, put it back an increment later.
 *
 * usage: bench_w1 EVENTS HOLDS [exp|bimodal|ties|const]
 *
 * Prints nanoseconds per hold, the increment's cost included, after as many unmeasured
 * holds, and a hash of the order in which the events left.
 */
#include "bench/harness.h"
#include "bench/increment.h"
#include "sim/sim.h"

struct hold {
    struct increment increment;
    uint64_t left;
    uint64_t order;
};

static inline void take(struct sim *sim, struct hold *hold, enum increment_kind kind)
{
    sim_event event = sim_event_firing(sim);
    hold->order = (hold->order ^ event) * 0x9e3779b97f4a7c15u;
    sim_event_again(sim, sim_now(sim) + increment_draw(&hold->increment, kind));
    if (--hold->left == 0) {
        sim_stop(sim);
    }
}

static void on_exp(struct sim *sim, void *owner)
{
    take(sim, owner, INCREMENT_EXP);
}

static void on_bimodal(struct sim *sim, void *owner)
{
    take(sim, owner, INCREMENT_BIMODAL);
}

static void on_ties(struct sim *sim, void *owner)
{
    take(sim, owner, INCREMENT_TIES);
}

static void on_const(struct sim *sim, void *owner)
{
    take(sim, owner, INCREMENT_CONST);
}

static const sim_event_fn handlers[] = {on_exp, on_bimodal, on_ties, on_const};

static double hold_for(struct sim *sim, struct hold *hold, uint64_t holds)
{
    hold->left = holds;
    double began = bench_seconds();
    sim_run(sim, SIM_TIME_MAX);
    double took = bench_seconds() - began;
    bench_check(hold->left == 0, "all holds happened", (double)hold->left);
    return took / (double)holds * 1e9;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: bench_w1 EVENTS HOLDS [exp|bimodal|ties|const]\n");
        return 2;
    }
    uint64_t events = bench_count(argv[1]);
    uint64_t holds = bench_count(argv[2]);
    enum increment_kind kind = increment_named(argc > 3 ? argv[3] : "exp");
    struct hold hold = {0};
    struct sim *sim = sim_create();
    increment_start(&hold.increment);
    for (uint64_t i = 0; i < events; i++) {
        sim_event event = sim_event_create(sim, 0, 0, handlers[kind], &hold);
        sim_event_schedule(sim, event, increment_draw(&hold.increment, kind));
    }
    hold_for(sim, &hold, holds);
    double nanoseconds = hold_for(sim, &hold, holds);
    printf("w1 %s N=%llu ns/hold %.2f order %016llx\n", increment_names[kind],
           (unsigned long long)events, nanoseconds, (unsigned long long)hold.order);
    sim_destroy(sim);
    return 0;
}
