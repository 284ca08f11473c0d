#include "models/gate.h"

#include <stdlib.h>

#include "sim/arena.h"

void net_gate_init(struct net_gate *gate, struct sim *sim, const struct net_gate_params *params)
{
    *gate = (struct net_gate){
        .sim = sim,
        .segments = params->segments,
        .pool = params->pool,
        .buffers = net_network_pool_buffers(params->segments->pool),
        .count = params->channels,
        .on_available = params->on_available,
        .on_priority = params->on_priority,
        .owner = params->owner,
        .ready_head = NET_CHANNEL_NONE,
        .ready_tail = NET_CHANNEL_NONE,
        .priority_tail = NET_CHANNEL_NONE,
    };
    gate->channels = sim_alloc_lines(params->channels, sizeof *gate->channels);
    net_local_pool_set_listener_calls(gate->pool, &net_channel_listener_calls);
    sim_level_init(&gate->used_level, 0, sim_now(sim));
}

void net_gate_finish(struct net_gate *gate)
{
    for (uint32_t i = 0; i < gate->count; i++) {
        net_channel_finish(&gate->channels[i]);
    }
    net_ring_store_finish(&gate->rings);
    free(gate->channels);
}

/* Let two channels of the queue follow each other; NET_CHANNEL_NONE stands for its ends. */
static void link_ready(struct net_gate *gate, uint32_t before, uint32_t after)
{
    if (before == NET_CHANNEL_NONE) {
        gate->ready_head = after;
    } else {
        gate->channels[before].next_ready = after;
    }
    if (after == NET_CHANNEL_NONE) {
        gate->ready_tail = before;
    } else {
        gate->channels[after].previous_ready = before;
    }
}

static void append_ready(struct net_gate *gate, struct net_channel *channel)
{
    link_ready(gate, gate->ready_tail, channel->index);
    link_ready(gate, channel->index, NET_CHANNEL_NONE);
}

/* Behind the last channel of the priority section. */
static void insert_priority(struct net_gate *gate, struct net_channel *channel)
{
    uint32_t before = gate->priority_tail;
    uint32_t after =
        before == NET_CHANNEL_NONE ? gate->ready_head : gate->channels[before].next_ready;
    link_ready(gate, before, channel->index);
    link_ready(gate, channel->index, after);
    gate->priority_tail = channel->index;
}

static void unlink_ready(struct net_gate *gate, struct net_channel *channel)
{
    if (gate->priority_tail == channel->index) {
        gate->priority_tail = channel->previous_ready;
    }
    link_ready(gate, channel->previous_ready, channel->next_ready);
    channel->is_queued = false;
    channel->is_queued_with_priority = false;
    gate->queued--;
}

static void queue_channel(struct net_gate *gate, struct net_channel *channel, bool has_priority)
{
    if (has_priority) {
        insert_priority(gate, channel);
    } else {
        append_ready(gate, channel);
    }
    channel->is_queued = true;
    channel->is_queued_with_priority = has_priority;
    gate->queued++;
}

/* SIG-3, SIG-4 */
void net_gate_notify(struct net_gate *gate, struct net_channel *channel, bool has_priority)
{
    if (channel->has_ended) {
        return;
    }
    if (channel->is_queued) {
        if (!has_priority || channel->is_queued_with_priority) {
            return;
        }
        unlink_ready(gate, channel);
    }
    bool was_empty = !net_gate_is_available(gate);
    bool is_first_priority = has_priority && !net_gate_has_priority(gate);
    queue_channel(gate, channel, has_priority);
    if (is_first_priority && gate->on_priority != NULL) {
        gate->on_priority(gate->owner, gate);
    }
    if (was_empty) {
        gate->on_available(gate->owner, gate);
    }
}

/* DBL-2 */
static void note_polled(struct net_gate *gate, const struct net_element *element)
{
    if (element->channel->is_remote) {
        gate->buffers_in_remote++;
        gate->bytes_in_remote += element->bytes;
    } else {
        gate->buffers_in_local++;
        gate->bytes_in_local += element->bytes;
    }
    if (gate->debloater != NULL) {
        net_throughput_resume(&gate->throughput, sim_now(gate->sim));
        net_throughput_add(&gate->throughput, element->bytes, sim_now(gate->sim));
    }
}

void net_gate_pause(struct net_gate *gate)
{
    if (gate->debloater != NULL) {
        net_throughput_pause(&gate->throughput, sim_now(gate->sim));
    }
}

void net_gate_debloat(struct net_gate *gate)
{
    int64_t bytes_per_sec = net_throughput_calculate(&gate->throughput, sim_now(gate->sim));
    int32_t size = net_debloater_recalculate(gate->debloater, bytes_per_sec,
                                             (int64_t)net_gate_buffers_in_use(gate));
    for (uint32_t i = 0; size > 0 && i < gate->count; i++) {
        net_channel_announce_size(&gate->channels[i], (uint32_t)size);
    }
}

/* What the channel that is polled next will need, and the one after it. */
static void prefetch_ready(const struct net_gate *gate)
{
    const struct net_channel *channel = &gate->channels[gate->ready_head];
    sim_prefetch(channel->flow);
    sim_prefetch(net_items_ring(&channel->received));
    if (channel->next_ready != NET_CHANNEL_NONE) {
        net_channel_prefetch(&gate->channels[channel->next_ready]);
    }
}

