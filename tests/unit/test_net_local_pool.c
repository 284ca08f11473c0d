/*
 * The local buffer pool (rules LBP; vectors GT-2 and GT-13), on a global pool without a clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "sim/sim.h"
#include "sim/stats.h"
#include "sim/time.h"
#include "tests/support/assert_failure.h"

static const struct net_listener_calls keeper_calls;

/* A global pool, a local pool and what they told. */
struct fixture {
    struct net_network_pool *global;
    struct net_local_pool *pool;
    int completions;
};

static void count_completion(void *arg)
{
    struct fixture *fixture = arg;
    fixture->completions++;
}

static struct net_network_pool *make_global(uint32_t segments)
{
    struct net_network_pool_params params = {
        .segments = segments, .segment_bytes = 32768, .request_timeout = 30 * SIM_S};
    return net_network_pool_create(NULL, &params);
}

static struct fixture make_fixture(uint32_t segments, struct net_local_pool_params params)
{
    struct fixture fixture = {.global = make_global(segments)};
    fixture.pool = net_network_pool_create_pool(fixture.global, &params, NULL);
    assert_non_null(fixture.pool);
    net_local_pool_set_listener_calls(fixture.pool, &keeper_calls);
    return fixture;
}

static void assert_audits(const struct fixture *fixture)
{
    struct sim_err err = {0};
    if (!net_network_pool_audit(fixture->global, &err) ||
        !net_local_pool_audit(fixture->pool, &err)) {
        fail_msg("%s", err.text);
    }
}

/* requested, idle, used, available */
static void assert_state(const struct fixture *fixture, int64_t requested, int64_t idle,
                         int64_t used, bool is_available)
{
    assert_int_equal(net_local_pool_requested(fixture->pool), requested);
    assert_int_equal(net_local_pool_idle(fixture->pool), idle);
    assert_int_equal(net_local_pool_used(fixture->pool), used);
    assert_int_equal(net_local_pool_is_available(fixture->pool), is_available);
    assert_audits(fixture);
}

static const struct net_local_pool_params gt2_params = {
    .required = 5, .max = 16, .subpartitions = 4, .max_per_subpartition = 10, .max_overdraft = 20};

/* GT-2; LBP-2, LBP-4, LBP-6, LBP-7, LBP-13 */
static void test_pool_turns_unavailable_at_its_quota_and_overdraws_20_more(void **state)
{
    struct fixture f = make_fixture(100, gt2_params);
    assert_state(&f, 1, 1, 0, true);
    net_segment segments[36];
    for (uint32_t k = 1; k <= 36; k++) {
        segments[k - 1] = net_local_pool_request(f.pool, k % 4);
        assert_int_not_equal(segments[k - 1], NET_SEGMENT_NONE);
        assert_state(&f, k < 16 ? k + 1 : k, k < 16 ? 1 : 0, k, k < 16);
    }
    assert_int_equal(net_local_pool_request(f.pool, 0), NET_SEGMENT_NONE);
    net_local_pool_on_available(f.pool, count_completion, &f);
    for (uint32_t k = 1; k <= 20; k++) {
        net_local_pool_recycle(f.pool, segments[k - 1], k % 4);
        assert_state(&f, 36 - k, 0, 36 - k, false);
        assert_int_equal(net_network_pool_available(f.global), 64 + k);
    }
    assert_int_equal(f.completions, 0);
    net_local_pool_recycle(f.pool, segments[20], 21 % 4);
    assert_state(&f, 16, 1, 15, true);
    assert_int_equal(f.completions, 1);
    assert_int_equal(net_local_pool_request(f.pool, 0), segments[20]);
    assert_state(&f, 16, 0, 16, false);
    net_network_pool_free(f.global);
}

