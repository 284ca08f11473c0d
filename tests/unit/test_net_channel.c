/*
 * Remote input channels: their buffers and credits (rules BM and RIC; vectors GT-1, GT-6 and
 * GT-10). Local ones are in test_net_local_channel.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/channel.h"
#include "models/gate.h"
#include "tests/support/assert_failure.h"
#include "tests/support/net_fixture.h"

#define SEGMENT 32768u

static void init(struct net_receiver *r, uint32_t channels, uint32_t exclusive, int64_t floating)
{
    struct net_receiver_params params = {
        .channels = channels, .exclusive = exclusive, .floating = floating};
    net_receiver_init(r, &params);
}

static uint32_t free_segments(const struct net_receiver *r)
{
    return net_network_pool_available(r->segments.pool);
}

/* BM-1, RIC-2 */
static void test_channel_starts_with_its_exclusive_buffers_and_announces_nothing(void **state)
{
    struct net_receiver r;
    init(&r, 2, 3, 4);
    net_receiver_expect(&r, 0, 0, 3, 0, 0);
    net_receiver_expect(&r, 1, 0, 3, 0, 0);
    assert_int_equal(r.credits[0], 0);
    assert_int_equal(net_receiver_exclusive(&r), 6);
    net_receiver_finish(&r);
}

/* RIC-2, SIZ-1 */
static void test_exclusive_buffers_come_all_or_none(void **state)
{
    struct net_receiver r;
    init(&r, 1, NET_FIXTURE_NOTHING, 4);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    channel->gate->exclusive = 4;
    struct sim_err err = {0};
    assert_false(net_channel_assign_exclusive(channel, &err));
    assert_non_null(strstr(err.text, "Insufficient number of network buffers"));
    assert_int_equal(net_channel_free(channel), 0);
    net_receiver_finish(&r);
}

/* BM-2, BM-4, TRAP-15 */
static void test_arriving_data_takes_a_floating_buffer_first(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 8);
    assert_true(net_receiver_data(&r, 0, 100, 0).is_exclusive);
    net_receiver_expect(&r, 0, 2, 1, 1, 1);
    assert_false(net_receiver_data(&r, 0, 100, 0).is_exclusive);
    net_receiver_expect(&r, 0, 2, 1, 1, 2);
    net_receiver_finish(&r);
}

/* BM-2, INV-9 */
static void test_data_that_finds_no_buffer_is_refused(void **state)
{
    struct net_receiver r;
    init(&r, 1, 1, 1);
    (void)net_receiver_data(&r, 0, 100, 0);
    (void)net_receiver_data(&r, 0, 100, 0);
    struct net_received message = {.bytes = 100, .sequence = 2, .type = NET_ELEMENT_DATA};
    assert_int_equal(net_receiver_channel(&r, 0)->required, 1);
    assert_false(net_channel_receive(net_receiver_channel(&r, 0), &message, 0));
    assert_int_equal(net_receiver_channel(&r, 0)->required, 0);
    assert_int_equal(net_channel_queued(net_receiver_channel(&r, 0)), 2);
    net_receiver_finish(&r);
}

/* BM-3, BM-4 */
static void test_backlog_makes_the_channel_hold_that_many_and_its_exclusive_ones(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 8);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 3);
    net_receiver_expect(&r, 0, 5, 2, 3, 3);
    assert_int_equal(r.credits[0], 1);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 1);
    net_receiver_expect(&r, 0, 3, 2, 3, 3); /* nothing is given back */
    net_receiver_finish(&r);
}

/* BM-5, LBP-15 */
static void test_channel_that_gets_too_few_waits_and_asks_no_more(void **state)
{
    struct net_receiver r;
    init(&r, 2, 2, 3);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    net_channel_on_backlog(channel, 5);
    net_receiver_expect(&r, 0, 7, 2, 3, 3);
    assert_true(channel->is_waiting);
    assert_int_equal(net_local_pool_listeners(r.pool), 1);
    net_channel_on_backlog(channel, 6);
    net_receiver_expect(&r, 0, 8, 2, 3, 3);
    assert_int_equal(net_local_pool_listeners(r.pool), 1);
    net_receiver_finish(&r);
}

/* BM-6 */
static void test_recycled_exclusive_buffer_frees_a_floating_one_instead_of_a_credit(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 8);
    (void)net_receiver_data(&r, 0, 100, 0);
    net_receiver_expect(&r, 0, 2, 1, 1, 1);
    net_receiver_consume(&r, 0);
    net_receiver_expect(&r, 0, 2, 2, 0, 1);
    assert_int_equal(net_local_pool_used(r.pool), 0);
    net_receiver_finish(&r);
}

