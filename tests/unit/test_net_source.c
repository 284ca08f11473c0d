/* Sources: when records are due (TSK-10 and the definition of sources in docs/scenarios.md). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>

#include "models/source.h"
#include "tests/support/assert_near.h"

static const struct sim_dist ONE_KEY = {0};
static const struct net_stream_name NAME = {.seed = 7, .replication = 0, .entity = "source/0"};

/* Ask at every due time, as a task with room does, until `until`; returns the records. */
static uint64_t drain(struct net_source *source, sim_time from, sim_time until)
{
    uint64_t records = 0;
    sim_time now = from;
    sim_time wait_until = 0;
    while (now <= until) {
        if (net_source_poll(source, now, &wait_until)) {
            net_source_advance(source);
            records++;
        } else {
            now = wait_until;
        }
    }
    return records;
}

static void test_records_are_due_at_a_constant_rate(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 100.0};
    const struct net_source_spec spec = {.phases = &phase, .phase_count = 1};
    struct net_source source;
    net_source_init(&source, &spec, 0, 2, &ONE_KEY, &NAME);
    sim_time wait_until = 0;
    assert_false(net_source_poll(&source, 0, &wait_until));
    assert_int_equal(wait_until, 5 * SIM_MS); /* (s + 1) / (P N) */
    assert_true(net_source_poll(&source, 5 * SIM_MS, &wait_until));
    net_source_advance(&source);
    assert_false(net_source_poll(&source, 5 * SIM_MS, &wait_until));
    assert_int_equal(wait_until, 15 * SIM_MS);
}

/* Twice the gap is no time any more; the sanitizers see it. */
static void test_first_record_in_two_centuries_is_due_then(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX, .per_second = 0x1p-33};
    const struct net_source_spec spec = {.phases = &phase, .phase_count = 1};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    sim_time wait_until = 0;
    assert_false(net_source_poll(&source, 0, &wait_until));
    assert_int_equal(wait_until, ((sim_time)1 << 33) * SIM_S);
}

static void test_late_wakeup_does_not_shift_the_schedule(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 100.0};
    const struct net_source_spec spec = {.phases = &phase, .phase_count = 1};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    sim_time wait_until = 0;
    assert_false(net_source_poll(&source, 0, &wait_until));
    assert_true(net_source_poll(&source, 12 * SIM_MS, &wait_until));
    net_source_advance(&source);
    assert_false(net_source_poll(&source, 12 * SIM_MS, &wait_until));
    assert_int_equal(wait_until, 20 * SIM_MS);
}

/* Hold the source up from 10 ms to 35 ms, then see when the next records are due. */
static void hold_up(bool catches_up, uint64_t *at_once, sim_time *next)
{
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 100.0};
    const struct net_source_spec spec = {
        .phases = &phase, .phase_count = 1, .catches_up = catches_up};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    assert_false(net_source_poll(&source, 0, next));
    source.at.was_held_up = true;
    *at_once = 0;
    while (net_source_poll(&source, 35 * SIM_MS, next)) {
        net_source_advance(&source);
        ++*at_once;
    }
}

static void test_back_pressure_shifts_all_later_records(void **state)
{
    (void)state;
    uint64_t at_once;
    sim_time next;
    hold_up(false, &at_once, &next);
    assert_int_equal(at_once, 1);
    assert_int_equal(next, 45 * SIM_MS);
}

static void test_catch_up_emits_at_once_what_became_due(void **state)
{
    (void)state;
    uint64_t at_once;
    sim_time next;
    hold_up(true, &at_once, &next);
    assert_int_equal(at_once, 3);
    assert_int_equal(next, 40 * SIM_MS);
}

static void test_phases_cycle_from_the_start(void **state)
{
    (void)state;
    const struct net_rate_phase phases[] = {{.length = SIM_S, .per_second = 100.0},
                                            {.length = 2 * SIM_S, .per_second = 0.0},
                                            {.length = SIM_S, .per_second = 10.0}};
    const struct net_source_spec spec = {.phases = phases, .phase_count = 3};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    assert_int_equal(drain(&source, 0, SIM_S), 100);
    assert_int_equal(drain(&source, SIM_S, 3 * SIM_S), 0);
    assert_int_equal(drain(&source, 3 * SIM_S, 4 * SIM_S), 10);
    assert_int_equal(drain(&source, 4 * SIM_S, 5 * SIM_S), 100);
}

static void test_silent_source_is_never_due(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_S, .per_second = 0.0};
    const struct net_source_spec spec = {.phases = &phase, .phase_count = 1};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    source.horizon = 3600 * SIM_S;
    sim_time wait_until = 0;
    assert_false(net_source_poll(&source, 0, &wait_until));
    assert_int_equal(wait_until, SIM_TIME_MAX);
}

