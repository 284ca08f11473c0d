#include "tests/support/queues/tandem.h"

#include <stdbool.h>

#include "sim/dist.h"
#include "sim/random.h"
#include "sim/sim.h"
#include "sim/stats.h"

enum { RANK_DONE, RANK_ARRIVAL };

struct tandem {
    const struct tandem_params *params;
    struct sim_dist arrivals;
    struct sim_dist service[2];
    struct sim_stream arrival_stream;
    struct sim_stream service_stream[2];
    sim_event arrival;
    sim_event done[2];
    struct sim_level number[2];
    struct sim_level blocked;
    uint64_t left;
};

static void change(struct tandem *tandem, struct sim *sim, int station, int by)
{
    struct sim_level *number = &tandem->number[station];
    sim_level_set(number, number->value + by, sim_now(sim));
}

static void serve(struct tandem *tandem, struct sim *sim, int station)
{
    sim_time service = sim_dist_draw(&tandem->service[station], &tandem->service_stream[station]);
    sim_event_schedule(sim, tandem->done[station], sim_now(sim) + service);
}

static void on_arrival(struct sim *sim, void *owner)
{
    struct tandem *tandem = owner;
    sim_event_schedule(sim, tandem->arrival,
                       sim_now(sim) + sim_dist_draw(&tandem->arrivals, &tandem->arrival_stream));
    if (tandem->number[0].value < tandem->params->capacity[0]) {
        change(tandem, sim, 0, 1);
        if (tandem->number[0].value == 1) {
            serve(tandem, sim, 0);
        }
    }
}

/* The customer of server 1 moves into the room that station 2 has. */
static void move_on(struct tandem *tandem, struct sim *sim)
{
    change(tandem, sim, 0, -1);
    change(tandem, sim, 1, 1);
    if (tandem->number[1].value == 1) {
        serve(tandem, sim, 1);
    }
    if (tandem->number[0].value > 0) {
        serve(tandem, sim, 0);
    }
}

static void on_done_first(struct sim *sim, void *owner)
{
    struct tandem *tandem = owner;
    if (tandem->number[1].value == tandem->params->capacity[1]) {
        sim_level_set(&tandem->blocked, 1, sim_now(sim));
    } else {
        move_on(tandem, sim);
    }
}

static void on_done_second(struct sim *sim, void *owner)
{
    struct tandem *tandem = owner;
    tandem->left++;
    change(tandem, sim, 1, -1);
    if (tandem->number[1].value > 0) {
        serve(tandem, sim, 1);
    }
    if (tandem->blocked.value == 1) {
        sim_level_set(&tandem->blocked, 0, sim_now(sim));
        move_on(tandem, sim);
    }
}

static void create(struct tandem *tandem, struct sim *sim, const struct tandem_params *params)
{
    static const char *const names[2] = {"first", "second"};
    *tandem = (struct tandem){
        .params = params,
        .arrivals = {.kind = SIM_DIST_EXPONENTIAL, .a = (double)params->arrival_mean},
    };
    sim_stream_init(&tandem->arrival_stream, params->seed, params->replication, "tandem",
                    "arrivals");
    for (int i = 0; i < 2; i++) {
        tandem->service[i] =
            (struct sim_dist){.kind = SIM_DIST_EXPONENTIAL, .a = (double)params->service_mean[i]};
        sim_stream_init(&tandem->service_stream[i], params->seed, params->replication, names[i],
                        "service");
        sim_level_init(&tandem->number[i], 0, 0);
    }
    sim_level_init(&tandem->blocked, 0, 0);
    tandem->arrival = sim_event_create(sim, RANK_ARRIVAL, 0, on_arrival, tandem);
    tandem->done[0] = sim_event_create(sim, RANK_DONE, 0, on_done_first, tandem);
    tandem->done[1] = sim_event_create(sim, RANK_DONE, 1, on_done_second, tandem);
    sim_event_schedule(sim, tandem->arrival,
                       sim_dist_draw(&tandem->arrivals, &tandem->arrival_stream));
}

struct tandem_result tandem_run(const struct tandem_params *params)
{
    struct sim *sim = sim_create();
    struct tandem tandem;
    create(&tandem, sim, params);
    const struct sim_level *levels[3] = {&tandem.number[0], &tandem.number[1], &tandem.blocked};
    sim_int128 marked[3];
    double means[3];
    sim_run(sim, params->warm_up);
    for (int i = 0; i < 3; i++) {
        marked[i] = sim_level_integral(levels[i], sim_now(sim));
    }
    uint64_t left_before = tandem.left;
    sim_run(sim, params->warm_up + params->duration);
    for (int i = 0; i < 3; i++) {
        means[i] = sim_level_mean(marked[i], sim_level_integral(levels[i], sim_now(sim)),
                                  params->duration);
    }
    sim_destroy(sim);
    return (struct tandem_result){
        .number = {means[0], means[1]},
        .blocked = means[2],
        .throughput = (double)(tandem.left - left_before) / (double)params->duration,
    };
}
