#include "models/channel.h"

#include <stdlib.h>

#include "models/gate.h"
#include "sim/arena.h"
#include "sim/assert.h"

void net_channel_init_remote(struct net_channel *channel, struct net_gate *gate, uint32_t index,
                             uint32_t exclusive, const struct net_client *client)
{
    *channel =
        (struct net_channel){.gate = gate, .index = index, .is_remote = true, .client = client};
    sim_assert(gate->sim, gate->exclusive_total == 0 || gate->exclusive == exclusive);
    gate->exclusive = exclusive;
    gate->exclusive_total += exclusive;
}

void net_channel_init_local(struct net_channel *channel, struct net_gate *gate, uint32_t index,
                            struct net_subpartition *sub)
{
    *channel = (struct net_channel){.gate = gate, .index = index, .sub = sub};
    bool is_first = gate->local_from == gate->local_to;
    gate->local_from = is_first || index < gate->local_from ? index : gate->local_from;
    gate->local_to = index >= gate->local_to ? index + 1 : gate->local_to;
}

static uint32_t received_count(const struct net_channel *channel)
{
    return net_items_count(&channel->received);
}

void net_channel_finish(struct net_channel *channel)
{
    net_items_finish(&channel->received);
}

static void push_exclusive(struct net_channel *channel, net_segment segment)
{
    struct net_gate *gate = channel->gate;
    net_segment_push(gate->buffers, &channel->free_exclusive, segment);
    gate->exclusive_free++;
}

static void push_floating(struct net_channel *channel, net_segment segment)
{
    struct net_gate *gate = channel->gate;
    net_segment_push(gate->buffers, &channel->free_floating, segment);
    gate->floating_held++;
}

static net_segment pop_exclusive(struct net_channel *channel)
{
    struct net_gate *gate = channel->gate;
    gate->exclusive_free--;
    return net_segment_pop(gate->buffers, &channel->free_exclusive);
}

static net_segment pop_floating(struct net_channel *channel)
{
    struct net_gate *gate = channel->gate;
    gate->floating_held--;
    return net_segment_pop(gate->buffers, &channel->free_floating);
}

/* RIC-2, SIZ-1: one unpooled request for the channel's exclusive segments. */
bool net_channel_assign_exclusive(struct net_channel *channel, struct sim_err *err)
{
    if (channel->gate->exclusive == 0) {
        return true;
    }
    struct net_network_pool *pool = channel->gate->segments->pool;
    uint32_t total = net_network_pool_total(pool); /* with more than that the request fails */
    uint32_t most = channel->gate->exclusive < total ? channel->gate->exclusive : total;
    net_segment *segments = sim_alloc(most, sizeof *segments);
    bool is_done = net_network_pool_request_unpooled(pool, channel->gate->exclusive, segments, err);
    for (uint32_t i = 0; is_done && i < channel->gate->exclusive; i++) {
        push_exclusive(channel, segments[i]);
    }
    free(segments);
    return is_done;
}

void net_channel_prefetch_next(const struct net_channel *channel)
{
    sim_prefetch(net_items_ring(&channel->received));
    if (channel->free_exclusive.count > 2) {
        sim_prefetch(&channel->gate->buffers[channel->free_exclusive.head]);
    }
    sim_prefetch(channel->gate->owner);
}

/* RIC-4 */
static void announce(struct net_channel *channel, uint32_t credit)
{
    if (credit == 0) {
        return;
    }
    bool was_zero = channel->unannounced == 0;
    channel->unannounced += credit;
    if (was_zero) {
        channel->client->on_credit(channel->client->owner, channel);
    }
}

uint32_t net_channel_take_credit(struct net_channel *channel)
{
    uint32_t credit = channel->unannounced;
    channel->unannounced = 0;
    return credit;
}

/* BM-5 */
static uint32_t request_floating(struct net_channel *channel)
{
    struct net_gate *gate = channel->gate;
    uint32_t got = 0;
    while ((int32_t)net_channel_free(channel) < channel->required && !channel->is_waiting) {
        net_segment segment = net_local_pool_request(gate->pool, NET_NO_SUBPARTITION);
        if (segment != NET_SEGMENT_NONE) {
            push_floating(channel, segment);
            got++;
        } else if (net_local_pool_add_listener(gate->pool, &channel->listener)) {
            channel->is_waiting = true;
        } else if (net_local_pool_is_destroyed(gate->pool)) {
            break;
        }
    }
    return got;
}

