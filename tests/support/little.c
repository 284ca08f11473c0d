#include "tests/support/little.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/pool_internal.h"
#include "models/world_internal.h"
#include "sim/arena.h"

#define ABSENT (-1)
#define NOBODY UINT32_MAX

/* What a place is: who is in it is found by looking, how many are is what the model counts. */
enum kind {
    GLOBAL_POOL,          /* of a task manager: segments that are not free */
    OUTPUT_POOL,          /* of a partition: segments that the writer, queues or readers use */
    SUBPARTITION_BUFFERS, /* those of one subpartition, as its pool counts them (LBP-5) */
    SUBPARTITION_QUEUE,   /* data buffers in its queue (SUB-1) */
    FLOATING_POOL,        /* of a gate */
    FILLED_BUFFERS,       /* of a gate: receive buffers that hold data */
    REMOTE_CHANNEL,       /* those of one channel */
    LOCAL_CHANNEL, /* the producer's buffers that are queued for it, or that its task reads */
};

static const char *const kind_names[] = {
    [GLOBAL_POOL] = "global pool",
    [OUTPUT_POOL] = "output pool",
    [SUBPARTITION_BUFFERS] = "buffers of a subpartition",
    [SUBPARTITION_QUEUE] = "queue of a subpartition",
    [FLOATING_POOL] = "floating pool",
    [FILLED_BUFFERS] = "filled buffers of the gate",
    [REMOTE_CHANNEL] = "receive buffers of a channel",
    [LOCAL_CHANNEL] = "buffers of a local channel",
};

/* A place with occupants that can be told apart by their segments. */
struct place {
    enum kind kind;
    const struct net_taskmanager *taskmanager; /* whose segments they are */
    const struct net_task *task;               /* NULL: of the task manager itself */
    const struct net_partition *partition;     /* of outputs and local channels */
    uint32_t subpartition;
    const struct net_gate *gate;
    const struct net_channel *channel;
    sim_int128 counted; /* integral of what the model counts, up to `last` */
    sim_time last;
    uint32_t count;
    sim_time *since;      /* of each segment; ABSENT */
    uint64_t *seen;       /* the look that found it here last */
    net_segment *present; /* those that are here */
    uint32_t present_count;
    sim_int128 waited; /* by those that have left */
    sim_int128 before; /* the model's integral at the start, where it keeps one */
    uint64_t visits;
};

/* A record that is on its way, as it was when it set out. */
struct traveller {
    struct net_record record;
    sim_time since;
};

/* The records of a channel. */
struct crossing {
    struct net_ring travellers; /* of struct traveller, in order */
    sim_int128 integral;        /* of what the channel counts, up to `last` */
    sim_time last;
    uint32_t count;
    sim_int128 waited; /* by those that have arrived */
    sim_int128 ages;   /* of them as they arrived, since they left their source */
    uint64_t arrived;
};

struct little {
    struct net_world *world;
    struct place *places;
    uint32_t place_count;
    uint32_t segments;          /* of a task manager */
    uint64_t *receiving;        /* by task manager and segment: the look that found it in a gate */
    uint64_t *freed;            /* by segment: scratch */
    struct crossing *crossings; /* one a link */
    uint64_t *records_in;       /* of each task at the start */
    uint64_t looks;
    sim_time start;
};

/* Receive buffers of a channel that are queued or being read, by the channel's own counters. */
static uint32_t count_received(const struct net_channel *channel)
{
    uint32_t data = 0;
    for (uint32_t i = 0; i < net_channel_queued(channel); i++) {
        data +=
            net_element_is_data((enum net_element_type)net_channel_received_at(channel, i).type);
    }
    return data + channel->exclusive_read + channel->floating_read;
}

/* What the task reads of a local channel; NULL: nothing. */
static const struct net_buffer *in_hand(const struct net_channel *channel)
{
    const struct net_input *input = channel->gate->owner;
    return input->has_current && input->current.channel == channel ? input->current.buffer : NULL;
}

/* Buffers of a local channel: as the producer's pool counts them; what is broadcast is counted at
 * subpartition 0 only (WR-8), so there by the queue and what was taken from it. */
static uint32_t count_local(const struct place *place)
{
    uintptr_t address = (uintptr_t)place->partition - offsetof(struct net_output, partition);
    const struct net_output *output = (const struct net_output *)address;
    if (output->router.kind != NET_PARTITION_BROADCAST) {
        return (uint32_t)net_local_pool_subpartition_count(place->partition->pool,
                                                           place->subpartition);
    }
    const struct net_buffer *buffer = in_hand(place->channel);
    const struct net_subpartition *sub = place->channel->sub;
    bool is_head = net_subpartition_length(sub) > 0 && net_subpartition_at(sub, 0).buffer == buffer;
    return sub->data_count + (buffer != NULL && !is_head);
}

