#include "tests/support/queues/credit_loop.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/dist.h"
#include "sim/random.h"
#include "sim/sim.h"
#include "sim/stats.h"

enum { RANK_DONE, RANK_LINK };
enum { PRODUCER, CONSUMER };

struct credit {
    struct credit_loop *loop;
    sim_event arrival; /* at the other end of the link */
    int bound_for;
    struct credit *next; /* in a queue */
};

struct server {
    struct sim_dist service;
    struct sim_stream stream;
    sim_event done;
    struct credit *first; /* being worked on */
    struct credit *last;
    struct sim_level holds;
    uint64_t served;
};

struct credit_loop {
    const struct credit_loop_params *params;
    struct server servers[2];
    struct credit *credits;
};

static void serve(struct sim *sim, struct server *server)
{
    sim_event_schedule(sim, server->done,
                       sim_now(sim) + sim_dist_draw(&server->service, &server->stream));
}

static void on_link(struct sim *sim, void *owner)
{
    struct credit *credit = owner;
    struct server *server = &credit->loop->servers[credit->bound_for];
    credit->next = NULL;
    sim_level_set(&server->holds, server->holds.value + 1, sim_now(sim));
    if (server->first == NULL) {
        server->first = server->last = credit;
        serve(sim, server);
    } else {
        server->last->next = credit;
        server->last = credit;
    }
}

/* The first credit in the queue goes on its way to the other end. */
static void send(struct sim *sim, struct credit_loop *loop, int from)
{
    struct server *server = &loop->servers[from];
    struct credit *credit = server->first;
    server->first = credit->next;
    server->served++;
    sim_level_set(&server->holds, server->holds.value - 1, sim_now(sim));
    credit->bound_for = from == PRODUCER ? CONSUMER : PRODUCER;
    sim_event_schedule(sim, credit->arrival, sim_now(sim) + loop->params->latency);
    if (server->first != NULL) {
        serve(sim, server);
    }
}

static void on_produced(struct sim *sim, void *owner)
{
    send(sim, owner, PRODUCER);
}

static void on_consumed(struct sim *sim, void *owner)
{
    send(sim, owner, CONSUMER);
}

static void create(struct credit_loop *loop, struct sim *sim,
                   const struct credit_loop_params *params)
{
    static const char *const names[2] = {"producer", "consumer"};
    *loop = (struct credit_loop){.params = params};
    for (int i = 0; i < 2; i++) {
        struct server *server = &loop->servers[i];
        server->service = (struct sim_dist){
            .kind = SIM_DIST_EXPONENTIAL,
            .a = (double)(i == PRODUCER ? params->produce_mean : params->consume_mean),
        };
        sim_stream_init(&server->stream, params->seed, params->replication, names[i], "service");
        sim_level_init(&server->holds, 0, 0);
        server->done = sim_event_create(sim, RANK_DONE, (uint32_t)i,
                                        i == PRODUCER ? on_produced : on_consumed, loop);
    }
    loop->credits = sim_alloc(params->credits, sizeof *loop->credits);
    for (uint32_t i = 0; i < params->credits; i++) {
        struct credit *credit = &loop->credits[i];
        credit->loop = loop;
        credit->bound_for = PRODUCER;
        credit->arrival = sim_event_create(sim, RANK_LINK, i, on_link, credit);
        sim_event_schedule(sim, credit->arrival, 0);
    }
}

struct credit_loop_result credit_loop_run(const struct credit_loop_params *params)
{
    struct sim *sim = sim_create();
    struct credit_loop loop;
    sim_int128 marked[2];
    double means[2];
    create(&loop, sim, params);
    sim_run(sim, params->warm_up);
    for (int i = 0; i < 2; i++) {
        marked[i] = sim_level_integral(&loop.servers[i].holds, sim_now(sim));
    }
    uint64_t served_before = loop.servers[CONSUMER].served;
    sim_run(sim, params->warm_up + params->duration);
    for (int i = 0; i < 2; i++) {
        means[i] = sim_level_mean(
            marked[i], sim_level_integral(&loop.servers[i].holds, sim_now(sim)), params->duration);
    }
    uint64_t served = loop.servers[CONSUMER].served - served_before;
    free(loop.credits);
    sim_destroy(sim);
    return (struct credit_loop_result){
        .throughput = (double)served / (double)params->duration,
        .producer_holds = means[PRODUCER],
        .consumer_holds = means[CONSUMER],
    };
}