/* BM-6 */
static void
test_recycled_exclusive_buffer_is_a_credit_when_no_floating_one_is_too_many(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 1);
    (void)net_receiver_data(&r, 0, 100, 3);
    net_receiver_expect(&r, 0, 5, 1, 1, 1);
    net_receiver_consume(&r, 0);
    net_receiver_expect(&r, 0, 5, 2, 1, 2);
    assert_int_equal(r.credits[0], 1);
    net_receiver_finish(&r);
}

/* BM-6: nor does it give one away to another channel that waits. */
static void test_channel_that_still_wants_buffers_keeps_its_floating_ones(void **state)
{
    struct net_receiver r;
    init(&r, 2, 2, 2);
    (void)net_receiver_data(&r, 0, 100, 0);
    net_channel_on_backlog(net_receiver_channel(&r, 1), 5);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 3);
    net_receiver_expect(&r, 0, 5, 1, 1, 1);
    assert_ptr_equal(net_local_pool_first_listener(r.pool), &r.gate.channels[1].listener);
    net_receiver_consume(&r, 0);
    net_receiver_expect(&r, 0, 5, 2, 1, 2);
    net_receiver_finish(&r);
}

/* BM-6: no floating buffer to give back. */
static void test_recycled_exclusive_buffer_is_a_credit_without_floating_ones(void **state)
{
    struct net_receiver r;
    init(&r, 2, 2, 1);
    net_channel_on_backlog(net_receiver_channel(&r, 1), 1); /* takes the floating one */
    (void)net_receiver_data(&r, 0, 100, 0);
    net_receiver_expect(&r, 0, 2, 1, 0, 0);
    net_receiver_consume(&r, 0);
    net_receiver_expect(&r, 0, 2, 2, 0, 1);
    net_receiver_finish(&r);
}

/* BM-7 */
static void test_offer_is_declined_by_a_channel_that_has_enough(void **state)
{
    struct net_receiver r;
    init(&r, 2, 2, 2);
    struct net_channel *a = net_receiver_channel(&r, 0);
    struct net_channel *b = net_receiver_channel(&r, 1);
    net_channel_on_backlog(b, 2);
    net_channel_on_backlog(a, 2);
    assert_true(a->is_waiting);
    net_channel_on_backlog(a, 0); /* now it has enough, and still waits */
    assert_true(a->is_waiting);
    (void)net_receiver_data(&r, 1, 100, 0);
    net_receiver_consume(&r, 1);
    assert_false(a->is_waiting);
    assert_int_equal(net_local_pool_listeners(r.pool), 0);
    net_receiver_expect(&r, 0, 2, 2, 0, 0);
    assert_int_equal(net_local_pool_idle(r.pool), 1);
    net_receiver_finish(&r);
}

/* BM-7: with the offer comes what became idle or free since the channel registered. */
static void test_channel_that_takes_an_offer_asks_for_the_rest(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    net_segment away[2] = {net_network_pool_request(r.segments.pool),
                           net_network_pool_request(r.segments.pool)};
    struct net_channel *channel = net_receiver_channel(&r, 0);
    net_channel_on_backlog(channel, 5);
    assert_int_equal(channel->free_floating.count, 2);
    assert_true(channel->is_waiting);
    net_network_pool_recycle(r.segments.pool, away[0]);
    net_network_pool_recycle(r.segments.pool, away[1]);
    (void)net_receiver_data(&r, 0, 1, 5);
    net_receiver_expect(&r, 0, 7, 2, 1, 2); /* nobody offered it anything */
    net_receiver_consume(&r, 0);
    net_receiver_expect(&r, 0, 7, 2, 4, 5);
    assert_true(channel->is_waiting);
    net_receiver_finish(&r);
}