/* GT-2, variant; LBP-5 */
static void test_one_full_subpartition_makes_the_whole_pool_unavailable(void **state)
{
    struct fixture f = make_fixture(100, gt2_params);
    net_segment first = net_local_pool_request(f.pool, 0);
    for (int i = 2; i <= 9; i++) {
        (void)net_local_pool_request(f.pool, 0);
    }
    assert_state(&f, 10, 1, 9, true);
    (void)net_local_pool_request(f.pool, 0);
    assert_state(&f, 11, 1, 10, false);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 1);

    /* The limit refuses nothing, and only the step to it counts. */
    net_segment eleventh = net_local_pool_request(f.pool, 0);
    assert_int_not_equal(eleventh, NET_SEGMENT_NONE);
    assert_int_equal(net_local_pool_subpartition_count(f.pool, 0), 11);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 1);
    net_local_pool_recycle(f.pool, eleventh, 0);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 1);
    net_local_pool_recycle(f.pool, first, 0);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 0);
    assert_true(net_local_pool_is_available(f.pool));
    net_network_pool_free(f.global);
}

/* LBP-1, LBP-2 */
static void test_new_pool_takes_one_segment_at_once(void **state)
{
    struct fixture f = make_fixture(5, (struct net_local_pool_params){.required = 3, .max = 3});
    assert_state(&f, 1, 1, 0, true);
    assert_int_equal(net_local_pool_size(f.pool), 3);
    assert_int_equal(net_local_pool_required(f.pool), 3);
    assert_int_equal(net_local_pool_max(f.pool), 3);
    assert_int_equal(net_network_pool_available(f.global), 4);
    net_network_pool_free(f.global);
}

/* LBP-4, LBP-10, LBP-11 */
static void test_pool_that_found_nothing_is_served_when_a_segment_comes_back(void **state)
{
    struct net_network_pool *global = make_global(2);
    net_segment first = net_network_pool_request(global);
    net_segment second = net_network_pool_request(global);
    struct net_local_pool_params params = {.required = 2, .max = 2, .max_overdraft = 5};
    struct net_local_pool *pool = net_network_pool_create_pool(global, &params, NULL);
    struct fixture f = {.global = global, .pool = pool};
    net_local_pool_on_available(pool, count_completion, &f);
    assert_false(net_local_pool_is_available(pool));
    assert_true(net_local_pool_is_waiting(pool));
    assert_int_equal(net_local_pool_request(pool, NET_NO_SUBPARTITION), NET_SEGMENT_NONE);

    net_network_pool_recycle(global, first);
    assert_int_equal(f.completions, 1);
    assert_true(net_local_pool_is_available(pool));
    assert_false(net_local_pool_is_waiting(pool));
    assert_int_equal(net_network_pool_available(global), 0);

    /* The next request finds its segment, and looks for another one in vain. */
    assert_int_equal(net_local_pool_request(pool, NET_NO_SUBPARTITION), first);
    assert_false(net_local_pool_is_available(pool));
    assert_true(net_local_pool_is_waiting(pool));
    net_network_pool_recycle(global, second);
    assert_state(&f, 2, 1, 1, true);
    net_network_pool_free(global);
}

/* LBP-11 */
static void test_pool_that_has_a_segment_leaves_the_next_one_to_others(void **state)
{
    struct fixture f = make_fixture(2, (struct net_local_pool_params){.required = 2, .max = 2});
    net_segment rival = net_network_pool_request(f.global);
    net_segment own = net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    assert_true(net_local_pool_is_waiting(f.pool));
    net_local_pool_recycle(f.pool, own, NET_NO_SUBPARTITION);
    net_network_pool_recycle(f.global, rival);
    assert_int_equal(net_network_pool_available(f.global), 1);
    assert_false(net_local_pool_is_waiting(f.pool));
    assert_state(&f, 1, 1, 0, true);
    net_network_pool_free(f.global);
}

/* LBP-10 */
static void test_pool_below_its_quota_keeps_just_one_idle_segment(void **state)
{
    struct fixture f = make_fixture(20, (struct net_local_pool_params){.required = 9, .max = 9});
    for (int64_t k = 1; k <= 8; k++) {
        (void)net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
        assert_state(&f, k + 1, 1, k, true);
    }
    net_network_pool_free(f.global);
}

