/*
 * W1, the hold model: N pending events; take the earliest, put it back an increment later.
 *
 * usage: bench_w1 EVENTS HOLDS [exp|bimodal|ties|const]
 *
 * Prints nanoseconds per hold, the increment's cost included, after as many unmeasured holds again
 * (at least 10^6, at most HOLDS for small runs), and a hash of the order in which the events left.
 */
#include <string.h>

#include "bench/harness.h"
#include "sim/arena.h"
#include "sim/dist.h"
#include "sim/random.h"
#include "sim/sim.h"

enum increment { INCREMENT_EXP, INCREMENT_BIMODAL, INCREMENT_TIES, INCREMENT_CONST };
static const char *const increment_names[] = {"exp", "bimodal", "ties", "const"};

struct hold {
    enum increment increment;
    struct sim_dist mean_one;
    struct sim_stream stream;
    uint64_t left;
    sim_time last;
    uint64_t order;
};

static sim_time draw(struct hold *hold, enum increment increment)
{
    switch (increment) {
    case INCREMENT_EXP:
        return sim_dist_draw(&hold->mean_one, &hold->stream);
    case INCREMENT_BIMODAL: {
        double near = 0.95238e9 * sim_stream_uniform(&hold->stream);
        bool is_far = sim_stream_uniform(&hold->stream) >= 0.9;
        return (sim_time)(is_far ? 9.5238e9 + near : near);
    }
    case INCREMENT_TIES:
        return (1 + (sim_time)(sim_stream_bits(&hold->stream) & 7)) * SIM_S;
    case INCREMENT_CONST:
        break;
    }
    return SIM_S;
}

static inline void take(struct sim *sim, struct hold *hold, enum increment increment)
{
    sim_event event = sim_event_firing(sim);
    hold->order = (hold->order ^ event) * 0x9e3779b97f4a7c15u;
    sim_event_schedule(sim, event, sim_now(sim) + draw(hold, increment));
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

static enum increment increment_named(const char *name)
{
    for (int i = INCREMENT_EXP; i <= INCREMENT_CONST; i++) {
        if (strcmp(name, increment_names[i]) == 0) {
            return (enum increment)i;
        }
    }
    fprintf(stderr, "no such increment: %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: bench_w1 EVENTS HOLDS [exp|bimodal|ties|const]\n");
        return 2;
    }
    uint64_t events = bench_count(argv[1]);
    uint64_t holds = bench_count(argv[2]);
    struct sim_arena *arena = sim_arena_create();
    struct hold hold = {
        .increment = increment_named(argc > 3 ? argv[3] : "exp"),
        .mean_one = {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9},
    };
    struct sim *sim = sim_create();
    sim_stream_init_seed(&hold.stream, 12345);
    sim_stream_read_ahead(&hold.stream, arena);
    for (uint64_t i = 0; i < events; i++) {
        sim_event event = sim_event_create(sim, 0, 0, handlers[hold.increment], &hold);
        sim_event_schedule(sim, event, draw(&hold, hold.increment));
    }
    hold_for(sim, &hold, holds);
    double nanoseconds = hold_for(sim, &hold, holds);
    printf("w1 %s N=%llu ns/hold %.2f order %016llx\n", increment_names[hold.increment],
           (unsigned long long)events, nanoseconds, (unsigned long long)hold.order);
    sim_destroy(sim);
    sim_arena_destroy(arena);
    return 0;
}