/* LEG-3: a buffer of the gate's pool for what has arrived; if there is none, wait for one. */
static bool obtain_buffer(struct net_channel *channel)
{
    struct net_gate *gate = channel->gate;
    while (channel->free_floating.count == 0) {
        net_segment segment = net_local_pool_request(gate->pool, NET_NO_SUBPARTITION);
        if (segment != NET_SEGMENT_NONE) {
            push_floating(channel, segment);
        } else if (net_local_pool_add_listener(gate->pool, &channel->listener)) {
            channel->is_waiting = true;
            return false;
        } else if (net_local_pool_is_destroyed(gate->pool)) {
            return false;
        }
    }
    return true;
}

/* BM-2: floating buffers first (TRAP-15). */
static bool take_buffer(struct net_channel *channel, struct net_received *message)
{
    struct net_gate *gate = channel->gate;
    if (channel->has_no_credit && !obtain_buffer(channel)) {
        return false;
    }
    channel->required--;
    message->is_exclusive = channel->free_floating.count == 0;
    if (!message->is_exclusive) {
        message->segment = pop_floating(channel);
    } else if (channel->free_exclusive.count > 0) {
        message->segment = pop_exclusive(channel);
    } else {
        return false;
    }
    net_gate_note_used(gate);
    return true;
}

/* BM-3 */
void net_channel_on_backlog(struct net_channel *channel, uint32_t backlog)
{
    if (channel->is_released || channel->has_no_credit) {
        return;
    }
    channel->required = (int32_t)(backlog + channel->gate->exclusive);
    announce(channel, request_floating(channel));
}

/* BM-9 */
static void release_floating(struct net_channel *channel)
{
    struct net_gate *gate = channel->gate;
    channel->required = 0;
    while (channel->free_floating.count > 0) {
        net_local_pool_recycle(gate->pool, pop_floating(channel), NET_NO_SUBPARTITION);
    }
}

/* RIC-3, step 4; true when it is the first priority element. */
static bool queue_received(struct net_channel *channel, const struct net_received *message)
{
    struct net_ring_store *store = &channel->gate->rings;
    bool has_priority = message->type == NET_ELEMENT_PRIORITY_EVENT;
    if (has_priority || net_element_blocks((enum net_element_type)message->type)) {
        channel->has_barrier = true;
        channel->barrier_sequence = message->sequence;
    }
    if (has_priority) {
        net_items_insert(&channel->received, store, channel->priority_count++,
                         net_received_item(message));
    } else {
        net_items_push(&channel->received, store, net_received_item(message));
    }
    channel->gate->queued_elements++;
    channel->gate->queued_bytes += message->bytes;
    if (message->type != NET_ELEMENT_TIMEOUT_BARRIER) {
        return has_priority && channel->priority_count == 1;
    }
    const struct net_received announcement = {.segment = NET_SEGMENT_NONE,
                                              .sequence = message->sequence,
                                              .type = NET_ELEMENT_ANNOUNCEMENT};
    net_items_insert(&channel->received, store, channel->priority_count++,
                     net_received_item(&announcement)); /* CHK-6 */
    channel->gate->queued_elements++;
    return channel->priority_count == 1;
}

static void recycle_segment(struct net_channel *channel, net_segment segment, bool is_exclusive);