/* A gate of two channels whose exclusive buffers are all queued, the floating ones with A. */
static void init_hungry(struct net_receiver *r)
{
    init(r, 2, 2, 2);
    struct net_channel *channels = r->gate.channels;
    channels[0].is_waiting = channels[1].is_waiting = true; /* keeps them from asking yet */
    for (uint32_t i = 0; i < 2; i++) {
        struct net_received message = {.bytes = 1, .type = NET_ELEMENT_DATA};
        assert_true(net_channel_receive(&channels[i], &message, 0));
        message.sequence = 1;
        assert_true(net_channel_receive(&channels[i], &message, 0));
    }
    channels[0].is_waiting = channels[1].is_waiting = false;
    net_channel_on_backlog(&channels[0], 5);
    net_channel_on_backlog(&channels[1], 3);
    net_receiver_expect(r, 0, 7, 0, 2, 2);
    net_receiver_expect(r, 1, 5, 0, 0, 0);
    assert_true(channels[0].is_waiting && channels[1].is_waiting);
    assert_ptr_equal(net_local_pool_first_listener(r->pool), &channels[0].listener);
}

/* GT-6, BM-7, BM-8 */
static void test_hungry_channels_share_floating_buffers_in_turns(void **state)
{
    struct net_receiver r;
    init_hungry(&r);
    (void)net_channel_take_credit(net_receiver_channel(&r, 0));
    /* A's floating buffers are filled by arriving data. */
    (void)net_receiver_data(&r, 0, 1, 5);
    (void)net_receiver_data(&r, 0, 1, 5);
    struct net_element elements[4];
    for (uint32_t i = 0; i < 4; i++) {
        elements[i] = net_receiver_take(&r, 0);
    }
    assert_true(elements[1].is_exclusive);
    net_channel_recycle(elements[2].channel, &elements[2]);
    net_receiver_expect(&r, 0, 7, 0, 1, 1); /* to A, which registers again behind B */
    assert_true(r.gate.channels[0].is_waiting);
    assert_ptr_equal(net_local_pool_first_listener(r.pool), &r.gate.channels[1].listener);
    net_channel_recycle(elements[3].channel, &elements[3]);
    net_receiver_expect(&r, 1, 5, 0, 1, 1); /* to B */
    assert_ptr_equal(net_local_pool_first_listener(r.pool), &r.gate.channels[0].listener);
    net_receiver_check(&r);
    net_receiver_finish(&r);
}

/* BM-8, LBP-13 */
static void test_floating_buffer_of_a_shrunk_pool_goes_back_to_the_task_manager(void **state)
{
    struct net_receiver_params params = {.floating = 4, .segments = 6};
    struct net_receiver r;
    net_receiver_init(&r, &params);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 4);
    for (uint32_t i = 0; i < 3; i++) {
        (void)net_receiver_data(&r, 0, 1, 4 - i);
    }
    struct net_local_pool_params rival = {.required = 3, .max = 3, .key = 1};
    assert_non_null(net_network_pool_create_pool(r.segments.pool, &rival, NULL));
    assert_int_equal(net_local_pool_size(r.pool), 1);
    assert_int_equal(net_local_pool_requested(r.pool), 4);
    assert_true(r.gate.channels[0].is_waiting);
    struct net_element element = net_receiver_take(&r, 0);
    assert_false(element.is_exclusive);
    net_channel_recycle(element.channel, &element);
    assert_int_equal(net_local_pool_requested(r.pool), 3);
    assert_true(r.gate.channels[0].is_waiting);
    net_receiver_finish(&r);
}

/* BM-9, RIC-6 */
static void
test_barrier_returns_the_floating_buffers_of_a_channel_without_exclusive_ones(void **state)
{
    struct net_receiver r;
    init(&r, 1, NET_FIXTURE_NOTHING, 4);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 3);
    net_receiver_expect(&r, 0, 3, 0, 3, 3);
    net_receiver_event(&r, 0, NET_ELEMENT_BARRIER);
    net_receiver_expect(&r, 0, 0, 0, 0, 3);
    assert_int_equal(net_local_pool_used(r.pool), 0);
    net_channel_resume(net_receiver_channel(&r, 0));
    net_receiver_expect(&r, 0, 0, 0, 0, 0);
    assert_int_equal(r.resumes[0], 1);
    net_receiver_finish(&r);
}

/* BM-9, BM-7 */
static void test_channel_that_releases_its_floating_buffers_does_not_take_them_back(void **state)
{
    struct net_receiver r;
    init(&r, 1, NET_FIXTURE_NOTHING, 2);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 3);
    assert_true(net_receiver_channel(&r, 0)->is_waiting);
    net_receiver_event(&r, 0, NET_ELEMENT_BARRIER);
    net_receiver_expect(&r, 0, 0, 0, 0, 2);
    assert_false(net_receiver_channel(&r, 0)->is_waiting);
    net_receiver_finish(&r);
}

