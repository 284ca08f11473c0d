/*
 * Replay of producer, connection and consumer together: result partition, view readers and the
 * server's queue on one side, gate and remote channels on the other. The trace stands for the
 * connection, so the replay is the wire of the sender and the client of the channels.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "models/partition.h"
#include "models/ring.h"
#include "models/sender.h"
#include "sim/arena.h"
#include "studies/replay_receiver.h"

#define EVENT_BYTES 4
#define BARRIER_BYTES 38
#define MAX_SEGMENTS (1 << 20)

/* A message of the client on its way to the server. */
struct request {
    uint32_t channel;
    uint32_t credit; /* 0: resume */
};

struct loop_replay {
    int64_t segment_bytes;
    struct net_network_pool_params global_params;
    struct net_local_pool_params pool_params; /* of the producer */
    struct study_receiver_params receiver_params;
    bool has_sender;
    bool has_receiver;
    struct study_receiver receiver;
    struct net_segments segments; /* of the producer */
    struct net_local_pool *pool;
    struct net_partition partition;
    struct net_sender sender;
    struct net_reader *readers; /* by subpartition */
    bool is_made;
    bool is_finished;
    struct net_ring posts;    /* of struct net_reader *: notifications for the server's loop */
    struct net_ring writes;   /* of struct net_message: not complete */
    struct net_ring messages; /* of struct net_message: to the receiver */
    struct net_ring requests; /* of struct request: to the sender */
    struct study_replay_step *step;
};

static void *create_replay(void)
{
    return sim_alloc(1, sizeof(struct loop_replay));
}

static void destroy_replay(void *model)
{
    struct loop_replay *replay = model;
    if (replay->is_made) {
        net_partition_finish(&replay->partition);
    }
    net_segments_finish(&replay->segments);
    study_receiver_finish(&replay->receiver);
    net_ring_finish(&replay->posts);
    net_ring_finish(&replay->writes);
    net_ring_finish(&replay->messages);
    net_ring_finish(&replay->requests);
    free(replay->readers);
    free(replay);
}

static bool read_segment(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    replay->segment_bytes = step->call->values[0];
    return replay->segment_bytes > 0 ||
           study_trace_fail(step->trace, step->call->line, err, "segment: expected a size");
}

static bool read_sender(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    const int64_t *values = step->call->values;
    if (values[0] < 1 || values[0] > values[5] || values[3] < 1 || values[5] < 1 ||
        values[5] > MAX_SEGMENTS) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "sender: expected 1 to %d segments, at most as many "
                                "subpartitions, and 1 or more buffers for each of them",
                                MAX_SEGMENTS);
    }
    replay->pool_params = (struct net_local_pool_params){
        .required = values[1],
        .max = values[2],
        .subpartitions = (uint32_t)values[0],
        .max_per_subpartition = values[3],
        .max_overdraft = values[4],
    };
    replay->global_params = (struct net_network_pool_params){.segments = (uint32_t)values[5],
                                                             .request_timeout = 30 * SIM_S};
    replay->has_sender = true;
    return true;
}

static bool read_receiver(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    const int64_t *values = step->call->values;
    replay->receiver_params.exclusive = values[0];
    replay->receiver_params.floating_min = values[1];
    replay->receiver_params.floating_max = values[2];
    replay->receiver_params.segments = values[3];
    replay->has_receiver = true;
    (void)step;
    (void)err;
    return true;
}

static void write_message(const struct net_message *message, struct sim_text *text)
{
    uint32_t index = message->reader->channel->index;
    if (message->kind == NET_MESSAGE_BACKLOG) {
        sim_text_add(text, "announce %" PRIu32 " %" PRIu32, index, message->backlog);
        return;
    }
    sim_text_add(text, "%s %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32,
                 message->type == NET_ELEMENT_DATA ? "buf" : "event", index, message->bytes,
                 message->backlog, message->sequence);
}

static bool is_writable(void *owner)
{
    (void)owner;
    return true;
}

static void on_write(void *owner, const struct net_message *message)
{
    struct loop_replay *replay = owner;
    *(struct net_message *)net_ring_push(&replay->writes, sizeof *message) = *message;
    sim_text_add(&replay->step->events, "write ");
    write_message(message, &replay->step->events);
    sim_text_add(&replay->step->events, "\n");
}

static void on_post(void *owner, struct net_reader *reader)
{
    struct loop_replay *replay = owner;
    *(struct net_reader **)net_ring_push(&replay->posts, sizeof(struct net_reader *)) = reader;
}

/* What was posted is handled at the end of an operation, as the server's event loop would. */
static void run_posts(struct loop_replay *replay)
{
    while (replay->posts.count > 0) {
        struct net_reader *reader =
            *(struct net_reader **)net_ring_pop(&replay->posts, sizeof(struct net_reader *));
        net_sender_enqueue(&replay->sender, reader);
    }
}

