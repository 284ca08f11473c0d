/*
 * W3, a bounded-buffer tandem with credits: K channels, each with a producer and a consumer.
 *
 * usage: bench_w3 CHANNELS BUFFERS
 *
 * A pool of 2K + 8 buffers on the sender's side, two exclusive buffers a channel and eight floating
 * ones for all on the receiver's, a delay of 1 both ways: what the whole simulator is about, with
 * everything else taken away. Prints buffers per second, and what the run must agree in
 * with any other engine's: buffers per channel and time, mean latency, producers that had to wait.
 */
#include <math.h>

#include "bench/fifo.h"
#include "bench/harness.h"
#include "sim/arena.h"
#include "sim/dist.h"
#include "sim/draws.h"
#include "sim/sim.h"

#define EXCLUSIVE 2u
#define FLOATING 8u
#define DELAY SIM_S
#define NONE UINT32_MAX

/* Messages arrive before the tasks act. */
enum { RANK_ARRIVAL, RANK_TASK };

struct tandem;

/* A channel's buffers are one list: at the receiver, on the link, not yet sent. */
struct channel {
    _Alignas(64) struct tandem *tandem;
    sim_event produced;
    sim_event served;
    uint32_t index;
    uint32_t oldest; /* at the receiver, when `received` > 0 */
    uint32_t newest;
    uint32_t backlog;
    uint32_t received;
    uint32_t credit;
    uint32_t floating; /* that it holds */
    bool is_waiting;   /* for a floating one */
};

_Static_assert(sizeof(struct channel) == 64, "a channel is a cache line");

struct buffer {
    sim_time produced_at;
    uint32_t next;
};

/* A buffer or a credit on its way. All take DELAY, so what is sent first arrives first, and one
 * ring has them all, in both directions. */
struct passage {
    sim_time arrival;
    uint32_t channel;
    uint32_t backlog; /* announced by a buffer; NONE: a credit */
};

struct link {
    struct fifo fifo;
    struct passage *passages;
    sim_event arrived;
};

/* Channels that wait, who waits longest first; each at most once. */
struct waiting {
    struct fifo fifo;
    uint32_t *channels;
};

struct tandem {
    struct sim_arena *arena;
    struct sim_draws productions;
    struct sim_draws services;
    struct channel *channels;
    struct buffer *buffers;
    uint32_t free_buffer;
    struct link link;
    uint32_t pool;
    uint32_t floating;
    struct waiting for_pool;
    struct waiting for_floating;
    uint64_t waits;
    uint64_t consumed;
    uint64_t wanted;
    sim_time latency;
};

static void send(struct sim *sim, struct link *link, uint32_t channel, uint32_t backlog)
{
    sim_time arrival = sim_now(sim) + DELAY;
    link->passages[fifo_push(&link->fifo)] = (struct passage){arrival, channel, backlog};
    if (fifo_count(&link->fifo) == 1) {
        sim_event_schedule(sim, link->arrived, arrival);
    }
}

static void send_credit(struct sim *sim, struct tandem *tandem, uint32_t channel)
{
    send(sim, &tandem->link, channel, NONE);
}

static struct passage receive(struct sim *sim, struct link *link)
{
    struct passage passage = link->passages[fifo_pop(&link->fifo)];
    if (fifo_count(&link->fifo) > 0) {
        sim_event_again(sim, link->passages[fifo_head(&link->fifo)].arrival);
    }
    return passage;
}

static uint32_t pop_waiting(struct waiting *waiting)
{
    return waiting->channels[fifo_pop(&waiting->fifo)];
}

static void push_waiting(struct waiting *waiting, uint32_t channel)
{
    waiting->channels[fifo_push(&waiting->fifo)] = channel;
}

static void produce(struct sim *sim, struct tandem *tandem, struct channel *channel)
{
    sim_event_schedule(sim, channel->produced, sim_now(sim) + sim_draws_take(&tandem->productions));
}

static void acquire(struct sim *sim, struct tandem *tandem, struct channel *channel)
{
    if (tandem->pool > 0) {
        tandem->pool--;
        produce(sim, tandem, channel);
    } else {
        tandem->waits++;
        push_waiting(&tandem->for_pool, channel->index);
    }
}