/* RIC-6, BM-9 */
static void test_barrier_and_resume_leave_a_channel_with_exclusive_buffers_as_it_is(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 3);
    net_receiver_event(&r, 0, NET_ELEMENT_EVENT);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 3);
    net_receiver_event(&r, 0, NET_ELEMENT_BARRIER);
    net_receiver_expect(&r, 0, 2, 2, 3, 3);
    net_channel_resume(net_receiver_channel(&r, 0));
    net_receiver_expect(&r, 0, 2, 2, 3, 3);
    net_receiver_finish(&r);
}

/* BM-10 */
static void test_released_channel_returns_its_exclusive_buffers_in_one_batch(void **state)
{
    struct net_receiver r;
    init(&r, 2, 3, 4);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    (void)net_receiver_data(&r, 0, 1, 0);
    (void)net_receiver_data(&r, 0, 1, 0);
    (void)net_receiver_data(&r, 0, 1, 0);
    net_receiver_event(&r, 0, NET_ELEMENT_EVENT);
    struct net_element exclusive = net_receiver_take(&r, 0);
    struct net_element floating = net_receiver_take(&r, 0);
    assert_true(exclusive.is_exclusive && !floating.is_exclusive);
    uint32_t before = free_segments(&r);
    net_channel_release(channel);
    assert_int_equal(net_receiver_exclusive(&r), 4);
    assert_int_equal(free_segments(&r), before + 2);
    assert_int_equal(net_channel_free(channel), 0);
    assert_int_equal(net_channel_queued(channel), 0);
    assert_int_equal(r.closes[0], 1);
    net_channel_release(channel);
    assert_int_equal(r.closes[0], 1);
    net_receiver_check(&r);
    /* What the task still has comes back one by one. */
    net_channel_recycle(channel, &exclusive);
    assert_int_equal(net_receiver_exclusive(&r), 3);
    net_channel_recycle(channel, &floating);
    assert_int_equal(net_local_pool_used(r.pool), 0);
    assert_int_equal(channel->unannounced, 3); /* as before: no credit for it any more */
    net_receiver_finish(&r);
}

/* BM-10, BM-3, BM-7, RIC-3 */
static void test_released_channel_takes_nothing_any_more(void **state)
{
    struct net_receiver r;
    init(&r, 2, 1, 1);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    net_channel_on_backlog(net_receiver_channel(&r, 1), 1);
    net_channel_on_backlog(channel, 1);
    assert_true(channel->is_waiting);
    net_channel_release(channel);
    struct net_received message = {.bytes = 1, .type = NET_ELEMENT_DATA};
    assert_true(net_channel_receive(channel, &message, 7));
    assert_int_equal(message.segment, NET_SEGMENT_NONE);
    net_channel_on_backlog(channel, 7);
    assert_int_equal(channel->required, 2);
    (void)net_receiver_data(&r, 1, 1, 0);
    net_receiver_consume(&r, 1); /* offered to the released channel, which declines */
    assert_int_equal(net_channel_free(channel), 0);
    net_receiver_finish(&r);
}

/* RIC-1 */
static void test_event_takes_no_receive_buffer(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    net_channel_on_backlog(net_receiver_channel(&r, 0), 0);
    net_receiver_event(&r, 0, NET_ELEMENT_EVENT);
    net_receiver_expect(&r, 0, 2, 2, 0, 0);
    struct net_element element = net_receiver_take(&r, 0);
    assert_int_equal(element.segment, NET_SEGMENT_NONE);
    assert_int_equal(element.type, NET_ELEMENT_EVENT);
    net_receiver_finish(&r);
}

/* RIC-3 (2), NET-8 */
static void test_message_out_of_order_is_a_failed_assertion(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    (void)net_receiver_data(&r, 0, 1, 0);
    struct net_received message = {.bytes = 1, .sequence = 2, .type = NET_ELEMENT_DATA};
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_channel_receive(net_receiver_channel(&r, 0), &message, 0));
    (void)sim_assert_set_handler(before);
    net_receiver_finish(&r);
}

/* RIC-3 (6) */
static void test_gate_is_told_when_an_empty_channel_gets_something(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    (void)net_receiver_data(&r, 0, 1, 0);
    assert_int_equal(r.available, 1);
    (void)net_receiver_data(&r, 0, 1, 0);
    assert_int_equal(r.available, 1);
    assert_int_equal(r.gate.queued, 1);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    assert_int_equal(r.priority, 1);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    assert_int_equal(r.priority, 1);
    net_receiver_finish(&r);
}