static void test_poisson_gaps_have_the_mean_and_the_spread_of_exponentials(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 1000.0};
    const struct net_source_spec spec = {.phases = &phase, .phase_count = 1, .is_poisson = true};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    uint64_t records = drain(&source, 0, 100 * SIM_S);
    assert_near((double)records, 100000.0, 0.0127); /* 4 standard errors */
    assert_true(records != 100000);
}

static void test_keys_follow_zipf(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 1.0};
    const struct net_source_spec spec = {
        .phases = &phase, .phase_count = 1, .keys = {.count = 4, .zipf = 1.0}};
    struct sim_arena *arena = sim_arena_create();
    struct sim_dist keys;
    net_keys_prepare(&keys, &spec.keys, arena);
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &keys, &NAME);
    double counts[4] = {0};
    for (int i = 0; i < 100000; i++) {
        int32_t key = net_source_key(&source);
        assert_in_range(key, 0, 3);
        counts[key]++;
    }
    const double sum = 1.0 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4;
    for (int k = 0; k < 4; k++) {
        assert_near(counts[k] / 1e5, 1.0 / (k + 1) / sum, 0.04);
    }
    sim_dist_finish(&keys);
    sim_arena_destroy(arena);
}

static void test_lag_counts_what_is_due_and_not_emitted(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 100.0};
    const struct net_source_spec spec = {.phases = &phase, .phase_count = 1, .catches_up = true};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    sim_time wait_until = 0;
    assert_false(net_source_poll(&source, 0, &wait_until));
    assert_near(net_source_lag(&source, 1005 * SIM_MS), 100.5, 1e-9);
}

static jmp_buf jump;
static size_t missing;

static void jump_out(size_t bytes)
{
    missing = bytes;
    longjmp(jump, 1);
}

/* The library that makes the table of keys has no memory for it; it tells by NULL. */
static bool is_exhausted;
gsl_ran_discrete_t *__real_gsl_ran_discrete_preproc(size_t count, const double *weights);
gsl_ran_discrete_t *__wrap_gsl_ran_discrete_preproc(size_t count, const double *weights);

gsl_ran_discrete_t *__wrap_gsl_ran_discrete_preproc(size_t count, const double *weights)
{
    return is_exhausted ? NULL : __real_gsl_ran_discrete_preproc(count, weights);
}

static void test_keys_without_memory_are_no_bug(void **state)
{
    static const struct net_keys_spec KEYS = {.count = 100};
    struct sim_arena *arena = sim_arena_create();
    struct sim_dist keys;
    (void)state;
    sim_oom_handler before = sim_oom_set_handler(jump_out);
    is_exhausted = true;
    if (setjmp(jump) == 0) {
        net_keys_prepare(&keys, &KEYS, arena);
        fail_msg("keys were made without memory");
    }
    assert_true(missing >= 100 * (sizeof(size_t) + sizeof(double)));
    is_exhausted = false;
    sim_oom_set_handler(before);
    sim_arena_destroy(arena);
}

static void test_source_with_an_end_emits_so_many(void **state)
{
    (void)state;
    const struct net_rate_phase phase = {.length = SIM_TIME_MAX / 4, .per_second = 100.0};
    const struct net_source_spec spec = {
        .phases = &phase, .phase_count = 1, .catches_up = true, .records = 7};
    struct net_source source;
    net_source_init(&source, &spec, 0, 1, &ONE_KEY, &NAME);
    assert_int_equal(drain(&source, 0, 45 * SIM_MS), 4);
    assert_false(net_source_has_ended(&source));
    assert_near(net_source_lag(&source, 65 * SIM_MS), 2.5, 1e-9);
    assert_near(net_source_lag(&source, SIM_S), 3, 1e-9); /* not a hundred */
    assert_int_equal(drain(&source, SIM_S, 3600 * SIM_S), 3);
    assert_true(net_source_has_ended(&source));
    assert_near(net_source_lag(&source, 3600 * SIM_S), 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_are_due_at_a_constant_rate),
        cmocka_unit_test(test_first_record_in_two_centuries_is_due_then),
        cmocka_unit_test(test_late_wakeup_does_not_shift_the_schedule),
        cmocka_unit_test(test_back_pressure_shifts_all_later_records),
        cmocka_unit_test(test_catch_up_emits_at_once_what_became_due),
        cmocka_unit_test(test_phases_cycle_from_the_start),
        cmocka_unit_test(test_silent_source_is_never_due),
        cmocka_unit_test(test_poisson_gaps_have_the_mean_and_the_spread_of_exponentials),
        cmocka_unit_test(test_keys_follow_zipf),
        cmocka_unit_test(test_keys_without_memory_are_no_bug),
        cmocka_unit_test(test_source_with_an_end_emits_so_many),
        cmocka_unit_test(test_lag_counts_what_is_due_and_not_emitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