/* LBP-7 */
static void test_overdraft_is_not_tried_below_the_quota(void **state)
{
    struct net_network_pool *global = make_global(9);
    for (int i = 0; i < 9; i++) {
        (void)net_network_pool_request(global);
    }
    struct net_local_pool_params params = {.required = 2, .max = 2, .max_overdraft = 5};
    struct net_local_pool *pool = net_network_pool_create_pool(global, &params, NULL);
    net_network_pool_recycle(global, 0);
    assert_int_equal(net_local_pool_request(pool, NET_NO_SUBPARTITION), 0);
    assert_int_equal(net_local_pool_request(pool, NET_NO_SUBPARTITION), NET_SEGMENT_NONE);
    net_network_pool_recycle(global, 1);
    assert_int_equal(net_local_pool_request(pool, NET_NO_SUBPARTITION), 1);
    net_network_pool_recycle(global, 2);
    assert_int_equal(net_local_pool_request(pool, NET_NO_SUBPARTITION), 2);
    assert_int_equal(net_local_pool_requested(pool), 3);
    net_network_pool_free(global);
}

/* LBP-7, LBP-12 */
static void test_shrinking_turns_buffers_in_use_into_overdraft(void **state)
{
    struct fixture f = make_fixture(
        30, (struct net_local_pool_params){.required = 2, .max = 12, .max_overdraft = 3});
    for (int i = 0; i < 8; i++) {
        (void)net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    }
    assert_state(&f, 9, 1, 8, true);
    struct net_local_pool_params rival = {.required = 24, .max = 24};
    assert_non_null(net_network_pool_create_pool(f.global, &rival, NULL));
    assert_int_equal(net_local_pool_size(f.pool), 6);
    assert_state(&f, 8, 0, 8, false);
    assert_int_not_equal(net_local_pool_request(f.pool, NET_NO_SUBPARTITION), NET_SEGMENT_NONE);
    assert_int_equal(net_local_pool_request(f.pool, NET_NO_SUBPARTITION), NET_SEGMENT_NONE);

    /* LBP-17: another limit holds from the next request on, and changes nothing by itself. */
    net_local_pool_set_max_overdraft(f.pool, 4);
    assert_state(&f, 9, 0, 9, false);
    assert_int_not_equal(net_local_pool_request(f.pool, NET_NO_SUBPARTITION), NET_SEGMENT_NONE);
    assert_int_equal(net_local_pool_max_overdraft(f.pool), 4);
    net_network_pool_free(f.global);
}

/* GT-13; LBP-8 */
static void test_writer_stays_blocked_until_no_subpartition_is_full(void **state)
{
    struct fixture f = make_fixture(
        20, (struct net_local_pool_params){
                .required = 3, .max = 4, .subpartitions = 2, .max_per_subpartition = 2});
    net_segment first = net_local_pool_request(f.pool, 0);
    net_segment second = net_local_pool_request(f.pool, 1);
    (void)net_local_pool_request(f.pool, 0);
    (void)net_local_pool_request(f.pool, 1);
    assert_state(&f, 4, 0, 4, false);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 2);
    assert_int_equal(net_local_pool_request(f.pool, 1), NET_SEGMENT_NONE);
    net_local_pool_on_available(f.pool, count_completion, &f);

    net_local_pool_recycle(f.pool, first, 0);
    assert_state(&f, 4, 1, 3, false);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 1);
    assert_int_equal(f.completions, 0);
    net_local_pool_recycle(f.pool, second, 1);
    assert_state(&f, 4, 2, 2, true);
    assert_int_equal(f.completions, 1);
    assert_int_equal(net_local_pool_request(f.pool, 1), first);
    assert_state(&f, 4, 1, 3, false);
    assert_int_equal(net_local_pool_full_subpartitions(f.pool), 1);
    net_network_pool_free(f.global);
}

/* A writer that waits: takes a segment as soon as it is told of one. */
struct writer {
    struct fixture fixture;
    net_segment got;
};

static void take_segment(void *arg)
{
    struct writer *writer = arg;
    writer->got = net_local_pool_request(writer->fixture.pool, NET_NO_SUBPARTITION);
}

/* LBP-8: the callback finds the pool's state in order. */
static void test_blocked_writer_gets_the_segment_within_the_callback(void **state)
{
    struct writer writer = {
        .fixture = make_fixture(5, (struct net_local_pool_params){.required = 1, .max = 1}),
        .got = NET_SEGMENT_NONE};
    struct net_local_pool *pool = writer.fixture.pool;
    net_segment segment = net_local_pool_request(pool, NET_NO_SUBPARTITION);
    net_local_pool_on_available(pool, take_segment, &writer);
    net_local_pool_recycle(pool, segment, NET_NO_SUBPARTITION);
    assert_int_equal(writer.got, segment);
    assert_state(&writer.fixture, 1, 0, 1, false);
    net_network_pool_free(writer.fixture.global);
}

