/*
 * W1 on a reference queue, which QUEUE names: cc -DQUEUE='"bench/cref/tree.h"'.
 *
 * usage: w1_QUEUE EVENTS HOLDS [exp|bimodal|ties|const]
 *
 * Prints nanoseconds per hold, the variate's cost included, after as many unmeasured holds. With
 * VARIATES defined the increments are those of bench_w1, from the engine's streams, so that the
 * order in which the events leave, whose hash is printed, must be the same.
 */
#include QUEUE

#include "bench/harness.h"
#include "bench/increment.h"

static struct increment increment;

static inline double draw(enum increment_kind kind)
{
#ifdef VARIATES
    return (double)increment_draw(&increment, kind);
#else
    switch (kind) {
    case INCREMENT_EXP:
        return exponential();
    case INCREMENT_BIMODAL: {
        double near = unit_of(random_bits());
        return random_bits() < 0xe666666666666666u ? 0.95238 * near : 9.5238 + 0.95238 * near;
    }
    case INCREMENT_TIES:
        return 1.0 + (double)(random_bits() & 7);
    case INCREMENT_CONST:
        break;
    }
    return 1.0;
#endif
}

struct run {
    uint64_t sequence;
    uint64_t order;
    uint64_t disordered;
    double last;
};

static inline void hold(struct run *run, enum increment_kind kind, uint64_t holds)
{
    struct run state = *run;
    for (uint64_t i = 0; i < holds; i++) {
        union entry entry = queue_pop();
        double time = time_of(entry);
        uint64_t slot = entry.meta & SLOT_MASK;
        state.disordered += time < state.last;
        state.last = time;
        state.order = (state.order ^ slot) * 0x9e3779b97f4a7c15u;
        entry.time_bits = bits_of_time(time + draw(kind));
        entry.meta = state.sequence++ << 24 | slot;
        queue_push(entry);
    }
    *run = state;
}

/* The loop once for each kind, as if there were no other. */
static void hold_kind(struct run *run, enum increment_kind kind, uint64_t holds)
{
    switch (kind) {
    case INCREMENT_EXP:
        hold(run, INCREMENT_EXP, holds);
        break;
    case INCREMENT_BIMODAL:
        hold(run, INCREMENT_BIMODAL, holds);
        break;
    case INCREMENT_TIES:
        hold(run, INCREMENT_TIES, holds);
        break;
    case INCREMENT_CONST:
        hold(run, INCREMENT_CONST, holds);
        break;
    }
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: %s EVENTS HOLDS [exp|bimodal|ties|const]\n", argv[0]);
        return 2;
    }
    uint64_t events = bench_count(argv[1]);
    uint64_t holds = bench_count(argv[2]);
    enum increment_kind kind = increment_named(argc > 3 ? argv[3] : "exp");
    struct run run = {0};
    queue_start(events + 8);
    start_random(12345);
    increment_start(&increment);
    for (uint64_t i = 0; i < events; i++) {
        union entry entry = {{.meta = run.sequence++ << 24 | i}};
        entry.time_bits = bits_of_time(draw(kind));
        queue_push(entry);
    }
    hold_kind(&run, kind, holds);
    double began = bench_seconds();
    hold_kind(&run, kind, holds);
    double took = bench_seconds() - began;
    bench_check(run.disordered == 0 || strstr(QUEUE, "none") != NULL, "events leave in order",
                (double)run.disordered);
    printf("w1 %s N=%llu ns/hold %.2f order %016llx\n", increment_names[kind],
           (unsigned long long)events, took / (double)holds * 1e9, (unsigned long long)run.order);
    return 0;
}
