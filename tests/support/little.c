#include "tests/support/little.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/world_internal.h"
#include "sim/arena.h"

#define ABSENT (-1)

/* A place with occupants that can be told apart by their segments. */
struct place {
    const char *kind;
    const struct net_task *task;
    const struct net_partition *partition; /* an output's pool */
    const struct net_gate *gate;           /* an input's */
    bool of_data;                          /* the gate's buffers that hold data, or its pool */
    const struct net_channel *channel;     /* of that gate: its receive buffers in use alone */
    sim_int128 counted;                    /* integral of what the channel counts, up to `last` */
    sim_time last;
    uint32_t count;
    sim_time *since;   /* of each segment; ABSENT */
    uint64_t *seen;    /* the look that found it here last */
    sim_int128 waited; /* by those that have left */
    sim_int128 before; /* the model's integral at the start */
    uint64_t visits;
};

/* The records of a channel. */
struct crossing {
    sim_int128 integral;
    sim_time last;
    uint32_t count;
};

struct little {
    struct net_world *world;
    struct place *places;
    uint32_t place_count;
    uint32_t segments;
    struct crossing *crossings; /* one a link */
    uint64_t looks;
    sim_time start;
};

/* Receive buffers of a channel that are queued or being read, by the channel's own counters. */
static uint32_t counted_in(const struct net_channel *channel)
{
    uint32_t data = 0;
    for (uint32_t i = 0; i < channel->received.count; i++) {
        const struct net_received *received = net_ring_at(&channel->received, i, sizeof *received);
        data += net_element_is_data((enum net_element_type)received->type);
    }
    return data + channel->exclusive_read + channel->floating_read;
}

static sim_int128 integral_of(const struct place *place, sim_time now)
{
    if (place->channel != NULL) {
        return place->counted + (sim_int128)place->count * (now - place->last);
    }
    if (place->partition != NULL) {
        return sim_level_integral(net_local_pool_used_level(place->partition->pool), now);
    }
    return place->of_data ? sim_level_integral(&place->gate->used_level, now)
                          : sim_level_integral(net_local_pool_used_level(place->gate->pool), now);
}

/* ---- where the segments are ---- */

static void note(struct little *little, struct place *place, net_segment segment, sim_time now)
{
    if (place->since[segment] == ABSENT) {
        place->since[segment] = now;
        place->visits++;
    }
    place->seen[segment] = little->looks;
}

static void look_at_partition(struct little *little, struct place *place, sim_time now)
{
    const struct net_segments *segments = place->partition->segments;
    for (net_segment i = 0; i < little->segments; i++) {
        const struct net_buffer *buffer = &segments->buffers[i];
        if (buffer->references > 0 && buffer->recycler == &place->partition->recycler) {
            note(little, place, i, now);
        }
    }
}

static void look_at_ring(struct little *little, struct place *place, const struct net_ring *ring,
                         sim_time now)
{
    for (uint32_t i = 0; i < ring->count; i++) {
        note(little, place, *(net_segment *)net_ring_at(ring, i, sizeof(net_segment)), now);
    }
}

/* Buffers of a gate: those that hold data, received or being read; of the pool alone, also the free
 * ones that channels keep. */
static void look_at_gate(struct little *little, struct place *place, sim_time now)
{
    const struct net_gate *gate = place->gate;
    for (uint32_t i = 0; i < gate->count; i++) {
        const struct net_channel *channel = &gate->channels[i];
        if (place->channel != NULL && place->channel != channel) {
            continue;
        }
        for (uint32_t j = 0; j < channel->received.count; j++) {
            const struct net_received *received =
                net_ring_at(&channel->received, j, sizeof *received);
            if (received->segment != NET_SEGMENT_NONE &&
                (place->of_data || !received->is_exclusive)) {
                note(little, place, received->segment, now);
            }
        }
        if (!place->of_data) {
            look_at_ring(little, place, &channel->free_floating, now);
        }
    }
    const struct net_input *input = gate->owner;
    const struct net_element *current = &input->current;
    if (place->channel != NULL && current->channel != place->channel) {
        return;
    }
    if (input->has_current && current->channel->gate == gate && current->channel->is_remote &&
        (place->of_data || !current->is_exclusive)) {
        note(little, place, current->segment, now);
    }
}

static void look_at_place(struct little *little, struct place *place, sim_time now)
{
    if (place->partition != NULL) {
        look_at_partition(little, place, now);
    } else {
        look_at_gate(little, place, now);
    }
    if (place->channel != NULL) {
        place->counted = integral_of(place, now);
        place->last = now;
        place->count = counted_in(place->channel);
    }
    for (net_segment i = 0; i < little->segments; i++) {
        if (place->since[i] != ABSENT && place->seen[i] != little->looks) {
            place->waited += now - place->since[i];
            place->since[i] = ABSENT;
        }
    }
}

