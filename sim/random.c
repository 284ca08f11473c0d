#include "sim/random.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "sim/assert.h"
#include "sim/compiler.h"

/* SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): a
 * counter with this step, scrambled. */
#define SPLITMIX_STEP 0x9e3779b97f4a7c15u

static uint64_t scramble(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

/* xoshiro256++ 1.0. */
static inline uint64_t next(uint64_t state[4])
{
    uint64_t result = rotate(state[0] + state[3], 23) + state[0];
    uint64_t t = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = rotate(state[3], 45);
    return result;
}

static void seed_state(uint64_t state[4], uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += SPLITMIX_STEP;
        state[i] = scramble(seed);
    }
}

static double to_unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

static inline double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#define ONE_BITS 0x3ff0000000000000u      /* of 1.0 */
#define ROOT_BITS 0x3fe6a09e667f3bcdu     /* of the square root of 1/2 */
#define TWO_52_BITS 0x4330000000000000u   /* of 2^52; the whole numbers from there on count up */
#define FRACTION_BITS 0x000fffffffffffffu /* of a double */
#define LN2_HIGH 0x1.62e42feep-1          /* with few enough digits for exact multiples */
#define LN2_LOW 0x1.a39ef35793c76p-33     /* the rest of ln 2 */

/*
 * -ln(1 - u) for the u that to_unit() makes of the same bits; nothing in it is rounded but the
 * arithmetic of doubles, in an order that neither compiler may change, and there is no branch, so
 * that several are made at once.
 *
 * 1 - u = 2^k (1 + f) with 1 + f between the square roots of 1/2 and 2. With s = f / (2 + f),
 * ln(1 + f) = 2 artanh(s) = 2 s + s R, R = 2/3 s^2 + 2/5 s^4 + ..., here a polynomial that is
 * Chebyshev's interpolation of the series, and 2 s = f - s f, so that f, which is exact, carries
 * most of the result.
 */
static inline double to_exponential(uint64_t bits)
{
    double last = from_bits((0 - (bits >> 11 & 1)) & to_bits(0x1p-53));
    double rest = (2.0 - from_bits(bits >> 12 | ONE_BITS)) - last;
    uint64_t parts = to_bits(rest) + (ONE_BITS - ROOT_BITS);
    double k = from_bits(parts >> 52 | TWO_52_BITS) - (0x1p52 + 1023);
    double f = from_bits((parts & FRACTION_BITS) + ROOT_BITS) - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double z2 = z * z;
    double low = (0x1.5555555555558p-1 + z * 0x1.99999999952d7p-2) +
                 z2 * (0x1.2492492df281ap-2 + z * 0x1.c71c62e3f11e6p-3);
    double high = (0x1.7462b51cb66b1p-3 + z * 0x1.39fe51a7c18f9p-3) + z2 * 0x1.2b5900de53b32p-3;
    double series = z * (low + z2 * z2 * high);
    double half = 0.5 * f * f;
    return ((half - (s * (half + series) + k * LN2_LOW)) - f) - k * LN2_HIGH;
}

/* How many variates are made at once. */
#define BATCH 16u

static inline void next_bits(uint64_t state[4], uint64_t *bits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bits[i] = next(state);
    }
}

static inline void to_exponentials(const uint64_t *bits, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = to_exponential(bits[i]);
    }
}

static void rng_set(void *state, unsigned long seed)
{
    sim_stream_init_seed(state, seed);
}

static unsigned long rng_get(void *state)
{
    return next(((struct sim_stream *)state)->state);
}

static double rng_get_double(void *state)
{
    return to_unit(next(((struct sim_stream *)state)->state));
}

_Static_assert(ULONG_MAX == UINT64_MAX, "the generator hands 64 bits to GSL as unsigned long");

static const gsl_rng_type xoshiro256pp = {
    .name = "xoshiro256pp",
    .max = ULONG_MAX,
    .min = 0,
    .size = sizeof(struct sim_stream),
    .set = rng_set,
    .get = rng_get,
    .get_double = rng_get_double,
};

const gsl_rng_type *const sim_rng_xoshiro256pp = &xoshiro256pp;

/* Take the bytes of a text into a hash (FNV-1a), its end too, so that ("ab", "c") is not
 * ("a", "bc"). */
static uint64_t absorb_text(uint64_t hash, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    do {
        hash = (hash ^ *at) * 0x100000001b3u;
    } while (*at++ != '\0');
    return scramble(hash);
}

void sim_stream_init(struct sim_stream *stream, uint64_t seed, uint64_t replication,
                     const char *entity, const char *purpose)
{
    uint64_t hash = scramble(seed + SPLITMIX_STEP);
    hash = scramble((hash ^ replication) + SPLITMIX_STEP);
    hash = absorb_text(hash, entity);
    hash = absorb_text(hash, purpose);
    sim_stream_init_seed(stream, hash);
}

void sim_stream_init_seed(struct sim_stream *stream, uint64_t seed)
{
    seed_state(stream->state, seed);
    stream->rng.type = sim_rng_xoshiro256pp;
    stream->rng.state = stream;
}

uint64_t sim_stream_bits(struct sim_stream *stream)
{
    return next(stream->state);
}

double sim_stream_uniform(struct sim_stream *stream)
{
    return to_unit(next(stream->state));
}

double sim_stream_exponential(struct sim_stream *stream)
{
    return to_exponential(next(stream->state));
}

/*
 * The bits of a batch are drawn before the variates of the one before are worked out, which has a
 * processor do both at once: the former is a chain of operations on integers, the latter one of
 * vectors of doubles, which may not be read as such right after their parts were written.
 */
void sim_stream_exponentials(struct sim_stream *stream, double *values, size_t count)
{
    uint64_t bits[2][BATCH];
    uint64_t state[4];
    memcpy(state, stream->state, sizeof state);
    size_t batches = count / BATCH;
    size_t rest = count % BATCH;
    if (batches > 0) {
        next_bits(state, bits[0], BATCH);
    }
    for (size_t i = 0; i < batches; i++) {
        if (i + 1 < batches) {
            next_bits(state, bits[(i + 1) % 2], BATCH);
        }
        to_exponentials(bits[i % 2], values + i * BATCH, BATCH);
    }
    next_bits(state, bits[0], rest);
    to_exponentials(bits[0], values + batches * BATCH, rest);
    memcpy(stream->state, state, sizeof state);
}

/* Lemire, "Fast random integer generation in an interval", 2019: the upper half of a product,
 * rejecting the few lower halves that would favour some results. */
uint64_t sim_stream_below(struct sim_stream *stream, uint64_t bound)
{
    sim_assert(NULL, bound >= 1);
    sim_uint128 product = (sim_uint128)next(stream->state) * bound;
    if ((uint64_t)product < bound) {
        uint64_t least = (0 - bound) % bound;
        while ((uint64_t)product < least) {
            product = (sim_uint128)next(stream->state) * bound;
        }
    }
    return (uint64_t)(product >> 64);
}
