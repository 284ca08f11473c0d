/*
 * The recorder: sampling at a fixed interval, exact averages, a sink that stops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/recorder.h"
#include "sim/stats.h"
#include "tests/support/assert_failure.h"
#include "tests/support/assert_near.h"

#define SAMPLES 100

struct samples {
    int count;
    int limit; /* the sink refuses from this one on */
    sim_time when[SAMPLES];
    uint32_t series[SAMPLES];
    double value[SAMPLES];
};

static bool keep(void *arg, sim_time now, uint32_t series, double value)
{
    struct samples *samples = arg;
    if (samples->count >= samples->limit) {
        return false;
    }
    samples->when[samples->count] = now;
    samples->series[samples->count] = series;
    samples->value[samples->count] = value;
    samples->count++;
    return true;
}

/* A level that jumps between 0 and 10, and what looks at it. */
struct model {
    struct sim *sim;
    struct sim_level level;
    sim_event event;
    struct samples samples;
    struct sim_recorder *recorder;
};

/* 1 ns at 10 just after every multiple of 10 ns: samples at those never see it. */
static void jump(struct sim *sim, void *owner)
{
    struct model *model = owner;
    bool is_high = model->level.value != 0;
    sim_level_set(&model->level, is_high ? 0 : 10, sim_now(sim));
    sim_event_schedule(sim, model->event, sim_now(sim) + (is_high ? 9 : 1));
}

static bool probe(void *owner, uint32_t what, sim_time now, double *value)
{
    struct model *model = owner;
    *value = what == 0 ? (double)model->level.value : (double)now;
    return what != 1 || now % 20 != 0;
}

static sim_int128 integral(void *owner, uint32_t what, sim_time now)
{
    struct model *model = owner;
    return sim_level_integral(&model->level, now);
}

static void start(struct model *model, int limit)
{
    memset(model, 0, sizeof *model);
    model->sim = sim_create();
    model->samples.limit = limit;
    sim_level_init(&model->level, 0, 0);
    model->event = sim_event_create(model->sim, 1, 0, jump, model);
    sim_event_schedule(model->sim, model->event, 1);
    model->recorder = sim_recorder_create(model->sim, 10, 7, keep, &model->samples);
}

static uint32_t add(struct model *model, uint32_t what, uint32_t every, bool has_integral)
{
    return sim_recorder_add(model->recorder, &(struct sim_series){
                                                 .group = "g",
                                                 .member = 3,
                                                 .metric = "m",
                                                 .every = every,
                                                 .probe = probe,
                                                 .integral = has_integral ? integral : NULL,
                                                 .owner = model,
                                                 .what = what,
                                             });
}

static void finish(struct model *model)
{
    sim_recorder_destroy(model->recorder);
    sim_destroy(model->sim);
}

static void test_samples_are_taken_at_the_interval_in_order(void **state)
{
    struct model model;
    start(&model, SAMPLES);
    assert_int_equal(add(&model, 0, 1, true), 0);
    assert_int_equal(add(&model, 2, 2, false), 1);
    assert_int_equal(sim_recorder_count(model.recorder), 2);
    assert_int_equal(sim_recorder_series(model.recorder, 1)->member, 3);
    sim_recorder_start(model.recorder);
    sim_run(model.sim, 30);
    /* Instants 0, 10, 20, 30; the second series at every second one. */
    static const sim_time when[] = {0, 0, 10, 20, 20, 30};
    static const uint32_t series[] = {0, 1, 0, 0, 1, 0};
    assert_int_equal(model.samples.count, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(model.samples.when[i], when[i]);
        assert_int_equal(model.samples.series[i], series[i]);
        assert_true(model.samples.value[i] == (series[i] == 0 ? 0 : (double)when[i]));
    }
    finish(&model);
}

static void test_probe_without_a_value_writes_nothing(void **state)
{
    struct model model;
    start(&model, SAMPLES);
    add(&model, 1, 1, false);
    sim_recorder_start(model.recorder);
    sim_run(model.sim, 40);
    assert_int_equal(model.samples.count, 2);
    assert_int_equal(model.samples.when[0], 10);
    assert_int_equal(model.samples.when[1], 30);
    finish(&model);
}

static void test_average_sees_what_no_sample_does(void **state)
{
    struct model model;
    double average = -1;
    start(&model, SAMPLES);
    uint32_t with = add(&model, 0, 1, true);
    uint32_t without = add(&model, 0, 1, false);
    sim_recorder_start(model.recorder);
    sim_run(model.sim, 105);
    assert_false(sim_recorder_average(model.recorder, with, &average));
    sim_recorder_mark(model.recorder);
    assert_false(sim_recorder_average(model.recorder, with, &average));
    sim_run(model.sim, 305);
    assert_false(sim_recorder_average(model.recorder, without, &average));
    assert_true(average == -1);
    assert_true(sim_recorder_average(model.recorder, with, &average));
    assert_near(average, 1, 1e-15);
    for (int i = 0; i < model.samples.count; i++) {
        assert_true(model.samples.value[i] == 0);
    }
    finish(&model);
}

/* The level is 10 for 1 ns of 10 from 101 on, and was so before: averages over other windows. */
static void test_window_may_begin_at_any_mark(void **state)
{
    struct model model;
    double average = -1;
    start(&model, SAMPLES);
    add(&model, 1, 1, false);
    uint32_t with = add(&model, 0, 1, true);
    sim_recorder_start(model.recorder);
    sim_run(model.sim, 101); /* it has just jumped to 10 */
    sim_recorder_mark(model.recorder);
    sim_run(model.sim, 102);
    sim_recorder_mark(model.recorder);
    sim_run(model.sim, 103);
    assert_true(sim_recorder_average(model.recorder, with, &average));
    assert_near(average, 0, 1e-15);
    sim_recorder_cut(model.recorder, 0);
    assert_true(sim_recorder_average(model.recorder, with, &average));
    assert_near(average, 5, 1e-15);
    finish(&model);
}

static void test_sink_that_refuses_stops_the_run(void **state)
{
    struct model model;
    start(&model, 2);
    add(&model, 0, 1, true);
    sim_recorder_start(model.recorder);
    assert_false(sim_recorder_failed(model.recorder));
    assert_int_equal(sim_run(model.sim, 1000), SIM_STOP_ASKED);
    assert_int_equal(sim_now(model.sim), 20);
    assert_true(sim_recorder_failed(model.recorder));
    assert_int_equal(sim_run(model.sim, 1000), SIM_STOP_HORIZON);
    assert_int_equal(model.samples.count, 2);
    finish(&model);
}

static void test_series_are_added_before_the_start_only(void **state)
{
    struct model model;
    start(&model, SAMPLES);
    sim_recorder_start(model.recorder);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(add(&model, 0, 1, false));
    sim_assert_set_handler(before);
    finish(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_are_taken_at_the_interval_in_order),
        cmocka_unit_test(test_probe_without_a_value_writes_nothing),
        cmocka_unit_test(test_average_sees_what_no_sample_does),
        cmocka_unit_test(test_window_may_begin_at_any_mark),
        cmocka_unit_test(test_sink_that_refuses_stops_the_run),
        cmocka_unit_test(test_series_are_added_before_the_start_only),
    };
    return cmocka_run_group_tests_name("sim_recorder", tests, NULL, NULL);
}