static void on_credit(void *owner, struct net_channel *channel)
{
    struct loop_replay *replay = owner;
    sim_text_add(&replay->step->events, "credit %" PRIu32 "\n", channel->index);
}

static void push_request(struct loop_replay *replay, uint32_t channel, uint32_t credit)
{
    struct request *request = net_ring_push(&replay->requests, sizeof *request);
    *request = (struct request){.channel = channel, .credit = credit};
}

static void on_resume(void *owner, struct net_channel *channel)
{
    struct loop_replay *replay = owner;
    push_request(replay, channel->index, 0);
    sim_text_add(&replay->step->events, "resume %" PRIu32 "\n", channel->index);
}

static bool make_receiver(struct loop_replay *replay, struct sim_err *err)
{
    struct study_receiver_params *params = &replay->receiver_params;
    params->channels = replay->pool_params.subpartitions;
    params->segment_bytes = replay->segment_bytes;
    params->client =
        (struct net_client){.on_credit = on_credit, .resume = on_resume, .owner = replay};
    return study_receiver_check(params, err) && study_receiver_init(&replay->receiver, params, err);
}

static bool make_sender(struct loop_replay *replay, struct sim_err *err)
{
    struct sim *sim = replay->receiver.sim;
    uint32_t count = replay->pool_params.subpartitions;
    replay->global_params.segment_bytes = (uint32_t)replay->segment_bytes;
    net_segments_init(&replay->segments, sim, &replay->global_params);
    replay->pool = net_network_pool_create_pool(replay->segments.pool, &replay->pool_params, err);
    if (replay->pool == NULL) {
        return false;
    }
    uint32_t exclusive = (uint32_t)replay->receiver_params.exclusive;
    struct net_partition_params params = {.segments = &replay->segments,
                                          .pool = replay->pool,
                                          .subpartitions = count,
                                          .exclusive_per_channel = exclusive};
    net_partition_init(&replay->partition, sim, &params);
    replay->is_made = true;
    struct net_wire wire = {
        .is_writable = is_writable, .write = on_write, .post = on_post, .owner = replay};
    net_sender_init(&replay->sender, sim, &wire);
    replay->readers = sim_alloc(count, sizeof *replay->readers);
    for (uint32_t i = 0; i < count; i++) {
        net_reader_init(&replay->readers[i], &replay->sender, &replay->partition.subs[i],
                        &replay->receiver.gate.channels[i], exclusive);
        net_reader_attach(&replay->readers[i]);
    }
    run_posts(replay);
    return true;
}

static bool begin_replay(void *model, struct sim_err *err)
{
    struct loop_replay *replay = model;
    if (replay->segment_bytes == 0 || !replay->has_sender || !replay->has_receiver) {
        return sim_err_set(
            err, SIM_ERR_INPUT,
            "expected the lines 'segment ...', 'sender ...' and 'receiver ...' before the state");
    }
    return make_receiver(replay, err) && make_sender(replay, err);
}

/* A call that no recorder can have made. */
static bool refuse(const struct study_replay_step *step, const char *why, struct sim_err *err)
{
    return study_trace_fail(step->trace, step->call->line, err, "%s: %s", step->call->name, why);
}

static bool conclude(struct loop_replay *replay)
{
    run_posts(replay);
    return true;
}

static bool conclude_ok(struct loop_replay *replay)
{
    sim_text_add(&replay->step->result, "ok");
    return conclude(replay);
}

/* The channel, and with it the subpartition, that the operation names first. */
static struct net_channel *begin(struct loop_replay *replay, struct study_replay_step *step,
                                 struct sim_err *err)
{
    replay->step = step;
    return study_receiver_channel(&replay->receiver, step, err);
}

static bool run_emit(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    int64_t bytes = step->call->values[1];
    const struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    if (bytes < 1 || replay->is_finished ||
        !net_partition_emit(&replay->partition, channel->index, (uint32_t)bytes)) {
        return refuse(step, "expected bytes, and room for them in the pool", err);
    }
    return conclude_ok(replay);
}

static bool run_emit_all(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    int64_t bytes = step->call->values[0];
    replay->step = step;
    if (bytes < 1 || replay->is_finished ||
        !net_partition_emit_broadcast(&replay->partition, (uint32_t)bytes)) {
        return refuse(step, "expected bytes, and room for them in the pool", err);
    }
    return conclude_ok(replay);
}

static bool run_buffer_size(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    const struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    if (step->call->values[1] < 0) {
        return refuse(step, "expected a size", err);
    }
    net_subpartition_set_size_hint(&replay->partition.subs[channel->index],
                                   (uint32_t)step->call->values[1]);
    return conclude_ok(replay);
}

