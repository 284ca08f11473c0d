/*
 * Random streams: the generators against published output, streams addressed by name, GSL's view.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/random.h"
#include "tests/support/assert_failure.h"

static void set_state(struct sim_stream *stream, const uint64_t state[4])
{
    sim_stream_init_seed(stream, 0);
    memcpy(stream->state, state, sizeof stream->state);
}

/* The vectors of Rust's rand_xoshiro for state {1, 2, 3, 4}, made with the authors' C program. */
static void test_xoshiro256pp_gives_the_published_output(void **state)
{
    static const uint64_t want[] = {
        41943041u,
        58720359u,
        3588806011781223u,
        3591011842654386u,
        9228616714210784205u,
        9973669472204895162u,
        14011001112246962877u,
        12406186145184390807u,
        15849039046786891736u,
        10450023813501588000u,
    };
    struct sim_stream stream;
    set_state(&stream, (uint64_t[]){1, 2, 3, 4});
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(sim_stream_bits(&stream) == want[i]);
    }
}

/* The table of xoshiro-fortran for state {0, 0, 0, 1}, made from the authors' C program too. */
static void test_xoshiro256pp_gives_a_second_published_output(void **state)
{
    static const uint64_t want[] = {
        0x0000000000800000u, 0x0000000000800011u, 0x0002200000800011u, 0x0002200044000020u,
        0x00022000448008A1u, 0x01102100802208A0u, 0x0114002284200880u, 0x0402896644A64095u,
        0x8A14A0A244ACC891u, 0x8C88BA4680B20495u,
    };
    struct sim_stream stream;
    set_state(&stream, (uint64_t[]){0, 0, 0, 1});
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(sim_stream_bits(&stream) == want[i]);
    }
}

/* A seed fills the state with SplitMix64's output; its widely printed vector for seed 1234567. */
static void test_seed_fills_the_state_by_splitmix64(void **state)
{
    static const uint64_t want[] = {6457827717110365317u, 3203168211198807973u,
                                    9817491932198370423u, 4593380528125082431u};
    struct sim_stream stream;
    sim_stream_init_seed(&stream, 1234567);
    assert_memory_equal(stream.state, want, sizeof want);
    sim_stream_init_seed(&stream, 0x0123456789ABCDEFu);
    assert_true(stream.state[0] == 0x157A3807A48FAA9Du);
}

static void test_gsl_sees_the_same_stream(void **state)
{
    struct sim_stream stream;
    struct sim_stream other;
    gsl_rng *rng = gsl_rng_alloc(sim_rng_xoshiro256pp);
    gsl_rng_set(rng, 99);
    sim_stream_init_seed(&stream, 99);
    sim_stream_init_seed(&other, 99);
    assert_string_equal(gsl_rng_name(rng), "xoshiro256pp");
    for (int i = 0; i < 100; i++) {
        uint64_t bits = sim_stream_bits(&stream);
        assert_true(gsl_rng_get(rng) == bits);
        double uniform = gsl_rng_uniform(&other.rng);
        assert_true(uniform == (double)(bits >> 11) / 9007199254740992.0);
        assert_true(uniform >= 0 && uniform < 1);
    }
    gsl_rng_free(rng);
}

static void test_uniform_has_53_bits(void **state)
{
    struct sim_stream stream;
    uint64_t seen = 0;
    sim_stream_init_seed(&stream, 3);
    for (int i = 0; i < 1000; i++) {
        double scaled = sim_stream_uniform(&stream) * 9007199254740992.0;
        assert_true(scaled == (double)(uint64_t)scaled);
        seen |= (uint64_t)scaled;
    }
    assert_true(seen == ((uint64_t)1 << 53) - 1);
}

static uint64_t first_bits(uint64_t seed, uint64_t replication, const char *entity,
                           const char *purpose)
{
    struct sim_stream stream;
    sim_stream_init(&stream, seed, replication, entity, purpose);
    return sim_stream_bits(&stream);
}

static void test_stream_depends_on_its_whole_name(void **state)
{
    uint64_t bits = first_bits(1, 0, "job/score/3", "service");
    assert_true(bits == first_bits(1, 0, "job/score/3", "service"));
    assert_true(bits != first_bits(2, 0, "job/score/3", "service"));
    assert_true(bits != first_bits(1, 1, "job/score/3", "service"));
    assert_true(bits != first_bits(0, 1, "job/score/3", "service"));
    assert_true(bits != first_bits(1, 0, "job/score/4", "service"));
    assert_true(bits != first_bits(1, 0, "job/score/3", "arrivals"));
    assert_true(bits != first_bits(1, 0, "service", "job/score/3"));
    assert_true(first_bits(1, 0, "ab", "c") != first_bits(1, 0, "a", "bc"));
    assert_true(first_bits(1, 0, "", "a") != first_bits(1, 0, "a", ""));
}