/* RIC-3 */
bool net_channel_receive(struct net_channel *channel, struct net_received *message,
                         uint32_t backlog)
{
    struct net_gate *gate = channel->gate;
    bool is_data = net_element_is_data((enum net_element_type)message->type);
    message->segment = NET_SEGMENT_NONE; /* of an event: it lies on the heap (RIC-1) */
    message->is_exclusive = false;
    if (channel->is_released) {
        return true;
    }
    if (is_data && !take_buffer(channel, message)) {
        return false;
    }
    sim_prefetch(channel->flow); /* for the task, some time later */
    sim_assert(gate->sim, channel->expected_sequence == message->sequence); /* NET-8 */
    channel->received_bytes += message->bytes;
    if (is_data && message->bytes == 0) {
        recycle_segment(channel, message->segment, message->is_exclusive); /* RIC-5 */
        channel->expected_sequence++;
        net_channel_on_backlog(channel, backlog);
        return true;
    }
    if (net_element_blocks((enum net_element_type)message->type) && channel->gate->exclusive == 0) {
        release_floating(channel);
    }
    bool was_empty = received_count(channel) == 0;
    bool is_first_priority = queue_received(channel, message);
    if (is_data && gate->on_received != NULL) {
        gate->on_received(gate->owner, channel, message); /* CHK-10 */
    }
    channel->expected_sequence++;
    if (is_first_priority) {
        net_gate_notify(gate, channel, true);
    }
    if (was_empty) {
        net_gate_notify(gate, channel, false);
    }
    net_channel_on_backlog(channel, backlog);
    return true;
}

static struct net_received pop_received(struct net_channel *channel)
{
    return net_received_of(net_items_pop(&channel->received, &channel->gate->rings));
}

static bool take_received(struct net_channel *channel, struct net_element *element)
{
    if (received_count(channel) == 0) {
        return false;
    }
    struct net_received head = pop_received(channel);
    if (channel->priority_count > 0) {
        channel->priority_count--;
    }
    channel->gate->queued_elements--;
    channel->gate->queued_bytes -= head.bytes;
    *element = (struct net_element){
        .channel = channel,
        .segment = head.segment,
        .bytes = head.bytes,
        .sequence = head.sequence,
        .type = head.type,
        .is_exclusive = head.is_exclusive,
    };
    if (head.segment != NET_SEGMENT_NONE) {
        channel->exclusive_read += head.is_exclusive;
        channel->floating_read += !head.is_exclusive;
    }
    if (received_count(channel) > 0) {
        element->next_type = net_channel_received_at(channel, 0).type;
        element->next_has_priority = channel->priority_count > 0;
    }
    return true;
}

/* LIC-3: empty slices are skipped. */
static bool take_local(struct net_channel *channel, struct net_element *element)
{
    struct net_slice slice;
    do {
        if (!net_subpartition_poll(channel->sub, &slice)) {
            return false;
        }
        if (slice.bytes == 0) {
            net_buffer_release(slice.buffer, channel->sub->group->recycler);
        }
    } while (slice.bytes == 0);
    *element = (struct net_element){
        .channel = channel,
        .buffer = slice.buffer,
        .segment = NET_SEGMENT_NONE,
        .bytes = slice.bytes,
        .sequence = slice.sequence,
        .type = (uint8_t)slice.type,
        .next_type = (uint8_t)slice.next,
        .next_has_priority = channel->sub->priority_count > 0,
    };
    return true;
}

bool net_channel_take(struct net_channel *channel, struct net_element *element)
{
    return channel->is_remote ? take_received(channel, element) : take_local(channel, element);
}

/* BM-6 */
static void recycle_exclusive(struct net_channel *channel, net_segment segment)
{
    struct net_gate *gate = channel->gate;
    if (channel->is_released) {
        net_network_pool_recycle_unpooled(gate->segments->pool, 1, &segment);
        return;
    }
    push_exclusive(channel, segment);
    if ((int32_t)net_channel_free(channel) > channel->required &&
        channel->free_floating.count > 0) {
        net_local_pool_recycle(gate->pool, pop_floating(channel), NET_NO_SUBPARTITION);
    } else {
        announce(channel, 1);
    }
}

static void recycle_segment(struct net_channel *channel, net_segment segment, bool is_exclusive)
{
    if (is_exclusive) {
        recycle_exclusive(channel, segment);
    } else {
        net_local_pool_recycle(channel->gate->pool, segment, NET_NO_SUBPARTITION); /* BM-8 */
    }
    net_gate_note_used(channel->gate);
}

/* The task is done with a receive buffer. */
static void recycle_read(struct net_channel *channel, net_segment segment, bool is_exclusive)
{
    channel->exclusive_read -= is_exclusive;
    channel->floating_read -= !is_exclusive;
    recycle_segment(channel, segment, is_exclusive);
}