/* What the model counts now; NOBODY where it keeps an integral of its own. */
static uint32_t count_of(const struct place *place)
{
    switch (place->kind) {
    case GLOBAL_POOL:
        return (uint32_t)net_network_pool_used(place->taskmanager->segments.pool);
    case SUBPARTITION_BUFFERS:
        return (uint32_t)net_local_pool_subpartition_count(place->partition->pool,
                                                           place->subpartition);
    case SUBPARTITION_QUEUE:
        return place->partition->subs[place->subpartition].data_count;
    case REMOTE_CHANNEL:
        return count_received(place->channel);
    case LOCAL_CHANNEL:
        return count_local(place);
    default:
        return NOBODY;
    }
}

static sim_int128 integral_of(const struct place *place, sim_time now)
{
    switch (place->kind) {
    case OUTPUT_POOL:
        return sim_level_integral(net_local_pool_used_level(place->partition->pool), now);
    case FLOATING_POOL:
        return sim_level_integral(net_local_pool_used_level(place->gate->pool), now);
    case FILLED_BUFFERS:
        return sim_level_integral(&place->gate->used_level, now);
    default:
        return place->counted + (sim_int128)place->count * (now - place->last);
    }
}

/* ---- where the segments are ---- */

static void note(struct little *little, struct place *place, net_segment segment, sim_time now)
{
    if (place->since[segment] == ABSENT) {
        place->since[segment] = now;
        place->present[place->present_count++] = segment;
        place->visits++;
    }
    place->seen[segment] = little->looks;
}

static uint64_t *receiving(struct little *little, const struct place *place, net_segment segment)
{
    uint32_t taskmanager = (uint32_t)(place->taskmanager - little->world->taskmanagers);
    return &little->receiving[taskmanager * little->segments + segment];
}

static void note_received(struct little *little, struct place *place, net_segment segment,
                          bool is_exclusive, sim_time now)
{
    if (segment != NET_SEGMENT_NONE && (place->kind != FLOATING_POOL || !is_exclusive)) {
        note(little, place, segment, now);
        *receiving(little, place, segment) = little->looks;
    }
}

/* Who was here and is pinned cannot have left (CHK-12). */
static void look_at_pinned(struct little *little, struct place *place, sim_time now)
{
    for (uint32_t i = 0; i < place->present_count; i++) {
        net_segment segment = place->present[i];
        if (place->taskmanager->segments.buffers[segment].references > 0 &&
            place->seen[segment] + 1 == little->looks) {
            note(little, place, segment, now);
            if (place->gate != NULL) {
                *receiving(little, place, segment) = little->looks;
            }
        }
    }
}

/* The segment behind one of a queue that has it. */
static net_segment behind(const struct net_buffer *buffers, const struct net_segment_queue *queue,
                          net_segment segment)
{
    return queue->count > 2 ? buffers[segment].next : queue->tail;
}

/* Buffers of a gate: those that hold data, received, being read or still being persisted; of the
 * pool alone, also the free ones that channels keep. */
static void look_at_gate(struct little *little, struct place *place, sim_time now)
{
    const struct net_gate *gate = place->gate;
    for (uint32_t i = 0; i < gate->count; i++) {
        const struct net_channel *channel = &gate->channels[i];
        if (place->channel != NULL && place->channel != channel) {
            continue;
        }
        for (uint32_t j = 0; j < net_items_count(&channel->received); j++) {
            struct net_received received = net_channel_received_at(channel, j);
            note_received(little, place, received.segment, received.is_exclusive, now);
        }
        net_segment segment = channel->free_floating.head;
        for (uint32_t j = 0; place->kind == FLOATING_POOL && j < channel->free_floating.count;
             j++) {
            note(little, place, segment, now);
            segment = behind(gate->buffers, &channel->free_floating, segment);
        }
    }
    const struct net_input *input = gate->owner;
    const struct net_element *current = &input->current;
    if (input->has_current && current->channel->gate == gate && current->channel->is_remote &&
        (place->channel == NULL || place->channel == current->channel)) {
        note_received(little, place, current->segment, current->is_exclusive, now);
    }
    look_at_pinned(little, place, now);
}