/* LBP-12 */
static void test_quota_is_cut_to_the_maximum_and_never_below_the_minimum(void **state)
{
    struct fixture f = make_fixture(20, (struct net_local_pool_params){.required = 5, .max = 9});
    struct sim_err err = {0};
    assert_false(net_local_pool_set_size(f.pool, 4, &err));
    assert_string_equal(err.file, "IllegalArgumentException");
    assert_string_equal(err.text, "Buffer pool needs at least 5 buffers, but tried to set to 4");
    assert_true(net_local_pool_set_size(f.pool, 100, &err));
    assert_int_equal(net_local_pool_size(f.pool), 9);
    net_network_pool_free(f.global);
}

/* LBP-12, RP-4 */
static void test_shrinking_returns_idle_segments_at_once(void **state)
{
    struct fixture f = make_fixture(20, (struct net_local_pool_params){.required = 2, .max = 9});
    net_segment segments[8];
    for (int i = 0; i < 8; i++) {
        segments[i] = net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    }
    for (int i = 0; i < 6; i++) {
        net_local_pool_recycle(f.pool, segments[i], NET_NO_SUBPARTITION);
    }
    assert_state(&f, 9, 7, 2, true);
    assert_true(net_local_pool_set_size(f.pool, 4, NULL));
    assert_int_equal(net_local_pool_requested(f.pool), 4);
    assert_int_equal(net_local_pool_idle(f.pool), 2);
    assert_int_equal(net_network_pool_available(f.global), 16);
    net_network_pool_free(f.global);
}

/* A listener that takes the next `wanted` segments. */
struct keeper {
    struct net_buffer_listener listener;
    int wanted;
    int offered;
    int gone;
    net_segment got;
};

static bool keep_segment(struct net_buffer_listener *listener, net_segment segment)
{
    struct keeper *keeper = (struct keeper *)listener;
    keeper->offered++;
    if (keeper->wanted == 0) {
        return false;
    }
    keeper->wanted--;
    keeper->got = segment;
    return true;
}

static void note_gone(struct net_buffer_listener *listener)
{
    struct keeper *keeper = (struct keeper *)listener;
    keeper->gone++;
}

static const struct net_listener_calls keeper_calls = {.offer = keep_segment, .gone = note_gone};

static void init_keeper(struct keeper *keeper, int wanted)
{
    *keeper = (struct keeper){.wanted = wanted, .got = NET_SEGMENT_NONE};
}

/* LBP-13 (c), LBP-15 */
static void test_listener_gets_the_recycled_segment_and_the_pool_stays_unavailable(void **state)
{
    struct fixture f = make_fixture(9, (struct net_local_pool_params){.required = 1, .max = 1});
    struct keeper keepers[3];
    for (int i = 0; i < 3; i++) {
        init_keeper(&keepers[i], i == 1);
    }
    assert_false(net_local_pool_add_listener(f.pool, &keepers[0].listener));
    net_segment segment = net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    for (int i = 0; i < 3; i++) {
        assert_true(net_local_pool_add_listener(f.pool, &keepers[i].listener));
    }
    assert_int_equal(net_local_pool_listeners(f.pool), 3);
    net_local_pool_on_available(f.pool, count_completion, &f);

    /* The first declines and is dropped, the second takes it, the third still waits. */
    net_local_pool_recycle(f.pool, segment, NET_NO_SUBPARTITION);
    assert_int_equal(keepers[0].offered, 1);
    assert_int_equal(keepers[1].got, segment);
    assert_int_equal(keepers[2].offered, 0);
    assert_int_equal(net_local_pool_listeners(f.pool), 1);
    assert_state(&f, 1, 0, 1, false);
    assert_int_equal(f.completions, 0);

    /* The third declines too, so the pool keeps it. */
    net_local_pool_recycle(f.pool, segment, NET_NO_SUBPARTITION);
    assert_int_equal(keepers[2].offered, 1);
    assert_state(&f, 1, 1, 0, true);
    assert_int_equal(f.completions, 1);
    net_network_pool_free(f.global);
}

