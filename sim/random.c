#include "sim/random.h"

#include <limits.h>
#include <stddef.h>

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

static void rng_set(void *state, unsigned long seed)
{
    seed_state(state, seed);
}

static unsigned long rng_get(void *state)
{
    return next(state);
}

static double rng_get_double(void *state)
{
    return to_unit(next(state));
}

_Static_assert(ULONG_MAX == UINT64_MAX, "the generator hands 64 bits to GSL as unsigned long");

static const gsl_rng_type xoshiro256pp = {
    .name = "xoshiro256pp",
    .max = ULONG_MAX,
    .min = 0,
    .size = 4 * sizeof(uint64_t),
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
    stream->rng.state = stream->state;
}

uint64_t sim_stream_bits(struct sim_stream *stream)
{
    return next(stream->state);
}

double sim_stream_uniform(struct sim_stream *stream)
{
    return to_unit(next(stream->state));
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