/* RIC-3 (4) */
static void test_priority_events_are_taken_before_what_came_earlier(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    (void)net_receiver_data(&r, 0, 1, 0);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    net_receiver_event(&r, 0, NET_ELEMENT_EVENT);
    static const uint32_t sequences[] = {1, 2, 0, 3};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(net_receiver_take(&r, 0).sequence, sequences[i]);
    }
    net_receiver_finish(&r);
}

/* RIC-3: the gate is told before credits are asked for. */
struct order {
    struct net_receiver receiver;
    char told[8];
};

static void note_available(void *owner, struct net_gate *gate)
{
    (void)gate;
    strcat(((struct order *)owner)->told, "g");
}

static void note_credit(void *owner, struct net_channel *channel)
{
    (void)channel;
    strcat(((struct order *)owner)->told, "c");
}

static void test_gate_is_told_before_credit_is_announced(void **state)
{
    struct order order = {.told = ""};
    init(&order.receiver, 1, 2, 4);
    order.receiver.gate.on_available = note_available;
    order.receiver.gate.owner = &order;
    order.receiver.client.on_credit = note_credit;
    order.receiver.client.owner = &order;
    (void)net_receiver_data(&order.receiver, 0, 1, 0);
    assert_string_equal(order.told, "gc");
    net_receiver_finish(&order.receiver);
}

/* RIC-4 */
static void test_credit_is_posted_once_and_taken_with_all_that_gathered(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 8);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    net_channel_on_backlog(channel, 2);
    net_channel_on_backlog(channel, 5);
    assert_int_equal(r.credits[0], 1);
    assert_int_equal(net_channel_take_credit(channel), 5);
    assert_int_equal(net_channel_take_credit(channel), 0);
    net_channel_on_backlog(channel, 6);
    assert_int_equal(r.credits[0], 2);
    net_channel_on_backlog(channel, 6); /* nothing gained, nothing told */
    assert_int_equal(r.credits[0], 2);
    net_receiver_finish(&r);
}

/* RIC-5 */
static void test_empty_message_gives_its_buffer_back_and_counts_in_the_sequence(void **state)
{
    struct net_receiver r;
    init(&r, 1, NET_FIXTURE_NOTHING, 4);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    net_channel_on_backlog(channel, 1);
    assert_int_equal(net_channel_take_credit(channel), 1);
    (void)net_receiver_data(&r, 0, 0, 2);
    assert_int_equal(net_channel_queued(channel), 0);
    assert_int_equal(channel->expected_sequence, 1);
    assert_int_equal(r.available, 0);
    net_receiver_expect(&r, 0, 2, 0, 2, 2);
    net_receiver_finish(&r);

    init(&r, 1, 2, 4);
    (void)net_receiver_data(&r, 0, 0, 0);
    net_receiver_expect(&r, 0, 2, 2, 0, 1); /* the exclusive one is a credit again */
    net_receiver_finish(&r);
}

/* RIC-7 */
static void test_taking_tells_the_type_of_the_next_element(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    struct net_element element;
    assert_false(net_channel_take(net_receiver_channel(&r, 0), &element));
    (void)net_receiver_data(&r, 0, 1, 0);
    net_receiver_event(&r, 0, NET_ELEMENT_BARRIER);
    assert_int_equal(net_receiver_take(&r, 0).next_type, NET_ELEMENT_BARRIER);
    assert_int_equal(net_receiver_take(&r, 0).next_type, NET_ELEMENT_NONE);
    net_receiver_finish(&r);
}

/* RIC-8 */
static void test_buffers_in_use_are_queued_ones_and_the_backlog(void **state)
{
    struct net_receiver r;
    init(&r, 2, 2, 8);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    assert_int_equal(net_channel_buffers_in_use(channel), 0);
    (void)net_receiver_data(&r, 0, 1, 3);
    net_receiver_event(&r, 1, NET_ELEMENT_EVENT);
    assert_int_equal(net_channel_buffers_in_use(channel), 4);
    assert_int_equal(net_gate_buffers_in_use(&r.gate), 5);
    (void)net_receiver_take(&r, 0);
    assert_int_equal(net_channel_buffers_in_use(channel), 3);
    net_receiver_finish(&r);
}