/* The buffer of a receive segment counts its pins; a pinned one waits for the last (CHK-12). */
static struct net_buffer *pinned(const struct net_channel *channel, net_segment segment)
{
    struct net_buffer *buffer = &channel->gate->buffers[segment];
    return channel->gate->pins > 0 && buffer->references > 0 ? buffer : NULL;
}

void net_channel_recycle(struct net_channel *channel, const struct net_element *element)
{
    if (!channel->is_remote) {
        net_buffer_release(element->buffer, channel->sub->group->recycler); /* LIC-4 */
        return;
    }
    struct net_buffer *buffer = pinned(channel, element->segment);
    if (buffer != NULL) {
        buffer->is_finished = true;
        return;
    }
    recycle_read(channel, element->segment, element->is_exclusive);
}

/* BM-7 */
static bool on_offer(struct net_buffer_listener *listener, net_segment segment)
{
    struct net_channel *channel = net_channel_of_listener(listener);
    if (channel->is_released) {
        return false;
    }
    channel->is_waiting = false;
    if (!channel->has_no_credit && (int32_t)net_channel_free(channel) >= channel->required) {
        return false;
    }
    push_floating(channel, segment);
    if (channel->has_no_credit) {
        channel->client->on_credit(channel->client->owner, channel); /* LEG-3: read on */
        return true;
    }
    announce(channel, 1 + request_floating(channel));
    return true;
}

const struct net_listener_calls net_channel_listener_calls = {.offer = on_offer};

/* RIC-6, LIC-8 */
void net_channel_resume(struct net_channel *channel)
{
    if (!channel->is_remote) {
        net_subpartition_resume(channel->sub);
        if (net_subpartition_has_data(channel->sub)) {
            net_gate_notify(channel->gate, channel, false);
        }
        return;
    }
    if (channel->gate->exclusive == 0) {
        channel->unannounced = 0;
    }
    channel->client->resume(channel->client->owner, channel);
}

void net_channel_pin(struct net_channel *channel, net_segment segment)
{
    struct net_buffer *buffer = &channel->gate->buffers[segment];
    channel->gate->pins++;
    buffer->references++;
    buffer->is_finished = false;
}

void net_channel_unpin(struct net_channel *channel, net_segment segment, bool is_exclusive)
{
    struct net_buffer *buffer = &channel->gate->buffers[segment];
    channel->gate->pins--;
    if (--buffer->references == 0 && buffer->is_finished) {
        recycle_read(channel, segment, is_exclusive);
    }
}

/* CHK-10 */
void net_channel_visit_received(struct net_channel *channel,
                                void (*visit)(void *arg, struct net_channel *channel,
                                              const struct net_received *received),
                                void *arg)
{
    for (uint32_t i = 0; i < received_count(channel); i++) {
        struct net_received received = net_channel_received_at(channel, i);
        bool is_before = !channel->has_barrier || received.sequence < channel->barrier_sequence;
        if (received.type == NET_ELEMENT_DATA && is_before) {
            visit(arg, channel, &received);
        }
    }
}

/* CHK-7: the barrier keeps its type. */
void net_channel_prioritise_barrier(struct net_channel *channel)
{
    struct net_ring_store *store = &channel->gate->rings;
    for (uint32_t i = channel->priority_count; i < received_count(channel); i++) {
        struct net_received received = net_channel_received_at(channel, i);
        if (received.type != NET_ELEMENT_TIMEOUT_BARRIER) {
            continue;
        }
        net_items_remove(&channel->received, store, i);
        net_items_insert(&channel->received, store, channel->priority_count++,
                         net_received_item(&received));
        if (channel->priority_count == 1) {
            net_gate_notify(channel->gate, channel, true);
        }
        return;
    }
}

/* DBL-6: a local producer knows at once. */
void net_channel_announce_size(struct net_channel *channel, uint32_t bytes)
{
    if (channel->is_released) {
        return;
    }
    if (!channel->is_remote) {
        net_subpartition_set_size_hint(channel->sub, bytes);
    } else if (channel->client->on_size != NULL) {
        channel->client->on_size(channel->client->owner, channel, bytes);
    }
}

