/* What a machine's threads take to hear of each other (SIM-2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/delay.h"
#include "tests/support/assert_near.h"

#define DRAWS 100000

/* Mean and least of many delays of 1 ms. */
static void draw(double jitter, double *mean, sim_time *least)
{
    struct sim_stream stream;
    sim_stream_init(&stream, 7, 0, "task/0", "wake-up");
    double sum = 0;
    *least = SIM_TIME_MAX;
    for (uint32_t i = 0; i < DRAWS; i++) {
        sim_time delay = net_delay_draw(SIM_MS, jitter, &stream);
        sum += (double)delay;
        *least = delay < *least ? delay : *least;
    }
    *mean = sum / DRAWS;
}

static void test_jitter_leaves_the_mean(void **state)
{
    (void)state;
    for (int i = 1; i <= 4; i++) {
        double jitter = i / 4.0;
        double mean;
        sim_time least;
        draw(jitter, &mean, &least);
        assert_near(mean, (double)SIM_MS, 0.02);
        assert_in_range(least, (uintmax_t)((1 - jitter) * SIM_MS),
                        (uintmax_t)((1 - jitter) * SIM_MS + 0.001 * SIM_MS));
    }
}

static void test_nothing_is_random_without_jitter(void **state)
{
    (void)state;
    assert_int_equal(net_delay_draw(SIM_MS, 0, NULL), SIM_MS);
    assert_int_equal(net_delay_draw(0, 1, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jitter_leaves_the_mean),
        cmocka_unit_test(test_nothing_is_random_without_jitter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
