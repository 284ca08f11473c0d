#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "sim/arena.h"
#include "tests/support/net_fixture.h"

#define SEGMENT_BYTES 32768

static int64_t or_else(int64_t value, int64_t otherwise)
{
    return value == 0 ? otherwise : value;
}

static uint32_t exclusive_of(uint32_t exclusive)
{
    return exclusive == NET_FIXTURE_NOTHING ? 0 : (uint32_t)or_else(exclusive, 2);
}

static void do_nothing(struct sim *sim, void *owner)
{
    (void)sim;
    (void)owner;
}

void net_fixture_advance(struct sim *sim, sim_time at)
{
    sim_event_schedule(sim, sim_event_create(sim, 0, 0, do_nothing, NULL), at);
    (void)sim_run(sim, at);
    assert_int_equal(sim_now(sim), at);
}

static void told_data(struct net_subpartition_reader *reader)
{
    ((struct net_told *)reader)->data++;
}

static void told_priority(struct net_subpartition_reader *reader, uint32_t sequence)
{
    struct net_told *told = (struct net_told *)reader;
    told->priority++;
    told->priority_sequence = sequence;
}

void net_told_init(struct net_told *told)
{
    static const struct net_reader_calls calls = {.on_data = told_data,
                                                  .on_priority = told_priority};
    *told = (struct net_told){.reader = {.calls = &calls}};
}

static struct net_segments make_segments(struct sim *sim, uint32_t count, uint32_t bytes)
{
    struct net_network_pool_params params = {
        .segments = count, .segment_bytes = bytes, .request_timeout = 30 * SIM_S};
    struct net_segments segments;
    net_segments_init(&segments, sim, &params);
    return segments;
}

void net_producer_init(struct net_producer *producer, const struct net_producer_params *params)
{
    *producer = (struct net_producer){.sim = params->sim};
    if (producer->sim == NULL) {
        producer->sim = producer->own_sim = sim_create();
    }
    uint32_t count = (uint32_t)or_else(params->subpartitions, 1);
    assert_true(count <= NET_FIXTURE_CHANNELS);
    producer->segments = make_segments(producer->sim, (uint32_t)or_else(params->segments, 100),
                                       (uint32_t)or_else(params->segment_bytes, SEGMENT_BYTES));
    struct net_local_pool_params pool = {
        .required = or_else(params->required, count + 1),
        .max = or_else(params->max, 100),
        .subpartitions = count,
        .max_per_subpartition = or_else(params->max_per_subpartition, 10),
        .max_overdraft = params->max_overdraft < 0 ? 0 : or_else(params->max_overdraft, 20),
    };
    producer->pool = net_network_pool_create_pool(producer->segments.pool, &pool, NULL);
    assert_non_null(producer->pool);
    struct net_partition_params partition = {.segments = &producer->segments,
                                             .pool = producer->pool,
                                             .subpartitions = count,
                                             .exclusive_per_channel =
                                                 exclusive_of(params->exclusive),
                                             .size_hint = params->size_hint,
                                             .flushes_always = params->flushes_always};
    net_partition_init(&producer->partition, producer->sim, &partition);
}

void net_producer_finish(struct net_producer *producer)
{
    net_partition_finish(&producer->partition);
    net_segments_finish(&producer->segments);
    if (producer->own_sim != NULL) {
        sim_destroy(producer->own_sim);
    }
}

void net_producer_attach(struct net_producer *producer)
{
    for (uint32_t i = 0; i < producer->partition.count; i++) {
        net_told_init(&producer->told[i]);
        net_subpartition_attach(&producer->partition.subs[i], &producer->told[i].reader);
    }
}

struct net_slice net_producer_poll(struct net_producer *producer, uint32_t subpartition)
{
    struct net_slice slice = {0};
    assert_true(net_subpartition_poll(&producer->partition.subs[subpartition], &slice));
    if (slice.buffer != NULL) {
        net_buffer_release(slice.buffer, &producer->partition.recycler);
    }
    net_producer_check(producer);
    return slice;
}

void net_producer_poll_nothing(struct net_producer *producer, uint32_t subpartition)
{
    struct net_slice slice;
    assert_false(net_subpartition_poll(&producer->partition.subs[subpartition], &slice));
    net_producer_check(producer);
}

void net_producer_emit(struct net_producer *producer, uint32_t subpartition, uint32_t bytes,
                       uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        assert_true(net_partition_emit(&producer->partition, subpartition, bytes));
    }
    net_producer_check(producer);
}

void net_producer_check(const struct net_producer *producer)
{
    struct sim_err err = {0};
    if (!net_network_pool_audit(producer->segments.pool, &err) ||
        !net_local_pool_audit(producer->pool, &err) ||
        !net_partition_audit(&producer->partition, &err)) {
        fail_msg("%s", err.text);
    }
}

static void count_credit(void *owner, struct net_channel *channel)
{
    ((struct net_receiver *)owner)->credits[channel->index]++;
}