/* RIC-9 */
static void test_small_message_occupies_a_whole_receive_buffer(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 8);
    for (uint32_t i = 0; i < 5; i++) {
        (void)net_receiver_data(&r, 0, 1, 0);
    }
    assert_int_equal(net_gate_exclusive_used(&r.gate) + net_gate_floating_used(&r.gate), 5);
    net_receiver_finish(&r);
}

static void expect_sender(const struct net_loop *loop, int32_t credit, uint32_t data_count,
                          uint32_t backlog)
{
    const struct net_reader *reader = &loop->readers[0];
    assert_int_equal(reader->credit, credit);
    assert_int_equal(reader->sub->data_count, data_count);
    assert_int_equal(net_subpartition_backlog(reader->sub), backlog);
}

/* GT-1 */
static void test_credit_flow_of_three_full_buffers(void **state)
{
    struct net_producer_params producer = {0};
    struct net_receiver_params receiver = {0};
    struct net_loop loop;
    net_loop_init(&loop, &producer, &receiver);
    net_producer_emit(&loop.producer, 0, 3 * SEGMENT + 10, 1);
    expect_sender(&loop, 2, 4, 3);
    net_loop_run_posts(&loop);
    expect_sender(&loop, 1, 3, 2); /* b1 polled */
    assert_int_equal(net_loop_sent(&loop).backlog, 2);
    expect_sender(&loop, 0, 2, 1); /* b2 polled, the reader leaves */
    assert_false(loop.readers[0].is_registered);
    assert_int_equal(net_loop_sent(&loop).backlog, 1);
    assert_int_equal(loop.write_count, 0);

    net_loop_deliver(&loop); /* b1 takes e1 */
    net_receiver_expect(&loop.receiver, 0, 4, 1, 3, 3);
    net_loop_deliver(&loop); /* b2 takes a floating one */
    net_receiver_expect(&loop.receiver, 0, 3, 1, 2, 3);
    assert_int_equal(net_loop_announce(&loop, 0), 3);
    expect_sender(&loop, 2, 1, 0); /* b3 polled, b4 is open */
    assert_false(loop.readers[0].is_registered);
    assert_int_equal(net_loop_sent(&loop).backlog, 0);
    net_loop_deliver(&loop); /* b3 takes a floating one */
    net_receiver_expect(&loop.receiver, 0, 2, 1, 1, 0);

    net_receiver_consume(&loop.receiver, 0); /* b1: one floating buffer back, no credit */
    net_receiver_expect(&loop.receiver, 0, 2, 2, 0, 0);
    net_receiver_consume(&loop.receiver, 0);
    net_receiver_consume(&loop.receiver, 0);
    net_receiver_expect(&loop.receiver, 0, 2, 2, 0, 0);
    assert_int_equal(net_local_pool_used(loop.receiver.pool), 0);
    expect_sender(&loop, 2, 1, 0);
    net_loop_finish(&loop);
}

/* GT-3, with both ends; FLU-3: each flush costs a message, a credit and a receive buffer. */
static void test_flushed_part_of_a_buffer_costs_as_much_as_a_full_one(void **state)
{
    struct net_producer_params producer = {0};
    struct net_receiver_params receiver = {.floating = 1};
    struct net_loop loop;
    net_loop_init(&loop, &producer, &receiver);
    net_channel_on_backlog(net_receiver_channel(&loop.receiver, 0), 0);
    net_producer_emit(&loop.producer, 0, 105, 10);
    net_partition_flush_all(&loop.producer.partition);
    net_loop_run_posts(&loop);
    struct net_message message = net_loop_sent(&loop);
    assert_int_equal(message.bytes, 1050);
    assert_int_equal(message.backlog, 0);
    assert_int_equal(loop.readers[0].credit, 1);
    net_producer_emit(&loop.producer, 0, 105, 303);
    net_loop_run_posts(&loop);
    message = net_loop_sent(&loop);
    assert_int_equal(message.bytes, 31718);
    assert_int_equal(message.backlog, 0);
    assert_int_equal(loop.readers[0].credit, 0);
    assert_int_equal(loop.write_count, 0);
    assert_int_equal(loop.producer.partition.buffers_out, 1);
    net_loop_deliver(&loop);
    net_loop_deliver(&loop);
    assert_int_equal(net_gate_exclusive_used(&loop.receiver.gate) +
                         net_gate_floating_used(&loop.receiver.gate),
                     2);
    net_loop_finish(&loop);
}