static void look_at_global(struct little *little, struct place *place, sim_time now)
{
    const struct net_network_pool *pool = place->taskmanager->segments.pool;
    net_segment segment = pool->returned.head;
    for (uint32_t i = 0; i < pool->returned.count; i++) {
        little->freed[segment] = little->looks;
        segment = behind(pool->buffers, &pool->returned, segment);
    }
    for (net_segment i = pool->fresh; i < little->segments; i++) {
        little->freed[i] = little->looks;
    }
    for (net_segment i = 0; i < little->segments; i++) {
        if (little->freed[i] != little->looks) {
            note(little, place, i, now);
        }
    }
    memset(little->freed, 0, little->segments * sizeof *little->freed);
}

/* Segments that a writer took for its partition and that anybody still uses (BB-8). */
static void look_at_buffers(struct little *little, struct place *place, sim_time now)
{
    for (net_segment i = 0; i < little->segments; i++) {
        const struct net_buffer *buffer = &place->taskmanager->segments.buffers[i];
        uint32_t subpartition = buffer->subpartition - place->partition->first;
        if (buffer->references > 0 && subpartition < place->partition->count &&
            *receiving(little, place, i) != little->looks &&
            (place->kind == OUTPUT_POOL || subpartition == place->subpartition)) {
            note(little, place, i, now);
        }
    }
}

static void note_buffer(struct little *little, struct place *place, const struct net_buffer *buffer,
                        sim_time now)
{
    note(little, place, net_segments_number(&place->taskmanager->segments, buffer), now);
}

static void look_at_queue(struct little *little, struct place *place, sim_time now)
{
    const struct net_subpartition *sub = &place->partition->subs[place->subpartition];
    for (uint32_t i = 0; i < net_subpartition_length(sub); i++) {
        struct net_consumer consumer = net_subpartition_at(sub, i);
        if (consumer.buffer != NULL) {
            note_buffer(little, place, consumer.buffer, now);
        }
    }
    if (place->kind == LOCAL_CHANNEL) {
        if (in_hand(place->channel) != NULL) {
            note_buffer(little, place, in_hand(place->channel), now);
        }
        look_at_pinned(little, place, now);
    }
}

static void look_at_place(struct little *little, struct place *place, sim_time now)
{
    switch (place->kind) {
    case GLOBAL_POOL:
        look_at_global(little, place, now);
        break;
    case OUTPUT_POOL:
    case SUBPARTITION_BUFFERS:
        look_at_buffers(little, place, now);
        break;
    case SUBPARTITION_QUEUE:
    case LOCAL_CHANNEL:
        look_at_queue(little, place, now);
        break;
    default:
        look_at_gate(little, place, now);
    }
    place->counted = integral_of(place, now);
    place->last = now;
    place->count = count_of(place);
    uint32_t staying = 0;
    for (uint32_t i = 0; i < place->present_count; i++) {
        net_segment segment = place->present[i];
        if (place->seen[segment] == little->looks) {
            place->present[staying++] = segment;
        } else {
            place->waited += now - place->since[segment];
            place->since[segment] = ABSENT;
        }
    }
    place->present_count = staying;
}

/* ---- where the records are ---- */

static void expect_same(const struct net_link_end *link, const struct traveller *traveller,
                        const struct net_record *record)
{
    if (traveller->record.emitted != record->emitted || traveller->record.key != record->key ||
        traveller->record.bytes != record->bytes) {
        const struct net_task *task = net_link_end_output(link)->task;
        fail_msg("records from %s/%u: one of %u bytes where one of %u was expected",
                 task->vertex->name, task->subtask, record->bytes, traveller->record.bytes);
    }
}

/* In one event records set out or arrive, not both; they do so in order. */
static void look_at_records(struct crossing *crossing, const struct net_link_end *link,
                            sim_time now)
{
    const struct net_flow *flow = net_link_end_flow(link);
    struct net_ring *travellers = &crossing->travellers;
    while (travellers->count > flow->count) {
        const struct traveller *first = net_ring_pop(travellers, sizeof *first);
        crossing->waited += now - first->since;
        crossing->ages += now - first->record.emitted;
        crossing->arrived++;
    }
    struct net_flow_cursor cursor;
    struct net_record record;
    uint32_t known = travellers->count;
    uint32_t wanted = known == flow->count ? known > 0 : flow->count;
    net_flow_look(&cursor, flow, UINT32_MAX);
    for (uint32_t i = 0; i < wanted && net_flow_look_on(&cursor, &record); i++) {
        if (i < known && (i == 0 || i == known - 1)) {
            expect_same(link, net_ring_at(travellers, i, sizeof(struct traveller)), &record);
        } else if (i >= known) {
            struct traveller *traveller = net_ring_push(travellers, sizeof *traveller);
            *traveller = (struct traveller){record, now};
        }
    }
    crossing->integral += (sim_int128)crossing->count * (now - crossing->last);
    crossing->last = now;
    crossing->count = flow->count;
}