static void count_resume(void *owner, struct net_channel *channel)
{
    ((struct net_receiver *)owner)->resumes[channel->index]++;
}

static void count_close(void *owner, struct net_channel *channel)
{
    ((struct net_receiver *)owner)->closes[channel->index]++;
}

static void count_available(void *owner, struct net_gate *gate)
{
    (void)gate;
    ((struct net_receiver *)owner)->available++;
}

static void count_priority(void *owner, struct net_gate *gate)
{
    (void)gate;
    ((struct net_receiver *)owner)->priority++;
}

void net_receiver_init(struct net_receiver *receiver, const struct net_receiver_params *params)
{
    *receiver = (struct net_receiver){.sim = params->sim};
    if (receiver->sim == NULL) {
        receiver->sim = receiver->own_sim = sim_create();
    }
    uint32_t count = (uint32_t)or_else(params->channels, 1);
    uint32_t exclusive = exclusive_of(params->exclusive);
    int64_t floating = or_else(params->floating, 8);
    assert_true(count <= NET_FIXTURE_CHANNELS);
    receiver->segments = make_segments(
        receiver->sim, (uint32_t)or_else(params->segments, count * exclusive + floating),
        SEGMENT_BYTES);
    struct net_local_pool_params pool = {.required = 1, .max = floating};
    receiver->pool = net_network_pool_create_pool(receiver->segments.pool, &pool, NULL);
    assert_non_null(receiver->pool);
    struct net_gate_params gate = {.segments = &receiver->segments,
                                   .pool = receiver->pool,
                                   .channels = count,
                                   .on_available = count_available,
                                   .on_priority = count_priority,
                                   .owner = receiver};
    net_gate_init(&receiver->gate, receiver->sim, &gate);
    receiver->client = (struct net_client){
        .on_credit = count_credit, .resume = count_resume, .close = count_close, .owner = receiver};
    for (uint32_t i = 0; i < count; i++) {
        struct net_channel *channel = &receiver->gate.channels[i];
        net_channel_init_remote(channel, &receiver->gate, i, exclusive, &receiver->client);
        assert_true(net_channel_assign_exclusive(channel, NULL));
    }
}

void net_receiver_finish(struct net_receiver *receiver)
{
    net_gate_finish(&receiver->gate);
    net_segments_finish(&receiver->segments);
    if (receiver->own_sim != NULL) {
        sim_destroy(receiver->own_sim);
    }
}

struct net_channel *net_receiver_channel(struct net_receiver *receiver, uint32_t channel)
{
    assert_true(channel < receiver->gate.count);
    return &receiver->gate.channels[channel];
}

struct net_received net_receiver_data(struct net_receiver *receiver, uint32_t channel,
                                      uint32_t bytes, uint32_t backlog)
{
    struct net_channel *to = net_receiver_channel(receiver, channel);
    struct net_received message = {
        .bytes = bytes, .sequence = to->expected_sequence, .type = NET_ELEMENT_DATA};
    assert_true(net_channel_receive(to, &message, backlog));
    net_receiver_check(receiver);
    return message;
}

void net_receiver_event(struct net_receiver *receiver, uint32_t channel, enum net_element_type type)
{
    struct net_channel *to = net_receiver_channel(receiver, channel);
    struct net_received message = {
        .bytes = 38, .sequence = to->expected_sequence, .type = (uint8_t)type};
    assert_true(net_channel_receive(to, &message, 0));
    net_receiver_check(receiver);
}

struct net_element net_receiver_take(struct net_receiver *receiver, uint32_t channel)
{
    struct net_element element = {0};
    assert_true(net_channel_take(net_receiver_channel(receiver, channel), &element));
    net_receiver_check(receiver);
    return element;
}

void net_receiver_consume(struct net_receiver *receiver, uint32_t channel)
{
    struct net_element element = net_receiver_take(receiver, channel);
    if (net_element_is_data((enum net_element_type)element.type)) {
        net_channel_recycle(element.channel, &element);
    }
    net_receiver_check(receiver);
}

void net_receiver_expect(struct net_receiver *receiver, uint32_t channel, int32_t required,
                         uint32_t exclusive, uint32_t floating, uint32_t unannounced)
{
    const struct net_channel *of = net_receiver_channel(receiver, channel);
    assert_int_equal(of->required, required);
    assert_int_equal(of->free_exclusive.count, exclusive);
    assert_int_equal(of->free_floating.count, floating);
    assert_int_equal(of->unannounced, unannounced);
    net_receiver_check(receiver);
}

int64_t net_receiver_exclusive(const struct net_receiver *receiver)
{
    return net_network_pool_required(receiver->segments.pool) -
           net_local_pool_required(receiver->pool);
}