static void release(struct sim *sim, struct tandem *tandem)
{
    if (fifo_count(&tandem->for_pool.fifo) > 0) {
        produce(sim, tandem, &tandem->channels[pop_waiting(&tandem->for_pool)]);
    } else {
        tandem->pool++;
    }
}

/* There is a buffer more, or a credit, and was none of either before: one can be sent at most. */
static void try_send(struct sim *sim, struct tandem *tandem, struct channel *channel)
{
    if (channel->backlog > 0 && channel->credit > 0) {
        channel->backlog--;
        channel->credit--;
        release(sim, tandem);
        send(sim, &tandem->link, channel->index, channel->backlog);
    }
}

static void on_produced(struct sim *sim, void *owner)
{
    struct channel *channel = owner;
    struct tandem *tandem = channel->tandem;
    uint32_t index = tandem->free_buffer;
    struct buffer *buffer = &tandem->buffers[index];
    tandem->free_buffer = buffer->next;
    *buffer = (struct buffer){sim_now(sim), NONE};
    if (channel->oldest == NONE) {
        channel->oldest = index;
    } else {
        tandem->buffers[channel->newest].next = index;
    }
    channel->newest = index;
    channel->backlog++;
    try_send(sim, tandem, channel);
    acquire(sim, tandem, channel);
}

static void serve(struct sim *sim, struct tandem *tandem, struct channel *channel)
{
    sim_event_schedule(sim, channel->served, sim_now(sim) + sim_draws_take(&tandem->services));
}

static void take_floating(struct sim *sim, struct tandem *tandem, uint32_t channel)
{
    tandem->channels[channel].floating++;
    send_credit(sim, tandem, channel);
}

static void take_buffer(struct sim *sim, struct tandem *tandem, struct passage passage)
{
    struct channel *channel = &tandem->channels[passage.channel];
    if (channel->received++ == 0) {
        serve(sim, tandem, channel);
    }
    if (passage.backlog == 0 || channel->is_waiting) {
        return;
    }
    if (tandem->floating > 0) {
        tandem->floating--;
        take_floating(sim, tandem, passage.channel);
    } else {
        channel->is_waiting = true;
        push_waiting(&tandem->for_floating, passage.channel);
    }
}

/* A buffer of the receiver is free again: a floating one goes to who waits longest. */
static void recycle(struct sim *sim, struct tandem *tandem, struct channel *channel)
{
    if (channel->floating == 0) {
        send_credit(sim, tandem, channel->index);
        return;
    }
    channel->floating--;
    if (fifo_count(&tandem->for_floating.fifo) > 0) {
        uint32_t next = pop_waiting(&tandem->for_floating);
        tandem->channels[next].is_waiting = false;
        take_floating(sim, tandem, next);
    } else {
        tandem->floating++;
    }
}

static void on_served(struct sim *sim, void *owner)
{
    struct channel *channel = owner;
    struct tandem *tandem = channel->tandem;
    uint32_t index = channel->oldest;
    struct buffer *buffer = &tandem->buffers[index];
    tandem->latency += sim_now(sim) - buffer->produced_at;
    channel->oldest = buffer->next;
    buffer->next = tandem->free_buffer;
    tandem->free_buffer = index;
    if (++tandem->consumed == tandem->wanted) {
        sim_stop(sim);
        return;
    }
    recycle(sim, tandem, channel);
    if (--channel->received > 0) {
        sim_event_again(sim, sim_now(sim) + sim_draws_take(&tandem->services));
    }
}

static void on_arrived(struct sim *sim, void *owner)
{
    struct tandem *tandem = owner;
    struct passage passage = receive(sim, &tandem->link);
    if (passage.backlog != NONE) {
        take_buffer(sim, tandem, passage);
    } else {
        struct channel *channel = &tandem->channels[passage.channel];
        channel->credit++;
        try_send(sim, tandem, channel);
    }
}

static void create_link(struct sim_arena *arena, struct link *link, uint32_t count)
{
    link->fifo = fifo_for(count);
    link->passages = sim_arena_alloc_aligned(arena, fifo_size(&link->fifo), sizeof *link->passages);
}

