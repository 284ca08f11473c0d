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
#include "sim/time.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_turns_unavailable_at_its_quota_and_overdraws_20_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