/* BM-10: exclusive segments go back in one batch. */
void net_channel_release(struct net_channel *channel)
{
    if (channel->is_released) {
        return;
    }
    struct net_gate *gate = channel->gate;
    channel->is_released = true;
    if (!channel->is_remote) {
        return;
    }
    net_segment *returned = sim_alloc(channel->gate->exclusive, sizeof *returned);
    uint32_t count = 0;
    while (received_count(channel) > 0) {
        struct net_received head = pop_received(channel);
        gate->queued_elements--;
        gate->queued_bytes -= head.bytes;
        if (head.segment == NET_SEGMENT_NONE) {
            continue;
        }
        struct net_buffer *buffer = pinned(channel, head.segment);
        if (buffer != NULL) { /* goes back with its last pin, as if the task had read it */
            buffer->is_finished = true;
            channel->exclusive_read += head.is_exclusive;
            channel->floating_read += !head.is_exclusive;
        } else if (head.is_exclusive) {
            returned[count++] = head.segment;
        } else {
            net_local_pool_recycle(gate->pool, head.segment, NET_NO_SUBPARTITION);
        }
    }
    while (channel->free_floating.count > 0) {
        net_local_pool_recycle(gate->pool, pop_floating(channel), NET_NO_SUBPARTITION);
    }
    while (channel->free_exclusive.count > 0) {
        returned[count++] = pop_exclusive(channel);
    }
    if (count > 0) {
        net_network_pool_recycle_unpooled(gate->segments->pool, count, returned);
    }
    free(returned);
    net_gate_note_used(gate);
    if (channel->client->close != NULL) {
        channel->client->close(channel->client->owner, channel);
    }
}

/* RIC-8 */
uint32_t net_channel_buffers_in_use(const struct net_channel *channel)
{
    if (!channel->is_remote) {
        return net_subpartition_length(channel->sub);
    }
    int32_t wanted = channel->required - (int32_t)channel->gate->exclusive;
    return received_count(channel) + (wanted > 0 ? (uint32_t)wanted : 0);
}

uint64_t net_channel_queued_bytes(const struct net_channel *channel)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < received_count(channel); i++) {
        struct net_received received = net_channel_received_at(channel, i);
        bytes += received.segment != NET_SEGMENT_NONE ? received.bytes : 0;
    }
    return bytes;
}

uint32_t net_channel_queued(const struct net_channel *channel)
{
    return channel->is_remote ? received_count(channel) : net_subpartition_length(channel->sub);
}

/* LIC-2 */
static struct net_channel *told_channel(struct net_subpartition_reader *reader)
{
    return (struct net_channel *)((uintptr_t)reader - offsetof(struct net_channel, told_by_sub));
}

static void on_local_data(struct net_subpartition_reader *reader)
{
    struct net_channel *channel = told_channel(reader);
    net_gate_notify(channel->gate, channel, false);
}

static void on_local_priority(struct net_subpartition_reader *reader, uint32_t sequence)
{
    (void)sequence;
    struct net_channel *channel = told_channel(reader);
    net_gate_notify(channel->gate, channel, true);
}

/* LIC-9 */
void net_channel_open_local(struct net_channel *channel)
{
    static const struct net_reader_calls calls = {.on_data = on_local_data,
                                                  .on_priority = on_local_priority};
    channel->told_by_sub.calls = &calls;
    net_subpartition_attach(channel->sub, &channel->told_by_sub);
    net_gate_notify(channel->gate, channel, false);
}

/* What is queued is found by looking, what the task reads is counted. */
bool net_channel_audit(const struct net_channel *channel, struct sim_err *err)
{
    if (!channel->is_remote || channel->is_released) {
        return true;
    }
    uint32_t queued = 0;
    for (uint32_t i = 0; i < received_count(channel); i++) {
        queued += net_channel_received_at(channel, i).is_exclusive;
    }
    if (channel->free_exclusive.count + queued + channel->exclusive_read !=
        channel->gate->exclusive) {
        return sim_err_set(
            err, SIM_ERR_ANSWER,
            "INV-8: channel %u: %u exclusive buffers free, %u queued, %u being read, of %u",
            channel->index, channel->free_exclusive.count, queued, channel->exclusive_read,
            channel->gate->exclusive);
    }
    return true;
}