static void create_waiting(struct sim_arena *arena, struct waiting *waiting, uint32_t count)
{
    waiting->fifo = fifo_for(count);
    waiting->channels =
        sim_arena_alloc(arena, fifo_size(&waiting->fifo), sizeof *waiting->channels);
}

static void build(struct sim *sim, struct tandem *tandem, uint32_t channels)
{
    uint32_t buffers = 2 * channels + 8 + EXCLUSIVE * channels + FLOATING;
    tandem->channels = sim_arena_alloc_aligned(tandem->arena, channels, sizeof *tandem->channels);
    tandem->buffers = sim_arena_alloc(tandem->arena, buffers, sizeof *tandem->buffers);
    create_link(tandem->arena, &tandem->link, 2 * buffers);
    create_waiting(tandem->arena, &tandem->for_pool, channels);
    create_waiting(tandem->arena, &tandem->for_floating, channels);
    for (uint32_t i = 0; i < buffers; i++) {
        tandem->buffers[i].next = i + 1;
    }
    sim_stream_init(&tandem->productions.stream, 42, 0, "w3", "production");
    sim_stream_init(&tandem->services.stream, 42, 0, "w3", "service");
    tandem->link.arrived = sim_event_create(sim, RANK_ARRIVAL, 0, on_arrived, tandem);
    tandem->pool = 2 * channels + 8;
    tandem->floating = FLOATING;
    for (uint32_t k = 0; k < channels; k++) {
        struct channel *channel = &tandem->channels[k];
        *channel =
            (struct channel){.tandem = tandem, .index = k, .oldest = NONE, .credit = EXCLUSIVE};
        channel->produced = sim_event_create(sim, RANK_TASK, k, on_produced, channel);
        channel->served = sim_event_create(sim, RANK_TASK, k, on_served, channel);
        acquire(sim, tandem, channel);
    }
}

/* The known results of a long run, within four standard errors at 10^6 buffers; at other numbers of
 * channels, and in short runs, there are none. */
static void check(uint32_t channels, uint64_t buffers, double rate, double latency, double waits)
{
    static const struct {
        uint32_t channels;
        double rate;
        double latency;
        double waits;
    } known[] = {{1, 0.912, 14.05, 0.397}, {16, 0.658, 5.613, 0.997}, {1000, 0.548, 5.134, 1.0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].channels == channels && buffers >= 1000000) {
            bench_check(fabs(rate - known[i].rate) < 0.004, "buffers per channel and time", rate);
            bench_check(fabs(latency - known[i].latency) < 0.08, "mean latency", latency);
            bench_check(fabs(waits - known[i].waits) < 0.004, "share of waiting producers", waits);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench_w3 CHANNELS BUFFERS\n");
        return 2;
    }
    uint32_t channels = (uint32_t)bench_count(argv[1]);
    const struct sim_dist production = {.kind = SIM_DIST_EXPONENTIAL, .a = 0.8e9};
    const struct sim_dist service = {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9};
    struct tandem tandem = {
        .arena = sim_arena_create(),
        .wanted = bench_count(argv[2]),
    };
    struct sim *sim = sim_create();
    sim_draws_init(&tandem.productions, &production);
    sim_draws_init(&tandem.services, &service);
    build(sim, &tandem, channels);

    double began = bench_seconds();
    sim_run(sim, SIM_TIME_MAX);
    double took = bench_seconds() - began;

    double consumed = (double)tandem.consumed;
    double rate = consumed / channels / ((double)sim_now(sim) * 1e-9);
    double latency = (double)tandem.latency * 1e-9 / consumed;
    double waits = (double)tandem.waits / consumed;
    bench_check(tandem.consumed == tandem.wanted, "all buffers consumed", consumed);
    check(channels, tandem.wanted, rate, latency, waits);
    printf("w3 K=%u buf/s %.0f thr/ch %.4f latency %.4f waits %.4f\n", channels, consumed / took,
           rate, latency, waits);
    sim_destroy(sim);
    sim_arena_destroy(tandem.arena);
    return 0;
}