/* LBP-13 (a) */
static void test_excess_goes_back_before_any_listener(void **state)
{
    struct fixture f = make_fixture(
        9, (struct net_local_pool_params){.required = 1, .max = 1, .max_overdraft = 1});
    struct keeper keeper;
    init_keeper(&keeper, 1);
    net_segment first = net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    (void)net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    assert_true(net_local_pool_add_listener(f.pool, &keeper.listener));
    net_local_pool_recycle(f.pool, first, NET_NO_SUBPARTITION);
    assert_int_equal(keeper.offered, 0);
    assert_int_equal(net_network_pool_available(f.global), 8);
    assert_state(&f, 1, 0, 1, false);
    net_network_pool_free(f.global);
}

/* LBP-14, NBP-8 */
static void test_destroyed_pool_wakes_its_waiters_and_returns_segments_one_by_one(void **state)
{
    struct fixture f = make_fixture(9, (struct net_local_pool_params){.required = 2, .max = 2});
    struct keeper keeper;
    init_keeper(&keeper, 1);
    net_segment segments[2] = {net_local_pool_request(f.pool, NET_NO_SUBPARTITION),
                               net_local_pool_request(f.pool, NET_NO_SUBPARTITION)};
    assert_true(net_local_pool_add_listener(f.pool, &keeper.listener));
    net_local_pool_on_available(f.pool, count_completion, &f);
    net_local_pool_destroy(f.pool);
    assert_int_equal(f.completions, 1);
    assert_int_equal(keeper.gone, 1);
    assert_int_equal(keeper.offered, 0);
    assert_true(net_local_pool_is_destroyed(f.pool));
    assert_int_equal(net_network_pool_required(f.global), 0);
    assert_int_equal(net_network_pool_available(f.global), 7);

    net_segment segment = 0;
    struct sim_err err = {0};
    assert_int_equal(net_local_pool_request(f.pool, NET_NO_SUBPARTITION), NET_SEGMENT_NONE);
    assert_false(net_local_pool_try_request(f.pool, NET_NO_SUBPARTITION, &segment, &err));
    assert_string_equal(err.file, "CancelTaskException");
    assert_string_equal(err.text, "Buffer pool has already been destroyed.");
    assert_false(net_local_pool_add_listener(f.pool, &keeper.listener));
    net_local_pool_recycle(f.pool, segments[0], NET_NO_SUBPARTITION);
    assert_int_equal(net_network_pool_available(f.global), 8);
    net_local_pool_destroy(f.pool);
    net_local_pool_recycle(f.pool, segments[1], NET_NO_SUBPARTITION);
    assert_int_equal(net_network_pool_available(f.global), 9);
    assert_int_equal(f.completions, 1);
    net_network_pool_free(f.global);
}

/* LBP-14 */
static void test_destroyed_pool_returns_its_idle_segments(void **state)
{
    struct fixture f = make_fixture(9, (struct net_local_pool_params){.required = 2, .max = 2});
    net_local_pool_destroy(f.pool);
    assert_int_equal(net_network_pool_available(f.global), 9);
    assert_audits(&f);
    net_network_pool_free(f.global);
}

/* LBP-16 */
static void test_reserving_the_first_segment_does_nothing(void **state)
{
    struct fixture f = make_fixture(9, (struct net_local_pool_params){.required = 2, .max = 2});
    assert_true(net_local_pool_reserve(f.pool, 1, NULL));
    assert_state(&f, 1, 1, 0, true);
    struct sim_err err = {0};
    assert_false(net_local_pool_reserve(f.pool, 3, &err));
    assert_string_equal(err.file, "IllegalArgumentException");
    assert_string_equal(err.text,
                        "Can not reserve more segments than number of required segments.");
    net_network_pool_free(f.global);
}

/* LBP-16; INV-1, INV-5 */
static void test_reserved_segments_do_not_count_as_requested(void **state)
{
    struct fixture f = make_fixture(9, (struct net_local_pool_params){.required = 3, .max = 3});
    assert_true(net_local_pool_reserve(f.pool, 3, NULL));
    assert_int_equal(net_local_pool_idle(f.pool), 3);
    assert_int_equal(net_local_pool_requested(f.pool), 1);
    assert_int_equal(net_local_pool_used(f.pool), 0);
    assert_int_equal(net_network_pool_available(f.global), 6);
    struct sim_err err = {0};
    assert_false(net_network_pool_audit(f.global, &err));
    assert_memory_equal(err.text, "INV-1", 5);
    (void)net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    assert_false(net_local_pool_audit(f.pool, &err));
    assert_memory_equal(err.text, "INV-5", 5);
    net_network_pool_free(f.global);
}