/* Golden: what a seed means must not change between versions. */
static void test_stream_of_a_name_stays_what_it_is(void **state)
{
    assert_true(first_bits(42, 7, "job/score/3", "service") == 0xc79b6a151c6df8ffu);
}

/* Neighbouring names give unrelated streams: the correlation of 2 x 20,000 uniforms is below four
 * standard errors. */
static void test_neighbouring_streams_are_uncorrelated(void **state)
{
    struct sim_stream a;
    struct sim_stream b;
    double sum = 0;
    const int n = 20000;
    sim_stream_init(&a, 1, 0, "job/score/3", "service");
    sim_stream_init(&b, 1, 0, "job/score/4", "service");
    for (int i = 0; i < n; i++) {
        sum += (sim_stream_uniform(&a) - 0.5) * (sim_stream_uniform(&b) - 0.5);
    }
    /* Var(U - 1/2) = 1/12, so the sum's standard deviation is sqrt(n) / 12. */
    assert_true(sum * sum < 16.0 * n / 144.0);
}

static void test_below_is_in_range_and_even(void **state)
{
    struct sim_stream stream;
    int counts[6] = {0};
    const int n = 60000;
    sim_stream_init_seed(&stream, 11);
    for (int i = 0; i < n; i++) {
        uint64_t value = sim_stream_below(&stream, 6);
        assert_true(value < 6);
        counts[value]++;
    }
    double chi_square = 0;
    for (int i = 0; i < 6; i++) {
        double off = counts[i] - n / 6.0;
        chi_square += off * off / (n / 6.0);
    }
    /* 99.9 % quantile of chi-square with 5 degrees of freedom. */
    assert_true(chi_square < 20.52);
    assert_int_equal(sim_stream_below(&stream, 1), 0);
}

/* 3 x 2^62: a plain product would favour every third result, a plain remainder the lowest third. */
static void test_below_has_no_bias_for_large_bounds(void **state)
{
    struct sim_stream stream;
    const uint64_t bound = (uint64_t)3 << 62;
    int thirds = 0;
    int low = 0;
    const int n = 30000;
    sim_stream_init_seed(&stream, 12);
    for (int i = 0; i < n; i++) {
        uint64_t value = sim_stream_below(&stream, bound);
        assert_true(value < bound);
        thirds += value % 3 == 0;
        low += value < bound / 3;
    }
    /* Four standard deviations of a binomial distribution. */
    assert_true(abs(thirds - n / 3) < 4 * 82);
    assert_true(abs(low - n / 3) < 4 * 82);
}

static void test_below_zero_is_an_assertion(void **state)
{
    struct sim_stream stream;
    sim_stream_init_seed(&stream, 1);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_stream_below(&stream, 0));
    sim_assert_set_handler(before);
}

/* The same value as the logarithm that the mathematical library gives, to one unit in the last
 * place, or two in that of numbers below a half, which have less than a digit to lose. */
static void test_exponential_is_the_logarithm_of_the_uniform(void **state)
{
    struct sim_stream stream;
    struct sim_stream other;
    sim_stream_init_seed(&stream, 13);
    sim_stream_init_seed(&other, 13);
    for (int i = 0; i < 200000; i++) {
        double value = sim_stream_exponential(&stream);
        double want = -log1p(-sim_stream_uniform(&other));
        assert_true(value >= 0);
        assert_true(fabs(value - want) <= 0x1p-52 * fmax(want, 0.5));
    }
    assert_true(sim_stream_bits(&stream) == sim_stream_bits(&other));
}

/* xoshiro256++ gives rotate(a + d, 23) + a for the state {a, b, c, d}: any output that is wanted.
 */
static double exponential_of_bits(uint64_t bits)
{
    struct sim_stream stream;
    uint64_t rotated = bits - 1;
    set_state(&stream, (uint64_t[]){1, 2, 3, (rotated >> 23 | rotated << 41) - 1});
    return sim_stream_exponential(&stream);
}