void little_look(struct little *little)
{
    sim_time now = sim_now(little->world->sim);
    little->looks++;
    for (uint32_t i = 0; i < little->place_count; i++) {
        look_at_place(little, &little->places[i], now);
    }
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        look_at_records(&little->crossings[i], &little->world->links[i], now);
    }
}

static void after_event(void *arg)
{
    struct little *little = arg;
    struct sim_err err = {0};
    if (!net_world_audit(little->world, &err)) {
        fail_msg("%s", err.text);
    }
    little_look(little);
}

/* ---- set-up ---- */

static void add_place(struct little *little, const struct place *place)
{
    little->places = sim_realloc(little->places, little->place_count + 1, sizeof *little->places);
    struct place *added = &little->places[little->place_count++];
    *added = *place;
    added->last = little->start;
    added->since = sim_alloc(little->segments, sizeof *added->since);
    added->seen = sim_alloc(little->segments, sizeof *added->seen);
    added->present = sim_alloc(little->segments, sizeof *added->present);
    for (uint32_t i = 0; i < little->segments; i++) {
        added->since[i] = ABSENT;
    }
    added->count = count_of(added);
    added->before = integral_of(added, little->start);
}

static void add_output(struct little *little, const struct net_task *task,
                       const struct net_partition *partition)
{
    struct place place = {.kind = OUTPUT_POOL,
                          .taskmanager = &little->world->taskmanagers[task->taskmanager],
                          .task = task,
                          .partition = partition};
    add_place(little, &place);
    for (place.subpartition = 0; place.subpartition < partition->count; place.subpartition++) {
        place.kind = SUBPARTITION_BUFFERS;
        add_place(little, &place);
        place.kind = SUBPARTITION_QUEUE;
        add_place(little, &place);
    }
}

static void add_gate(struct little *little, const struct net_task *task,
                     const struct net_gate *gate)
{
    struct place place = {.kind = FLOATING_POOL,
                          .taskmanager = &little->world->taskmanagers[task->taskmanager],
                          .task = task,
                          .gate = gate};
    add_place(little, &place);
    place.kind = FILLED_BUFFERS;
    add_place(little, &place);
    place.kind = REMOTE_CHANNEL;
    for (uint32_t i = 0; i < gate->count; i++) {
        place.channel = &gate->channels[i];
        if (place.channel->is_remote) {
            add_place(little, &place);
        }
    }
}

static void add_local_channels(struct little *little)
{
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        const struct net_link_end *link = &little->world->links[i];
        if (!link->channel->is_remote) {
            const struct net_input *input = link->channel->gate->owner;
            add_place(little,
                      &(struct place){.kind = LOCAL_CHANNEL,
                                      .taskmanager =
                                          &little->world->taskmanagers[input->task->taskmanager],
                                      .task = input->task,
                                      .partition = &net_link_end_output(link)->partition,
                                      .subpartition = net_link_end_sub(link)->index,
                                      .channel = link->channel});
        }
    }
}

/* Gates first: who is pinned there is looked for in no partition. */
static void add_tasks(struct little *little)
{
    for (uint32_t i = 0; i < little->world->task_count; i++) {
        const struct net_task *task = &little->world->tasks[i];
        little->records_in[i] = task->records_in;
        for (uint32_t j = 0; j < task->input_count; j++) {
            for (uint32_t k = 0; k < task->inputs[j].gate_count; k++) {
                add_gate(little, task, &task->inputs[j].gates[k]);
            }
        }
    }
    for (uint32_t i = 0; i < little->world->task_count; i++) {
        const struct net_task *task = &little->world->tasks[i];
        for (uint32_t j = 0; j < task->output_count; j++) {
            add_output(little, task, &task->outputs[j].partition);
        }
    }
}

struct little *little_create(struct net_job *job)
{
    struct little *little = sim_alloc(1, sizeof *little);
    uint32_t taskmanagers = job->spec.cluster.taskmanagers;
    little->world = job->world;
    little->start = sim_now(job->sim);
    little->segments = net_network_pool_total(job->world->taskmanagers[0].segments.pool);
    little->receiving =
        sim_alloc((size_t)taskmanagers * little->segments, sizeof *little->receiving);
    little->freed = sim_alloc(little->segments, sizeof *little->freed);
    little->crossings = sim_alloc(job->world->link_count, sizeof *little->crossings);
    little->records_in = sim_alloc(job->world->task_count, sizeof *little->records_in);
    for (uint32_t i = 0; i < taskmanagers; i++) {
        add_place(little, &(struct place){.kind = GLOBAL_POOL,
                                          .taskmanager = &job->world->taskmanagers[i]});
    }
    add_tasks(little);
    add_local_channels(little);
    sim_set_audit(job->sim, after_event, little);
    little_look(little); /* who is there already */
    return little;
}