/* LBP-16, NBP-5 */
static void test_reserving_from_a_dry_global_pool_times_out(void **state)
{
    struct fixture f = make_fixture(3, (struct net_local_pool_params){.required = 3, .max = 3});
    (void)net_network_pool_request(f.global);
    struct sim_err err = {0};
    assert_false(net_local_pool_reserve(f.pool, 3, &err));
    assert_string_equal(err.file, "IOException");
    assert_memory_equal(err.text, "Timeout triggered", 17);
    assert_int_equal(net_network_pool_available(f.global), 1);
    net_network_pool_free(f.global);
}

/* LBP-18 */
static void test_buffer_without_subpartition_counts_for_none(void **state)
{
    struct fixture f = make_fixture(20, gt2_params);
    net_segment plain = net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    net_segment counted = net_local_pool_request(f.pool, 2);
    assert_int_equal(net_local_pool_subpartition_count(f.pool, 2), 1);
    net_local_pool_recycle(f.pool, plain, NET_NO_SUBPARTITION);
    assert_int_equal(net_local_pool_subpartition_count(f.pool, 2), 1);
    net_local_pool_recycle(f.pool, counted, 2);
    assert_int_equal(net_local_pool_subpartition_count(f.pool, 2), 0);
    assert_audits(&f);
    net_network_pool_free(f.global);
}

/* LBP-13 (d); INV-5: listeners on a pool with subpartitions break its counters, as in Flink. */
static void test_declining_listener_lowers_the_counter_of_the_subpartition_again(void **state)
{
    struct fixture f = make_fixture(
        9, (struct net_local_pool_params){
               .required = 1, .max = 1, .subpartitions = 1, .max_per_subpartition = 5});
    struct keeper keeper;
    init_keeper(&keeper, 0);
    net_segment segment = net_local_pool_request(f.pool, 0);
    assert_true(net_local_pool_add_listener(f.pool, &keeper.listener));
    net_local_pool_recycle(f.pool, segment, 0);
    assert_int_equal(net_local_pool_subpartition_count(f.pool, 0), -1);
    struct sim_err err = {0};
    assert_false(net_local_pool_audit(f.pool, &err));
    assert_memory_equal(err.text, "INV-5", 5);
    net_network_pool_free(f.global);
}

/* LBP-3; INV-4: a segment that comes by redistribution goes past the listeners. */
static void
test_recycle_that_finds_the_pool_inconsistent_says_so_and_loses_the_segment(void **state)
{
    struct fixture f = make_fixture(
        9, (struct net_local_pool_params){
               .required = 2, .max = 4, .subpartitions = 1, .max_per_subpartition = 2});
    struct keeper keeper;
    init_keeper(&keeper, 1);
    assert_true(net_local_pool_set_size(f.pool, 2, NULL));
    net_segment segment = net_local_pool_request(f.pool, 0);
    (void)net_local_pool_request(f.pool, 0);
    assert_true(net_local_pool_add_listener(f.pool, &keeper.listener));
    assert_true(net_local_pool_set_size(f.pool, 4, NULL));
    assert_state(&f, 3, 1, 2, false);
    assert_int_equal(net_local_pool_listeners(f.pool), 1);

    struct sim_err err = {0};
    assert_false(net_local_pool_try_recycle(f.pool, segment, 0, &err));
    assert_string_equal(err.file, "IllegalStateException");
    assert_string_equal(err.text, "Inconsistent availability: expected true");
    assert_int_equal(keeper.offered, 0);
    assert_int_equal(net_local_pool_listeners(f.pool), 0);
    assert_false(net_local_pool_audit(f.pool, &err));
    assert_memory_equal(err.text, "INV-4", 5);
    net_network_pool_free(f.global);
}