static void test_exponential_at_the_ends_of_its_range(void **state)
{
    assert_true(exponential_of_bits(0) == 0);
    assert_true(exponential_of_bits((1 << 11) - 1) == 0);
    assert_true(exponential_of_bits(1 << 11) == 0x1p-53);
    assert_true(fabs(exponential_of_bits(2 << 11) - 0x1p-52) <= 0x1p-104);
    assert_true(exponential_of_bits((uint64_t)1 << 63) == 0x1.62e42fefa39efp-1);
    assert_true(exponential_of_bits(UINT64_MAX) == 0x1.25e4f7b2737fap+5);
}

/* Golden: the sum of the bits of 1000 variates; the same with every compiler and at every level of
 * optimisation. */
static void test_exponential_is_the_same_everywhere(void **state)
{
    struct sim_stream stream;
    uint64_t hash = 0;
    sim_stream_init_seed(&stream, 14);
    for (int i = 0; i < 1000; i++) {
        double value = sim_stream_exponential(&stream);
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0x9e3779b97f4a7c15u;
    }
    assert_true(hash == 0x30ccd7b84058e5f9u);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov: the largest distance between the cumulative distribution of n variates
 * and the exact one, times the root of n, is beyond 1.95 once in a thousand times. */
static void test_exponential_fits_its_distribution(void **state)
{
    enum { N = 200000 };
    static double values[N];
    struct sim_stream stream;
    double distance = 0;
    sim_stream_init_seed(&stream, 15);
    for (int i = 0; i < N; i++) {
        values[i] = sim_stream_exponential(&stream);
    }
    qsort(values, N, sizeof *values, by_value);
    for (int i = 0; i < N; i++) {
        double want = gsl_cdf_exponential_P(values[i], 1);
        distance = fmax(distance, fmax(want - (double)i / N, (double)(i + 1) / N - want));
    }
    assert_true(distance * sqrt(N) < 1.95);
}

/* Chi-square over 1000 equally likely parts of the range, tails among them. */
static void test_exponential_fills_its_range_evenly(void **state)
{
    enum { PARTS = 1000, N = 1000000 };
    static int counts[PARTS];
    struct sim_stream stream;
    double chi_square = 0;
    sim_stream_init_seed(&stream, 16);
    for (int i = 0; i < N; i++) {
        counts[(int)(PARTS * gsl_cdf_exponential_P(sim_stream_exponential(&stream), 1))]++;
    }
    for (int i = 0; i < PARTS; i++) {
        double off = counts[i] - (double)N / PARTS;
        chi_square += off * off * PARTS / N;
    }
    assert_true(chi_square < gsl_cdf_chisq_Pinv(0.999, PARTS - 1));
    assert_true(chi_square > gsl_cdf_chisq_Pinv(0.001, PARTS - 1));
}

/* Many at a time are those one by one, however many, and what follows is the same. */
static void test_exponentials_are_the_same_many_at_a_time(void **state)
{
    enum { MOST = 200 };
    for (size_t count = 0; count <= MOST; count++) {
        struct sim_stream stream;
        struct sim_stream other;
        double values[MOST];
        sim_stream_init_seed(&stream, count);
        sim_stream_init_seed(&other, count);
        sim_stream_exponentials(&stream, values, count);
        for (size_t i = 0; i < count; i++) {
            assert_true(values[i] == sim_stream_exponential(&other));
        }
        assert_true(sim_stream_bits(&stream) == sim_stream_bits(&other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xoshiro256pp_gives_the_published_output),
        cmocka_unit_test(test_xoshiro256pp_gives_a_second_published_output),
        cmocka_unit_test(test_seed_fills_the_state_by_splitmix64),
        cmocka_unit_test(test_gsl_sees_the_same_stream),
        cmocka_unit_test(test_uniform_has_53_bits),
        cmocka_unit_test(test_stream_depends_on_its_whole_name),
        cmocka_unit_test(test_stream_of_a_name_stays_what_it_is),
        cmocka_unit_test(test_neighbouring_streams_are_uncorrelated),
        cmocka_unit_test(test_below_is_in_range_and_even),
        cmocka_unit_test(test_below_has_no_bias_for_large_bounds),
        cmocka_unit_test(test_below_zero_is_an_assertion),
        cmocka_unit_test(test_exponential_is_the_logarithm_of_the_uniform),
        cmocka_unit_test(test_exponential_at_the_ends_of_its_range),
        cmocka_unit_test(test_exponential_is_the_same_everywhere),
        cmocka_unit_test(test_exponential_fits_its_distribution),
        cmocka_unit_test(test_exponential_fills_its_range_evenly),
        cmocka_unit_test(test_exponentials_are_the_same_many_at_a_time),
    };
    return cmocka_run_group_tests_name("sim_random", tests, NULL, NULL);
}