static bool run_flush(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    const struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    net_partition_flush(&replay->partition, channel->index);
    return conclude_ok(replay);
}

static bool run_flush_all(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct loop_replay *replay = model;
    replay->step = step;
    net_partition_flush_all(&replay->partition);
    return conclude_ok(replay);
}

static bool broadcast(struct loop_replay *replay, struct study_replay_step *step,
                      enum net_element_type type, uint32_t bytes, struct sim_err *err)
{
    replay->step = step;
    if (replay->is_finished) {
        return refuse(step, "the partition is finished", err);
    }
    net_partition_broadcast_event(&replay->partition, type, bytes);
    return conclude_ok(replay);
}

static bool run_event(void *model, struct study_replay_step *step, struct sim_err *err)
{
    return broadcast(model, step, NET_ELEMENT_EVENT, EVENT_BYTES, err);
}

static bool run_barrier(void *model, struct study_replay_step *step, struct sim_err *err)
{
    return broadcast(model, step, NET_ELEMENT_BARRIER, BARRIER_BYTES, err);
}

static bool run_finish(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    replay->step = step;
    if (replay->is_finished) {
        return refuse(step, "the partition is finished", err);
    }
    replay->is_finished = true;
    net_partition_end(&replay->partition);
    return conclude_ok(replay);
}

static bool run_sent(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct loop_replay *replay = model;
    replay->step = step;
    if (replay->writes.count == 0) {
        sim_text_add(&step->result, "none");
        return true;
    }
    struct net_message message =
        *(struct net_message *)net_ring_pop(&replay->writes, sizeof message);
    *(struct net_message *)net_ring_push(&replay->messages, sizeof message) = message;
    write_message(&message, &step->result);
    net_sender_on_written(&replay->sender, &message);
    return conclude(replay);
}

static bool run_deliver(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct loop_replay *replay = model;
    replay->step = step;
    if (replay->messages.count == 0) {
        sim_text_add(&step->result, "none");
        return true;
    }
    struct net_message message =
        *(struct net_message *)net_ring_pop(&replay->messages, sizeof message);
    struct net_channel *channel = message.reader->channel;
    if (message.kind == NET_MESSAGE_BACKLOG) {
        net_channel_on_backlog(channel, message.backlog);
        sim_text_add(&step->result, "announce %" PRIu32, channel->index);
        return conclude(replay);
    }
    struct net_received received = {
        .bytes = message.bytes, .sequence = message.sequence, .type = message.type};
    if (!net_channel_receive(channel, &received, message.backlog)) {
        sim_text_add(&step->result, "ex IllegalStateException no buffer for a message of %" PRIu32,
                     channel->index);
    } else if (received.segment == NET_SEGMENT_NONE) {
        sim_text_add(&step->result, "event %" PRIu32, channel->index);
    } else {
        sim_text_add(&step->result, "buf %" PRIu32 " %" PRIu32, channel->index, received.segment);
    }
    return conclude(replay);
}

static bool run_credit(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    uint32_t credit = net_channel_take_credit(channel);
    if (credit > 0) {
        push_request(replay, channel->index, credit);
    }
    sim_text_add(&step->result, "credit %" PRIu32, credit);
    return true;
}

static bool run_back(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    replay->step = step;
    if (replay->requests.count == 0) {
        sim_text_add(&step->result, "none");
        return true;
    }
    struct request request = *(struct request *)net_ring_pop(&replay->requests, sizeof request);
    struct net_reader *reader = &replay->readers[request.channel];
    if (request.credit > 0) {
        net_reader_add_credit(reader, request.credit);
        sim_text_add(&step->result, "credit %" PRIu32 " %" PRIu32, request.channel, request.credit);
        return conclude(replay);
    }
    if (!reader->sub->is_blocked) {
        return refuse(step, "the subpartition that is to resume is not blocked", err);
    }
    net_reader_resume(reader);
    sim_text_add(&step->result, "resume %" PRIu32, request.channel);
    return conclude(replay);
}

static bool run_poll(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    struct net_element element;
    if (!study_receiver_poll(&replay->receiver, channel, step, &element)) {
        return true;
    }
    if (element.segment != NET_SEGMENT_NONE) {
        sim_text_add(&step->result, "buf %" PRIu32, element.segment);
    } else {
        sim_text_add(&step->result, "event");
    }
    sim_text_add(&step->result, " %" PRIu32 " %d %" PRIu32, element.bytes,
                 element.next_type != NET_ELEMENT_NONE, element.sequence);
    return true;
}

static bool run_recycle(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct loop_replay *replay = model;
    replay->step = step;
    return study_receiver_recycle(&replay->receiver, step, err);
}

static bool run_resume(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_channel *channel = begin(model, step, err);
    if (channel == NULL) {
        return false;
    }
    net_channel_resume(channel);
    return conclude_ok(model);
}