/* A segment that is given back twice, or that nobody was given, is a bug of the caller. */
static void test_segment_cannot_be_given_back_that_is_not_held(void **state)
{
    struct fixture f = make_fixture(9, (struct net_local_pool_params){.required = 2, .max = 2});
    net_segment segment = net_local_pool_request(f.pool, NET_NO_SUBPARTITION);
    net_local_pool_recycle(f.pool, segment, NET_NO_SUBPARTITION);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_local_pool_recycle(f.pool, segment, NET_NO_SUBPARTITION));
    expect_assert_failure(net_network_pool_recycle(f.global, segment));
    expect_assert_failure(net_local_pool_recycle(f.pool, segment + 1, NET_NO_SUBPARTITION));
    expect_assert_failure(net_network_pool_recycle(f.global, segment + 1));
    expect_assert_failure(net_network_pool_recycle(f.global, 9));
    (void)sim_assert_set_handler(before);
    net_network_pool_free(f.global);
}

/* The levels are exact integrals over simulated time. */
static void advance(struct sim *sim, void *owner)
{
    struct fixture *fixture = owner;
    (void)net_local_pool_request(fixture->pool, NET_NO_SUBPARTITION);
}

static void test_levels_integrate_use_and_quota_over_time(void **state)
{
    struct sim *sim = sim_create();
    struct net_network_pool_params global = {.segments = 9, .segment_bytes = 32768};
    struct net_local_pool_params params = {.required = 2, .max = 2};
    struct fixture f = {.global = net_network_pool_create(sim, &global)};
    f.pool = net_network_pool_create_pool(f.global, &params, NULL);
    sim_event event = sim_event_create(sim, 0, 0, advance, &f);
    sim_event_schedule(sim, event, 10);
    (void)sim_run(sim, SIM_TIME_MAX - 1);
    sim_event_schedule(sim, event, 30);
    (void)sim_run(sim, SIM_TIME_MAX - 1);
    const struct sim_level *used = net_local_pool_used_level(f.pool);
    assert_int_equal(sim_level_integral(used, 35), 20 * 1 + 5 * 2);
    assert_int_equal(used->max, 2);
    assert_int_equal(sim_level_integral(net_local_pool_size_level(f.pool), 35), 70);
    net_network_pool_free(f.global);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_turns_unavailable_at_its_quota_and_overdraws_20_more),
        cmocka_unit_test(test_one_full_subpartition_makes_the_whole_pool_unavailable),
        cmocka_unit_test(test_new_pool_takes_one_segment_at_once),
        cmocka_unit_test(test_pool_that_found_nothing_is_served_when_a_segment_comes_back),
        cmocka_unit_test(test_pool_that_has_a_segment_leaves_the_next_one_to_others),
        cmocka_unit_test(test_pool_below_its_quota_keeps_just_one_idle_segment),
        cmocka_unit_test(test_overdraft_is_not_tried_below_the_quota),
        cmocka_unit_test(test_shrinking_turns_buffers_in_use_into_overdraft),
        cmocka_unit_test(test_writer_stays_blocked_until_no_subpartition_is_full),
        cmocka_unit_test(test_blocked_writer_gets_the_segment_within_the_callback),
        cmocka_unit_test(test_quota_is_cut_to_the_maximum_and_never_below_the_minimum),
        cmocka_unit_test(test_shrinking_returns_idle_segments_at_once),
        cmocka_unit_test(test_listener_gets_the_recycled_segment_and_the_pool_stays_unavailable),
        cmocka_unit_test(test_excess_goes_back_before_any_listener),
        cmocka_unit_test(test_destroyed_pool_wakes_its_waiters_and_returns_segments_one_by_one),
        cmocka_unit_test(test_destroyed_pool_returns_its_idle_segments),
        cmocka_unit_test(test_reserving_the_first_segment_does_nothing),
        cmocka_unit_test(test_reserved_segments_do_not_count_as_requested),
        cmocka_unit_test(test_reserving_from_a_dry_global_pool_times_out),
        cmocka_unit_test(test_buffer_without_subpartition_counts_for_none),
        cmocka_unit_test(test_declining_listener_lowers_the_counter_of_the_subpartition_again),
        cmocka_unit_test(
            test_recycle_that_finds_the_pool_inconsistent_says_so_and_loses_the_segment),
        cmocka_unit_test(test_segment_cannot_be_given_back_that_is_not_held),
        cmocka_unit_test(test_levels_integrate_use_and_quota_over_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