void net_receiver_check(const struct net_receiver *receiver)
{
    struct sim_err err = {0};
    if (!net_network_pool_audit(receiver->segments.pool, &err) ||
        !net_local_pool_audit(receiver->pool, &err) || !net_gate_audit(&receiver->gate, &err)) {
        fail_msg("%s", err.text);
    }
}

static bool wire_is_writable(void *owner)
{
    return !((struct net_loop *)owner)->is_unwritable;
}

static void wire_write(void *owner, const struct net_message *message)
{
    struct net_loop *loop = owner;
    assert_true(loop->write_count < 64);
    loop->writes[loop->write_count++] = *message;
}

static void wire_post(void *owner, struct net_reader *reader)
{
    struct net_loop *loop = owner;
    assert_true(loop->post_count < 64);
    loop->posts[loop->post_count++] = reader;
}

void net_loop_init(struct net_loop *loop, const struct net_producer_params *producer,
                   const struct net_receiver_params *receiver)
{
    *loop = (struct net_loop){0};
    struct net_receiver_params matching = *receiver;
    matching.channels = producer->subpartitions;
    matching.exclusive = producer->exclusive;
    net_producer_init(&loop->producer, producer);
    net_receiver_init(&loop->receiver, &matching);
    struct net_wire wire = {
        .is_writable = wire_is_writable, .write = wire_write, .post = wire_post, .owner = loop};
    net_sender_init(&loop->sender, loop->producer.sim, &wire);
    for (uint32_t i = 0; i < loop->producer.partition.count; i++) {
        struct net_channel *channel = net_receiver_channel(&loop->receiver, i);
        net_reader_init(&loop->readers[i], &loop->sender, &loop->producer.partition.subs[i],
                        channel, channel->gate->exclusive);
        net_reader_attach(&loop->readers[i]);
    }
    net_loop_run_posts(loop);
}

void net_loop_finish(struct net_loop *loop)
{
    net_producer_finish(&loop->producer);
    net_receiver_finish(&loop->receiver);
}

void net_loop_run_posts(struct net_loop *loop)
{
    for (uint32_t i = 0; i < loop->post_count; i++) {
        net_sender_enqueue(&loop->sender, loop->posts[i]);
    }
    loop->post_count = 0;
    net_loop_check(loop);
}

static struct net_message shift(struct net_message *list, uint32_t *count)
{
    assert_true(*count > 0);
    struct net_message first = list[0];
    memmove(list, list + 1, --*count * sizeof *list);
    return first;
}

struct net_message net_loop_sent(struct net_loop *loop)
{
    struct net_message message = shift(loop->writes, &loop->write_count);
    assert_true(loop->message_count < 64);
    loop->messages[loop->message_count++] = message;
    net_sender_on_written(&loop->sender, &message);
    net_loop_run_posts(loop);
    return message;
}

void net_loop_deliver(struct net_loop *loop)
{
    struct net_message message = shift(loop->messages, &loop->message_count);
    if (message.kind == NET_MESSAGE_BACKLOG) {
        net_channel_on_backlog(message.reader->channel, message.backlog);
    } else {
        struct net_received received = {
            .bytes = message.bytes, .sequence = message.sequence, .type = message.type};
        assert_true(net_channel_receive(message.reader->channel, &received, message.backlog));
    }
    net_loop_check(loop);
}

uint32_t net_loop_announce(struct net_loop *loop, uint32_t channel)
{
    uint32_t credit = net_channel_take_credit(net_receiver_channel(&loop->receiver, channel));
    if (credit > 0) {
        net_reader_add_credit(&loop->readers[channel], credit);
    }
    net_loop_run_posts(loop);
    return credit;
}

void net_loop_settle(struct net_loop *loop)
{
    bool has_moved = true;
    while (has_moved) {
        has_moved = loop->post_count > 0 || loop->write_count > 0 || loop->message_count > 0;
        net_loop_run_posts(loop);
        while (loop->write_count > 0) {
            (void)net_loop_sent(loop);
        }
        while (loop->message_count > 0) {
            net_loop_deliver(loop);
        }
        for (uint32_t i = 0; i < loop->producer.partition.count; i++) {
            has_moved |= net_loop_announce(loop, i) > 0;
        }
    }
}

void net_loop_check(struct net_loop *loop)
{
    net_producer_check(&loop->producer);
    net_receiver_check(&loop->receiver);
    struct sim_err err = {0};
    bool holds = net_sender_audit(&loop->sender, &err);
    for (uint32_t i = 0; holds && i < loop->producer.partition.count; i++) {
        struct net_under_way under_way = {0};
        for (uint32_t j = 0; j < loop->write_count; j++) {
            net_under_way_add(&under_way, &loop->readers[i], &loop->writes[j]);
        }
        for (uint32_t j = 0; j < loop->message_count; j++) {
            net_under_way_add(&under_way, &loop->readers[i], &loop->messages[j]);
        }
        holds = net_reader_audit(&loop->readers[i], &under_way, &err);
    }
    if (!holds) {
        fail_msg("%s", err.text);
    }
}