/* GT-10 */
static void test_stuck_consumer_takes_ten_buffers_and_leaves_ten_at_the_producer(void **state)
{
    struct net_producer_params producer = {.required = 2, .max = 10};
    struct net_receiver_params receiver = {0};
    struct net_loop loop;
    net_loop_init(&loop, &producer, &receiver);
    struct net_channel *channel = net_receiver_channel(&loop.receiver, 0);
    uint32_t arrived = 0;
    while (net_partition_is_available(&loop.producer.partition)) {
        net_producer_emit(&loop.producer, 0, 1000, 1);
        net_loop_settle(&loop);
        if (net_channel_queued(channel) == arrived) {
            continue;
        }
        arrived = net_channel_queued(channel);
        uint32_t floating = arrived > 8 ? 8 : arrived;
        assert_int_equal(net_local_pool_used(loop.receiver.pool), floating);
        assert_int_equal(net_channel_free(channel), floating + 2 - arrived);
        assert_int_equal(channel->is_waiting, arrived > 8);
    }
    assert_int_equal(arrived, 10);
    assert_int_equal(net_gate_floating_used(&loop.receiver.gate), 8);
    assert_int_equal(net_gate_exclusive_used(&loop.receiver.gate), 2);
    assert_int_equal(net_subpartition_length(loop.readers[0].sub), 10);
    assert_non_null(loop.producer.partition.builders[0]);
    assert_int_equal(net_local_pool_used(loop.producer.pool), 10);
    assert_int_equal(net_local_pool_subpartition_count(loop.producer.pool, 0), 10);
    net_loop_finish(&loop);
}

/* RIC-6, CRD-6, PRQ-3, SUB-8 */
static void test_channel_without_exclusive_buffers_lives_by_announced_backlogs(void **state)
{
    struct net_producer_params producer = {.exclusive = NET_FIXTURE_NOTHING};
    struct net_receiver_params receiver = {.floating = 2};
    struct net_loop loop;
    net_loop_init(&loop, &producer, &receiver);
    net_producer_emit(&loop.producer, 0, 3 * SEGMENT + 10, 1);
    net_loop_settle(&loop);
    assert_int_equal(net_channel_queued(&loop.receiver.gate.channels[0]), 2);
    net_receiver_consume(&loop.receiver, 0);
    net_loop_settle(&loop);
    net_receiver_consume(&loop.receiver, 0);
    net_loop_settle(&loop);
    assert_int_equal(loop.readers[0].sub->total_bytes, 3 * SEGMENT);
    net_loop_finish(&loop);
}

/* CHK-12, INV-7, INV-8: a buffer that is still being persisted waits for that, and counts as read.
 */
static void test_pinned_buffer_goes_back_when_it_is_unpinned(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    (void)net_receiver_data(&r, 0, 1, 0);
    struct net_element element = net_receiver_take(&r, 0);
    net_channel_pin(element.channel, element.segment);
    net_channel_recycle(element.channel, &element);
    net_receiver_expect(&r, 0, 2, 1, 1, 1);
    net_channel_unpin(element.channel, element.segment, element.is_exclusive);
    net_receiver_expect(&r, 0, 2, 2, 0, 1);
    net_receiver_finish(&r);
}

/* BM-10, CHK-12: so does one that its channel's release finds still queued. */
static void test_pinned_buffer_of_a_released_channel_goes_back_when_it_is_unpinned(void **state)
{
    struct net_receiver r;
    init(&r, 2, 2, 4);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    struct net_received exclusive = net_receiver_data(&r, 0, 1, 0);
    struct net_received floating = net_receiver_data(&r, 0, 1, 0);
    assert_true(exclusive.is_exclusive && !floating.is_exclusive);
    net_channel_pin(channel, exclusive.segment);
    net_channel_pin(channel, floating.segment);
    net_channel_pin(channel, floating.segment);
    net_channel_release(channel);
    assert_int_equal(net_receiver_exclusive(&r), 2 + 1);
    assert_int_equal(net_local_pool_used(r.pool), 1);
    net_receiver_check(&r);
    net_channel_unpin(channel, exclusive.segment, true);
    assert_int_equal(net_receiver_exclusive(&r), 2);
    net_channel_unpin(channel, floating.segment, false);
    assert_int_equal(net_local_pool_used(r.pool), 1);
    net_channel_unpin(channel, floating.segment, false);
    assert_int_equal(net_local_pool_used(r.pool), 0);
    net_receiver_check(&r);
    net_receiver_finish(&r);
}