/* SIG-2 */
bool net_gate_poll(struct net_gate *gate, struct net_element *element)
{
    while (net_gate_is_available(gate)) {
        struct net_channel *channel = &gate->channels[gate->ready_head];
        unlink_ready(gate, channel);
        if (!net_channel_take(channel, element)) {
            continue;
        }
        if (element->type == NET_ELEMENT_END) {
            channel->has_ended = true; /* SIG-5 */
            net_channel_release(channel);
        } else if (element->next_type != NET_ELEMENT_NONE) {
            queue_channel(gate, channel, element->next_has_priority);
        }
        if (net_gate_is_available(gate)) {
            prefetch_ready(gate);
        }
        note_polled(gate, element);
        return true;
    }
    net_gate_pause(gate);
    return false;
}

/* MET-1, numerator */
int64_t net_gate_floating_used(const struct net_gate *gate)
{
    int64_t used = net_local_pool_used(gate->pool) - (int64_t)gate->floating_held;
    return used > 0 ? used : 0;
}

/* MET-2, numerator */
int64_t net_gate_exclusive_used(const struct net_gate *gate)
{
    return (int64_t)gate->exclusive_total - (int64_t)gate->exclusive_free;
}

void net_gate_note_used(struct net_gate *gate)
{
    sim_level_set(&gate->used_level, net_gate_floating_used(gate) + net_gate_exclusive_used(gate),
                  sim_now(gate->sim));
}

/* RIC-8 */
uint64_t net_gate_buffers_in_use(const struct net_gate *gate)
{
    uint64_t buffers = 0;
    for (uint32_t i = 0; i < gate->count; i++) {
        buffers += net_channel_buffers_in_use(&gate->channels[i]);
    }
    return buffers;
}

/* MET-4; local channels count what is queued at their producer (LIC-7). */
uint64_t net_gate_queue_length(const struct net_gate *gate)
{
    uint64_t length = gate->queued_elements;
    for (uint32_t i = gate->local_from; i < gate->local_to; i++) {
        const struct net_channel *channel = &gate->channels[i];
        length += channel->is_remote ? 0 : net_channel_queued(channel);
    }
    return length;
}

/* INV-7: every floating buffer is free in a channel, queued or being read. */
static bool audit_floating(const struct net_gate *gate, struct sim_err *err)
{
    uint64_t held = 0;
    uint64_t data = 0;
    for (uint32_t i = 0; i < gate->count; i++) {
        const struct net_channel *channel = &gate->channels[i];
        held += channel->free_floating.count;
        data += channel->floating_read;
        for (uint32_t j = 0; j < net_items_count(&channel->received); j++) {
            struct net_received received = net_channel_received_at(channel, j);
            data += received.segment != NET_SEGMENT_NONE && !received.is_exclusive;
        }
    }
    if (held != gate->floating_held || net_local_pool_used(gate->pool) != (int64_t)(held + data)) {
        return sim_err_set(
            err, SIM_ERR_ANSWER,
            "INV-7: %lld floating buffers used, %llu held (%u counted), %llu with data",
            (long long)net_local_pool_used(gate->pool), (unsigned long long)held,
            gate->floating_held, (unsigned long long)data);
    }
    return true;
}

/* INV-13: links and flags agree, both ways. */
static bool audit_ready(const struct net_gate *gate, struct sim_err *err)
{
    uint32_t queued = 0;
    uint32_t last = NET_CHANNEL_NONE;
    uint32_t next = gate->ready_head;
    while (next != NET_CHANNEL_NONE && queued <= gate->queued) {
        const struct net_channel *channel = &gate->channels[next];
        if (!channel->is_queued || channel->previous_ready != last) {
            break;
        }
        queued++;
        last = next;
        next = channel->next_ready;
    }
    uint32_t flags = 0;
    for (uint32_t i = 0; i < gate->count; i++) {
        flags += gate->channels[i].is_queued;
    }
    if (next != NET_CHANNEL_NONE || queued != gate->queued || flags != queued ||
        last != gate->ready_tail) {
        return sim_err_set(err, SIM_ERR_ANSWER, "INV-13: %u channels queued, %u counted, %u say so",
                           queued, gate->queued, flags);
    }
    return true;
}

/* INV-14. A pool takes a listener only while it has nothing idle, so the list itself is the proof
 * of that; a released channel stays in it until its turn comes. */
static bool audit_listeners(const struct net_gate *gate, struct sim_err *err)
{
    uint32_t waiting = 0;
    uint32_t listening = 0;
    for (uint32_t i = 0; i < gate->count; i++) {
        waiting += gate->channels[i].is_waiting && !gate->channels[i].is_released;
    }
    const struct net_buffer_listener *listener = net_local_pool_first_listener(gate->pool);
    uint32_t left = gate->count;
    for (; listener != NULL && left > 0; listener = listener->next, left--) {
        const struct net_channel *channel = net_channel_of_listener(listener);
        listening += channel->is_waiting && !channel->is_released;
        if (!channel->is_waiting) {
            break;
        }
    }
    if (listener != NULL || waiting != listening) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-14: %u channels wait, %u of them are registered", waiting,
                           listening);
    }
    return true;
}

bool net_gate_audit(const struct net_gate *gate, struct sim_err *err)
{
    for (uint32_t i = 0; i < gate->count; i++) {
        if (!net_channel_audit(&gate->channels[i], err)) {
            return false;
        }
    }
    if (!audit_ready(gate, err)) {
        return false;
    }
    return net_local_pool_is_destroyed(gate->pool) ||
           (audit_floating(gate, err) && audit_listeners(gate, err));
}