void little_destroy(struct little *little)
{
    for (uint32_t i = 0; i < little->place_count; i++) {
        free(little->places[i].since);
        free(little->places[i].seen);
        free(little->places[i].present);
    }
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        net_ring_finish(&little->crossings[i].travellers);
    }
    free(little->places);
    free(little->receiving);
    free(little->freed);
    free(little->crossings);
    free(little->records_in);
    free(little);
}

/* ---- comparing ---- */

static bool check_place(const struct place *place, sim_time now, struct sim_err *err)
{
    sim_int128 waited = place->waited;
    for (uint32_t i = 0; i < place->present_count; i++) {
        waited += now - place->since[place->present[i]];
    }
    sim_int128 integral = integral_of(place, now) - place->before;
    if (integral != waited) {
        return sim_err_set(err, SIM_ERR_ANSWER, "%s %u of %s/%u: integral %lld, waited %lld",
                           kind_names[place->kind],
                           place->channel != NULL ? place->channel->index : place->subpartition,
                           place->task != NULL ? place->task->vertex->name : "a task manager",
                           place->task != NULL ? place->task->subtask : 0, (long long)integral,
                           (long long)waited);
    }
    return true;
}

static bool check_crossing(const struct crossing *crossing, const struct net_link_end *link,
                           sim_time now, struct sim_err *err)
{
    sim_int128 waited = crossing->waited;
    for (uint32_t i = 0; i < crossing->travellers.count; i++) {
        const struct traveller *traveller =
            net_ring_at(&crossing->travellers, i, sizeof *traveller);
        waited += now - traveller->since;
    }
    sim_int128 integral = crossing->integral + (sim_int128)crossing->count * (now - crossing->last);
    if (integral != waited) {
        const struct net_task *task = net_link_end_output(link)->task;
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "records from %s/%u to %u: integral %lld, waited %lld",
                           task->vertex->name, task->subtask, net_link_end_sub(link)->index,
                           (long long)integral, (long long)waited);
    }
    return true;
}

/* Those that have arrived through all channels of a task are those that it says it served, and as
 * old as it says. */
static bool check_latencies(const struct little *little, const struct net_task *task,
                            struct sim_err *err)
{
    sim_int128 ages = 0;
    uint64_t arrived = 0;
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        const struct net_input *input = little->world->links[i].channel->gate->owner;
        if (input->task == task) {
            ages += little->crossings[i].ages;
            arrived += little->crossings[i].arrived;
        }
    }
    uint64_t served = task->records_in - little->records_in[task - little->world->tasks];
    if (arrived != served) {
        return sim_err_set(err, SIM_ERR_ANSWER, "%s/%u served %llu records, %llu arrived",
                           task->vertex->name, task->subtask, (unsigned long long)served,
                           (unsigned long long)arrived);
    }
    double told = sim_histogram_mean(task->latency) * (double)sim_histogram_count(task->latency);
    double error = (double)ages - told;
    /* The histogram's sum is exact, its mean is a double. */
    if (error > told * 1e-12 + 0.5 || -error > told * 1e-12 + 0.5) {
        return sim_err_set(err, SIM_ERR_ANSWER, "records to %s/%u: ages %lld, latencies %.0f",
                           task->vertex->name, task->subtask, (long long)ages, told);
    }
    return true;
}

bool little_holds(const struct little *little, uint32_t *compared, struct sim_err *err)
{
    sim_time now = sim_now(little->world->sim);
    *compared = 0;
    for (uint32_t i = 0; i < little->place_count; i++) {
        if (!check_place(&little->places[i], now, err)) {
            return false;
        }
        *compared += little->places[i].visits > 0;
    }
    for (uint32_t i = 0; i < little->world->link_count; i++) {
        if (!check_crossing(&little->crossings[i], &little->world->links[i], now, err)) {
            return false;
        }
        *compared += little->crossings[i].arrived > 0;
    }
    for (uint32_t i = 0; i < little->world->task_count; i++) {
        const struct net_task *task = &little->world->tasks[i];
        if (task->input_count > 0 && !check_latencies(little, task, err)) {
            return false;
        }
    }
    return true;
}

uint32_t little_check(const struct little *little)
{
    struct sim_err err = {0};
    uint32_t compared;
    if (!little_holds(little, &compared, &err)) {
        fail_msg("%s", err.text);
    }
    return compared;
}