/* INV-8 */
static void test_audit_finds_a_lost_exclusive_buffer(void **state)
{
    struct net_receiver r;
    init(&r, 1, 2, 4);
    (void)net_receiver_data(&r, 0, 1, 0);
    struct net_channel *channel = net_receiver_channel(&r, 0);
    struct sim_err err = {0};
    struct net_received queued = net_channel_received_at(channel, 0);
    queued.is_exclusive = false;
    net_items_set(&channel->received, 0, net_received_item(&queued));
    assert_false(net_channel_audit(channel, &err));
    assert_memory_equal(err.text, "INV-8", 5);
    queued.is_exclusive = true;
    net_items_set(&channel->received, 0, net_received_item(&queued));
    (void)net_receiver_take(&r, 0);
    channel->exclusive_read--;
    assert_false(net_channel_audit(channel, &err));
    assert_memory_equal(err.text, "INV-8", 5);
    net_receiver_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel_starts_with_its_exclusive_buffers_and_announces_nothing),
        cmocka_unit_test(test_exclusive_buffers_come_all_or_none),
        cmocka_unit_test(test_arriving_data_takes_a_floating_buffer_first),
        cmocka_unit_test(test_data_that_finds_no_buffer_is_refused),
        cmocka_unit_test(test_backlog_makes_the_channel_hold_that_many_and_its_exclusive_ones),
        cmocka_unit_test(test_channel_that_gets_too_few_waits_and_asks_no_more),
        cmocka_unit_test(test_recycled_exclusive_buffer_frees_a_floating_one_instead_of_a_credit),
        cmocka_unit_test(
            test_recycled_exclusive_buffer_is_a_credit_when_no_floating_one_is_too_many),
        cmocka_unit_test(test_channel_that_still_wants_buffers_keeps_its_floating_ones),
        cmocka_unit_test(test_recycled_exclusive_buffer_is_a_credit_without_floating_ones),
        cmocka_unit_test(test_offer_is_declined_by_a_channel_that_has_enough),
        cmocka_unit_test(test_channel_that_takes_an_offer_asks_for_the_rest),
        cmocka_unit_test(test_hungry_channels_share_floating_buffers_in_turns),
        cmocka_unit_test(test_floating_buffer_of_a_shrunk_pool_goes_back_to_the_task_manager),
        cmocka_unit_test(
            test_barrier_returns_the_floating_buffers_of_a_channel_without_exclusive_ones),
        cmocka_unit_test(test_channel_that_releases_its_floating_buffers_does_not_take_them_back),
        cmocka_unit_test(test_barrier_and_resume_leave_a_channel_with_exclusive_buffers_as_it_is),
        cmocka_unit_test(test_released_channel_returns_its_exclusive_buffers_in_one_batch),
        cmocka_unit_test(test_released_channel_takes_nothing_any_more),
        cmocka_unit_test(test_event_takes_no_receive_buffer),
        cmocka_unit_test(test_message_out_of_order_is_a_failed_assertion),
        cmocka_unit_test(test_gate_is_told_when_an_empty_channel_gets_something),
        cmocka_unit_test(test_priority_events_are_taken_before_what_came_earlier),
        cmocka_unit_test(test_gate_is_told_before_credit_is_announced),
        cmocka_unit_test(test_credit_is_posted_once_and_taken_with_all_that_gathered),
        cmocka_unit_test(test_empty_message_gives_its_buffer_back_and_counts_in_the_sequence),
        cmocka_unit_test(test_taking_tells_the_type_of_the_next_element),
        cmocka_unit_test(test_buffers_in_use_are_queued_ones_and_the_backlog),
        cmocka_unit_test(test_small_message_occupies_a_whole_receive_buffer),
        cmocka_unit_test(test_credit_flow_of_three_full_buffers),
        cmocka_unit_test(test_flushed_part_of_a_buffer_costs_as_much_as_a_full_one),
        cmocka_unit_test(test_stuck_consumer_takes_ten_buffers_and_leaves_ten_at_the_producer),
        cmocka_unit_test(test_channel_without_exclusive_buffers_lives_by_announced_backlogs),
        cmocka_unit_test(test_pinned_buffer_goes_back_when_it_is_unpinned),
        cmocka_unit_test(test_pinned_buffer_of_a_released_channel_goes_back_when_it_is_unpinned),
        cmocka_unit_test(test_audit_finds_a_lost_exclusive_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