static void write_subpartition(const struct loop_replay *replay, uint32_t index,
                               struct study_state *state)
{
    const struct net_subpartition *sub = &replay->partition.subs[index];
    const struct net_buffer *open = replay->partition.builders[index];
    const struct net_reader *reader = &replay->readers[index];
    study_state_line(state, 2,
                     "s %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %d %d %d %d %" PRIu32
                     " %" PRId32 " %d %" PRId64,
                     index, net_subpartition_length(sub), sub->data_count,
                     net_subpartition_backlog(sub), net_subpartition_is_available(sub, true),
                     net_subpartition_is_available(sub, false), sub->is_flush_requested,
                     sub->is_blocked, open == NULL ? 0 : open->capacity - open->committed,
                     reader->credit, reader->is_registered,
                     net_local_pool_subpartition_count(replay->pool, index));
}

static void write_state(void *model, struct study_state *state)
{
    const struct loop_replay *replay = model;
    int64_t size = net_local_pool_size(replay->pool);
    int64_t requested = net_local_pool_requested(replay->pool);
    study_state_line(
        state, 1, "p %" PRId64 " %" PRId64 " %" PRId64 " %d %" PRId64 " %" PRId64 " %" PRIu32, size,
        requested, net_local_pool_idle(replay->pool), net_local_pool_is_available(replay->pool),
        net_local_pool_full_subpartitions(replay->pool), requested > size ? requested - size : 0,
        net_network_pool_available(replay->segments.pool));
    for (uint32_t i = 0; i < replay->partition.count; i++) {
        write_subpartition(replay, i, state);
    }
    study_state_line(state, 1, "w %" PRIu32 " %" PRIu32 " %" PRIu32, replay->writes.count,
                     replay->messages.count, replay->requests.count);
    const struct net_local_pool *floating = replay->receiver.floating;
    study_state_line(state, 1, "f %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                     net_local_pool_size(floating), net_local_pool_requested(floating),
                     net_local_pool_idle(floating), net_local_pool_listeners(floating));
    study_receiver_write(&replay->receiver, state);
}

/* What is on its way between a reader and its channel. */
static struct net_under_way under_way_of(const struct loop_replay *replay,
                                         const struct net_reader *reader)
{
    struct net_under_way under_way = {0};
    for (uint32_t i = 0; i < replay->writes.count; i++) {
        net_under_way_add(&under_way, reader,
                          net_ring_at(&replay->writes, i, sizeof(struct net_message)));
    }
    for (uint32_t i = 0; i < replay->messages.count; i++) {
        net_under_way_add(&under_way, reader,
                          net_ring_at(&replay->messages, i, sizeof(struct net_message)));
    }
    for (uint32_t i = 0; i < replay->requests.count; i++) {
        const struct request *request = net_ring_at(&replay->requests, i, sizeof *request);
        if (request->channel == reader->channel->index) {
            under_way.credit += request->credit;
        }
    }
    return under_way;
}

/* INV-1 to INV-14 as far as they are about one connection. */
static bool audit(void *model, struct sim_err *err)
{
    const struct loop_replay *replay = model;
    for (uint32_t i = 0; i < replay->partition.count; i++) {
        struct net_under_way under_way = under_way_of(replay, &replay->readers[i]);
        if (!net_reader_audit(&replay->readers[i], &under_way, err)) {
            return false;
        }
    }
    return net_network_pool_audit(replay->segments.pool, err) &&
           net_local_pool_audit(replay->pool, err) &&
           net_partition_audit(&replay->partition, err) && net_sender_audit(&replay->sender, err) &&
           study_receiver_audit(&replay->receiver, err);
}

static const struct study_replay_operation parameters[] = {
    {"segment", "i", read_segment},
    {"sender", "iiiiii", read_sender},
    {"receiver", "iiii", read_receiver},
    {0},
};

static const struct study_replay_operation operations[] = {
    {"emit", "ii", run_emit},
    {"emit_all", "i", run_emit_all},
    {"buffersize", "ii", run_buffer_size},
    {"flush", "i", run_flush},
    {"flush_all", "", run_flush_all},
    {"event", "", run_event},
    {"barrier", "", run_barrier},
    {"finish", "", run_finish},
    {"sent", "", run_sent},
    {"deliver", "", run_deliver},
    {"credit", "i", run_credit},
    {"back", "", run_back},
    {"poll", "i", run_poll},
    {"recycle", "ii", run_recycle},
    {"resume", "i", run_resume},
    {0},
};

const struct study_replay_kind study_replay_loop = {
    .name = "looptrace",
    .parameters = parameters,
    .operations = operations,
    .create = create_replay,
    .destroy = destroy_replay,
    .begin = begin_replay,
    .write_state = write_state,
    .audit = audit,
};