static void look(void *arg)
{
    struct little *little = arg;
    sim_time now = sim_now(little->world->sim);
    struct sim_err err = {0};
    if (!net_world_audit(little->world, &err)) {
        fail_msg("%s", err.text);
    }
    little->looks++;
    for (uint32_t i = 0; i < little->place_count; i++) {
        look_at_place(little, &little->places[i], now);
    }
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        struct crossing *crossing = &little->crossings[i];
        crossing->integral += (sim_int128)crossing->count * (now - crossing->last);
        crossing->last = now;
        crossing->count = little->world->links[i].flow.records.count;
    }
}

/* ---- set-up ---- */

static void add_place(struct little *little, const struct place *place)
{
    little->places = sim_realloc(little->places, little->place_count + 1, sizeof *little->places);
    struct place *added = &little->places[little->place_count++];
    *added = *place;
    added->since = sim_alloc(little->segments, sizeof *added->since);
    added->seen = sim_alloc(little->segments, sizeof *added->seen);
    for (uint32_t i = 0; i < little->segments; i++) {
        added->since[i] = ABSENT;
    }
    added->before = integral_of(added, little->start);
}

static void add_task(struct little *little, const struct net_task *task)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        add_place(little, &(struct place){.kind = "output pool",
                                          .task = task,
                                          .partition = &task->outputs[i].partition});
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            add_place(little, &(struct place){.kind = "floating pool", .task = task, .gate = gate});
            add_place(little, &(struct place){.kind = "filled buffers of the gate",
                                              .task = task,
                                              .gate = gate,
                                              .of_data = true});
            for (uint32_t k = 0; k < gate->count; k++) {
                if (gate->channels[k].is_remote) {
                    add_place(little, &(struct place){.kind = "receive buffers of a channel",
                                                      .task = task,
                                                      .gate = gate,
                                                      .of_data = true,
                                                      .channel = &gate->channels[k],
                                                      .last = little->start});
                }
            }
        }
    }
}

struct little *little_create(struct net_job *job)
{
    struct little *little = sim_alloc(1, sizeof *little);
    little->world = job->world;
    little->start = sim_now(job->sim);
    little->segments = net_network_pool_total(job->world->taskmanagers[0].segments.pool);
    little->crossings = sim_alloc(job->world->link_count, sizeof *little->crossings);
    for (uint32_t i = 0; i < job->world->task_count; i++) {
        add_task(little, &job->world->tasks[i]);
    }
    sim_set_audit(job->sim, look, little);
    return little;
}

void little_destroy(struct little *little)
{
    for (uint32_t i = 0; i < little->place_count; i++) {
        free(little->places[i].since);
        free(little->places[i].seen);
    }
    free(little->places);
    free(little->crossings);
    free(little);
}

/* ---- comparing ---- */

static void check_place(const struct little *little, const struct place *place, sim_time now)
{
    sim_int128 waited = place->waited;
    for (uint32_t i = 0; i < little->segments; i++) {
        waited += place->since[i] != ABSENT ? now - place->since[i] : 0;
    }
    sim_int128 integral = integral_of(place, now) - place->before;
    if (integral != waited) {
        fail_msg("%s of %s/%u: integral %lld, waited %lld", place->kind, place->task->vertex->name,
                 place->task->subtask, (long long)integral, (long long)waited);
    }
}

/* The records of all channels into a task: those that it served say how old they were, those that
 * are on their way when they were emitted. Holds where the task's sources are one hop away. */
static void check_records(const struct little *little, const struct net_task *task, sim_time now)
{
    sim_int128 integral = 0;
    sim_int128 ages = 0;
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        const struct net_link_end *link = &little->world->links[i];
        const struct net_input *input = link->channel->gate->owner;
        if (input->task != task) {
            continue;
        }
        if (!link->output->task->vertex->is_source) {
            return;
        }
        const struct crossing *crossing = &little->crossings[i];
        integral += crossing->integral + (sim_int128)crossing->count * (now - crossing->last);
        for (uint32_t j = 0; j < link->flow.records.count; j++) {
            const struct net_record *record = net_ring_at(&link->flow.records, j, sizeof *record);
            ages += now - record->emitted;
        }
    }
    uint64_t count = sim_histogram_count(task->latency);
    double served = sim_histogram_mean(task->latency) * (double)count;
    double error = (double)(integral - ages) - served;
    /* The histogram's sum is exact, its mean is a double. */
    if (error > served * 1e-12 + 0.5 || -error > served * 1e-12 + 0.5) {
        fail_msg("records to %s/%u: integral less ages %lld, latencies %.0f", task->vertex->name,
                 task->subtask, (long long)(integral - ages), served);
    }
}

uint32_t little_check(const struct little *little)
{
    sim_time now = sim_now(little->world->sim);
    uint32_t compared = 0;
    for (uint32_t i = 0; i < little->place_count; i++) {
        check_place(little, &little->places[i], now);
        compared += little->places[i].visits > 0;
    }
    for (uint32_t i = 0; i < little->world->task_count; i++) {
        const struct net_task *task = &little->world->tasks[i];
        if (task->input_count > 0) {
            check_records(little, task, now);
            compared++;
        }
    }
    return compared;
}
