#include "studies/replay_receiver.h"

#include <inttypes.h>
#include <stdlib.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "sim/arena.h"

#define MAX_SEGMENTS (1 << 20)
#define MAX_CHANNELS (1 << 16)

static bool is_within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

bool study_receiver_check(const struct study_receiver_params *params, struct sim_err *err)
{
    if (!is_within(params->channels, 1, MAX_CHANNELS) ||
        !is_within(params->exclusive, 0, MAX_SEGMENTS) ||
        !is_within(params->segments, 1, MAX_SEGMENTS) || params->segment_bytes < 1 ||
        params->channels * params->exclusive > params->segments || params->floating_min < 1 ||
        params->floating_max < params->floating_min) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "expected 1 to %d channels, 1 to %d segments, enough of them for the "
                           "exclusive buffers, and 1 or more floating ones",
                           MAX_CHANNELS, MAX_SEGMENTS);
    }
    return true;
}

static void ignore_available(void *owner, struct net_gate *gate)
{
    (void)owner;
    (void)gate;
}

static bool make_channels(struct study_receiver *receiver,
                          const struct study_receiver_params *params, struct sim_err *err)
{
    struct net_gate *gate = &receiver->gate;
    for (uint32_t i = 0; i < gate->count; i++) {
        net_channel_init_remote(&gate->channels[i], gate, i, (uint32_t)params->exclusive,
                                &receiver->client);
    }
    for (uint32_t i = 0; i < gate->count; i++) {
        if (!net_channel_assign_exclusive(&gate->channels[i], err)) {
            return false;
        }
    }
    return true;
}

bool study_receiver_init(struct study_receiver *receiver,
                         const struct study_receiver_params *params, struct sim_err *err)
{
    struct net_network_pool_params global = {.segments = (uint32_t)params->segments,
                                             .segment_bytes = (uint32_t)params->segment_bytes,
                                             .request_timeout = 30 * SIM_S};
    struct net_local_pool_params floating = {.required = params->floating_min,
                                             .max = params->floating_max};
    receiver->sim = sim_create();
    net_segments_init(&receiver->segments, receiver->sim, &global);
    receiver->held = sim_alloc(global.segments, sizeof *receiver->held);
    receiver->client = params->client;
    receiver->floating = net_network_pool_create_pool(receiver->segments.pool, &floating, err);
    if (receiver->floating == NULL || !net_local_pool_reserve(receiver->floating, 1, err)) {
        return false;
    }
    struct net_gate_params gate = {.segments = &receiver->segments,
                                   .pool = receiver->floating,
                                   .channels = (uint32_t)params->channels,
                                   .on_available = ignore_available};
    net_gate_init(&receiver->gate, receiver->sim, &gate);
    receiver->is_made = true;
    return make_channels(receiver, params, err);
}

void study_receiver_finish(struct study_receiver *receiver)
{
    if (receiver->is_made) {
        net_gate_finish(&receiver->gate);
    }
    net_segments_finish(&receiver->segments);
    sim_destroy(receiver->sim);
    free(receiver->held);
    *receiver = (struct study_receiver){0};
}

struct net_channel *study_receiver_channel(struct study_receiver *receiver,
                                           const struct study_replay_step *step,
                                           struct sim_err *err)
{
    int64_t index = step->call->values[0];
    if (!is_within(index, 0, (int64_t)receiver->gate.count - 1)) {
        study_trace_fail(step->trace, step->call->line, err, "%s: there is no channel %" PRId64,
                         step->call->name, index);
        return NULL;
    }
    return &receiver->gate.channels[index];
}

bool study_receiver_poll(struct study_receiver *receiver, struct net_channel *channel,
                         struct study_replay_step *step, struct net_element *element)
{
    if (net_channel_take(channel, element)) {
        if (element->segment != NET_SEGMENT_NONE) {
            receiver->held[element->segment] = *element;
        }
        return true;
    }
    sim_text_add(&step->result, "%s",
                 channel->is_released ? "ex CancelTaskException Queried for a buffer after channel "
                                        "has been released."
                                      : "none");
    return false;
}

bool study_receiver_recycle(struct study_receiver *receiver, struct study_replay_step *step,
                            struct sim_err *err)
{
    struct net_channel *channel = study_receiver_channel(receiver, step, err);
    if (channel == NULL) {
        return false;
    }
    int64_t segment = step->call->values[1];
    if (!is_within(segment, 0, (int64_t)net_network_pool_total(receiver->segments.pool) - 1) ||
        receiver->held[segment].channel != channel) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "recycle: the task has no buffer %" PRId64 " of that channel",
                                segment);
    }
    struct net_element element = receiver->held[segment];
    receiver->held[segment].channel = NULL;
    net_channel_recycle(channel, &element);
    sim_text_add(&step->result, "ok");
    return true;
}

void study_receiver_write(const struct study_receiver *receiver, struct study_state *state)
{
    for (uint32_t i = 0; i < receiver->gate.count; i++) {
        const struct net_channel *channel = &receiver->gate.channels[i];
        study_state_line(state, 2,
                         "h %" PRIu32 " %" PRId32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32
                         " %d %d %" PRIu32,
                         i, channel->required, channel->free_exclusive.count,
                         channel->free_floating.count, channel->unannounced,
                         net_channel_queued(channel), channel->is_waiting, channel->is_released,
                         net_channel_buffers_in_use(channel));
    }
}

bool study_receiver_audit(const struct study_receiver *receiver, struct sim_err *err)
{
    return net_network_pool_audit(receiver->segments.pool, err) &&
           net_local_pool_audit(receiver->floating, err) && net_gate_audit(&receiver->gate, err);
}
